"""Messages for authors: file, line, column, what and why."""

# ruff: noqa: E501  # a document reads best as its author would write it
from __future__ import annotations

from pathlib import Path

import pytest

from vxmlplat.documents import Resource
from vxmlplat.vxml.check_command import main
from vxmlplat.vxml.errors import DocumentInvalid
from vxmlplat.vxml.reader import read_document

HEAD = '<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">\n'

BREACHES = {
    '<form><block><assign nmae="a" name="b" expr="1"/></block></form>': (2, "assign", "did you mean name?"),
    "<form><feild/></form>": (2, "feild", "did you mean <field>?"),
    "<form><block><throw/></block></form>": (2, "throw", "exactly one of event, eventexpr"),
    '<form><block><goto next="#a" nextitem="b"/></block></form>': (2, "goto", "not both next and nextitem"),
    '<form><field name="f"><prompt timeout="5"/></field></form>': (2, "prompt", 'a time such as "2s"'),
    '<form>\n<field name="x"/>\n<block name="x"/></form>': (2, "form", "(the second in line 4)"),
    '<form><field name="a.b"/></form>': (2, "field", "a variable name"),
    '<form><block name="b"/><filled namelist="b"/></form>': (2, "form", "no input item"),
    '<form><field name="f"><filled mode="any"/></field></form>': (2, "field", "neither mode nor namelist"),
    '<menu dtmf="true"><choice dtmf="5" next="#x">a</choice></menu>': (2, "menu", "0, * and # only"),
    "<form>words</form>": (2, "form", "text may not stand here"),
    '<form><block><if cond="a"><else/><elseif cond="b"/></if></block></form>': (
        2,
        "if",
        "comes after <else>",
    ),
    '<form><field name="f"><grammar src="a.grxml">x</grammar></field></form>': (2, "grammar", "not both"),
    '<form id="a"/><form id="a"/>': (1, "vxml", 'the id "a"'),
    '<form><block><x:y xmlns:x="urn:x"/></block></form>': (2, "y", "<metadata> only"),
}


@pytest.mark.parametrize("body", BREACHES)
def test_a_breach_is_told_with_its_place(body: str) -> None:
    line, element, message = BREACHES[body]
    with pytest.raises(DocumentInvalid) as caught:
        read_document(Resource("http://s.example/m.vxml", "", None, f"{HEAD}{body}</vxml>".encode()))
    problem = caught.value.problems[0]
    assert (problem.line, problem.element) == (line, element)
    assert message in problem.message
    assert problem.column > 0
    assert str(problem).startswith(f"http://s.example/m.vxml:{line}:")


def test_every_problem_is_told_not_only_the_first() -> None:
    with pytest.raises(DocumentInvalid) as caught:
        read_document(
            Resource("m", "", None, f"{HEAD}<form><throwx/><fieldx/></form><menux/></vxml>".encode())
        )
    assert len(caught.value.problems) == 3


def test_the_command_tells_expressions_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.vxml", tmp_path / "bad.vxml"
    good.write_text(f"{HEAD}<form><block>hello</block></form></vxml>")
    bad.write_text(
        f'{HEAD}<form><block><if cond="a ==">x</if></block>\n<block><script>var = 1;</script></block></form></vxml>'
    )
    assert main([str(good)]) == 0
    assert main([str(good), str(bad)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert f"{bad}:2:" in lines[0]
    assert "no ECMAScript expression" in lines[0]
    assert f"{bad}:3:" in lines[1]


def test_the_command_says_what_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.vxml")]) == 2
    assert "none.vxml" in capsys.readouterr().err
    broken = tmp_path / "broken.vxml"
    broken.write_text("<vxml>\n<form></vxml>")
    assert main([str(broken)]) == 1
    assert f"{broken}:2:" in capsys.readouterr().out


def test_the_command_tells_targets_that_are_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "main.vxml"
    path.write_text(
        f"{HEAD}<form id='a'><block name='b'><goto next='#nosuch'/></block>\n<block><goto nextitem='c'/></block>\n"
        "<block><goto next='#a'/><goto nextitem='b'/></block></form></vxml>"
    )
    assert main([str(path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[1] for line in lines] == ["2", "3"]
    assert "no dialog" in lines[0]
    assert "no item" in lines[1]
