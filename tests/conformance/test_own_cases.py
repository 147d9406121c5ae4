"""Every VoiceXML case of this repository."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_SPEC = importlib.util.spec_from_file_location("own_cases", Path(__file__).with_name("own_cases.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
own_cases = importlib.util.module_from_spec(_SPEC)
sys.modules.setdefault("own_cases", own_cases)
_SPEC.loader.exec_module(own_cases)

CASES: list[dict[str, Any]] = own_cases.load_cases()


@pytest.fixture(scope="module")
def runner() -> Iterator[Any]:
    with own_cases.CaseRunner() as running:
        yield running


def test_there_are_cases() -> None:
    assert len(CASES) > 400


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case: dict[str, Any], runner: Any) -> None:
    wrong = own_cases.judge(case["expect"], runner.run(case))
    assert wrong is None, f"{case['says']} ({case['spec']}): {wrong}"
