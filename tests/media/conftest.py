"""The engine in a world of its own: virtual time, sockets in memory, files read and written at once."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vxmlplat.media import MediaConfig, MediaEvent, RemoteMedia
from vxmlplat.media.commands import execute
from vxmlplat.media.engine import Engine
from vxmlplat.media.g711 import MU_LAW
from vxmlplat.media.line import Line
from vxmlplat.media.network import Address, Ports
from vxmlplat.media.prompts import PromptStore
from vxmlplat.media.recorder import RecordWriter
from vxmlplat.media.remote import pack_remote
from vxmlplat.media.rtp import RtpPacket, is_rtcp, parse


class MemorySocket:
    """A UDP socket of the memory network."""

    def __init__(self, network: MemoryNetwork, address: Address) -> None:
        self.network = network
        self.address = address
        self.peer: Address | None = None
        self.waiting: deque[tuple[bytes, Address]] = deque()
        self.arrivals: deque[float] = deque()
        self.number = next(network.numbers)

    def fileno(self) -> int:
        return self.number

    def send(self, data: bytes) -> int:
        assert self.peer is not None
        self.network.deliver(data, self.address, self.peer)
        return len(data)

    def sendto(self, data: bytes, address: Address) -> int:
        self.network.deliver(data, self.address, address)
        return len(data)

    def recv_into(self, buffer: bytearray) -> int:
        data, _ = self.recvfrom(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def recvfrom(self, size: int) -> tuple[bytes, Address]:
        if not self.waiting:
            raise BlockingIOError
        data, source = self.waiting.popleft()
        self.arrivals.popleft()
        return data[:size], source

    def clear(self) -> None:
        """Forget what has come."""
        self.waiting.clear()
        self.arrivals.clear()

    def connect(self, address: Address) -> None:
        self.peer = address

    def getpeername(self) -> Address:
        assert self.peer is not None
        return self.peer

    def close(self) -> None:
        self.network.sockets.remove(self)


class MemoryPoller:
    def __init__(self, network: MemoryNetwork) -> None:
        self.network = network
        self.watched: set[int] = set()

    def register(self, fd: int, mask: int) -> None:
        if fd in self.watched:
            raise FileExistsError
        self.watched.add(fd)

    def unregister(self, fd: int) -> None:
        self.watched.remove(fd)

    def poll(self, timeout: float, count: int) -> list[tuple[int, int]]:
        return [
            (sock.number, 1) for sock in self.network.sockets if sock.waiting and sock.number in self.watched
        ]


class MemoryNetwork:
    """Delivers as the system does: to the socket connected to the sender, else to the unconnected one."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.numbers = itertools.count(3)
        self.sockets: list[MemorySocket] = []
        self.port = itertools.count(30000, 2)

    def open(self, address: str) -> Ports | None:
        port = next(self.port)
        media, others = self.socket((address, port)), self.socket((address, port))
        return Ports(port, media, others, self.socket((address, port + 1)))

    def socket(self, address: Address) -> MemorySocket:
        sock = MemorySocket(self, address)
        self.sockets.append(sock)
        return sock

    def poller(self) -> MemoryPoller:
        return MemoryPoller(self)

    def receive_stamped(self, sock: MemorySocket, buffer: bytearray) -> tuple[int, float | None]:
        at = sock.arrivals[0] if sock.arrivals else None
        return sock.recv_into(buffer), at

    def deliver(self, data: bytes, source: Address, target: Address) -> None:
        here = [sock for sock in self.sockets if sock.address == target]
        for sock in here:
            if sock.peer == source:
                self._put(sock, data, source)
                return
        for sock in here:
            if sock.peer is None:
                self._put(sock, data, source)
                return

    def _put(self, sock: MemorySocket, data: bytes, source: Address) -> None:
        sock.waiting.append((data, source))
        sock.arrivals.append(self.now())


class FarEnd:
    """A telephone in memory: says what it is told, keeps what it hears."""

    def __init__(self, world: World, line: Line, address: Address) -> None:
        self.world = world
        self.line = line
        self.rtp = world.network.socket(address)
        self.rtcp = world.network.socket((address[0], address[1] + 1))
        self.local: Address = ("10.0.0.1", line.ports.port)
        self.sequence, self.stamp, self.ssrc = 1000, 160_000, 4242
        self.heard: list[RtpPacket] = []

    def connect(self, **changes: Any) -> None:
        remote = RemoteMedia(*self.rtp.address, **changes)
        self.world.do("connect", self.line.number, pack_remote(remote))

    def packet(
        self, payload: bytes, kind: int = 0, *, marker: bool = False, stamp: int | None = None
    ) -> bytes:
        """The next packet, not sent yet."""
        stamp = self.stamp if stamp is None else stamp
        packet = RtpPacket(kind, self.sequence & 0xFFFF, stamp & 0xFFFFFFFF, self.ssrc, payload, marker)
        self.sequence += 1
        return packet.pack()

    def send(self, packet: bytes) -> None:
        self.world.network.deliver(packet, self.rtp.address, self.local)

    def say(self, samples: np.ndarray, law: Any = MU_LAW, kind: int = 0) -> None:
        """20 ms packets at their pace, the engine running meanwhile."""
        for start in range(0, len(samples) - 159, 160):
            self.send(self.packet(law.encode(samples[start : start + 160]), kind))
            self.stamp += 160
            self.world.run(0.02)

    def listen(self) -> list[RtpPacket]:
        """What has come since the last look."""
        new = []
        while self.rtp.waiting:
            data, _ = self.rtp.recvfrom(2048)
            if not is_rtcp(data):
                new.append(parse(data))
        self.heard += new
        return new

    def voice(self, kind: int = 0) -> bytes:
        """The audio that has come since the last look."""
        return b"".join(packet.payload for packet in self.listen() if packet.payload_type == kind)


class World:
    """An engine, its time, and its far ends."""

    def __init__(self, config: MediaConfig) -> None:
        self.time = 100.0
        self.network = MemoryNetwork(lambda: self.time)
        self.prompts = PromptStore(config.prompt_cache_bytes, now=lambda: self.time, threaded=False)
        self.writer = RecordWriter(threaded=False)
        self.engine = Engine(
            config,
            self.network,
            self.prompts,
            self.writer,
            clock=lambda: self.time,
            wall=lambda: 1_800_000_000 + self.time,
        )
        self.engine.strict = True
        self.events: list[MediaEvent] = []
        self._numbers = itertools.count(1)

    def do(self, *message: Any) -> None:
        """Give the engine an order, as it comes off the wire."""
        execute(self.engine, message)

    def telephone(self, *, connect: bool = True, hesitant: bool = False, **changes: Any) -> FarEnd:
        """A line and its far end; unless ``hesitant``, it sends silence from its first turn on."""
        number = next(self._numbers)
        ports = self.network.open("10.0.0.1")
        assert ports is not None
        line = Line(number, ports, self.engine)
        self.engine.add(line)
        far = FarEnd(self, line, ("10.0.0.2", 5000 + 10 * number))
        if connect:
            far.connect(**changes)
            if not hesitant and line.sender.on:
                line.stream.send = line.ports.media.send
        return far

    def run(self, seconds: float) -> None:
        """Let the engine work for so long."""
        for _ in range(round(seconds / 0.005)):
            self.engine.step(self.time)
            self.events += self.engine.events
            self.engine.events.clear()
            self.time += 0.005

    def told(self, kind: type) -> list[Any]:
        """Events of a kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def world() -> World:
    return World(MediaConfig())
