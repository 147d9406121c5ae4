"""What an operator sets: where to listen, whom to trust, limits and timers. All values have safe defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from vxmlplat.sip.errors import ConfigurationProblem

TransportName = Literal["udp", "tcp", "tls", "ws", "wss"]
Algorithm = Literal["SHA-256", "MD5"]
"""Hash algorithms of digest authentication (RFC 8760)."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Certificate, key and authorities, as paths of PEM files.

    ``verify_peer``: as a server, ask the peer for a certificate and refuse it when ``ca`` does not vouch for
    it; as a client, check the server's certificate and name (always on unless set to False).
    """

    certificate: str | None = None
    key: str | None = None
    ca: str | None = None
    verify_peer: bool = True


@dataclass(frozen=True, slots=True)
class Listen:
    """One listening point. Port 0 takes a free one; ``advertise`` is the address that peers are told (behind
    NAT)."""

    transport: TransportName = "udp"
    host: str = "127.0.0.1"
    port: int = 5060
    advertise: str | None = None
    tls: TlsFiles | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user's name and password for digest (RFC 7616); ``realm`` restricts to one realm when given."""

    username: str
    password: str = field(repr=False)
    realm: str | None = None


@dataclass(frozen=True, slots=True)
class Trunk:
    """A provider or outside PBX.

    ``addresses``: networks its requests may come from (``"192.0.2.0/28"``, ``"2001:db8::5"``). ``host``,
    ``port``, ``transport``: where our calls go; a domain without port or transport leads where its DNS says
    (RFC 3263). ``credentials``: what we answer its challenges with.
    ``challenge``: what it must prove to us, if anything.
    """

    name: str
    addresses: tuple[str, ...] = ()
    host: str | None = None
    port: int | None = None
    transport: TransportName | None = None
    credentials: Credentials | None = None
    challenge: Credentials | None = None
    max_calls: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that a flood cannot pass."""

    invites_per_second: float = 1000.0
    invites_burst: int = 2000
    invites_per_second_per_source: float = 500.0
    others_per_second: float = 1000.0
    others_per_second_per_source: float = 200.0
    """Requests outside of calls other than INVITE: REGISTER, OPTIONS, and whatever scanners send."""
    sources: int = 10_000
    server_transactions: int = 50_000
    legs: int = 20_000
    message_bytes: int = 65_535
    datagram_bytes: int = 1300
    """A larger request of ours goes over TCP where the peer takes it (RFC 3261 §18.1.1)."""
    header_fields: int = 256
    connections: int = 5_000
    connection_idle: float = 600.0
    retry_after: int = 5


@dataclass(frozen=True, slots=True)
class Timers:
    """RFC 3261 Table 4 and RFC 4028, in seconds."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0
    timer_d: float = 32.0
    ring: float = 180.0
    session_expires: int = 1800
    min_se: int = 90
    reinvite_answer: float = 10.0
    keep_alive: float = 25.0
    """Between the packets that keep a way through address translation open."""
    failover: float = 4.0
    """How long a server may say nothing at all to an INVITE when another one could be tried."""


@dataclass(frozen=True, slots=True)
class UserAgentConfig:
    """Everything the user agent is told at its start.

    ``domain`` is the host part of our own URIs (default: the first listening address). ``trust_loopback``
    lets peers on this machine call without being a trunk; ``open_to_all`` lets anybody (a laboratory).
    """

    listen: tuple[Listen, ...] = (Listen("udp"), Listen("tcp"))
    domain: str | None = None
    user_agent: str = "vxmlplat"
    trunks: tuple[Trunk, ...] = ()
    limits: Limits = field(default_factory=Limits)
    timers: Timers = field(default_factory=Timers)
    client_tls: TlsFiles | None = None
    trust_loopback: bool = True
    open_to_all: bool = False
    outbound_proxy: str | None = None
    nameservers: tuple[str, ...] = ()
    """Addresses of name servers, with or without a port; none: those of the machine."""
    digest_algorithms: tuple[Algorithm, ...] = ("SHA-256", "MD5")
    """What trunks with ``challenge`` are offered, in this order; ``("MD5",)`` for equipment that knows no
    other."""

    def trunk(self, name: str | None) -> Trunk | None:
        """A trunk by name, None for no name. Raises ConfigurationProblem for one that is not configured."""
        if name is None:
            return None
        for trunk in self.trunks:
            if trunk.name == name:
                return trunk
        raise ConfigurationProblem(f"there is no trunk {name!r}; configured: {[t.name for t in self.trunks]}")
