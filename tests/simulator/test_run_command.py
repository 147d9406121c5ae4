"""``vxmlplat run`` as a user sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from vxmlplat.simulator.run_command import main, start_uri

DOCUMENT = """<?xml version="1.0"?><vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">
<form><field name="f"><option dtmf="1" value="one">first</option><prompt>Which?</prompt></field>
<block><exit namelist="f"/></block></form></vxml>"""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "main.vxml"
    path.write_text(DOCUMENT)
    return path


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_run_prints_one_event_a_line(document: Path, tmp_path: Path) -> None:
    inputs = tmp_path / "inputs.json"
    inputs.write_text('[{"noinput": true}, {"dtmf": "1"}]')
    command = Path(sys.executable).with_name("vxmlplat")
    done = subprocess.run(
        [command, "run", str(document), "--inputs", str(inputs)], capture_output=True, check=True
    )
    assert lines(done.stdout.decode()) == [
        {"t": 0.0, "event": "prompt", "text": "Which?", "audio": [], "bargein": True, "lang": "en-US"},
        {"t": 0.0, "event": "listen", "modes": ["dtmf", "voice"], "timeout": 5.0},
        {"t": 5.0, "event": "throw", "name": "noinput", "message": None},
        {"t": 5.0, "event": "prompt", "text": "Which?", "audio": [], "bargein": True, "lang": "en-US"},
        {"t": 5.0, "event": "listen", "modes": ["dtmf", "voice"], "timeout": 5.0},
        {
            "t": 5.0,
            "event": "input",
            "mode": "dtmf",
            "utterance": "1",
            "interpretation": "one",
            "confidence": 1.0,
        },
        {"t": 5.0, "event": "exit", "reason": "exit", "value": None, "namelist": {"f": "one"}},
    ]
    assert done.stderr == b""


def test_without_inputs_the_caller_hangs_up(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(document)]) == 0
    assert lines(capsys.readouterr().out)[-1]["reason"] == "hangup"


def test_a_start_document_that_cannot_be_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.vxml")]) == 1
    told = capsys.readouterr()
    assert lines(told.out)[-1]["error"] == "error.badfetch"
    assert "none.vxml" in told.err


@pytest.mark.parametrize(
    "content", ["{", "{}", '[{"press": "1"}]', '[{"dtmf": "x"}]', '[{"dtmf": "1", "say": "a"}]']
)
def test_inputs_that_are_none(
    content: str, document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = tmp_path / "inputs.json"
    inputs.write_text(content)
    assert main([str(document), "--inputs", str(inputs)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert str(inputs) in told.err or "input 1" in told.err


def test_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main(["a", "b"]) == 2
    assert main(["--nosuch"]) == 2
    assert "usage" in capsys.readouterr().err


def test_a_path_becomes_an_address(document: Path) -> None:
    assert start_uri(str(document)) == document.as_uri()
    assert start_uri(f"{document}#x") == document.as_uri() + "#x"
    assert start_uri("http://a.example/b.vxml") == "http://a.example/b.vxml"
