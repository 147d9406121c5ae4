"""Conversation tests in a process of their own, so that a run holds up no call, however long it takes.

``python -m vxmlplat.simulator.test_worker`` reads one job (JSON) from its input and writes one object a line:
``{"result": …}`` for each test, ``{"coverage": …}``, ``{"proposals": […]}``, or ``{"problems": […]}`` for a
flow that cannot run and ``{"invalid": …}`` for a test that cannot be read.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from vxmlplat.flows.errors import NotCompilableError
from vxmlplat.flows.reading import read_flow
from vxmlplat.simulator.conversation_coverage import coverage_of
from vxmlplat.simulator.conversation_proposals import propose_tests
from vxmlplat.simulator.conversation_result import ConversationResult
from vxmlplat.simulator.conversation_run import run_test
from vxmlplat.simulator.conversation_test import ConversationTestError
from vxmlplat.simulator.conversation_yaml import read_test
from vxmlplat.simulator.flow_under_test import FlowUnderTest
from vxmlplat.simulator.test_processes import in_processes

Job = Mapping[str, Any]


def job(
    flow: Mapping[str, Any],
    others: Mapping[str, Mapping[str, Any]],
    tests: Iterable[tuple[str, str]],
    *,
    propose: int = 0,
) -> dict[str, Any]:
    """What the worker is given: graphs, tests as name and text, how many proposals are wanted at most."""
    return {"flow": flow, "others": others, "tests": list(tests), "propose": propose}


LESS_URGENT = 10
"""How much the tests stand back behind the calls, as ``nice`` has it."""


def work(given: Job) -> None:
    """Do a job, on all processors."""
    reading = read_flow(given["flow"])
    try:
        if reading.flow is None:
            raise NotCompilableError(reading.problems)
        flow = FlowUnderTest.compiled(reading.flow, others=given["others"].get)
    except NotCompilableError as error:
        _tell({"problems": [problem.as_json() for problem in error.problems]})
        return
    tests: list[tuple[str, str]] = [(name, text) for name, text in given["tests"]]

    async def one(number: int) -> ConversationResult | dict[str, Any]:
        name, text = tests[number]
        try:
            test = read_test(text, name, name=name)
        except ConversationTestError as error:
            return {"name": name, "line": error.line, "message": dict(error.message)}
        # Nobody asks for the events here, and they are long.
        return replace(await run_test(test, flow), events=())

    results: list[ConversationResult] = []
    for done in in_processes(one, len(tests)):
        if isinstance(done, ConversationResult):
            results.append(done)
            _tell({"result": done.as_json()})
        else:
            _tell({"invalid": done})
    coverage = coverage_of(reading.flow, results)
    _tell({"coverage": coverage.as_json()})
    if given["propose"]:
        passed = [edge for edge, tests in coverage.edges.items() if tests]
        proposals = asyncio.run(propose_tests(flow, passed, most=given["propose"]))
        _tell({"proposals": [proposal.as_json() for proposal in proposals]})


def _tell(line: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=True, default=str) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.nice(LESS_URGENT)
    work(json.load(sys.stdin))
