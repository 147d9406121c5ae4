"""The port between CCXML and the world of telephones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from vxmlplat.ccxml.requests import Request

if TYPE_CHECKING:
    from vxmlplat.ccxml.session import Session

Kind = Literal["connection", "dialog", "conference", "session", "send", "fetch", "event"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session ended.

    ``reason``: ``exit`` (with ``value`` and ``namelist``), ``error`` (``error`` is the name of the event
    that nobody handled, ``message`` its reason), ``kill`` (ccxml.kill), ``end`` (the world ended it).
    """

    reason: Literal["exit", "error", "kill", "end"]
    value: Any = None
    namelist: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    message: str = ""


class Platform(Protocol):
    """Telephones, dialogs and mixers, as a CCXML session sees them. One object may serve all sessions.

    **Requests go in, events come back.** The session checks everything it can see by itself (identifiers,
    states, types) and hands over a typed :class:`~vxmlplat.ccxml.requests.Request`; the class says which
    events answer it. ``request`` returns at once and never blocks; it may post the answer before it
    returns, the session will take it when the transition is done. What the world does by itself is posted
    as well: a new call as ``connection.alerting``, keys as ``connection.signal`` with ``info``, a hang-up
    as ``connection.disconnected``.

    **Posting.** ``Sessions.post(event)`` finds the session that owns the ``connectionid``, ``dialogid`` or
    ``conferenceid`` in ``event.fields``; a connection belongs to one session at a time and may be moved to
    another. A new call is posted to a session of your choice: ``session.post(Event("connection.alerting",
    {"connectionid": leg}, {"local": "sip:12319@…", "remote": "sip:…", "protocol": {"name": "sip"}}))``;
    members of the third argument become properties of the Connection object. Post from the event loop's
    thread only. An event for a session that is over is dropped, and ``post`` returns
    False: then refuse a new call yourself.

    **Joins that come about by themselves** (a dialog on a connection, ``createcall`` with ``joinid``) are
    yours to make and to undo; they post ``conference.joined`` and ``conference.unjoined`` as explicit ones
    do.

    **The end.** ``ended`` is called once a session is over, for whatever reason; ``connections``,
    ``dialogs`` and ``conferences`` name what it still held. Release them all: nobody owns them any more.
    """

    def new_id(self, kind: Kind) -> str:
        """A fresh identifier, unique among all sessions; the world will know the object by it."""
        ...

    def request(self, session: Session, request: Request) -> None:
        """Begin what is asked for. Raise nothing: a failure is an event."""
        ...

    def show(self, session: Session, element: str, attributes: Mapping[str, Any]) -> None:
        """An element that needs no telephone was executed (send, fetch, move, …): for tracing only."""
        ...

    def log(self, session: Session, label: str, text: str) -> None:
        """``<log>``."""
        ...

    def problem(self, session: Session, text: str) -> None:
        """An error event was raised in the document: for the operator's log, with file and line."""
        ...

    def ended(
        self,
        session: Session,
        outcome: Outcome,
        connections: list[str],
        dialogs: list[str],
        conferences: list[str],
    ) -> None:
        """The session is over; release what it held."""
        ...
