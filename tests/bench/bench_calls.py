"""Whole calls through the sample hotline, by sipp on loopback.

    make bench-calls      (python tests/bench/bench_calls.py --calls 480 --at-once 120 --probes 40)

The platform runs as ``vxmlplat serve`` does, in processes of its own. sipp places the calls: INVITE, keys 2 1
3 as INFO while the
prompts play, a while in the queue, BYE. Beside them a few measuring telephones call, one after the other,
keep every packet
and press an RFC 4733 key into a prompt. Printed: calls and failures, CPU a call of each process (the
generator's own too),
the time from INVITE to the first packet with voice, from the key's first packet to the last packet of the
prompt (on a page
that answers a key with silence), the pacing of packets as they arrive, descriptors and memory before and
after.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import itertools
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = Path(__file__).parent / "scenarios"
TICKS = os.sysconf("SC_CLK_TCK")


def scenario(keys: str, *, pause: int, hold: int) -> str:
    """A sipp scenario: call, press each key after a pause, hold, hang up; times in milliseconds."""
    key = (SCENARIOS / "key.xml").read_text(encoding="utf-8")
    pressed = "\n".join(
        key.replace("PAUSE", str(pause)).replace("NUMBER", str(2 + n)).replace("KEY", k)
        for n, k in enumerate(keys)
    )
    call = (SCENARIOS / "ivr_call.xml").read_text(encoding="utf-8")
    return call.replace("  KEYS\n", pressed + "\n").replace("HOLD", str(hold))


def percentile(values: list[float], share: float) -> float:
    """The value below which so large a share lies; 0.0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def cpu_seconds(pid: int) -> float:
    """CPU seconds, user and system, that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def descriptors(pid: int) -> int:
    """Open file descriptors of a process."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def memory_mb(pid: int) -> float:
    """Resident memory of a process in megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid: int) -> dict[str, int]:
    """The media process and the others, by what they run."""
    found: dict[str, int] = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            line = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            found["media" if "vxmlplat.media" in line else f"worker {child}"] = int(child)
    return found


def free_port() -> int:
    """A port of loopback that nobody uses, neither for UDP nor for TCP."""
    with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
        udp.bind(("127.0.0.1", 0))
        tcp.bind(udp.getsockname())
        return int(udp.getsockname()[1])


async def started(
    folder: Path, first_port: int, set_up: Callable[[str, str], Awaitable[None]]
) -> tuple[asyncio.subprocess.Process, int]:
    """The platform and its SIP port; ``set_up`` is given the address of its pages and the password."""
    config = folder / "bench.yaml"
    sip = free_port()
    ports = f"first_port: {first_port}, last_port: {first_port + 2998}"
    config.write_text(
        f"web: {{port: 0}}\nsip: {{port: {sip}}}\nmedia: {{{ports}}}\n"
        f"store: {{folder: {folder}/var}}\ncalls: {{ports: 1000}}\n",
        encoding="utf-8",
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "vxmlplat", "serve", "--samples", "--config", str(config),
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    said: dict[str, str] = {}
    while line := (await process.stdout.readline()).decode():
        word, _, rest = line.strip().partition(" ")
        said[word] = rest.strip()
        if word == "dial":
            await set_up(said["pages"], said["sign"].split()[3])
            return process, sip
    raise SystemExit("the platform did not start")


async def add_page(pages: str, password: str) -> None:
    """Let number 900 be answered by the barge-in page."""
    headers = {"Authorization": aiohttp.encode_basic_auth("admin", password)}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.get(f"{pages}api/numbers") as answer:
            numbers = await answer.json()
        numbers.append({"number": "900", "document": (SCENARIOS / "barge_in.vxml").as_uri()})
        async with session.put(f"{pages}api/numbers", json=numbers) as answer:
            if answer.status != 200:
                raise SystemExit(f"the page could not be set up: {await answer.text()}")


async def sipp(
    folder: Path, port: int, call: str, calls: int, at_once: int, rate: float
) -> tuple[int, int, float]:
    """Calls made, calls failed, CPU seconds of sipp."""
    file = folder / "call.xml"
    file.write_text(call, encoding="utf-8")
    before = os.times()
    process = await asyncio.create_subprocess_exec(
        "sipp", f"127.0.0.1:{port}", "-sf", str(file), "-m", str(calls), "-l", str(at_once), "-r", str(rate),
        "-i", "127.0.0.1", "-mp", str(free_port()), "-nostdin",
        "-trace_stat", "-stf", str(folder / "stat.csv"), "-fd", "1",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    await process.wait()
    after = os.times()
    with (folder / "stat.csv").open(encoding="utf-8") as stat:
        last = list(csv.DictReader(stat, delimiter=";"))[-1]
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return int(last["TotalCallCreated"]), int(last["FailedCall(C)"]), cpu


async def probe(port: int, number: str) -> tuple[float, list[float], list[float]]:
    """One measuring call: seconds to the first voice, from each key to silence, pacing errors."""
    sys.path.insert(0, str(ROOT / "tests" / "telephony"))
    from probe import Probe

    async with Probe(f"sip:{number}@127.0.0.1:{port}", ("127.0.0.1", port)) as call:
        if await call.call() != 200:
            raise SystemExit(f"a measuring call was answered with {call.status}")
        first = await call.hears_voice(5)
        call.talk()
        cuts = []
        for _ in range(3):
            await call.hears_voice(5)
            await asyncio.sleep(0.6)
            if number == "900":
                pressed = await call.press("2")
                await asyncio.sleep(0.4)
                loud = [p.at for p in call.packets if p.payload_type == 0 and p.level > 60]
                if any(pressed - 0.06 <= at <= pressed for at in loud):  # not in a pause of the speaker
                    cuts.append(max(0.0, loud[-1] - pressed))
        pacing = call.pacing_errors()
    return first - call.invited, cuts, pacing


async def measure(
    folder: Path, process: asyncio.subprocess.Process, port: int, chosen: argparse.Namespace
) -> int:
    """Load and measure; how many calls failed."""
    await asyncio.sleep(5.0)  # the voices of the flow are made ready
    await probe(port, "900")
    pids = {"server": process.pid, **children(process.pid)}
    cpu = {part: cpu_seconds(pid) for part, pid in pids.items()}
    before = {part: (descriptors(pid), memory_mb(pid)) for part, pid in pids.items()}
    began = time.monotonic()
    call = scenario("213", pause=1500, hold=6000)
    load = asyncio.create_task(sipp(folder, port, call, chosen.calls, chosen.at_once, chosen.rate))
    await asyncio.sleep(min(10.0, chosen.at_once / chosen.rate))
    measured = []
    for number in itertools.islice(itertools.cycle(("12319", "900")), chosen.probes):
        if load.done():
            break
        measured.append(await probe(port, number))
    made, failed, own = await load
    lasted = time.monotonic() - began
    await asyncio.sleep(3.0)
    calls = made + len(measured)
    print(f"calls {calls} ({len(measured)} of them measuring), failed {failed}, in {lasted:.1f} s")
    for part, pid in pids.items():
        used = cpu_seconds(pid) - cpu[part]
        files, memory = before[part]
        print(
            f"  {part:<14} CPU {1000 * used / calls:6.2f} ms a call, {100 * used / lasted:5.1f} % of a core; "
            f"descriptors {files} -> {descriptors(pid)}, memory {memory:.0f} -> {memory_mb(pid):.0f} MB"
        )
    print(f"  {'sipp':<14} CPU {1000 * own / max(1, made):6.2f} ms a call")
    figures = (
        ("INVITE to first voice", [m[0] for m in measured], 200),
        ("key to silence", [cut for m in measured for cut in m[1]], 60),
        ("packet pacing error", [e for m in measured for e in m[2]], 5),
    )
    for title, values, goal in figures:
        row = f"{len(values)} measured, " + " ".join(
            f"p{int(100 * s)} {1000 * percentile(values, s):.1f}" for s in (0.5, 0.95, 0.99)
        )
        print(f"  {title:<22} ms: {row} (goal {goal})")
    return failed


async def main() -> int:
    """Run it and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--calls", type=int, default=480)
    options.add_argument("--at-once", type=int, default=120)
    options.add_argument("--rate", type=float, default=12.0)
    options.add_argument("--probes", type=int, default=40)
    chosen = options.parse_args()
    if shutil.which("sipp") is None:
        raise SystemExit("needs sipp: apt-get install sip-tester")
    with tempfile.TemporaryDirectory(prefix="bench-calls-") as name:
        folder = Path(name)
        process, port = await started(folder, 50000, add_page)
        try:
            failed = await measure(folder, process, port, chosen)
        finally:
            process.terminate()
            await process.wait()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
