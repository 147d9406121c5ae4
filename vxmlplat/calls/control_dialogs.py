"""What CCXML asks of dialogs:

dialogprepare, dialogstart, dialogterminate, send to a dialog (CCXML 1.0 §7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vxmlplat.calls.connection import Connection
from vxmlplat.calls.dialog import Dialog
from vxmlplat.calls.requests import handles
from vxmlplat.ccxml.requests import DialogPrepare, DialogSend, DialogStart, DialogTerminate
from vxmlplat.documents import DocumentError, FetchRequest
from vxmlplat.vxml.session import SessionEnd

if TYPE_CHECKING:
    from vxmlplat.calls.control import CallControl

VOICEXML = frozenset({"", "application/voicexml+xml", "application/xml", "text/xml", "text/vxml"})


def _fields(request: DialogPrepare) -> dict[str, Any]:
    fields: dict[str, Any] = {"dialogid": request.dialogid}
    if request.connectionid is not None:
        fields["connectionid"] = request.connectionid
    return fields


@handles(DialogPrepare)
async def _prepare(control: CallControl, request: DialogPrepare) -> None:
    """Bring the document into the cache and read it, so that starting costs no time."""
    from vxmlplat.calls.control import Prepared

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
async def _start(control: CallControl, request: DialogStart) -> None:
    if request.type not in VOICEXML:
        control.failed(request, f"dialogs of type {request.type} are not supported")
        return
    connection = control.connections.get(request.connectionid or "")
    if connection is None or connection.line is None or connection.over:
        reason = "the connection is gone" if request.connectionid else "a dialog needs a connection"
        control.failed(request, reason)
        return
    if connection.dialog is not None:
        control.failed(request, "another dialog is running on the connection")
        return
    dialog = Dialog(
        request.dialogid,
        connection.line,
        connection.call,
        control.world,
        control.library,
        control.recorder.step,
        request=request,
        on_end=lambda dialog, end: _ended(control, connection, dialog, end),
    )
    connection.dialog = dialog
    control.dialogs[request.dialogid] = dialog
    control.post("dialog.started", **_fields(request))
    dialog.start()


def _ended(control: CallControl, connection: Connection, dialog: Dialog, end: SessionEnd) -> None:
    _free(control, connection, dialog)
    connection.outcome = end.error.name if end.error is not None else end.reason
    control.recorder.dialog_ended(
        connection.call.id, dialog.session.id, connection.outcome, control.world.clock.wall()
    )
    fields: dict[str, Any] = {"dialogid": dialog.id, "connectionid": connection.id}
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


def _free(control: CallControl, connection: Connection, dialog: Dialog) -> None:
    control.dialogs.pop(dialog.id, None)
    if connection.dialog is dialog:
        connection.dialog = None
    control.idle(connection)


@handles(DialogTerminate)
async def _terminate(control: CallControl, request: DialogTerminate) -> None:
    dialog = control.dialogs.pop(request.dialogid, None)
    connection = next((c for c in control.connections.values() if c.dialog is dialog), None)
    if isinstance(dialog, Dialog):
        await dialog.terminate()
        if connection is not None:
            _free(control, connection, dialog)
            control.recorder.dialog_ended(
                connection.call.id, dialog.session.id, "terminated", control.world.clock.wall()
            )
    control.post("dialog.exit", dialogid=request.dialogid, values={}, reason="terminated")


@handles(DialogSend)
async def _send(control: CallControl, request: DialogSend) -> None:
    dialog = control.dialogs.get(request.dialogid)
    if isinstance(dialog, Dialog):
        dialog.send(request.name, request.content or None)
