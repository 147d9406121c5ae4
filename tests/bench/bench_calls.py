"""Whole calls by sipp on loopback, against the platform as ``vxmlplat serve`` runs it.

    make bench-calls            480 calls through the sample hotline, 120 at once, beside measuring telephones
    make bench-calls-84         10,000 calls, 84 a second, of 3 s each, through a designed flow
    make bench-calls-300        300 calls at once through that flow; INVITE to voice, and key to silence

The platform runs in processes of its own. sipp places the calls: INVITE, keys as INFO while the prompts play,
a hold, BYE; it sends no audio and takes what comes. Beside them a few measuring telephones call, one after
the other, keep every packet with the time at which it came, and press an RFC 4733 key into a prompt.

Printed: calls and failures with their kinds; CPU a call of each process and the generators' own; INVITE to
200 as sipp sees it; the time from INVITE to the first packet with voice, from the key's first packet to the
last packet of the prompt (on a page that answers a key with silence), the pacing of packets as they arrive;
descriptors and memory before and after. Exit status 1 when a call failed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import csv
import itertools
import json
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = Path(__file__).parent / "scenarios"
TICKS = os.sysconf("SC_CLK_TCK")
#: number of the flow of ``scenarios/short_flow.json``, and of the page ``scenarios/barge_in.vxml``
SHORT, BARGE_IN = "901", "900"
HOTLINE = "12319"


@dataclass(frozen=True)
class Load:
    """What sipp did: calls made and failed, its CPU seconds, INVITE to 200 in seconds, failures by kind."""

    made: int
    failed: int
    cpu: float
    answers: list[float]
    kinds: dict[str, int]


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
    while True:
        with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            with contextlib.suppress(OSError):  # a connection elsewhere has this number: take another
                tcp.bind(udp.getsockname())
                return int(udp.getsockname()[1])


def _media_port() -> int:
    """Where sipp may have audio and video with their RTCP: four ports in a row that nobody uses."""
    while True:
        first = free_port() & ~1
        with contextlib.ExitStack() as held:
            try:
                for port in range(first, first + 4):
                    held.enter_context(socket.socket(type=socket.SOCK_DGRAM)).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first


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
    """Publish the short flow, and let the numbers of the flow and of the barge-in page be answered."""
    headers = {"Authorization": aiohttp.encode_basic_auth("admin", password)}
    flow = json.loads((SCENARIOS / "short_flow.json").read_text(encoding="utf-8"))
    async with aiohttp.ClientSession(f"{pages}api/", headers=headers) as session:
        await _done(session.post("flows", json=flow))
        await _done(session.post(f"flows/{flow['id']}/publish", json={"revision": 1, "note": ""}))
        numbers = await _done(session.get("numbers"))
        numbers.append({"number": BARGE_IN, "document": (SCENARIOS / "barge_in.vxml").as_uri()})
        numbers.append({"number": SHORT, "flow": flow["id"]})
        await _done(session.put("numbers", json=numbers))


async def _done(request: Any) -> Any:
    async with request as answer:
        if answer.status >= 300:
            raise SystemExit(f"{answer.url} could not be set up: {await answer.text()}")
        return await answer.json()


async def sipp(
    folder: Path, port: int, call: str, calls: int, at_once: int, rate: float
) -> tuple[int, int, float]:
    """Calls made, calls failed, CPU seconds of sipp."""
    done = await load(folder, port, call, calls, at_once, rate)
    return done.made, done.failed, done.cpu


async def load(folder: Path, port: int, call: str, calls: int, at_once: int, rate: float) -> Load:
    """Let sipp place calls."""
    file = folder / "call.xml"
    file.write_text(call, encoding="utf-8")
    for old in folder.glob("call_*_rtt.csv"):
        old.unlink()
    before = os.times()
    process = await asyncio.create_subprocess_exec(
        "sipp", f"127.0.0.1:{port}", "-sf", str(file), "-m", str(calls), "-l", str(at_once), "-r", str(rate),
        "-i", "127.0.0.1", "-mp", str(_media_port()), "-nostdin",
        "-trace_stat", "-stf", str(folder / "stat.csv"), "-fd", "1", "-trace_rtt", "-rtt_freq", "1",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, cwd=folder,
    )  # fmt: skip
    _, said = await process.communicate()
    after = os.times()
    with (folder / "stat.csv").open(encoding="utf-8") as stat:
        last = list(csv.DictReader(stat, delimiter=";"))[-1]
    kinds = {
        name.removeprefix("Failed").removesuffix("(C)"): int(value)
        for name, value in last.items()
        if name.startswith("Failed") and name.endswith("(C)") and name != "FailedCall(C)" and int(value)
    }
    if int(last["TotalCallCreated"]) == 0:
        raise SystemExit(f"sipp placed no call: {said.decode(errors='replace')[-2000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    answers = []
    for times in folder.glob("call_*_rtt.csv"):
        rows = times.read_text(encoding="utf-8").splitlines()[1:]
        answers += [float(row.split(";")[1]) / 1000 for row in rows]
    return Load(int(last["TotalCallCreated"]), int(last["FailedCall(C)"]), cpu, answers, kinds)


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
            if number == BARGE_IN:
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
    await probe(port, BARGE_IN)
    await probe(port, SHORT)
    pids = {"server": process.pid, **children(process.pid)}
    cpu = {part: cpu_seconds(pid) for part, pid in pids.items()}
    before = {part: (descriptors(pid), memory_mb(pid)) for part, pid in pids.items()}
    own_before, began = time.process_time(), time.monotonic()
    call = scenario(chosen.keys, pause=chosen.pause, hold=chosen.hold)
    call = call.replace(f"sip:{HOTLINE}@", f"sip:{chosen.number}@")
    running = asyncio.create_task(load(folder, port, call, chosen.calls, chosen.at_once, chosen.rate))
    await asyncio.wait({running}, timeout=min(30.0, chosen.at_once / chosen.rate))  # until all are up
    measured = []
    for number in itertools.islice(itertools.cycle((chosen.number, BARGE_IN)), chosen.probes):
        if running.done():
            break
        measured.append(await probe(port, number))
    done = await running
    lasted = time.monotonic() - began
    own = time.process_time() - own_before
    await asyncio.sleep(3.0)
    calls = done.made + len(measured)
    kinds = "".join(f", {kind} {count}" for kind, count in done.kinds.items())
    print(
        f"calls {calls} ({len(measured)} of them measuring), failed {done.failed}{kinds}, in {lasted:.1f} s"
    )
    for part, pid in pids.items():
        used = cpu_seconds(pid) - cpu[part]
        files, memory = before[part]
        print(
            f"  {part:<14} CPU {1000 * used / calls:6.2f} ms a call, {100 * used / lasted:5.1f} % of a core; "
            f"descriptors {files} -> {descriptors(pid)}, memory {memory:.0f} -> {memory_mb(pid):.0f} MB"
        )
    for part, used in (("sipp", done.cpu), ("this program", own)):
        share = 100 * used / lasted
        print(f"  {part:<14} CPU {1000 * used / calls:6.2f} ms a call, {share:5.1f} % of a core")
    figures = (
        ("INVITE to 200, all calls", done.answers, 0),
        ("INVITE to first voice", [m[0] for m in measured], 50),
        ("key to silence", [cut for m in measured for cut in m[1]], 40),
        ("packet pacing error", [e for m in measured for e in m[2]], 5),
    )
    for title, values, goal in figures:
        if not values:
            continue
        row = f"{len(values)} measured, " + " ".join(
            f"p{int(100 * s)} {1000 * percentile(values, s):.1f}" for s in (0.5, 0.95, 0.99)
        )
        print(f"  {title:<24} ms: {row}" + (f" (goal p95 {goal})" if goal else ""))
    return done.failed


#: what a load is unless the options say otherwise
LOADS: dict[str, dict[str, Any]] = {
    "hotline": {
        "number": HOTLINE, "keys": "213", "pause": 1500, "hold": 6000,
        "calls": 480, "at_once": 120, "rate": 12.0, "probes": 40,
    },
    "short": {
        "number": SHORT, "keys": "", "pause": 0, "hold": 3000,
        "calls": 10_000, "at_once": 900, "rate": 84.0, "probes": 0,
    },
    "many": {
        "number": SHORT, "keys": "1", "pause": 5000, "hold": 5000,
        "calls": 5400, "at_once": 300, "rate": 30.0, "probes": 60,
    },
}  # fmt: skip


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--load", choices=LOADS, default="hotline", help="the options' values, if not given")
    options.add_argument("--calls", type=int)
    options.add_argument("--at-once", type=int)
    options.add_argument("--rate", type=float, help="new calls a second")
    options.add_argument("--hold", type=int, help="milliseconds between the last key and BYE")
    options.add_argument("--probes", type=int, help="calls of the measuring telephone")
    chosen = options.parse_args()
    for name, value in LOADS[chosen.load].items():
        if getattr(chosen, name, None) is None:
            setattr(chosen, name, value)
    return chosen


async def main() -> int:
    """Run it and print."""
    chosen = _options()
    if shutil.which("sipp") is None:
        raise SystemExit("needs sipp: apt-get install sip-tester")
    print(
        f"{chosen.calls} calls to {chosen.number}, {chosen.rate:g} a second, at most {chosen.at_once} at "
        f"once, keys {chosen.keys or 'none'} after {chosen.pause} ms each, then {chosen.hold} ms; "
        f"{os.cpu_count()} cores shared with the generator, load average before: {os.getloadavg()[0]:.1f}",
        flush=True,
    )
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
