"""What one plain IVR call costs, over all processes of the platform.

    make bench-ivr-call      (python tests/bench/bench_ivr_call.py --calls 720 --rate 24)

The call lasts 6.2 s: INVITE, 200, ACK, a prompt, the key 1 as INFO at 3 s, a second prompt, BYE. The
VoiceXML document stands in a file (scenarios/ivr_menu.vxml); the call is carried by the ordinary inbound
CCXML document, its steps are written as breadcrumbs. sipp on loopback places the calls; the platform runs
as ``vxmlplat serve`` does. Before the measured calls come others that fill the caches. Counted is the CPU,
user and system, of the server process and of the media process, idle work included, from the first
measured call to three seconds after the last, divided by the calls.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
from bench_calls import SCENARIOS, children, cpu_seconds, descriptors, memory_mb, scenario, sipp, started

NUMBER = "901"
GOAL_MS = 6.7


async def add_document(web: str, password: str) -> None:
    """Let the document answer the number."""
    headers = {"Authorization": aiohttp.encode_basic_auth("admin", password)}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.get(f"{web}api/numbers") as answer:
            numbers = await answer.json()
        numbers.append({"number": NUMBER, "document": (SCENARIOS / "ivr_menu.vxml").as_uri()})
        async with session.put(f"{web}api/numbers", json=numbers) as answer:
            if answer.status != 200:
                raise SystemExit(f"the document could not be set up: {await answer.text()}")


async def measure(
    folder: Path, process: asyncio.subprocess.Process, port: int, chosen: argparse.Namespace
) -> int:
    """Call and count; 1 when a call failed."""
    call = scenario("1", pause=3000, hold=3200).replace("sip:12319@", f"sip:{NUMBER}@")
    await sipp(folder, port, call, 3 * int(chosen.rate), 1000, chosen.rate)
    await asyncio.sleep(1.0)
    pids = {"server": process.pid, **children(process.pid)}
    print("processes " + " ".join(f"{part}={pid}" for part, pid in pids.items()), flush=True)
    cpu = {part: cpu_seconds(pid) for part, pid in pids.items()}
    before = {part: (descriptors(pid), memory_mb(pid)) for part, pid in pids.items()}
    began = time.monotonic()
    made, failed, own = await sipp(folder, port, call, chosen.calls, 1000, chosen.rate)
    await asyncio.sleep(3.0)
    lasted = time.monotonic() - began
    print(
        f"calls {made}, failed {failed}, {chosen.rate:g} a second, in {lasted:.1f} s; "
        f"load of the machine {os.getloadavg()[0]:.1f}"
    )
    whole = 0.0
    for part, pid in pids.items():
        used = 1000 * (cpu_seconds(pid) - cpu[part]) / made
        files, memory = before[part]
        whole += used
        print(
            f"  {part:<14} CPU {used:6.2f} ms a call; "
            f"descriptors {files} -> {descriptors(pid)}, memory {memory:.0f} -> {memory_mb(pid):.0f} MB"
        )
    print(f"  all processes  CPU {whole:6.2f} ms a call   (wanted: at most {GOAL_MS})")
    print(f"  sipp itself    CPU {1000 * own / made:6.2f} ms a call")
    return 1 if failed or made < chosen.calls else 0


async def main() -> int:
    """Run it and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--calls", type=int, default=720)
    options.add_argument("--rate", type=float, default=24.0, help="calls a second")
    chosen = options.parse_args()
    if shutil.which("sipp") is None:
        raise SystemExit("needs sipp: apt-get install sip-tester")
    with tempfile.TemporaryDirectory(prefix="bench-ivr-call-") as name:
        folder = Path(name)
        process, port = await started(folder, 54000, add_document)
        try:
            return await measure(folder, process, port, chosen)
        finally:
            process.terminate()
            await process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
