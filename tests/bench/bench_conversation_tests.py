"""How fast conversation tests run: ``python tests/bench/bench_conversation_tests.py [--tests 1000]``.

The sample's tests over and over again, as ``vxmlplat test`` runs them: compiled once, on all processors. The
figure to hold is 30 s by the clock for 1,000 tests.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import time
from dataclasses import replace
from pathlib import Path

from vxmlplat.simulator.conversation_proposals import propose_tests
from vxmlplat.simulator.conversation_result import ConversationResult
from vxmlplat.simulator.conversation_run import run_test
from vxmlplat.simulator.conversation_yaml import read_test
from vxmlplat.simulator.flow_under_test import FlowUnderTest
from vxmlplat.simulator.test_processes import in_processes, processors

SAMPLE = Path(__file__).parents[2] / "samples" / "hotline-12319"


def run(count: int, jobs: int | None = None) -> int:
    """Run so many tests; how many steps from node to node they took. Stops at one that fails."""
    flow = FlowUnderTest.from_path(SAMPLE / "flow.json")
    texts = [file.read_text("utf-8") for file in sorted((SAMPLE / "tests").glob("*.yaml"))]

    async def one(number: int) -> ConversationResult:
        return replace(await run_test(read_test(texts[number % len(texts)], "sample"), flow), events=())

    steps = 0
    for result in in_processes(one, count, jobs):
        assert result.passed, result.failure
        steps += len(result.steps)
    return steps


def cpu() -> float:
    """Seconds of CPU that this process and those it has waited for have taken."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tests", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=processors())
    arguments = parser.parse_args()
    began, real = cpu(), time.perf_counter()
    count, jobs = arguments.tests, arguments.jobs
    steps = run(count, jobs)
    taken, clock = cpu() - began, time.perf_counter() - real
    print(f"{count} tests, {steps} steps, {jobs} processes: {clock:.2f} s by the clock, {taken:.2f} s of CPU")
    print(f"{1000 * taken / count:.2f} ms of CPU a test")
    began = time.process_time()
    found = asyncio.run(propose_tests(FlowUnderTest.from_path(SAMPLE / "flow.json"), []))
    print(f"{len(found)} tests proposed and tried in {time.process_time() - began:.2f} s of CPU")


if __name__ == "__main__":
    main()
