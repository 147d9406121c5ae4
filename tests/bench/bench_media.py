"""What the media process costs, measured over loopback: ``python tests/bench/bench_media.py``.

One media process, driven as the platform drives it, against telephones written in C (``media_peer.c``,
compiled here with ``cc``) that send 50 packets a second to every channel and read what comes back. CPU is
what the system counted for each process over the measured seconds, kernel included.

The *floor*, measured in the same run before and after each figure, is the least that anything has to do for
so many channels on this machine at that time: a C loop in the place of the media process that sends and
receives the same packets on as many sockets, and does nothing else. The ratio to it is what our own code is
responsible for; it changes much less with the machine and its other work than the milliseconds do.

Pacing is how far each packet's arrival, stamped by the kernel, lies from where its RTP timestamp puts it on
its channel's own even line (50 channels are looked at). The host's line tells how even the machine itself is:
how late a sleep of 5 ms ends, and how long the same piece of arithmetic takes, at real-time priority where
that is allowed; the floor has a pacing error too, printed behind ours. No pacing can be better than those. A
virtual machine's cores are shared by their host: where the arithmetic takes ten times as long now and then, a
slot of a millisecond's work does too, which the C loop, whose slots are a fifth as long, does not show.

    --channels 30,120,300,1000   how many channels, one measurement each
    --seconds 6                  how long each measurement lasts
    --repeat 1                   how often each is taken; medians are printed
    --work play,record,bridge    play: a prompt in a loop, both ways; record: the same, with a recording and
                                 speech onset on every channel; bridge: in pairs
    --no-keys                    leave out key to silence, at 300 channels (percentiles), and the recovery
                                 from a killed process
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vxmlplat.clock import SystemClock
from vxmlplat.media import (
    FileClip,
    MediaChannel,
    MediaConfig,
    MediaEvent,
    MediaPlane,
    PlayDone,
    RemoteMedia,
)
from vxmlplat.media.g711 import MU_LAW
from vxmlplat.media.telephone_event import packets

SETTLE_SECONDS = 1.5
TICK = os.sysconf("SC_CLK_TCK")


def prompt_file(folder: Path) -> Path:
    """Ten seconds of something like speech: bursts of harmonics."""
    t = np.arange(80000) / 8000
    voice = sum(np.sin(2 * math.pi * 140 * k * t) / k for k in range(1, 12))
    voice *= 4000 * (np.sin(2 * math.pi * 1.5 * t) > -0.3)
    path = folder / "prompt.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(voice.astype("<i2").tobytes())
    return path


def talk() -> bytes:
    """Two seconds of µ-law: a talker who is silent half of the time, over a little noise."""
    t = np.arange(160 * 100) / 8000
    voice = sum(2500 * np.sin(2 * math.pi * 130 * k * t + k * k) for k in range(2, 9))
    voice *= np.sin(2 * math.pi * 0.7 * t) > 0
    return MU_LAW.encode((voice + np.random.default_rng(5).normal(0, 20, len(t))).astype(np.int16))


class Peer:
    """A ``media_peer`` process: the telephones, or the floor."""

    def __init__(self, folder: Path, role: str, count: int) -> None:
        self.count = count
        self.process = subprocess.Popen(
            [folder / "media_peer", role, str(count), folder / "talk", folder / "key"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.ports = list(map(int, self._line().split()))

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def order(self, order: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()

    def connect(self, ports: list[int]) -> None:
        self.order("ports " + " ".join(map(str, ports)))

    def stop(self) -> dict[str, Any]:
        self.order("stop")
        figures: dict[str, Any] = json.loads(self._line())
        self.process.communicate(timeout=5)
        return figures

    def cost(self, figures: dict[str, Any]) -> float:
        """ms CPU a channel-second."""
        return float(figures["cpu"]) * 1000 / self.count / float(figures["elapsed"])


def compile_peer(folder: Path) -> None:
    """Everything that the peers need, in a folder."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise SystemExit("bench_media needs a C compiler (cc) for its telephones and its floor")
    source = Path(__file__).with_name("media_peer.c")
    subprocess.run([compiler, "-O2", "-o", folder / "media_peer", source], check=True)
    (folder / "talk").write_bytes(talk())
    (folder / "key").write_bytes(b"".join(payload for _, payload in packets("5", 100)))


def process_cpu(pid: int) -> float:
    """Seconds of CPU of a process with all its threads, by the scheduler's nanosecond account."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def kernel_ticks(pid: int) -> tuple[int, int]:
    """Clock ticks in user code and in the kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return int(fields[11]), int(fields[12])


@dataclass
class Figures:
    """One measurement."""

    cost: float
    kernel: float
    telephones: float
    parent: float
    p50: float
    p99: float
    worst: float
    late: float
    packets: float
    descriptors: int
    memory: float


class Bench:
    """One media process and its telephones."""

    def __init__(self, count: int, folder: Path) -> None:
        self.count = count
        self.folder = folder
        self.prompt = prompt_file(folder)
        self.plane = MediaPlane(MediaConfig(first_port=10000, last_port=19998), SystemClock())
        self.channels: list[MediaChannel] = []
        self.done = 0
        self.peer = Peer(folder, "telephones", count)

    def on_event(self, event: MediaEvent) -> None:
        self.done += isinstance(event, PlayDone)

    async def open(self) -> None:
        await self.plane.start()
        for port in self.peer.ports:
            channel = await self.plane.open_channel("127.0.0.1", self.on_event)
            channel.connect(RemoteMedia("127.0.0.1", port))
            self.channels.append(channel)
        self.peer.connect([channel.local_port for channel in self.channels])

    def work(self, kind: str) -> None:
        for n, channel in enumerate(self.channels):
            WORKS[kind](self, n, channel)

    @property
    def pid(self) -> int:
        return self.plane._process.pid  # type: ignore[union-attr]  # a benchmark looks inside

    async def close(self) -> dict[str, Any]:
        figures = self.peer.stop()
        await asyncio.gather(*(channel.close() for channel in self.channels))
        await self.plane.stop()
        return figures


Work = Callable[[Bench, int, MediaChannel], None]
WORKS: dict[str, Work] = {}


def work(function: Work) -> Work:
    """Enter a kind of work by its name."""
    if function.__name__ in WORKS:
        raise ValueError(f"{function.__name__} is there twice")
    WORKS[function.__name__] = function
    return function


@work
def play(bench: Bench, n: int, channel: MediaChannel) -> None:
    """A prompt in a loop, both ways."""
    channel.play([FileClip(bench.prompt)], loop=True, stop_on_key=True)


@work
def record(bench: Bench, n: int, channel: MediaChannel) -> None:
    """The same, with a recording and speech onset."""
    play(bench, n, channel)
    channel.record(bench.folder / f"{channel.id}.wav")
    channel.listen_for_speech()


@work
def bridge(bench: Bench, n: int, channel: MediaChannel) -> None:
    """In pairs."""
    if n % 2:
        channel.bridge(bench.channels[n - 1])


async def measure(kind: str, count: int, seconds: float, folder: Path) -> Figures:
    bench = Bench(count, folder)
    await bench.open()
    bench.work(kind)
    await asyncio.sleep(SETTLE_SECONDS)
    bench.peer.order("measure")
    pid = bench.pid
    before, start, own, ticks = process_cpu(pid), time.monotonic(), time.process_time(), kernel_ticks(pid)
    late = 0.0
    while time.monotonic() - start < seconds:
        await asyncio.sleep(1.0)
        late = max(late, bench.plane.statistics.late_ms)
    cpu, elapsed, own = process_cpu(pid) - before, time.monotonic() - start, time.process_time() - own
    user, kernel = (now - then for now, then in zip(kernel_ticks(pid), ticks, strict=True))
    descriptors = len(os.listdir(f"/proc/{pid}/fd"))
    memory = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    told = await bench.close()
    for path in folder.glob("*.wav"):
        path.unlink()
    per = 1000 / count / elapsed
    return Figures(
        cpu * per,
        kernel / max(1, user + kernel),
        bench.peer.cost(told),
        own * per,
        told["p50"] * 1000,
        told["p99"] * 1000,
        told["worst"] * 1000,
        late,
        told["received"] / count / 50 / told["elapsed"],
        descriptors,
        memory,
    )


def floor(count: int, seconds: float, folder: Path) -> tuple[float, float]:
    """ms CPU a channel-second of the C loop, and its own pacing error p99 in ms."""
    telephones, loop = Peer(folder, "telephones", count), Peer(folder, "floor", count)
    loop.connect(telephones.ports)
    telephones.connect(loop.ports)
    time.sleep(0.5)
    telephones.order("measure")
    loop.order("measure")
    time.sleep(seconds)
    cost = loop.cost(loop.stop())
    return cost, telephones.stop()["p99"] * 1000


def host_noise(seconds: float = 3.0) -> str:
    """How late a sleep of 5 ms ends, and how long a piece of arithmetic after it takes."""
    late, took = [], []
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
        priority = "at real-time priority"
    except PermissionError:
        priority = "at normal priority"
    due = time.monotonic()
    try:
        for _ in range(round(seconds / 0.005)):
            due += 0.005
            time.sleep(max(0.0, due - time.monotonic()))
            woken = time.monotonic()
            late.append((woken - due) * 1000)
            sum(range(20_000))
            took.append((time.monotonic() - woken) * 1000)
    finally:
        if priority == "at real-time priority":
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    median, p99 = np.percentile(late, [50, 99])
    usual, slow = np.percentile(took, [50, 99])
    return (
        f"a sleep of 5 ms {priority} ends late by {median:.2f} ms, p99 {p99:.2f}, worst {max(late):.2f};"
        f" the same arithmetic takes {usual:.2f} ms, p99 {slow:.2f}, worst {max(took):.2f}"
    )


async def keys(count: int, folder: Path) -> None:
    bench = Bench(count, folder)
    await bench.open()
    bench.work("play")
    await asyncio.sleep(SETTLE_SECONDS)
    for channel in range(count):
        bench.peer.order(f"key {channel}")
        await asyncio.sleep(0.02)
    await asyncio.sleep(1.0)
    figures = await bench.close()
    silenced = np.array(figures["silenced"]) * 1000
    p50, p95, p99 = np.percentile(silenced, [50, 95, 99])
    print(
        f"key to silence at {count} channels: p50 {p50:.1f}  p95 {p95:.1f}  p99 {p99:.1f} ms"
        f"  ({len(silenced)} of {count} silenced)"
    )


async def recovery(times: int = 5) -> None:
    """How soon after a kill a new channel is open."""
    plane = MediaPlane(MediaConfig(first_port=10000, last_port=19998), SystemClock())
    await plane.start()
    took = []
    for _ in range(times):
        assert plane._process is not None
        os.kill(plane._process.pid, signal.SIGKILL)
        start = time.monotonic()
        await plane._process.wait()
        while plane.running:  # noqa: ASYNC110  # until the plane has noticed, for which there is no event
            await asyncio.sleep(0)
        channel = await plane.open_channel("127.0.0.1", lambda event: None)
        took.append(time.monotonic() - start)
        await channel.close()
        await asyncio.sleep(0.5)
    await plane.stop()
    print(
        f"a killed media process: a new channel is open after {statistics.median(took):.2f} s,"
        f" worst {max(took):.2f} s ({times} times)",
        flush=True,
    )


def show(kind: str, count: int, taken: list[Figures], floors: list[tuple[float, float]]) -> None:
    def middle(name: str) -> float:
        return statistics.median(getattr(one, name) for one in taken)

    lowest, evenest = (statistics.median(column) for column in zip(*floors, strict=True))
    print(
        f"{kind:7} {count:5} channels  {middle('cost'):6.3f} ms CPU a channel-second"
        f" ({middle('cost') / lowest:.2f} x the floor's {lowest:.3f};"
        f" {100 * middle('kernel'):.0f} % in the kernel)"
        f"   telephones {middle('telephones'):5.3f}   parent {middle('parent'):5.3f}"
        f"   pacing error p50 {middle('p50'):.2f} p99 {middle('p99'):.2f} worst {middle('worst'):.1f} ms"
        f" (the floor's p99 {evenest:.2f})"
        f"   slot late {middle('late'):.1f} ms   packets {100 * middle('packets'):.1f} %"
        f"   fds {taken[0].descriptors}  {middle('memory'):.0f} MB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU, pacing and barge-in of the media process")
    parser.add_argument("--channels", default="30,120,300,1000")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--work", default="play,record,bridge")
    parser.add_argument("--keys", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compile_peer(folder)
        print(
            f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f};"
            f" {options.seconds:g} s each, {options.repeat} time(s)"
        )
        print(f"host: {host_noise()}", flush=True)
        for count in map(int, options.channels.split(",")):
            for kind in options.work.split(",") if options.work else ():
                taken, floors = [], [floor(count, options.seconds / 2, folder)]
                for _ in range(options.repeat):
                    taken.append(asyncio.run(measure(kind, count, options.seconds, folder)))
                    floors.append(floor(count, options.seconds / 2, folder))
                show(kind, count, taken, floors)
        if options.keys:
            asyncio.run(keys(300, folder))
            asyncio.run(recovery())


if __name__ == "__main__":
    main()
