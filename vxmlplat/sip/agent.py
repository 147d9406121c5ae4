"""The user agent: listens, places calls, hands inbound calls to the platform."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from vxmlplat.clock import Clock
from vxmlplat.sip.leg import HeaderFields, Leg
from vxmlplat.sip.settings import Credentials, TransportName, UserAgentConfig


@dataclass(frozen=True, slots=True)
class OutboundCall:
    """A call to place.

    ``target`` is a SIP URI (``sip:200@192.0.2.7;transport=tcp``) and may carry embedded header fields (``?User-to-User=…``).
    ``from_uri``/``from_name`` say who calls (default: the user agent itself). ``trunk`` names a trunk whose host, transport and credentials
    are used; ``proxy`` is a SIP URI that the call goes through. ``timeout`` in seconds without an answer. ``replaces`` is the raw value
    of a Replaces field. ``follow_redirects`` is how many 3xx are followed.
    """

    target: str
    from_uri: str | None = None
    from_name: str | None = None
    sdp: str | None = None
    headers: HeaderFields = ()
    user_to_user: bytes | None = None
    timeout: float = 60.0
    proxy: str | None = None
    trunk: str | None = None
    credentials: Credentials | None = None
    replaces: str | None = None
    asserted_identity: str | None = None
    follow_redirects: int = 5


@dataclass(slots=True)
class Counters:
    """What the user agent holds and has done. The first four return to zero when all calls are over."""

    legs: int = 0
    dialogs: int = 0
    client_transactions: int = 0
    server_transactions: int = 0
    calls_in: int = 0
    calls_out: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """Refusals by word: ``policy``, ``flood``, ``limit``, ``malformed``, ``draining``, …"""


class UserAgent:
    """The platform's SIP side: one for a process.

    ``on_invite`` is called in a task of its own with every inbound call that passed policy and limits; when it raises, the call is
    refused with 500. Set it before :meth:`start`.
    """

    on_invite: Callable[[Leg], Awaitable[None]] | None

    def __init__(self, config: UserAgentConfig, clock: Clock) -> None:
        raise NotImplementedError

    async def start(self) -> None:
        """Bind all listening points. Raises ConfigurationError naming the address that cannot be bound."""
        raise NotImplementedError

    async def drain(self) -> None:
        """Refuse new calls with 503 and return when the last leg has ended."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Hang up what is left, unregister, close all sockets; nothing stays behind."""
        raise NotImplementedError

    def invite(self, call: OutboundCall) -> Leg:
        """Place a call; never blocks and never raises because of the peer: what happens comes as events of the leg.

        Raises ConfigurationError for a trunk that is not configured and SipError for a target that is no SIP URI.
        """
        raise NotImplementedError

    @property
    def counters(self) -> Counters:
        """A snapshot of what is held and done."""
        raise NotImplementedError

    @property
    def addresses(self) -> list[tuple[TransportName, str, int]]:
        """Where the user agent listens, with the real ports."""
        raise NotImplementedError

    def leg(self, id_: str) -> Leg | None:
        """A leg by its id."""
        raise NotImplementedError
