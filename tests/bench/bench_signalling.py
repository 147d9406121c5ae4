"""Signalling alone: INVITE, 200, ACK, BYE with sipp on loopback; no media, no VoiceXML.

The user agent runs in a process of its own, so that its CPU time is its own. Printed: calls, failures, CPU
milliseconds a call of ours and of the generator, answer-time percentiles of sipp, descriptors and resident
memory before and after. Goal: at least 400 calls a second, none failed, at most 2 ms of CPU a call.

    python tests/bench/bench_signalling.py [--rate 400] [--calls 6000] [--transport udp|tcp] [--direction
    in|out]
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from vxmlplat.clock import SystemClock
from vxmlplat.sip.agent import OutboundCall, UserAgent
from vxmlplat.sip.errors import SipError
from vxmlplat.sip.events import Answered, Failed
from vxmlplat.sip.sdp import Capabilities, negotiate, offer
from vxmlplat.sip.settings import Limits, Listen, UserAgentConfig

GOAL_CPU_MS = 2.0
OURS = Capabilities("127.0.0.1", 40_000, session_id=1)


def snapshot() -> dict[str, float]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "cpu": usage.ru_utime + usage.ru_stime,
        "descriptors": len(os.listdir("/proc/self/fd")),
        "memory_mb": round(pages * resource.getpagesize() / 1e6, 1),
    }


async def answer(leg: object) -> None:
    """What the platform does with a call, as far as signalling goes."""
    text, _ = negotiate(leg.remote_sdp, OURS)  # type: ignore[attr-defined]
    await leg.answer(text)  # type: ignore[attr-defined]


async def place_calls(agent: UserAgent, port: int, transport: str, calls: int, rate: float) -> int:
    """Place calls at a rate, hang each up when it is answered; returns how many failed."""
    failed = 0
    running: set[asyncio.Task[None]] = set()

    async def one(n: int) -> None:
        nonlocal failed
        target = f"sip:{n}@127.0.0.1:{port};transport={transport}"
        leg = agent.invite(OutboundCall(target, sdp=offer(OURS)))
        async for event in leg.events():
            if isinstance(event, Answered):
                await leg.hangup()
            elif isinstance(event, Failed):
                failed += 1

    begin = time.monotonic()
    for n in range(calls):
        await asyncio.sleep(max(0.0, begin + n / rate - time.monotonic()))
        task = asyncio.create_task(one(n))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    return failed


async def agent_process(arguments: argparse.Namespace) -> None:
    """The measured process: says its port, then its figures when it is told to end."""
    limits = Limits(
        invites_per_second=1e6,
        invites_burst=10**6,
        invites_per_second_per_source=1e6,
        server_transactions=10**6,
    )
    config = UserAgentConfig(listen=(Listen("udp", port=0), Listen("tcp", port=0)), limits=limits)
    agent = UserAgent(config, SystemClock())
    agent.on_invite = answer
    await agent.start()
    before = snapshot()
    ports = {name: port for name, _, port in agent.addresses}
    print(json.dumps(ports), flush=True)
    failed = 0
    if arguments.target:
        failed = await place_calls(
            agent, arguments.target, arguments.transport, arguments.calls, arguments.rate
        )
    else:
        ended = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
        await ended.wait()
    counters = agent.counters
    after = snapshot()
    figures = {
        "before": before,
        "after": after,
        "calls": counters.calls_in + counters.calls_out,
        "legs_left": counters.legs,
        "failed": failed,
        "refused": counters.refused,
    }
    try:
        await agent.stop()
    except SipError as error:
        figures["stop"] = str(error)
    print(json.dumps(figures), flush=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sipp_command(program: str, arguments: argparse.Namespace, target: int | None, port: int) -> list[str]:
    mode = {"udp": "u1", "tcp": "t1"}[arguments.transport]
    command = [
        program,
        "-t",
        mode,
        "-i",
        "127.0.0.1",
        "-p",
        str(port),
        "-m",
        str(arguments.calls),
        "-nostdin",
    ]
    command += ["-timeout", "300s", "-l", "20000"]
    if target is None:
        return [*command, "-sn", "uas"]
    rtt = ["-trace_rtt", "-rtt_freq", "1000"]
    return [*command, "-sn", "uac", f"127.0.0.1:{target}", "-r", str(arguments.rate), "-d", "0", *rtt]


def percentiles(folder: Path) -> str:
    times: list[float] = []
    for path in folder.glob("*_rtt.csv"):
        with path.open() as file:
            for row in csv.reader(file, delimiter=";"):
                try:
                    times.append(float(row[1]))
                except (IndexError, ValueError):
                    continue
    if not times:
        return "not measured"
    times.sort()
    points = [times[min(len(times) - 1, int(len(times) * p))] for p in (0.5, 0.95, 0.99)]
    return ", ".join(f"p{n} {value:.1f} ms" for n, value in zip((50, 95, 99), points, strict=True))


def run(arguments: argparse.Namespace) -> int:
    program = shutil.which("sipp")
    if program is None:
        print("sipp is missing: apt-get install sip-tester")
        return 2
    me = [
        sys.executable,
        __file__,
        "--process",
        "--transport",
        arguments.transport,
        "--calls",
        str(arguments.calls),
    ]
    me += ["--rate", str(arguments.rate)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = free_port()
        quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        begin = time.monotonic()
        if arguments.direction == "in":
            ours = subprocess.Popen(me, stdout=subprocess.PIPE, text=True)
            assert ours.stdout is not None
            target = json.loads(ours.stdout.readline())[arguments.transport]
            begin = time.monotonic()
            sipp = subprocess.Popen(sipp_command(program, arguments, target, port), **quiet)  # type: ignore[call-overload]
            _, status, usage = os.wait4(sipp.pid, 0)
            took = time.monotonic() - begin
            ours.send_signal(signal.SIGTERM)
        else:
            sipp = subprocess.Popen(sipp_command(program, arguments, None, port), **quiet)  # type: ignore[call-overload]
            time.sleep(1.0)
            ours = subprocess.Popen([*me, "--target", str(port)], stdout=subprocess.PIPE, text=True)
            assert ours.stdout is not None
            ours.stdout.readline()
            begin = time.monotonic()
            _, status, usage = os.wait4(sipp.pid, 0)
            took = time.monotonic() - begin
        sipp.returncode = os.waitstatus_to_exitcode(status)
        figures = json.loads(ours.stdout.readline())
        ours.wait()
        answer_times = percentiles(folder)
    cpu = figures["after"]["cpu"] - figures["before"]["cpu"]
    per_call = 1000 * cpu / max(1, figures["calls"])
    generator = 1000 * (usage.ru_utime + usage.ru_stime) / arguments.calls
    print(
        f"method      sipp {'uac' if arguments.direction == 'in' else 'uas'} over {arguments.transport}, "
        f"{arguments.rate:g} calls a second asked for, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(f"calls       {figures['calls']} in {took:.1f} s = {figures['calls'] / took:.0f} a second")
    print(f"failed      {figures['failed']} ours, sipp ended with {sipp.returncode}")
    print(f"refused     {figures['refused'] or 'none'}")
    print(
        f"CPU         {per_call:.2f} ms a call ours (goal {GOAL_CPU_MS}), {generator:.2f} ms the generator's"
    )
    print(f"answer      {answer_times}")
    for key in ("descriptors", "memory_mb"):
        print(f"{key:<11} {figures['before'][key]} before, {figures['after'][key]} after")
    print(f"legs left   {figures['legs_left']}")
    # As the called side sipp may end with an error for a repeated BYE that came after its last call; ours
    # counts then.
    good = (
        (sipp.returncode == 0 or arguments.direction == "out")
        and figures["failed"] == 0
        and figures["calls"] == arguments.calls
    )
    return 0 if good and per_call <= GOAL_CPU_MS else 1


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=float, default=400)
    parser.add_argument("--calls", type=int, default=6000)
    parser.add_argument("--transport", choices=["udp", "tcp"], default="udp")
    parser.add_argument("--direction", choices=["in", "out"], default="in")
    parser.add_argument("--process", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--target", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.process:
        asyncio.run(agent_process(arguments))
        return 0
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
