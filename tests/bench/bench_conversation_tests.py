"""How fast conversation tests run: ``python tests/bench/bench_conversation_tests.py [--tests 1000]``.

The sample's tests, one after the other and over again, on one core: compiled once, read once. The figure to
hold is 30 s of CPU time for 1,000 tests.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import time
from pathlib import Path

from vxmlplat.simulator.conversation_proposals import propose_tests
from vxmlplat.simulator.conversation_run import run_test
from vxmlplat.simulator.conversation_yaml import read_test
from vxmlplat.simulator.flow_under_test import FlowUnderTest

SAMPLE = Path(__file__).parents[2] / "samples" / "hotline-12319"


async def run(count: int) -> tuple[int, int]:
    """How many ran, and how many steps from node to node they took; stops at one that fails."""
    flow = FlowUnderTest.from_path(SAMPLE / "flow.json")
    files = sorted((SAMPLE / "tests").glob("*.yaml"))
    steps = 0
    for file in itertools.islice(itertools.cycle(files), count):
        result = await run_test(read_test(file.read_text("utf-8"), str(file)), flow)
        assert result.passed, result.failure
        steps += len(result.steps)
    return count, steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tests", type=int, default=1000)
    wanted = parser.parse_args().tests
    began, real = time.process_time(), time.perf_counter()
    count, steps = asyncio.run(run(wanted))
    taken = time.process_time() - began
    print(
        f"{count} tests, {steps} steps: {taken:.2f} s of CPU, {time.perf_counter() - real:.2f} s by the clock"
    )
    print(f"{1000 * taken / count:.2f} ms of CPU a test")
    began = time.process_time()
    found = asyncio.run(propose_tests(FlowUnderTest.from_path(SAMPLE / "flow.json"), []))
    print(f"{len(found)} tests proposed and tried in {time.process_time() - began:.2f} s of CPU")


if __name__ == "__main__":
    main()
