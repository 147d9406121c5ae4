"""Every CCXML case of the conformance suite."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from suite_cases import SuiteRunner, load_cases, suites_path

SUITES = suites_path()
PRESENT = (SUITES / "run_suite.py").exists() and (SUITES / "ccxml").is_dir()
REQUIRED = os.environ.get("CI") == "true" or bool(os.environ.get("VXMLPLAT_SUITES"))
CASES: list[dict[str, Any]] = load_cases(SUITES, "ccxml") if PRESENT else []


@pytest.fixture(scope="module")
def runner() -> Iterator[SuiteRunner]:
    with SuiteRunner(SUITES) as running:
        yield running


def test_the_suite_is_there() -> None:
    if not PRESENT and not REQUIRED:
        pytest.skip(f"the conformance cases are not at {SUITES}; set VXMLPLAT_SUITES")
    assert CASES, f"no cases at {SUITES}"


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case: dict[str, Any], runner: SuiteRunner) -> None:
    outcome = runner.run(case)
    assert outcome.reason is None, f"{case['says']} ({case['spec']}): {outcome.reason}"
