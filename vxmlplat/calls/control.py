"""Call control: the telephones, dialogs and mixers of all CCXML sessions (``ccxml.platform.Platform``).

What a session asks for is done by the handlers of ``control_calls``, ``control_dialogs`` and
``control_mixing``; here are the
tables that they share and the life and death of connections.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from vxmlplat.analytics.recorder import Recorder
from vxmlplat.analytics.step import CallEnd, CallStart
from vxmlplat.calls import control_calls, control_dialogs, control_mixing  # noqa: F401  they register themselves
from vxmlplat.calls.admission import Admission
from vxmlplat.calls.connection import Connection, Mixer
from vxmlplat.calls.dialog import Dialog
from vxmlplat.calls.line import Line
from vxmlplat.calls.requests import HANDLERS
from vxmlplat.calls.telephone import Call, World
from vxmlplat.ccxml.events import Event
from vxmlplat.ccxml.platform import Kind, Outcome
from vxmlplat.ccxml.requests import DialogPrepare, Request
from vxmlplat.ccxml.session import Session
from vxmlplat.ccxml.sessions import Sessions
from vxmlplat.media.plane import MediaPlane
from vxmlplat.sip.events import Ended
from vxmlplat.sip.leg import Leg
from vxmlplat.vxml.library import Library

log = logging.getLogger(__name__)


class SessionEnded(Protocol):
    """Who wants to know that a session is over."""

    def __call__(self, session: Session, outcome: Outcome) -> None:
        """It is."""
        ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """A dialog that was made ready."""

    request: DialogPrepare


class CallControl:
    """One for a platform: it serves every session."""

    def __init__(
        self,
        world: World,
        plane: MediaPlane,
        admission: Admission,
        recorder: Recorder,
        on_session_end: SessionEnded,
    ) -> None:
        self.world = world
        self.plane = plane
        self.admission = admission
        self.recorder = recorder
        self.library = Library()
        self.sessions: Sessions
        self.connections: dict[str, Connection] = {}
        self.dialogs: dict[str, Dialog | Prepared] = {}
        self.mixers: dict[str, Mixer] = {}
        self._on_session_end = on_session_end
        self._tasks: set[asyncio.Task[None]] = set()

    # ------------------------------------------------------------------ ccxml.platform.Platform

    def new_id(self, kind: Kind) -> str:
        """A fresh identifier."""
        return uuid.uuid4().hex

    def request(self, session: Session, request: Request) -> None:
        """Begin what is asked for; the answer is an event."""
        self.spawn(self._do(request))

    async def _do(self, request: Request) -> None:
        try:
            await HANDLERS[type(request)](self, request)
        except Exception:
            # A request that breaks is answered as a failure, so that the document can go on; the operator
            # sees why.
            log.exception("<%s> broke", request.element)
            self.failed(request)

    def failed(self, request: Request, reason: str = "internal error") -> None:
        """Answer a request with the failure that its element is documented to have."""
        fields = {
            name: getattr(request, name)
            for name in ("connectionid", "dialogid", "conferenceid", "id1", "id2")
            if getattr(request, name, None) is not None
        }
        self.post(_FAILURES.get(request.element, "error.semantic"), **fields, reason=reason)

    def show(self, session: Session, element: str, attributes: Mapping[str, Any]) -> None:
        """An element that needs no telephone."""
        log.debug("session %s: <%s>", session.id, element)

    def log(self, session: Session, label: str, text: str) -> None:
        """``<log>``; what callers keyed in may stand in it, so it is not written down whole."""
        log.info("session %s: <log %s> of %d characters", session.id, label or "without label", len(text))

    def problem(self, session: Session, text: str) -> None:
        """An error of the document, for the operator."""
        log.warning("session %s: %s", session.id, text)

    def ended(
        self,
        session: Session,
        outcome: Outcome,
        connections: list[str],
        dialogs: list[str],
        conferences: list[str],
    ) -> None:
        """Release everything that the session still held."""
        if outcome.reason == "error":
            log.error("session %s ended with %s: %s", session.id, outcome.error, outcome.message)
        for dialog in dialogs:
            held = self.dialogs.pop(dialog, None)
            if isinstance(held, Dialog):
                self.spawn(held.terminate())
        for identifier in connections:
            connection = self.connections.get(identifier)
            if connection is not None:
                self.spawn(self.hang_up(connection))
        for identifier in conferences:
            self.leave_mixer(identifier)
        self._on_session_end(session, outcome)

    # ------------------------------------------------------------------ connections

    def arrived(self, leg: Leg, call: Call, licence: Callable[[], None]) -> Connection:
        """A call has come in; nothing is answered yet. The call gets the connection's identifier."""
        call.id = self.new_id("connection")
        connection = Connection(call.id, call, licence, leg=leg)
        self._begin(connection, "in")
        leg.on_event = lambda event: self._before_answer(connection, event)
        return connection

    def outbound(self, identifier: str, call: Call, licence: Callable[[], None]) -> Connection:
        """A call is about to be placed."""
        connection = Connection(identifier, call, licence)
        self._begin(connection, "out")
        return connection

    def _begin(self, connection: Connection, direction: str) -> None:
        self.connections[connection.id] = connection
        call = connection.call
        self.recorder.call_started(
            CallStart(call.id, self.world.clock.wall(), call.ani, call.dnis, direction)
        )

    def _before_answer(self, connection: Connection, event: object) -> None:
        if isinstance(event, Ended) and connection.line is None:
            connection.outcome = "cancelled"
            self.post("connection.failed", connectionid=connection.id, reason="cancelled")
            self.over(connection, event)

    def carry(self, connection: Connection, line: Line) -> None:
        """The connection is answered: from now on its line tells what happens."""
        connection.line = line
        self.recorder.call_answered(connection.call.id, self.world.clock.wall())
        line.on_ended = lambda event: self._line_ended(connection, event)
        self.idle(connection)

    def idle(self, connection: Connection) -> None:
        """No dialog is on the connection: its keys are signals to the session (§10.5.10)."""
        if connection.line is not None and not connection.over:
            connection.line.on_key = lambda key: self.post(
                "connection.signal", connectionid=connection.id, info={"dtmf": key}
            )

    def _line_ended(self, connection: Connection, event: Ended) -> None:
        reason = {"remote": "hangup", "local": "disconnect"}.get(event.by, event.by)
        self.post("connection.disconnected", connectionid=connection.id, reason=reason, trigger=event.by)
        self.over(connection, event)

    def over(self, connection: Connection, event: Ended) -> None:
        """The connection is gone: its port is free, its record is closed."""
        if connection.over:
            return
        connection.over = True
        self.connections.pop(connection.id, None)
        for mixer in self.mixers.values():
            mixer.members.discard(connection.id)
        connection.licence()
        self.spawn(self._close(connection, event))

    async def _close(self, connection: Connection, event: Ended) -> None:
        """The record ends after the dialog, which may have something to do about the hang-up."""
        if connection.dialog is not None:
            await connection.dialog.done()
        by = "caller" if event.by in ("remote", "replaced") else "platform"
        outcome = connection.outcome or ("hangup" if by == "caller" else "disconnect")
        self.recorder.call_ended(CallEnd(connection.call.id, self.world.clock.wall(), outcome, by))

    async def hang_up(self, connection: Connection, reason: str = "") -> None:
        """End a connection in whatever state it is."""
        if connection.dialling is not None and connection.line is None:
            connection.dialling.cancel()
        elif connection.line is not None:
            await connection.line.hangup(reason=reason)
        elif connection.leg is not None and not connection.over:
            connection.leg.reject(480)
            self.over(connection, Ended("local", reason))

    # ------------------------------------------------------------------ conferences

    def leave_mixer(self, identifier: str) -> None:
        """A session lets go of a conference; the last one closes it."""
        mixer = self.mixers.pop(identifier, None)
        if mixer is None:
            return
        mixer.ids.discard(identifier)
        if not mixer.ids and self.plane.running:
            mixer.conference.close()

    # ------------------------------------------------------------------ events and tasks

    def post(self, name: str, **fields: Any) -> None:
        """Tell the session that owns the connection, dialog or conference named."""
        self.sessions.post(Event(name, fields))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside the session; whatever breaks is logged."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("call control: %s", error, exc_info=error)

    async def stop(self) -> None:
        """Hang up on everybody and wait until nothing is left."""
        for connection in list(self.connections.values()):
            self.spawn(self.hang_up(connection, "platform stops"))
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)


_FAILURES = {
    "accept": "connection.failed",
    "reject": "connection.failed",
    "redirect": "error.connection",
    "createcall": "connection.failed",
    "disconnect": "error.connection",
    "merge": "connection.merge.failed",
    "createconference": "error.conference.create",
    "destroyconference": "error.conference.destroy",
    "join": "error.conference.join",
    "unjoin": "error.conference.unjoin",
    "dialogprepare": "error.dialog.notprepared",
    "dialogstart": "error.dialog.notstarted",
    "dialogterminate": "error.dialog",
    "send": "error.send.failed",
}
