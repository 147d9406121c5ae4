"""How fast breadcrumbs are taken and written: ``python tests/bench/bench_recorder.py [--calls N] [--url U]``.

Prints what a step costs on the call's path and in all (CPU), steps written a second, and how long a report
over a year of roll-ups takes. The figure to hold: 84 calls a second (300,000 an hour) of 20 steps each.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vxmlplat.analytics.questions import Questions, Range
from vxmlplat.analytics.recorder import Recorder
from vxmlplat.analytics.step import CallEnd, CallStart, Step
from vxmlplat.clock import SystemClock
from vxmlplat.store.database import Database
from vxmlplat.store.migrate import upgrade

START = datetime(2025, 1, 1, tzinfo=UTC)
STEPS = 20
NODES = [f"node{n}" for n in range(30)]


def tell(recorder: Recorder, calls: range) -> None:
    """Calls spread over a year, each of twenty steps."""
    for number in calls:
        call = f"call-{number}"
        start = START + timedelta(minutes=number * 525_600 // (calls.stop or 1))
        recorder.call_started(CallStart(call, start, ani="+8613800000000", dnis="12319"))
        here = ""
        for n in range(STEPS - 1):
            there = NODES[(number * 7 + n * (number % 5 + 1)) % len(NODES)]
            recorder.step(Step(call, "s", start + timedelta(seconds=n), "hotline", 1, here, "next", there))
            here = there
        recorder.call_ended(CallEnd(call, start + timedelta(minutes=2), "hangup", "caller"))


async def measure(url: str, calls: int) -> None:
    database = Database(url)
    await upgrade(database)
    recorder = Recorder(database, SystemClock())
    await recorder.start()
    path = 0.0
    began, began_cpu = time.perf_counter(), time.process_time()
    for first in range(0, calls, 500):
        before = time.process_time()
        tell(recorder, range(first, min(first + 500, calls)))
        path += time.process_time() - before
        await recorder.flush()
    wall, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    await recorder.stop()
    steps = calls * STEPS
    print(f"{steps} steps of {calls} calls")
    print(f"on the call's path   {path / steps * 1e6:8.1f} us CPU a step")
    print(f"in all               {cpu / steps * 1e6:8.1f} us CPU a step")
    print(f"written              {steps / wall:8.0f} steps a second")
    questions = Questions(database)
    for name, asked in (
        ("the year", Range(START, START + timedelta(days=365))),
        ("an odd month", Range(START + timedelta(days=40, minutes=7), START + timedelta(days=71, minutes=3))),
    ):
        before = time.perf_counter()
        nodes = await questions.nodes("hotline", asked)
        took = time.perf_counter() - before
        print(f"report, {name:<12} {took * 1000:8.1f} ms, {sum(n.entered for n in nodes)} entries")
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Breadcrumbs a second.")
    parser.add_argument("--calls", type=int, default=5_000)
    parser.add_argument("--url", default="", help="a database; SQLite in a temporary folder without it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.url or f"sqlite:///{Path(folder) / 'bench.db'}"
        asyncio.run(measure(url, arguments.calls))


if __name__ == "__main__":
    main()
