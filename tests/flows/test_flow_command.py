"""``vxmlplat flow``: what an author sees in a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flow_cases import case_flow, flow_around

from vxmlplat.cli import main
from vxmlplat.flows import Flow


def saved(folder: Path, flow: Flow) -> str:
    path = folder / "flow.json"
    path.write_text(json.dumps(flow.as_json()), encoding="utf-8")
    return str(path)


def test_a_good_flow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = saved(tmp_path, case_flow("digits"))
    assert main(["flow", "check", file]) == 0
    assert capsys.readouterr().out == f"{file}: no problems\n"
    assert main(["flow", "compile", file, "-o", str(tmp_path / "out" / "deep")]) == 0
    written = {path.name for path in (tmp_path / "out" / "deep").iterdir()}
    assert written == {"root.vxml", "flow.vxml", "navigation.grxml"}


def test_compiled_files_pass_the_check_of_documents(tmp_path: Path) -> None:
    assert main(["flow", "compile", saved(tmp_path, case_flow("ask")), "-o", str(tmp_path)]) == 0
    assert main(["check", str(tmp_path / "root.vxml"), str(tmp_path / "flow.vxml")]) == 0


def test_problems_name_node_field_and_a_way_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = saved(tmp_path, flow_around("play", {"prompt": []}))
    assert main(["flow", "check", file]) == 1
    assert capsys.readouterr().out == (
        f"{file}: error: node node, field prompt: "
        "The prompt says nothing. Add a text or a recording. [prompt.empty]\n"
    )
    assert main(["flow", "check", "--language", "zh-CN", file]) == 1
    assert "提示音为空" in capsys.readouterr().out
    assert main(["flow", "check", "--json", file]) == 1
    assert json.loads(capsys.readouterr().out)[0]["code"] == "prompt.empty"
    assert main(["flow", "compile", file, "-o", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()


def test_files_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flow", "check", str(tmp_path / "none.json")]) == 2
    assert "No such file" in capsys.readouterr().err
    (tmp_path / "bad.json").write_bytes(b"\x00\xff")
    assert main(["flow", "check", str(tmp_path / "bad.json")]) == 1
    assert "not UTF-8" in capsys.readouterr().out
    file = saved(tmp_path, case_flow("play"))
    assert main(["flow", "compile", file, "-o", file]) == 2
