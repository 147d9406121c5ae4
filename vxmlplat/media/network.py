"""Sockets of the media process: who may hear what on which port.

A channel's RTP port has two sockets. One is connected to the far end, so that the system itself keeps
everybody else's packets away from it; the other, on the same port, gets those others: a far end behind a NAT
that has to be found, or strangers, whose packets are counted at leisure and dropped. A flood from strangers
fills a small buffer that the loop looks at seldom, and costs no more than that.

Nothing polls the connected sockets: each line asks its own once in 20 ms. What the others have is asked of
epoll, since there is hardly ever anything.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

Address: TypeAlias = tuple[str, int]

_EXPEDITED = 0xB8  # DSCP EF, RFC 3246
_RTP_BUFFER = 64 * 1024
_SIDE_BUFFER = 8 * 1024
_SO_TIMESTAMPNS = 35  # Linux; not in the socket module
_TIMESPEC = struct.Struct("@ll")
_STAMP_SPACE = socket.CMSG_SPACE(_TIMESPEC.size)


class Datagrams(Protocol):
    """As much of a UDP socket as the plane uses; none of it blocks."""

    def fileno(self) -> int:
        """What pollers know it by."""
        ...

    def send(self, data: bytes, /) -> int:
        """To the connected address."""
        ...

    def recv_into(self, buffer: bytearray, /) -> int:
        """The next packet; BlockingIOError when there is none."""
        ...

    def sendto(self, data: bytes, address: Any, /) -> int:
        """To any address."""
        ...

    def recvfrom(self, size: int, /) -> tuple[bytes, Any]:
        """The next packet and who sent it; BlockingIOError when there is none."""
        ...

    def connect(self, address: Any, /) -> None:
        """Hear and address one far end only."""
        ...

    def getpeername(self) -> Any:
        """That far end."""
        ...

    def close(self) -> None:
        """Let the port go."""
        ...


class Poller(Protocol):
    """As much of ``select.epoll`` as the plane uses."""

    def register(self, fd: int, mask: int, /) -> None:
        """Watch."""
        ...

    def unregister(self, fd: int, /) -> None:
        """Watch no longer."""
        ...

    def poll(self, timeout: float, count: int, /) -> list[tuple[int, int]]:
        """Who has something to read."""
        ...


READABLE = select.EPOLLIN


@dataclass(slots=True)
class Ports:
    """The sockets of a channel: RTP from the far end, RTP from anybody else, RTCP."""

    port: int
    media: Datagrams
    others: Datagrams
    control: Datagrams

    def close(self) -> None:
        """Let all of them go."""
        for sock in (self.media, self.others, self.control):
            sock.close()


class Network(Protocol):
    """Where sockets come from."""

    def open(self, address: str) -> Ports | None:
        """The next free pair of ports on a local address; None when there is none."""
        ...

    def poller(self) -> Poller:
        """Something to watch sockets with."""
        ...

    def receive_stamped(self, sock: Any, buffer: bytearray) -> tuple[int, float | None]:
        """The next packet as by ``recv_into``, and when it came, in seconds of any clock; None when the
        system does not tell.
        """
        ...


class UdpNetwork:
    """The system's network, with ports from a range, each pair used again as late as possible."""

    def __init__(self, first: int, last: int) -> None:
        self._first = first + first % 2
        self._count = (last - self._first) // 2 + 1
        self._at = 0

    def open(self, address: str) -> Ports | None:
        """The next free pair of ports; a pair that cannot be bound is passed over."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        for _ in range(self._count):
            port = self._first + 2 * self._at
            self._at = (self._at + 1) % self._count
            ports = self._bind(family, address, port)
            if ports is not None:
                return ports
        return None

    def poller(self) -> Poller:
        """The system's epoll."""
        return select.epoll()

    def receive_stamped(self, sock: socket.socket, buffer: bytearray) -> tuple[int, float | None]:
        """By the system's time stamp, made when the packet came in."""
        size, stamps, _, _ = sock.recvmsg_into([buffer], _STAMP_SPACE)
        for level, kind, data in stamps:
            if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
                seconds, nanoseconds = _TIMESPEC.unpack(data)
                return size, seconds + nanoseconds / 1e9
        return size, None

    def _bind(self, family: socket.AddressFamily, address: str, port: int) -> Ports | None:
        made: list[socket.socket] = []

        def bound(number: int, buffer: int, *, shared: bool = False) -> socket.socket:
            sock = socket.socket(family, socket.SOCK_DGRAM)
            made.append(sock)
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            if shared:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            _mark_expedited(sock, family)
            sock.bind((address, number))
            return sock

        try:
            # The first socket of a port is bound alone, so that a port in anybody's use is refused; only then
            # is it shared, for the moment in which the second one joins it.
            others = bound(port, _SIDE_BUFFER)
            others.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            media = bound(port, _RTP_BUFFER, shared=True)
            with contextlib.suppress(OSError):  # a system without stamps: no jitter is told
                media.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            for sock in (media, others):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            control = bound(port + 1, _SIDE_BUFFER)
        except OSError:
            for sock in made:
                sock.close()
            return None
        return Ports(port, media, others, control)


def _mark_expedited(sock: socket.socket, family: socket.AddressFamily) -> None:
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, _EXPEDITED)
        else:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, _EXPEDITED)
    except OSError:  # a system that does not let us: the packets go unmarked
        return


def drain(sock: Datagrams, each: Callable[[bytes, Any], None], limit: int) -> int:
    """Read up to ``limit`` waiting packets; how many there were."""
    for count in range(limit):
        try:
            data, source = sock.recvfrom(2048)
        except OSError:
            return count
        each(data, source)
    return limit
