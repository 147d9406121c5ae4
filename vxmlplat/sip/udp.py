"""UDP (RFC 3261 §18): one socket a listening point, symmetric replies (RFC 3581)."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import deque

from vxmlplat.sip import trace
from vxmlplat.sip.errors import TransportError
from vxmlplat.sip.settings import Listen
from vxmlplat.sip.transport import Flow, ReceiveCallback

_log = logging.getLogger(__name__)
LONGEST = 65_535
AT_ONCE = 64
"""Datagrams that are read before others on the loop have their turn."""
MOST_UNSENT = 10_000
"""Datagrams that wait while the kernel's buffer is full."""
BUFFER = 4 * 1024 * 1024
"""Bytes of kernel buffer asked for each way: a burst of calls must not be lost while one is worked on."""


class UdpFlow(Flow):
    """A UDP socket and one peer's address."""

    __slots__ = ("_endpoint", "remote")
    transport = "udp"
    reliable = False

    def __init__(self, endpoint: UdpEndpoint, remote: tuple[str, int]) -> None:
        self._endpoint = endpoint
        self.remote = remote

    @property
    def local(self) -> tuple[str, int]:
        """The advertised address, or the one that faces this peer."""
        return self._endpoint.local_towards(self.remote[0])

    @property
    def alive(self) -> bool:
        """Whether the socket is open."""
        return not self._endpoint.closed

    def send(self, data: bytes) -> None:
        """Send one datagram."""
        trace.sent(data, self)
        self._endpoint.send(data, self.remote)

    def to(self, remote: tuple[str, int]) -> Flow:
        """The same socket towards another address."""
        return self if remote == self.remote else UdpFlow(self._endpoint, remote)


class UdpEndpoint:
    """One bound UDP socket.

    It reads for itself and not through asyncio's transport, which takes one datagram a turn of the loop: what
    came together is worked on together.
    """

    def __init__(self, listen: Listen, on_receive: ReceiveCallback) -> None:
        self.listen = listen
        self.port = listen.port
        self.host = listen.host
        self._on_receive = on_receive
        self._socket: socket.socket | None = None
        self._unsent: deque[tuple[bytes, tuple[str, int]]] = deque()
        self._facing: dict[str, tuple[str, int]] = {}

    def open(self) -> None:
        """Bind. Raises OSError."""
        family = socket.AF_INET6 if ":" in self.listen.host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((self.listen.host, self.listen.port))
            self.host, self.port = sock.getsockname()[:2]
            asyncio.get_running_loop().add_reader(sock, self._readable, sock)
        except BaseException:
            sock.close()
            raise
        self._socket = sock

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._socket is None

    def close(self) -> None:
        """Close the socket; what is still queued is lost, as datagrams may be."""
        sock, self._socket = self._socket, None
        if sock is not None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(sock)
            loop.remove_writer(sock)
            sock.close()

    def _readable(self, sock: socket.socket) -> None:
        for _ in range(AT_ONCE):
            try:
                data, address = sock.recvfrom(LONGEST)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                # A peer's port is closed (ICMP); the transaction's timer decides what it means.
                _log.debug("UDP error: %s", error)
                continue
            self._on_receive(data, UdpFlow(self, (address[0], address[1])))
            if self._socket is not sock:
                return  # closed by what came

    def send(self, data: bytes, remote: tuple[str, int]) -> None:
        """Send one datagram. Raises TransportError."""
        sock = self._socket
        if sock is None:
            raise TransportError("the UDP socket is closed")
        if len(data) > 65_507:
            raise TransportError(f"a message of {len(data)} bytes does not fit a datagram; use TCP")
        if not self._unsent:
            try:
                sock.sendto(data, remote)
                return
            except (BlockingIOError, InterruptedError):
                asyncio.get_running_loop().add_writer(sock, self._writable, sock)
            except (OSError, ValueError, OverflowError) as error:
                raise TransportError(f"cannot send to {remote[0]} port {remote[1]}: {error}") from error
        if len(self._unsent) < MOST_UNSENT:  # beyond that it is lost, and repeated
            self._unsent.append((data, remote))

    def _writable(self, sock: socket.socket) -> None:
        while self._unsent:
            data, remote = self._unsent[0]
            try:
                sock.sendto(data, remote)
            except (BlockingIOError, InterruptedError):
                return
            except (OSError, ValueError, OverflowError) as error:
                _log.info("not sent to %s port %s: %s", *remote, error)
            self._unsent.popleft()
        asyncio.get_running_loop().remove_writer(sock)

    def local_towards(self, peer: str) -> tuple[str, int]:
        """Our address as this peer should know it."""
        if self.listen.advertise:
            return self.listen.advertise, self.port
        if self.host not in {"0.0.0.0", "::"}:  # noqa: S104 - a comparison, nothing is bound here
            return self.host, self.port
        known = self._facing.get(peer)
        if known is None:
            known = (address_facing(peer) or self.host, self.port)
            if len(self._facing) > 4096:
                self._facing.clear()
            self._facing[peer] = known
        return known


def address_facing(peer: str) -> str | None:
    """The address of this machine from which packets to the peer leave, or None."""
    family = socket.AF_INET6 if ":" in peer else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((peer, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return None
