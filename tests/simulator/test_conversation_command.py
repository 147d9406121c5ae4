"""``vxmlplat test``: files, folders, exit status, JUnit, coverage."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from vxmlplat.cli import main

SAMPLE = Path(__file__).parents[2] / "samples" / "hotline-12319"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample's flow with two tests, one of which fails."""
    shutil.copy(SAMPLE / "flow.json", tmp_path)
    (tmp_path / "tests").mkdir()
    good = "name: good & <fine>\nflow: hotline-12319\nsteps:\n  - presses: 1\n  - node: main_menu\n"
    (tmp_path / "tests" / "good.yaml").write_text(good)
    bad = good.replace("good & <fine>", "bad").replace("node: main_menu", 'hears: "Moo\\x07"')
    (tmp_path / "tests" / "bad.yml").write_text(bad)
    return tmp_path


def test_the_sample_s_tests_pass(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    coverage = tmp_path / "coverage.json"
    assert main(["test", str(SAMPLE), "--coverage", str(coverage)]) == 0
    assert "13 tests, 0 failed" in capsys.readouterr().out
    (flow,) = json.loads(coverage.read_text())
    assert (flow["flow"], flow["nodes_percent"]) == ("hotline-12319", 100.0)


def test_a_failure_names_file_line_step_and_node(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = folder / "junit.xml"
    assert main(["test", str(folder / "tests"), "--junit", str(report)]) == 1
    out = capsys.readouterr().out
    assert "bad.yml:5: FAILED bad, step 2" in out
    assert "at node:  main_menu" in out
    assert "expected: Moo" in out
    assert "2 tests, 1 failed" in out
    suite = ET.fromstring(report.read_bytes())
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [case.get("name") for case in suite] == ["bad", "good & <fine>"]
    failure = suite[0].find("failure")
    assert failure is not None
    assert "heard instead" in (failure.text or "")
    assert main(["test", str(folder / "tests" / "bad.yml"), "--language", "zh-CN"]) == 1
    assert "实际听到" in capsys.readouterr().out


def test_many_tests_in_several_processes_say_what_one_process_says(folder: Path) -> None:
    good, bad = (folder / "tests" / name for name in ("good.yaml", "bad.yml"))
    for number in range(40):
        source = bad if number in (3, 17, 38) else good
        (folder / "tests" / f"{number:03}.yaml").write_text(source.read_text())
    said, reports = [], []
    for jobs in ("1", "3"):
        report = folder / f"{jobs}.xml"
        # A process of its own: this one may have threads, with which it must not be forked.
        done = subprocess.run(
            [sys.executable, "-m", "vxmlplat", "test", "tests", "--jobs", jobs, "--junit", str(report)],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 1, done.stderr
        said.append(done.stdout.rpartition(",")[0])
        reports.append([(case.get("name"), len(case)) for case in ET.fromstring(report.read_bytes())])
    assert said[0] == said[1]
    assert said[0].count("FAILED") == 4
    assert reports[0] == reports[1]


@pytest.mark.parametrize("jobs", ["0", "-1", "many", "1000"])
def test_a_number_of_processes_is_one(folder: Path, jobs: str) -> None:
    with pytest.raises(SystemExit):
        main(["test", str(folder / "tests"), "--jobs", jobs])


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.yaml", "flow: f", "x.yaml:1: steps is missing"),
        ("x.yaml", "flow: none\nsteps: []", "there is no flow 'none' near it"),
        ("x.yaml", "flow: ../broken.json\nsteps: []", "the flow cannot run"),
    ],
)
def test_what_cannot_be_read_is_status_2(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, said: str
) -> None:
    (folder / "broken.json").write_text("{}")
    (folder / "tests" / name).write_text(text)
    assert main(["test", str(folder / "tests")]) == 2
    assert said in capsys.readouterr().err


def test_nothing_to_test_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(tmp_path)]) == 2
    assert main(["test", str(tmp_path / "none.yaml")]) == 2
    (tmp_path / "latin.yaml").write_bytes(b"\xff\xfe\xfa")
    assert main(["test", str(tmp_path / "latin.yaml")]) == 2
    assert "not UTF-8" in capsys.readouterr().err


def test_compiled_documents_are_tested(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compiled = folder / "compiled"
    assert main(["flow", "compile", str(folder / "flow.json"), "-o", str(compiled)]) == 0
    test = str(folder / "tests" / "good.yaml")
    assert main(["test", test, "--flow", str(compiled)]) == 0
    assert "1 tests, 0 failed" in capsys.readouterr().out
    assert main(["test", test, "--junit", str(folder)]) == 2
