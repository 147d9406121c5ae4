"""UDP (RFC 3261 §18): one socket a listening point, symmetric replies (RFC 3581)."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any, cast

from vxmlplat.sip import trace
from vxmlplat.sip.errors import TransportError
from vxmlplat.sip.settings import Listen
from vxmlplat.sip.transport import Flow, ReceiveCallback

_log = logging.getLogger(__name__)
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


class UdpEndpoint(asyncio.DatagramProtocol):
    """One bound UDP socket."""

    def __init__(self, listen: Listen, on_receive: ReceiveCallback) -> None:
        self.listen = listen
        self.port = listen.port
        self.host = listen.host
        self._on_receive = on_receive
        self._transport: asyncio.DatagramTransport | None = None
        self._facing: dict[str, tuple[str, int]] = {}
        self._gone = asyncio.Event()

    async def open(self) -> None:
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
            await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=sock)
        except BaseException:
            sock.close()
            raise

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._transport is None or self._transport.is_closing()

    async def close(self) -> None:
        """Close the socket and wait until the loop has let go of it."""
        if self._transport is not None:
            self._transport.close()
            await self._gone.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self._gone.set()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Called by the loop for each datagram."""
        self._on_receive(data, UdpFlow(self, (addr[0], addr[1])))

    def error_received(self, exc: Exception) -> None:
        """Called by the loop when a peer's port is closed (ICMP); the transaction's timer decides what it
        means."""
        _log.debug("UDP error: %s", exc)

    def send(self, data: bytes, remote: tuple[str, int]) -> None:
        """Send one datagram. Raises TransportError."""
        transport = self._transport
        if transport is None or transport.is_closing():
            raise TransportError("the UDP socket is closed")
        if len(data) > 65_507:
            raise TransportError(f"a message of {len(data)} bytes does not fit a datagram; use TCP")
        try:
            transport.sendto(data, remote)
        except (OSError, ValueError) as error:
            raise TransportError(f"cannot send to {remote[0]} port {remote[1]}: {error}") from error

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
