"""The platform at half load for an hour: does it keep its memory and give back what it takes?

    make soak      (python tests/bench/soak.py --minutes 60 --at-once 60)

sipp calls the sample hotline without a pause, so many calls at once; every ten seconds memory and descriptors
of the server and the media process are read. Printed: calls and failures, the slope of the memory after the
first sixth of the time, in MB an hour, and the descriptors before, at the most, and at the end. Exit status 1
when a call failed, the memory grows by more than 5 MB an hour, or descriptors are left behind.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from bench_calls import add_page, children, descriptors, memory_mb, probe, scenario, sipp, started

EVERY = 10.0
GOAL_MB_AN_HOUR = 5.0
SECONDS_A_CALL = 10.5


def slope(points: list[tuple[float, float]]) -> float:
    """Least squares: how much the second grows for one of the first."""
    n = len(points)
    if n < 3:
        return 0.0
    mean_x = sum(x for x, _ in points) / n
    mean_y = sum(y for _, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


async def watch(
    pids: dict[str, int], until: asyncio.Task, samples: dict[str, list[tuple[float, float, int]]]
) -> None:
    """Read memory (MB) and descriptors of each process until the load is done."""
    began = time.monotonic()
    while not until.done():
        for part, pid in pids.items():
            samples[part].append((time.monotonic() - began, memory_mb(pid), descriptors(pid)))
        if len(samples["server"]) % 30 == 1:  # long work shows progress
            now = ", ".join(
                f"{part} {rows[-1][1]:.0f} MB {rows[-1][2]} files" for part, rows in samples.items()
            )
            print(f"  {(time.monotonic() - began) / 60:5.1f} min: {now}", flush=True)
        await asyncio.wait({until}, timeout=EVERY)


async def main() -> int:
    """Run it and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--minutes", type=float, default=60.0)
    options.add_argument("--at-once", type=int, default=60)
    chosen = options.parse_args()
    rate = chosen.at_once / SECONDS_A_CALL
    good = True
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        process, port = await started(folder, 50000, add_page)
        try:
            await asyncio.sleep(5.0)
            await probe(port, "900")
            found = {"server": process.pid, **children(process.pid)}
            pids = {part: pid for part, pid in found.items() if part in ("server", "media")}
            base = {part: descriptors(pid) for part, pid in pids.items()}
            samples: dict[str, list[tuple[float, float, int]]] = {part: [] for part in pids}
            calls = int(chosen.minutes * 60 * rate)
            call = scenario("213", pause=1500, hold=6000)
            load = asyncio.create_task(sipp(folder, port, call, calls, chosen.at_once, rate))
            await watch(pids, load, samples)
            made, failed, _ = await load
            await asyncio.sleep(35.0)  # SIP transactions that wait for stray messages end (timers D, J)
            print(f"calls {made}, failed {failed}, in {chosen.minutes:g} minutes, {chosen.at_once} at once")
            good = failed == 0
            for part, pid in pids.items():
                settled = [(x / 3600, y) for x, y, _ in samples[part] if x > chosen.minutes * 10]
                growth, most, end = slope(settled), max(n for _, _, n in samples[part]), descriptors(pid)
                print(
                    f"  {part:<7} memory {samples[part][0][1]:.0f} -> {memory_mb(pid):.0f} MB, "
                    f"slope {growth:+.1f} MB/h (goal {GOAL_MB_AN_HOUR:g}); "
                    f"descriptors {base[part]}, at most {most}, at the end {end}"
                )
                good = good and growth <= GOAL_MB_AN_HOUR and end <= base[part] + 4
        finally:
            process.terminate()
            await process.wait()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
