"""What a :class:`~vxmlplat.sip.leg.Leg` tells its owner, as typed values.

Every value is one thing that the other side, the network or a timer did. ``Reinvite`` and ``Referred`` ask
for an answer and carry the methods to give it; everything else only informs. :class:`Ended` and
:class:`Failed` are the last event of a leg.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from vxmlplat.sip.leg import Leg

EndedBy = Literal["remote", "local", "timeout", "replaced", "error"]


@dataclass(frozen=True, slots=True)
class Progress:
    """A provisional response to our INVITE (RFC 3261 §13.2.2.1); ``sdp`` is early media, if any."""

    status: int
    reason: str
    sdp: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """Our INVITE was answered and acknowledged.

    ``sdp`` is the session description of the answering side: the answer to the offer of the INVITE, or None
    when it came earlier in a reliable provisional response. ``user_to_user`` is the decoded data of its
    User-to-User field.
    """

    status: int
    sdp: str | None
    user_to_user: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """Our INVITE was refused or not answered in time (408); the leg is over.

    A call that we hung up before the answer ends with :class:`Ended` instead. ``retry_after`` in seconds,
    when the peer gave one. ``cause`` is the Q.850 cause of a Reason field (RFC 3326).
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()
    retry_after: int | None = None
    cause: int | None = None
    user_to_user: bytes | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The caller acknowledged our 200; ``sdp`` is its answer when the offer was ours (RFC 3261 §13.2.1)."""

    sdp: str | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The caller gave up before we answered (CANCEL); followed by :class:`Ended`."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """The leg is over.

    ``by``: ``remote`` (BYE or CANCEL from the peer), ``local`` (our hang-up is done), ``timeout`` (no ACK,
    session timer, or nobody answers any more), ``replaced`` (another leg whose ``replaces`` is this one was
    answered, RFC 3891), ``error`` (the transport broke for
    good). ``cause`` is the Q.850 cause of a Reason field, ``reason`` its text or a short word of ours.
    """

    by: EndedBy
    reason: str = ""
    cause: int | None = None
    user_to_user: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reinvite:
    """The peer changes the session (re-INVITE, or UPDATE with an offer): hold, resume, other codecs or
    address.

    Answer with :meth:`answer` or :meth:`reject`, once; unanswered for ten seconds it is refused with 488 and
    the session goes on unchanged. ``offer`` is None for a late offer: then what is given to ``answer`` is our
    offer, and the peer's answer arrives as :class:`Confirmed`. A mere refresh (same session version) is
    answered by the room and never seen here.
    """

    offer: str | None
    method: Literal["INVITE", "UPDATE"]
    _answer: Callable[[str], None] = field(repr=False, compare=False)
    _reject: Callable[[int, str], None] = field(repr=False, compare=False)

    def answer(self, sdp: str) -> None:
        """Accept the change with this description."""
        self._answer(sdp)

    def reject(self, status: int = 488, reason: str = "") -> None:
        """Refuse the change; the session goes on as it was (RFC 3261 §14.2)."""
        self._reject(status, reason)


@dataclass(frozen=True, slots=True)
class InfoKeys:
    """Keys that came in an INFO request (application/dtmf-relay or application/dtmf); ``duration`` in
    milliseconds."""

    digits: str
    duration: int = 250


@dataclass(frozen=True, slots=True)
class Referred:
    """The peer asks us to call somebody (REFER, RFC 3515): a transfer of our side of the call.

    It comes on every answered leg, whoever its peer is: an agent who hands a caller on, or a caller who sends
    whatever he talks to elsewhere. Who cannot follow it rejects it with 603.

    ``target`` is the URI without its embedded header fields, ``replaces`` the value of an embedded Replaces
    field (attended transfer, RFC 3891), ``user_to_user`` of an embedded User-to-User field (RFC 7433 §4.1),
    ``headers`` the other embedded fields. Call :meth:`accept` or :meth:`reject` once within ten seconds (603
    after that), then :meth:`notify` as the new call goes; a final status (≥ 200) ends the subscription. A
    report for a peer that has hung up meanwhile goes nowhere and raises nothing.

    ``replaced_leg`` is the leg of ours that ``replaces`` names, if any: a telephone that has two calls with
    us asks to be taken out of both. Nobody need be called then: join what stands behind the two legs, notify
    200, hang both up.
    """

    target: str
    replaces: str | None
    referred_by: str | None
    user_to_user: bytes | None
    headers: tuple[tuple[str, str], ...]
    _accept: Callable[[], None] = field(repr=False, compare=False)
    _reject: Callable[[int, str], None] = field(repr=False, compare=False)
    _notify: Callable[[int, str], None] = field(repr=False, compare=False)
    replaced_leg: Leg | None = None

    def accept(self) -> None:
        """Send 202 and the first NOTIFY (100 Trying)."""
        self._accept()

    def reject(self, status: int = 603, reason: str = "") -> None:
        """Refuse."""
        self._reject(status, reason)

    def notify(self, status: int, reason: str = "") -> None:
        """Report how the new call goes, as a status line in message/sipfrag."""
        self._notify(status, reason)


@dataclass(frozen=True, slots=True)
class ReferProgress:
    """How the call goes that we asked the peer to make (NOTIFY with message/sipfrag).

    ``final`` is true for the last report; a subscription that ends without a final status gives status 0.
    """

    status: int
    reason: str
    final: bool


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A MESSAGE within the call (RFC 3428), already answered with 200."""

    content_type: str
    body: bytes


LegEvent = (
    Progress
    | Answered
    | Failed
    | Confirmed
    | Cancelled
    | Ended
    | Reinvite
    | InfoKeys
    | Referred
    | ReferProgress
    | TextMessage
)
