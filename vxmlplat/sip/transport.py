"""What carries messages: the interface between transactions and the network (RFC 3261 §18).

A :class:`Flow` is a way to one peer: a UDP socket with the peer's address, or one connection (RFC 5626 calls
it so too). A response goes back over the flow of its request; an agent's telephone is reached over the flow
it registered with.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple

from vxmlplat.sip.settings import TransportName

KEEP_ALIVE = b"\r\n\r\n"
"""What keeps a way through address translation open (RFC 5626 §3.5.1); nobody answers it over UDP."""
ReceiveCallback = Callable[[bytes, "Flow"], None]


class Endpoint(NamedTuple):
    """Where a peer is reached."""

    transport: TransportName
    host: str
    port: int


class Flow(ABC):
    """A way to one peer."""

    __slots__ = ()
    transport: TransportName
    reliable: bool
    remote: tuple[str, int]

    @property
    @abstractmethod
    def local(self) -> tuple[str, int]:
        """Our host and port as peers should know them (Via, Contact)."""

    @property
    @abstractmethod
    def alive(self) -> bool:
        """Whether sending still makes sense."""

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Send one message; never blocks. Raises TransportError when the flow is gone or its buffer is
        full."""

    def to(self, remote: tuple[str, int]) -> Flow:
        """The same socket towards another address, where the transport allows it (UDP); else this flow."""
        return self

    @property
    def via_transport(self) -> str:
        """The transport's name in Via."""
        return self.transport.upper()


def bracketed(host: str) -> str:
    """A host as it stands in URIs and Via: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def via_value(flow: Flow, branch: str) -> str:
    """The Via of a request of ours that goes over a flow (§18.1.1, RFC 3581)."""
    host, port = flow.local
    return f"SIP/2.0/{flow.via_transport} {bracketed(host)}:{port};branch={branch};rport"
