"""The exchange: connections, dialogs, conferences and joins of all CCXML sessions, their life and death.

The handlers of what sessions ask for (``control_calls``, ``control_dialogs``, ``control_mixing``) work on it;
``control.CallControl`` puts them together.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from vxmlplat.analytics.recorder import Recorder
from vxmlplat.analytics.step import CallEnd, CallStart
from vxmlplat.calls.admission import Admission
from vxmlplat.calls.call_data import from_user_to_user, to_user_to_user
from vxmlplat.calls.connection import Connection, Endpoint, Mixer, Place
from vxmlplat.calls.control_patching import Joined, Patchbay
from vxmlplat.calls.dialog import Dialog, Prepared
from vxmlplat.calls.line import Line
from vxmlplat.calls.succession import follow
from vxmlplat.calls.telephone import Call, World
from vxmlplat.ccxml.events import Event
from vxmlplat.ccxml.platform import Kind
from vxmlplat.ccxml.requests import Request
from vxmlplat.ccxml.sessions import Sessions
from vxmlplat.media.clips import Clip
from vxmlplat.media.errors import MediaError
from vxmlplat.media.events import ToneKind
from vxmlplat.media.plane import MediaPlane
from vxmlplat.sip.errors import SipError
from vxmlplat.sip.events import Ended, Referred, TextMessage
from vxmlplat.sip.grammar import quote
from vxmlplat.sip.leg import Leg
from vxmlplat.vxml.library import Library

log = logging.getLogger(__name__)

#: seconds after which a caller who was turned away for want of resources may try again
RETRY_AFTER = 5


class Exchange:
    """What call control has in its hands. One for a platform: it serves every session."""

    def __init__(self, world: World, plane: MediaPlane, admission: Admission, recorder: Recorder) -> None:
        self.world = world
        self.plane = plane
        self.admission = admission
        self.recorder = recorder
        self.library = Library()
        self.sessions: Sessions
        self.connections: dict[str, Connection] = {}
        self.dialogs: dict[str, Dialog | Prepared] = {}
        self.places: dict[str, Place] = {}
        """Dialogs that run on a conference, by their identifiers."""
        self.patchbay = Patchbay(plane)
        self.mixers: dict[str, Mixer] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def new_id(self, kind: Kind) -> str:
        """A fresh identifier."""
        return secrets.token_hex(16)

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
            self._taken_back(connection, event)

    def _taken_back(self, connection: Connection, event: Ended) -> None:
        connection.outcome = "cancelled"
        self.finish(connection, event, "connection.failed", "cancelled")

    def carry(self, connection: Connection, line: Line) -> None:
        """The connection has a line: from now on that tells what happens."""
        connection.line = line
        line.on_ended = lambda event: self._line_ended(connection, event)
        line.on_referred = lambda request: self._referred(connection, line, request)
        line.on_message = lambda message: self._written(connection, message)
        line.on_succeeded = lambda address: self._succeeded(connection, line)
        self.idle(connection)

    def listen_to_answer(self, connection: Connection) -> None:
        """Find out who has answered a call of ours, and tell the session as ``connection.signal``."""
        line = connection.line
        if line is None or connection.over:
            return

        def heard(kind: ToneKind) -> None:
            word = _TONES[kind]
            if kind in (ToneKind.ANSWERING_MACHINE, ToneKind.FAX, ToneKind.BUSY):
                connection.outcome = word
            self.post("connection.signal", connectionid=connection.id, info={"heard": word})

        line.on_tone = heard
        try:
            line.channel.detect_tones()
        except MediaError as error:  # the far end has hung up at once
            log.debug("connection %s: %s", connection.id, error)

    def _referred(self, connection: Connection, line: Line, request: Referred) -> None:
        """The far end wants another telephone to have the call with us (RFC 5589)."""
        call, limit = connection.call, self.world.config.user_to_user_bytes
        data = to_user_to_user(call.id, call.aai, limit) if call.aai else None
        follow(self.world.telephones, line, request, caller=call.ani, data=data)

    def _written(self, connection: Connection, message: TextMessage) -> None:
        """The far end has sent a MESSAGE within the call (RFC 3428)."""
        text = message.body.decode("utf-8", "replace")
        about = {"event": "message", "type": message.content_type, "text": text}
        self.post("connection.signal", connectionid=connection.id, info=about)

    def _succeeded(self, connection: Connection, line: Line) -> None:
        """Another telephone has the call: the connection, its joins and its dialog go on."""
        connection.leg = line.leg
        about = {"event": "replaced", "remote": line.leg.asserted_identity or line.leg.remote_uri}
        self.post("connection.signal", connectionid=connection.id, info=about)

    def connected(self, connection: Connection, about: Mapping[str, Any] | None = None) -> None:
        """The call is answered; it may be over already, when the far end hung up at once."""
        assert connection.line is not None
        connection.answered = True
        self.recorder.call_answered(connection.call.id, self.world.clock.wall())
        self.post("connection.connected", about, connectionid=connection.id)
        if connection.line.ended.done():
            self._line_ended(connection, connection.line.ended.result())

    def idle(self, connection: Connection) -> None:
        """No dialog is on the connection: its keys are signals to the session (§10.5.10)."""
        if connection.line is not None and not connection.over:
            connection.line.on_key = lambda key: self.post(
                "connection.signal", connectionid=connection.id, info={"dtmf": key}
            )

    def _line_ended(self, connection: Connection, event: Ended) -> None:
        if event.by == "remote" and not connection.answered:
            self._taken_back(connection, event)
            return
        reason = {"remote": "hangup", "local": "disconnect"}.get(event.by, event.by)
        name = "connection.disconnected" if connection.answered else "connection.failed"
        more = {} if event.user_to_user is None else {"info": {"aai": from_user_to_user(event.user_to_user)}}
        self.finish(connection, event, name, reason, trigger=event.by, **more)

    def finish(
        self, connection: Connection, event: Ended, name: str = "", reason: str = "", **more: Any
    ) -> None:
        """The connection is gone: its joins end, its port is free, its session is told by the event of that
        name, its record is closed. Once, however often it is called.
        """
        if connection.over:
            return
        connection.over = True
        self.connections.pop(connection.id, None)
        for joined in self.patchbay.leave(connection):
            self.unjoined(joined, "the connection has ended", gone=connection)
        connection.licence()
        if name:
            self.post(name, connectionid=connection.id, reason=reason, **more)
        self.spawn(self._close(connection, event))

    async def _close(self, connection: Connection, event: Ended) -> None:
        """The record ends after the dialog, which may have something to do about the hang-up."""
        if connection.dialog is not None:
            await connection.dialog.done()
        by = "caller" if event.by in ("remote", "replaced") else "platform"
        outcome = connection.outcome or ("hangup" if by == "caller" else "disconnect")
        if event.by == "error":  # whatever the dialog made of it
            outcome = "error"
        self.recorder.call_ended(CallEnd(connection.call.id, self.world.clock.wall(), outcome, by))

    async def hang_up(
        self, connection: Connection, reason: str = "", *, user_to_user: bytes | None = None
    ) -> None:
        """End a connection in whatever state it is; the far end may be given data with the goodbye."""
        if connection.dialling is not None and connection.line is None:
            connection.dialling.cancel()
        elif connection.line is not None:
            await connection.line.hangup(reason=reason, user_to_user=user_to_user)
        elif not connection.over:
            self.refuse(connection, 480, reason or "disconnected", user_to_user=user_to_user)

    def refuse(
        self, connection: Connection, status: int, reason: str, *, user_to_user: bytes | None = None
    ) -> None:
        """Turn a call away that was not answered."""
        if connection.leg is not None:
            connection.leg.on_event = lambda event: None
            try:
                later = RETRY_AFTER if status == 503 else None
                # The far end's engineers read why (RFC 3261 §21.4.26, §27.2).
                why = [("Warning", f"305 vxmlplat {quote(reason)}")] if status == 488 else []
                connection.leg.reject(status, headers=why, retry_after=later, user_to_user=user_to_user)
            except SipError as error:  # the caller has left at this moment
                log.debug("connection %s: %s", connection.id, error)
        connection.outcome = connection.outcome or "rejected"
        self.finish(connection, Ended("local", reason), "connection.failed", reason, info={"status": status})
        if connection.line is not None:  # it was heard before the answer
            self.spawn(connection.line.hangup())

    # ------------------------------------------------------------------ conferences

    def leave_mixer(self, identifier: str) -> None:
        """A session lets go of a conference: its members leave; the last session closes it."""
        mixer = self.mixers.pop(identifier, None)
        if mixer is None:
            return
        for joined in self.patchbay.leave(mixer, identifier):
            self.unjoined(joined, "the conference has ended")
        mixer.ids.discard(identifier)
        if not mixer.ids and self.plane.running:
            mixer.conference.close()

    def unjoined(self, joined: Joined, reason: str, gone: Endpoint | None = None) -> None:
        """Tell that a join has ended without being asked to; ``gone`` is the side that is there no more."""
        if gone is not None:
            sound(joined.other(gone), joined.exit_tone)
        self.post("conference.unjoined", id1=joined.id1, id2=joined.id2, reason=reason)

    def failed(self, request: Request, reason: str = "internal error") -> None:
        """Answer a request with the failure that its element is documented to have."""
        fields = {
            name: getattr(request, name)
            for name in ("connectionid", "dialogid", "conferenceid", "id1", "id2")
            if getattr(request, name, None) is not None
        }
        self.post(_FAILURES.get(request.element, "error.semantic"), **fields, reason=reason)

    # ------------------------------------------------------------------ events and tasks

    def post(self, name: str, about: Mapping[str, Any] | None = None, **fields: Any) -> None:
        """Tell the session that owns the connection, dialog or conference named.

        A dialog's event goes to the session of the dialog, also when its connection was moved to another.
        """
        event = Event(name, fields, about or {})
        owner = self.sessions.owners.get(fields.get("dialogid", ""))
        if owner is not None:
            owner.post(event)
        else:
            self.sessions.post(event)

    def note(self, text: str, *parts: object) -> None:
        """For the operator's log."""
        log.warning(text, *parts)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside the session; whatever breaks is logged."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("call control: %s", error, exc_info=error)


def sound(side: Endpoint, clips: Sequence[Clip]) -> None:
    """Let a conference or a caller hear a tone; a caller with a dialog hears the dialog instead."""
    try:
        if not clips or isinstance(side, Place):
            return
        if isinstance(side, Mixer):
            side.conference.play(clips)
        elif side.dialog is None:
            side.channel.play(clips)
    except MediaError:  # it has just gone
        return


#: who has answered, in the words of documents
_TONES = {
    ToneKind.HUMAN: "human",
    ToneKind.ANSWERING_MACHINE: "machine",
    ToneKind.BEEP: "beep",
    ToneKind.FAX: "fax",
    ToneKind.BUSY: "busy",
}
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
