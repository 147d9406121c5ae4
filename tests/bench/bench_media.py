"""What the media process costs, measured over loopback: ``python tests/bench/bench_media.py``.

One media process, driven as the platform drives it, and one generator process that sends 50 packets a second
to every channel and reads what comes back. CPU is what the system counted for each process over the measured
seconds, kernel included. Pacing is how far each packet's arrival, stamped by the kernel, lies from where its
RTP timestamp puts it on its channel's own even line (20 channels are looked at). The first line tells the
machine's speed at that moment: what one bare ``send`` and ``recv_into`` in 20 ms cost in the same unit; the
second how even that speed is: no pacing can be better than the host's own.

    --channels 30,120,300,1000   how many channels, one measurement each
    --seconds 8                  how long each measurement lasts
    --work play,record,bridge    play: a prompt in a loop, both ways; record: the same, with a recording and
                                 speech onset on every channel; bridge: in pairs
    --no-keys                    leave out key to silence, at 300 channels (percentiles)
"""

from __future__ import annotations

import argparse
import asyncio
import math
import multiprocessing
import multiprocessing.connection
import os
import resource
import select
import socket
import struct
import sys
import tempfile
import time
import wave
from pathlib import Path

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

HEADER = struct.Struct("!BBHII")
TIMESPEC = struct.Struct("@qq")
SO_TIMESTAMPNS = 35
WATCHED = 20
SLOTS = 4
SILENT = bytes([MU_LAW.silence]) * 160


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


def generator(pipe: multiprocessing.connection.Connection, count: int) -> None:
    """The telephones: told the ports, they talk and listen until told to stop; the figures go back."""
    sockets = []
    for n in range(count):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if n < WATCHED:
            sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        sockets.append(sock)
    pipe.send([sock.getsockname()[1] for sock in sockets])
    for sock, port in zip(sockets, pipe.recv(), strict=True):
        sock.connect(("127.0.0.1", port))
    rng = np.random.default_rng(5)
    t = np.arange(160 * 100) / 8000
    talk = 5000 * np.sin(2 * math.pi * 200 * t) * (np.sin(2 * math.pi * 0.7 * t) > 0) + rng.normal(
        0, 20, len(t)
    )
    payloads = [MU_LAW.encode(talk[i : i + 160].astype(np.int16)) for i in range(0, len(talk), 160)]
    poll = select.epoll()
    for sock in sockets:
        poll.register(sock.fileno(), select.EPOLLIN)
    index = {sock.fileno(): n for n, sock in enumerate(sockets)}
    slots = [sockets[n::SLOTS] for n in range(SLOTS)]
    stamped: list[list[tuple[float, int]]] = [[] for _ in range(WATCHED)]
    received = 0
    pressed: dict[int, float] = {}
    silenced: list[float] = []
    buffer = bytearray(2048)
    measuring = False
    sequence, due, slot = 0, time.monotonic(), 0
    cpu = began = 0.0
    key_packets = list(packets("5", 100))
    keying: dict[int, tuple[int, int]] = {}
    while True:
        now = time.monotonic()
        if now < due:
            time.sleep(due - now)
        due += 0.02 / SLOTS
        if slot == 0 and pipe.poll():
            order = pipe.recv()
            if order == "measure":
                measuring, cpu, began = True, time.process_time(), time.monotonic()
            elif isinstance(order, tuple):
                keying[order[1]] = (0, sequence * 160)
            else:
                break
        payload = payloads[sequence % len(payloads)]
        for n, sock in enumerate(slots[slot]):
            channel = n * SLOTS + slot
            try:
                if channel in keying:
                    step, stamp = keying[channel]
                    if step == 0:
                        pressed[channel] = time.monotonic()
                    mark = 0x80 if step == 0 else 0
                    sock.send(
                        HEADER.pack(0x80, 101 | mark, sequence & 0xFFFF, stamp, 9) + key_packets[step][1]
                    )
                    keying[channel] = (step + 1, stamp)
                    if step + 1 == len(key_packets):
                        del keying[channel]
                else:
                    sock.send(
                        HEADER.pack(0x80, 0, sequence & 0xFFFF, sequence * 160 & 0xFFFFFFFF, 9) + payload
                    )
            except OSError:
                pass
        for fd, _ in poll.poll(0, 4096):
            channel = index[fd]
            try:
                if channel < WATCHED and measuring:
                    size, extra, _, _ = sockets[channel].recvmsg_into([buffer], 64)
                    seconds, nanoseconds = TIMESPEC.unpack_from(extra[0][2])
                    stamped[channel].append((seconds + nanoseconds / 1e9, HEADER.unpack_from(buffer)[3]))
                else:
                    size = sockets[channel].recv_into(buffer)
            except OSError:
                continue
            received += measuring
            if channel in pressed and buffer[12:size] == SILENT:
                silenced.append(time.monotonic() - pressed.pop(channel))
        slot = (slot + 1) % SLOTS
        sequence += slot == 0
    errors = []
    for pairs in stamped:
        if len(pairs) > 20:
            times, stamps = np.array(pairs).T
            offsets = times - (stamps - stamps[0]) / 8000
            errors.append(np.abs(offsets - np.median(offsets)))
    pacing = np.concatenate(errors) if errors else np.zeros(1)
    pipe.send(
        {
            "cpu": time.process_time() - cpu,
            "share": received / count / 50 / (time.monotonic() - began),
            "p99": float(np.percentile(pacing, 99)) * 1000,
            "silenced": silenced,
        }
    )


def process_cpu(pid: int) -> float:
    """Seconds of CPU of a process with all its threads, by the scheduler's nanosecond account."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


class Bench:
    """One media process and one generator."""

    def __init__(self, count: int, folder: Path) -> None:
        self.count = count
        self.folder = folder
        self.prompt = prompt_file(folder)
        self.plane = MediaPlane(MediaConfig(first_port=10000, last_port=19998), SystemClock())
        self.channels: list[MediaChannel] = []
        self.done = 0
        self.ours, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self.process = context.Process(target=generator, args=(theirs, count), daemon=True)

    def on_event(self, event: MediaEvent) -> None:
        self.done += isinstance(event, PlayDone)

    async def open(self) -> None:
        self.process.start()
        await self.plane.start()
        ports = await asyncio.to_thread(self.ours.recv)
        for port in ports:
            channel = await self.plane.open_channel("127.0.0.1", self.on_event)
            channel.connect(RemoteMedia("127.0.0.1", port))
            self.channels.append(channel)
        self.ours.send([channel.local_port for channel in self.channels])

    def work(self, kind: str) -> None:
        for n, channel in enumerate(self.channels):
            if kind == "bridge":
                if n % 2:
                    channel.bridge(self.channels[n - 1])
                continue
            channel.play([FileClip(self.prompt)], loop=True, stop_on_key=True)
            if kind == "record":
                channel.record(self.folder / f"{channel.id}.wav")
                channel.listen_for_speech()

    async def close(self) -> dict[str, object]:
        self.ours.send("stop")
        figures: dict[str, object] = await asyncio.to_thread(self.ours.recv)
        await asyncio.gather(*(channel.close() for channel in self.channels))
        await self.plane.stop()
        self.process.join(5)
        return figures


async def measure(kind: str, count: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(count, Path(folder))
        await bench.open()
        bench.work(kind)
        await asyncio.sleep(2.0)
        bench.ours.send("measure")
        pid = bench.plane._process.pid  # type: ignore[union-attr]  # a benchmark looks inside
        before, start, own = process_cpu(pid), time.monotonic(), time.process_time()
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        await asyncio.sleep(seconds)
        cpu, elapsed, own = process_cpu(pid) - before, time.monotonic() - start, time.process_time() - own
        memory = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
        late = bench.plane.statistics.late_ms
        figures = await bench.close()
        per = 1000 / count / elapsed
        generated = float(figures["cpu"]) * per  # type: ignore[arg-type]
        print(
            f"{kind:7} {count:5} channels  {cpu * per:6.3f} ms CPU a channel-second"
            f" ({cpu * per / generated:.2f} x the generator's {generated:.3f})   parent {own * per:5.3f}"
            f"   pacing error p99 {figures['p99']:5.2f} ms"
            f"   slot late {late:5.1f} ms   packets {100 * float(figures['share']):5.1f} %"  # type: ignore[arg-type]
            f"   fds {descriptors}  {memory:4.0f} MB",
            flush=True,
        )


def bare_loop() -> float:
    """ms CPU a channel-second of a loop that does nothing but send and receive."""
    one, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    one.bind(("127.0.0.1", 0))
    other.connect(one.getsockname())
    packet, buffer = bytes(172), bytearray(2048)
    start = time.thread_time()
    for _ in range(20_000):
        other.send(packet)
        one.recv_into(buffer)
    one.close()
    other.close()
    return (time.thread_time() - start) / 20_000 * 50 * 1000


def host_noise() -> str:
    """How evenly the machine itself works: the same piece of computing, again and again, in milliseconds."""
    took = []
    for _ in range(400):
        start = time.monotonic()
        sum(n * n for n in range(10_000))
        took.append((time.monotonic() - start) * 1000)
        time.sleep(0.002)
    median, p99 = np.percentile(took, [50, 99])
    return f"a fixed piece of work takes {median:.2f} ms, p99 {p99:.2f}, worst {max(took):.2f}"


async def keys(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(count, Path(folder))
        await bench.open()
        bench.work("play")
        await asyncio.sleep(2.0)
        for channel in range(count):
            bench.ours.send(("key", channel))
            await asyncio.sleep(0.02)
        await asyncio.sleep(1.0)
        figures = await bench.close()
        silenced = np.array(figures["silenced"]) * 1000
        p50, p95, p99 = np.percentile(silenced, [50, 95, 99])
        print(
            f"key to silence at {count} channels: p50 {p50:.1f}  p95 {p95:.1f}  p99 {p99:.1f} ms"
            f"  ({len(silenced)} of {count} silenced)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU, pacing and barge-in of the media process")
    parser.add_argument("--channels", default="30,120,300,1000")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--work", default="play,record,bridge")
    parser.add_argument("--keys", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    print(
        f"bare loop {bare_loop():.3f} ms CPU a channel-second; Python {sys.version.split()[0]},"
        f" {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {options.seconds:g} s each"
    )
    print(f"host: {host_noise()}")
    for kind in options.work.split(",") if options.work else ():
        for count in map(int, options.channels.split(",")):
            asyncio.run(measure(kind, count, options.seconds))
    if options.keys:
        asyncio.run(keys(300))


if __name__ == "__main__":
    main()
