"""The project's own CCXML cases (``cases_ccxml``), in the format of the conformance suite."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from suite_cases import SuiteRunner, runner_module, suites_path

OWN = Path(__file__).parent / "cases_ccxml"
SUITES = suites_path()
PRESENT = (SUITES / "run_suite.py").exists()
REQUIRED = os.environ.get("CI") == "true" or bool(os.environ.get("VXMLPLAT_SUITES"))
CASES: list[dict[str, Any]] = runner_module(SUITES).load_cases([str(OWN)]) if PRESENT else []


@pytest.fixture(scope="module")
def runner() -> Iterator[SuiteRunner]:
    with SuiteRunner(SUITES) as running:
        yield running


def test_the_cases_are_there() -> None:
    if not PRESENT and not REQUIRED:
        pytest.skip(f"the runner of the conformance cases is not at {SUITES}; set VXMLPLAT_SUITES")
    assert CASES, f"no cases at {OWN}"


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case: dict[str, Any], runner: SuiteRunner) -> None:
    outcome = runner.run(case)
    assert outcome.reason is None, f"{case['says']} ({case['spec']}): {outcome.reason}"
