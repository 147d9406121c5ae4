"""What CCXML asks of connections:

accept, reject, redirect, createcall, disconnect, merge (CCXML 1.0 §10.5).
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from vxmlplat.calls.call_data import parse, to_user_to_user
from vxmlplat.calls.connection import Connection
from vxmlplat.calls.errors import CallFailed
from vxmlplat.calls.line import Line
from vxmlplat.calls.requests import handles
from vxmlplat.calls.telephone import Call
from vxmlplat.calls.telephones import BadDestination
from vxmlplat.ccxml.requests import Accept, CreateCall, Disconnect, Merge, Redirect, Reject
from vxmlplat.media.errors import MediaError
from vxmlplat.sip.errors import NotAcceptable, SipError
from vxmlplat.sip.events import Ended, Progress

if TYPE_CHECKING:
    from vxmlplat.calls.control import CallControl

log = logging.getLogger(__name__)

#: words that a document may give as reason, and the SIP status the caller gets
STATUSES = {
    "busy": 486,
    "notfound": 404,
    "unavailable": 480,
    "forbidden": 403,
    "declined": 603,
    "overload": 503,
}
RING_SECONDS = 60.0


@handles(Accept)
async def _accept(control: CallControl, request: Accept) -> None:
    connection = control.connections.get(request.connectionid)
    if connection is None or connection.leg is None or connection.over:
        return  # the caller has left meanwhile; connection.failed was posted then
    world = control.world
    try:
        line = await Line.inbound(
            connection.leg, control.plane, address=world.config.media_address, codecs=world.config.codecs
        )
    except MediaError as error:
        _refuse(control, connection, 503, str(error))
        return
    control.carry(connection, line)
    try:
        await line.answer()
    except NotAcceptable as error:
        line.on_ended = None
        connection.leg.reject(488)
        await line.hangup()
        _gone(control, connection, str(error))
        return
    except SipError as error:
        line.on_ended = None
        await line.hangup()
        _gone(control, connection, str(error))
        return
    control.post("connection.connected", connectionid=connection.id)


def _refuse(control: CallControl, connection: Connection, status: int, reason: str) -> None:
    assert connection.leg is not None
    connection.leg.reject(status, retry_after=5 if status == 503 else None)
    _gone(control, connection, reason)


def _gone(control: CallControl, connection: Connection, reason: str) -> None:
    connection.outcome = connection.outcome or "failed"
    control.post("connection.failed", connectionid=connection.id, reason=reason)
    control.over(connection, Ended("local", reason))


@handles(Reject)
async def _reject(control: CallControl, request: Reject) -> None:
    connection = control.connections.get(request.connectionid)
    if connection is None or connection.leg is None:
        return
    hints = request.hints if isinstance(request.hints, dict) else {}
    status = hints.get("status", STATUSES.get(request.reason or "", 603))
    connection.outcome = "rejected"
    _refuse(
        control, connection, int(status) if 400 <= int(status) < 700 else 603, request.reason or "rejected"
    )


@handles(Redirect)
async def _redirect(control: CallControl, request: Redirect) -> None:
    connection = control.connections.get(request.connectionid)
    if connection is None or connection.leg is None:
        return
    if connection.line is None:
        connection.leg.redirect([request.dest])
    else:
        try:
            await connection.leg.refer(request.dest)
        except SipError as error:
            control.failed(request, str(error))
            return
    connection.outcome = "redirected"
    control.post("connection.redirected", connectionid=connection.id)
    if connection.line is None:
        control.over(connection, Ended("local", "redirected"))


@handles(CreateCall)
async def _create_call(control: CallControl, request: CreateCall) -> None:
    licence = control.admission.take()
    call = Call(request.connectionid, request.callerid or "", request.dest, request.aai or "")
    if licence is None:
        control.post("connection.failed", connectionid=request.connectionid, reason="no port is free")
        return
    connection = control.outbound(request.connectionid, call, licence)
    connection.dialling = asyncio.current_task()
    reason = "cancelled"
    try:
        if request.aai:
            await control.world.keep_data(call.id, parse(request.aai))
        limit = control.world.config.user_to_user_bytes
        line = await control.world.telephones.place(
            request.dest,
            caller=request.callerid or "",
            user_to_user=to_user_to_user(call.id, request.aai, limit) if request.aai else None,
            timeout=RING_SECONDS if request.timeout is None else request.timeout,
            on_ringing=lambda progress: _progressing(control, connection, progress),
        )
    except (CallFailed, BadDestination) as error:
        reason = error.reason if isinstance(error, CallFailed) else "baddestination"
        log.info("call %s to %s: %s", call.id, request.dest, error)
        connection.outcome = reason
        control.post("connection.failed", connectionid=connection.id, reason=reason)
        control.over(connection, Ended("local", reason))
        return
    except asyncio.CancelledError:
        connection.outcome = reason
        control.post("connection.failed", connectionid=connection.id, reason=reason)
        control.over(connection, Ended("local", reason))
        raise
    connection.dialling = None
    connection.leg = line.leg
    control.carry(connection, line)
    control.post("connection.connected", connectionid=connection.id)
    if request.joinid is not None:
        from vxmlplat.calls.control_mixing import join_ids  # the two modules need each other here only

        first, second = connection.id, request.joinid
        if request.joindirection == "send":
            first, second = second, first
        await join_ids(control, first, second, half=request.joindirection != "both")


def _progressing(control: CallControl, connection: Connection, progress: Progress) -> None:
    control.post("connection.progressing", connectionid=connection.id, info={"status": progress.status})


@handles(Disconnect)
async def _disconnect(control: CallControl, request: Disconnect) -> None:
    connection = control.connections.get(request.connectionid)
    if connection is not None:
        await control.hang_up(connection, request.reason or "")


@handles(Merge)
async def _merge(control: CallControl, request: Merge) -> None:
    """The network joins the two callers (REFER with Replaces, RFC 5589 §7); we leave when it has."""
    first = control.connections.get(request.connectionid1)
    second = control.connections.get(request.connectionid2)
    fields = {"connectionid1": request.connectionid1, "connectionid2": request.connectionid2}
    if first is None or second is None or first.line is None or second.line is None:
        control.post(
            "connection.merge.failed", connectionid=request.connectionid1, **fields, reason="not connected"
        )
        return
    try:
        await first.line.leg.refer(second.line.leg.remote_uri, replaces=second.line.leg)
    except SipError as error:
        control.post(
            "connection.merge.failed", connectionid=request.connectionid1, **fields, reason=str(error)
        )
        return
    for connection in (first, second):
        connection.outcome = "merged"
        control.post("connection.merged", connectionid=connection.id, **fields)
