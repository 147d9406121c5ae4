"""Every VoiceXML case of the conformance suite."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_SPEC = importlib.util.spec_from_file_location("suite_cases", Path(__file__).with_name("suite_cases.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
suite_cases = importlib.util.module_from_spec(_SPEC)
sys.modules.setdefault("suite_cases", suite_cases)
_SPEC.loader.exec_module(suite_cases)

SUITES = suite_cases.suites_path()
PRESENT = (SUITES / "run_suite.py").exists() and (SUITES / "vxml").is_dir()
REQUIRED = os.environ.get("CI") == "true" or bool(os.environ.get("VXMLPLAT_SUITES"))
CASES: list[dict[str, Any]] = suite_cases.load_cases(SUITES, "vxml") if PRESENT else []


@pytest.fixture(scope="module")
def runner() -> Iterator[Any]:
    with suite_cases.SuiteRunner(SUITES) as running:
        yield running


def test_the_suite_is_there() -> None:
    if not PRESENT and not REQUIRED:
        pytest.skip(f"the conformance cases are not at {SUITES}; set VXMLPLAT_SUITES")
    assert CASES, f"no cases at {SUITES}"


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case: dict[str, Any], runner: Any) -> None:
    outcome = runner.run(case)
    assert outcome.reason is None, f"{case['says']} ({case['spec']}): {outcome.reason}"
