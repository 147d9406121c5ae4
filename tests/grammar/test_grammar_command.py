from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from vxmlplat.grammar.grammar_command import answer_to, batch, main

XML = (
    '<grammar xmlns="http://www.w3.org/2001/06/grammar" version="1.0" mode="dtmf" root="r">'
    '<rule id="r">1 <item repeat="0-1">2</item></rule></grammar>'
)


@pytest.fixture
def keys(tmp_path: Path) -> str:
    (tmp_path / "a b.grxml").write_text(XML)
    return str(tmp_path / "a b.grxml")


def ask(*lines: object) -> list[dict[str, Any]]:
    text = "".join(
        (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)) + "\n" for line in lines
    )
    answers = io.StringIO()
    assert batch(io.BytesIO(text.encode()), answers) == 0
    return [json.loads(line) for line in answers.getvalue().splitlines()]


def test_a_batch_answers_every_line(keys: str) -> None:
    answers = ask(
        {"id": 1, "grammar": keys, "input": "1 2"},
        {"id": "x", "grammar": keys, "input": "3"},
        {"id": 3, "grammar": keys + "x", "input": "1"},
        {"id": 4, "grammar": "builtin:grammar/number", "input": "一百"},
        {"id": 5, "grammar": "builtin:dtmf/digits", "input": "1?"},
        "no json",
        "[1]",
        {"id": 6, "grammar": 5},
        {"id": 7, "grammar": keys, "input": "1", "rules": ["none"]},
        {"id": 8, "grammar": "http://h/a.grxml", "input": "1"},
    )
    assert [answer["id"] for answer in answers] == [1, "x", 3, 4, 5, None, None, 6, 7, 8]
    assert answers[0] == {
        "id": 1,
        "dtmf_state": "match-final",
        "match": True,
        "rule": "r",
        "tree": '$r["1","2"]',
        "text": "12",
        "interpretation": "12",
    }
    assert answers[1] == {"id": "x", "dtmf_state": "no", "match": False}
    assert answers[3]["interpretation"] == "100"
    assert answers[4] == {"id": 5, "dtmf_state": "no", "match": False}
    assert ["error" in answer for answer in answers] == [
        False,
        False,
        True,
        False,
        False,
        True,
        True,
        True,
        True,
        True,
    ]


def test_single_answers(keys: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", keys, "--input", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["dtmf_state"] == "match-can-extend"
    assert main(["parse", keys, "--input", "3"]) == 1
    assert capsys.readouterr().out == "no match\ndtmf_state: no\n"
    assert main(["parse", keys, "--input", "1", "--rule", "none"]) == 1
    assert "rule 'none'" in capsys.readouterr().out
    assert main(["parse", keys]) == 2
    assert main([]) == 2


def test_a_tag_that_fails_keeps_the_match(tmp_path: Path) -> None:
    path = tmp_path / "g.gram"
    path.write_text(
        "#ABNF 1.0;\nlanguage en; root $r; tag-format <semantics/1.0>;\n$r = a {x.y};\n$i = a {out = 1/0};"
    )
    answer = answer_to(str(path), "a")
    assert (answer["match"], answer["tree"], answer["interpretation"]) == (True, '$r["a",{!{x.y}!}]', None)
    assert "x" in answer["semantics_error"]
    assert answer_to(str(path), "a", ["i"])["interpretation"] is None
