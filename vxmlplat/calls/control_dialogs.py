"""What CCXML asks of dialogs:

dialogprepare, dialogstart, dialogterminate, send to a dialog (CCXML 1.0 §7).
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from vxmlplat.analytics.step import CallEnd, CallStart
from vxmlplat.calls.connection import Connection, Place
from vxmlplat.calls.control_patching import Joined
from vxmlplat.calls.dialog import Dialog, Prepared
from vxmlplat.calls.early_media import speak_early
from vxmlplat.calls.exchange import Exchange
from vxmlplat.calls.line import Line
from vxmlplat.calls.requests import handles
from vxmlplat.calls.telephone import Call
from vxmlplat.ccxml.requests import DialogPrepare, DialogSend, DialogStart, DialogTerminate
from vxmlplat.documents import DocumentError, FetchRequest
from vxmlplat.media.channel import MediaChannel
from vxmlplat.media.errors import MediaError
from vxmlplat.media.remote import RemoteMedia
from vxmlplat.vxml.session import SessionEnd

VOICEXML = frozenset({"", "application/voicexml+xml", "application/xml", "text/xml", "text/vxml"})
#: seconds that a dialog may go on after it was asked to end
FAREWELL = 10.0
LOOPBACK = "127.0.0.1"


def _fields(request: DialogPrepare) -> dict[str, Any]:
    fields: dict[str, Any] = {"dialogid": request.dialogid}
    for name in ("connectionid", "conferenceid"):
        if getattr(request, name) is not None:
            fields[name] = getattr(request, name)
    return fields


@handles(DialogPrepare)
async def _prepare(control: Exchange, request: DialogPrepare) -> None:
    """Bring the document into the cache and read it, so that starting costs no time."""
    if request.type not in VOICEXML:
        control.failed(request, f"dialogs of type {request.type} are not supported")
        return
    control.dialogs[request.dialogid] = Prepared(request)
    if request.method.lower() == "get" and not request.namelist:
        try:
            resource = await control.world.fetcher.fetch(FetchRequest(request.src, maxage=request.maxage))
            control.library.document(resource)
        except DocumentError as error:
            control.dialogs.pop(request.dialogid, None)
            control.failed(request, str(error))
            return
    control.post("dialog.prepared", **_fields(request))


@handles(DialogStart)
async def _start(control: Exchange, request: DialogStart) -> None:
    if request.type not in VOICEXML:
        control.failed(request, f"dialogs of type {request.type} are not supported")
        return
    if request.connectionid is None:
        await _start_in_conference(control, request)
        return
    connection = control.connections.get(request.connectionid)
    if connection is not None:
        await speak_early(control, connection)
    if connection is None or connection.line is None or connection.over:
        control.failed(request, "the connection is not connected")
        return
    if connection.dialog is not None:
        control.failed(request, "another dialog is running on the connection")
        return
    connection.dialog = _run(control, request, connection, connection.line)


async def _start_in_conference(control: Exchange, request: DialogStart) -> None:
    """A dialog that every member of a conference hears, and that may hear them."""
    mixer = control.mixers.get(request.conferenceid or "")
    if mixer is None:
        control.failed(request, "a dialog needs a connection or a conference")
        return
    try:
        place = await _place(control, request)
    except MediaError as error:
        control.failed(request, str(error))
        return
    conference, dialog = request.conferenceid or "", request.dialogid
    hears = request.mediadirection != "dialogtransmit"
    speaks = request.mediadirection != "dialogreceive"
    joined = Joined(dialog, conference, place, mixer, full=speaks)
    if not hears:
        joined = Joined(conference, dialog, mixer, place, full=False)
    try:
        control.patchbay.join(joined)
    except MediaError as error:
        await close(place)
        control.failed(request, str(error))
        return
    if request.conferenceid not in control.mixers or dialog not in control.sessions.owners:
        control.patchbay.leave(place)  # the session ended meanwhile
        await close(place)
        return
    control.places[dialog] = place
    # A dialog that speaks to a room has a record of its own: its way through a flow is nobody's call.
    now, room = control.world.clock.wall(), mixer.name or conference
    control.recorder.call_started(CallStart(place.call.id, now, dnis=room, direction="room"))
    place.dialog = _run(control, request, place, place.line)
    control.post("conference.joined", id1=joined.id1, id2=joined.id2)


async def _place(control: Exchange, request: DialogStart) -> Place:
    """Two channels that send to each other: the dialog's own, and the one that is heard elsewhere."""
    line = Line(None, await control.plane.open_channel(LOOPBACK, lambda event: None), ("PCMU",))
    try:
        channel = await control.plane.open_channel(LOOPBACK, lambda event: None)
    except MediaError:
        await line.hangup()
        raise
    line.channel.connect(_facing(channel))
    channel.connect(_facing(line.channel))
    line.connected = True
    return Place(line, channel, Call(request.dialogid, "", request.conferenceid or ""))


def _facing(channel: MediaChannel) -> RemoteMedia:
    return RemoteMedia(channel.local_address, channel.local_port, "PCMU", 0, 101)


async def close(place: Place) -> None:
    """Give a place's audio back."""
    await place.line.hangup()
    try:
        await place.channel.close()
    except MediaError:  # closed already, or the media process died
        return


def _run(control: Exchange, request: DialogStart, where: Connection | Place, line: Line) -> Dialog:
    dialog = Dialog(
        request.dialogid,
        line,
        where.call,
        control.world,
        control.library,
        control.recorder.step,
        request=request,
        on_end=lambda dialog, end: _ended(control, where, dialog, end),
    )
    control.dialogs[request.dialogid] = dialog
    control.post("dialog.started", **_fields(request))
    dialog.start()
    return dialog


def _ended(control: Exchange, where: Connection | Place, dialog: Dialog, end: SessionEnd) -> None:
    outcome = end.error.name if end.error is not None else end.reason
    free(control, where, dialog, outcome)
    fields: dict[str, Any] = {"dialogid": dialog.id}
    if isinstance(where, Connection):
        where.outcome = outcome
        fields["connectionid"] = where.id
    if not end.loaded:
        reason = (end.error.message or end.error.name) if end.error is not None else "not loaded"
        control.post("error.dialog.notstarted", **fields, reason=reason)
        return
    values: dict[str, Any] = dict(end.namelist or end.disconnect)
    if end.value is not None:
        values.setdefault("_expr", end.value)
    if end.error is not None:
        fields["reason"] = f"{end.error.name}: {end.error.message or ''}"
    control.post("dialog.exit", **fields, values=values, type="application/voicexml+xml")


def free(control: Exchange, where: Connection | Place, dialog: Dialog, outcome: str) -> None:
    """A dialog has ended: its connection listens to keys again, a place of its own is given back."""
    control.dialogs.pop(dialog.id, None)
    control.recorder.dialog_ended(where.call.id, dialog.session.id, outcome, control.world.clock.wall())
    if isinstance(where, Connection):
        if where.dialog is dialog:
            where.dialog = None
        control.idle(where)
        return
    control.places.pop(dialog.id, None)
    control.recorder.call_ended(CallEnd(where.call.id, control.world.clock.wall(), outcome, "platform"))
    for joined in control.patchbay.leave(where):
        control.unjoined(joined, "the dialog has ended", gone=where)
    control.spawn(close(where))


def where_is(control: Exchange, dialog: Dialog) -> Connection | Place | None:
    """The connection or place that a dialog runs on."""
    place = control.places.get(dialog.id)
    return place or next((c for c in control.connections.values() if c.dialog is dialog), None)


async def terminate(control: Exchange, dialog: Dialog) -> None:
    """Stop a dialog at once; nobody is told."""
    where = where_is(control, dialog)
    await dialog.terminate()
    if where is not None and control.dialogs.get(dialog.id, dialog) is dialog:
        free(control, where, dialog, "terminated")


@handles(DialogTerminate)
async def _terminate(control: Exchange, request: DialogTerminate) -> None:
    dialog = control.dialogs.get(request.dialogid)
    if isinstance(dialog, Dialog) and not request.immediate:
        # The dialog hears of it as of a hang-up, may clean up, and its exit is told with its values.
        dialog.session.hangup()
        done = asyncio.ensure_future(dialog.done())
        enough = asyncio.ensure_future(control.world.clock.sleep(FAREWELL))
        await asyncio.wait({done, enough}, return_when=asyncio.FIRST_COMPLETED)
        enough.cancel()
        if done.done():
            return
        done.cancel()
        control.note("dialog %s did not end by itself", request.dialogid)
    if isinstance(dialog, Dialog):
        await terminate(control, dialog)
    control.dialogs.pop(request.dialogid, None)
    control.post("dialog.exit", dialogid=request.dialogid, values={}, reason="terminated")


@handles(DialogSend)
async def _send(control: Exchange, request: DialogSend) -> None:
    """An event for the dialog; its message is the content, or the values as JSON."""
    dialog = control.dialogs.get(request.dialogid)
    if isinstance(dialog, Dialog):
        values = json.dumps(dict(request.values), ensure_ascii=False) if request.values else None
        dialog.send(request.name, request.content or values)
