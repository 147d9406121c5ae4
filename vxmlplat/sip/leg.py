"""A call leg: one INVITE dialog, in or out, as the rest of the platform sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Literal

from vxmlplat.sip.events import LegEvent

LegState = Literal["trying", "ringing", "answered", "confirmed", "ended"]
HeaderFields = Sequence[tuple[str, str]]


class Leg(ABC):
    """One call. ``trying`` and ``ringing`` before the answer, ``answered`` until the ACK, ``confirmed``,
    ``ended``.

    Events go to ``on_event`` when it is set (a plain function, called at once; what came before is delivered
    when it is set), else they wait for :meth:`next_event`. A leg that has ended keeps its data but answers
    every request with :class:`~vxmlplat.sip.errors.LegStateError`, save :meth:`hangup`, which does nothing
    then.
    """

    id: str
    call_id: str
    direction: Literal["in", "out"]
    state: LegState
    local_uri: str
    remote_uri: str
    local_name: str | None
    remote_name: str | None
    request_uri: str
    headers: tuple[tuple[str, str], ...]
    """The header fields of the INVITE (in), or of the final response (out), as they came."""
    user_to_user: bytes | None
    """What the peer's User-to-User field carried, decoded (RFC 7433)."""
    asserted_identity: str | None
    """The first URI of P-Asserted-Identity from a peer that is trusted, else None (RFC 3325)."""
    redirected_by: tuple[str, ...]
    """Who redirected the call, newest first: URIs of Diversion (RFC 5806) or History-Info (RFC 7044)."""
    trunk: str | None
    """Name of the trunk that the call came from or goes to."""
    peer: tuple[str, int]
    """Network address of the peer."""
    remote_sdp: str | None
    local_sdp: str | None
    replaces: Leg | None
    """The leg that an inbound INVITE asks to take over (RFC 3891 §3), else None.

    It was alive when the INVITE came, and may be taken over: what is unknown was answered 481, what is
    over 603, an answered call beside ``early-only`` 486, a call that still rings at us 481. The owner joins
    this leg to whatever the other one was joined to, lets go of that one, and calls :meth:`answer`: the 200
    goes out and the other leg ends in the same moment with ``Ended("replaced")``, its peer hearing BYE, or
    CANCEL while it rings. :meth:`reject` leaves the other leg as it was. The other leg may end by itself
    before the answer: look at its ``state``."""

    @property
    @abstractmethod
    def on_event(self) -> Callable[[LegEvent], None] | None:
        """Who gets the events."""

    @on_event.setter
    @abstractmethod
    def on_event(self, listener: Callable[[LegEvent], None] | None) -> None: ...

    @abstractmethod
    async def next_event(self) -> LegEvent:
        """The next event, waiting for it."""

    @abstractmethod
    def events(self) -> AsyncIterator[LegEvent]:
        """All events up to and including the last (Ended or Failed)."""

    @abstractmethod
    async def ring(
        self, sdp: str | None = None, *, status: int | None = None, reliable: bool | None = None
    ) -> None:
        """Send 180, or 183 with early media; ``reliable`` asks for PRACK (default: when the peer requires
        it).

        Returns when a reliable response has been acknowledged; raises RequestFailed when it never is (RFC
        3262 §3).
        """

    @abstractmethod
    async def answer(
        self, sdp: str | None, *, user_to_user: bytes | None = None, headers: HeaderFields = ()
    ) -> str | None:
        """Send 200 and return the peer's description: the offer of the INVITE at once, or, when the INVITE
        had none, the answer that the ACK brings (``sdp`` is our offer then).

        Raises LegStateError when the call is over or was answered before, RequestFailed when it ends while
        the ACK (or the PRACK of an earlier ``ring``) is awaited.
        """

    @abstractmethod
    async def acknowledge(self, sdp: str | None) -> None:
        """Send the ACK of an outbound call that was placed without an offer, with our answer to the
        peer's."""

    @abstractmethod
    def reject(
        self,
        status: int,
        reason: str = "",
        *,
        headers: HeaderFields = (),
        retry_after: int | None = None,
        user_to_user: bytes | None = None,
    ) -> None:
        """Refuse an inbound call (4xx, 5xx, 6xx)."""

    @abstractmethod
    def redirect(self, contacts: Sequence[str], *, status: int = 302) -> None:
        """Send an inbound caller elsewhere (3xx)."""

    @abstractmethod
    async def hangup(
        self,
        *,
        user_to_user: bytes | None = None,
        headers: HeaderFields = (),
        cause: int | None = None,
        reason: str = "",
    ) -> None:
        """End the call in whatever state it is: CANCEL, BYE, or a refusal (603 for an inbound call that was
        not answered).

        Returns when the leg has ended; never raises because of the peer. ``cause`` is a Q.850 cause for a
        Reason field.
        """

    @abstractmethod
    async def reinvite(self, sdp: str) -> str | None:
        """Change the session by re-INVITE; returns the peer's answer. 491 is retried as RFC 3261 §14.1 says.

        Raises RequestFailed when the peer refuses; the session then goes on as it was.
        """

    @abstractmethod
    async def update(self, sdp: str | None = None) -> str | None:
        """Change the session by UPDATE (RFC 3311), early or confirmed; returns the peer's answer."""

    @abstractmethod
    async def refer(
        self,
        target: str,
        *,
        user_to_user: bytes | None = None,
        replaces: Leg | None = None,
        referred_by: str | None = None,
        headers: HeaderFields = (),
    ) -> None:
        """Ask the peer to call ``target`` (transfer). Returns when it accepted; progress comes as
        ReferProgress.

        ``replaces`` makes it attended: the peer takes over that leg's far end. Raises RequestFailed when
        refused.
        """

    @abstractmethod
    async def send_info(self, digits: str, *, duration: int = 160) -> None:
        """Send keys by INFO (application/dtmf-relay), one request a key. Raises RequestFailed."""
