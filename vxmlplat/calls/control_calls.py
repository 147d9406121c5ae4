"""What CCXML asks of connections:

accept, reject, redirect, createcall, disconnect, merge (CCXML 1.0 §10.5).
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import Any

from vxmlplat.calls.call_data import from_user_to_user, parse, to_user_to_user
from vxmlplat.calls.connection import Connection
from vxmlplat.calls.control_mixing import join_ids
from vxmlplat.calls.early_media import open_line, turn_away
from vxmlplat.calls.errors import CallFailed
from vxmlplat.calls.exchange import Exchange
from vxmlplat.calls.line import Line
from vxmlplat.calls.requests import handles
from vxmlplat.calls.telephone import Call
from vxmlplat.calls.telephones import BadDestination
from vxmlplat.ccxml.requests import Accept, CreateCall, Disconnect, Merge, Redirect, Reject, Request
from vxmlplat.sip import uui
from vxmlplat.sip.errors import LegStateError, RequestFailed, SipError
from vxmlplat.sip.events import Ended, LegEvent, Progress, ReferProgress
from vxmlplat.sip.leg import Leg
from vxmlplat.sip.uri import embed_headers

log = logging.getLogger(__name__)

#: words that a document may give as reason, and the SIP status the caller gets
STATUSES = {
    "busy": 486,
    "notfound": 404,
    "unavailable": 480,
    "forbidden": 403,
    "declined": 603,
    "overload": 503,
    "congestion": 503,
    "timeout": 408,
    "decline": 603,
}
RING_SECONDS = 60.0
#: seconds in which a far end that was asked to call somebody else must have done so
REFER_SECONDS = 60.0


@handles(Accept)
async def _accept(control: Exchange, request: Accept) -> None:
    connection = control.connections.get(request.connectionid)
    if connection is None or connection.leg is None or connection.accepting:
        return  # the caller has left meanwhile; connection.failed was posted then
    connection.accepting = True
    if connection.opening is not None:
        await asyncio.wait({connection.opening})
    line = connection.line or await open_line(control, connection)
    if line is None or connection.over:
        return
    try:
        await line.answer(user_to_user=_data(control, connection, request))
    except SipError as error:
        turn_away(control, connection, error)
        return
    if not connection.over:
        control.connected(connection)


@handles(Reject)
async def _reject(control: Exchange, request: Reject) -> None:
    connection = control.connections.get(request.connectionid)
    if connection is None or connection.leg is None:
        return
    connection.outcome = "rejected"
    data = _data(control, connection, request)
    control.refuse(connection, _status(request), request.reason or "rejected", user_to_user=data)


def _status(request: Reject) -> int:
    """The SIP status of a refusal: ``hints.status``, or what the reason stands for."""
    status = request.hints.get("status") if isinstance(request.hints, dict) else None
    if isinstance(status, (int, float)) and 400 <= status < 700:
        return int(status)
    word = (request.reason or "").strip().lower().replace(" ", "")
    return STATUSES.get(word, int(word) if re.fullmatch("[456][0-9][0-9]", word) else 603)


def _data(control: Exchange, connection: Connection, request: Request) -> bytes | None:
    """The data that ``hints.aai`` lets travel along with an answer or a goodbye (RFC 7433 §3)."""
    aai = request.hints.get("aai") if isinstance(request.hints, dict) else None
    if not aai:
        return None
    text = aai if isinstance(aai, str) else json.dumps(aai, ensure_ascii=False)
    return to_user_to_user(connection.call.id, text, control.world.config.user_to_user_bytes)


@handles(Redirect)
async def _redirect(control: Exchange, request: Redirect) -> None:
    connection = control.connections.get(request.connectionid)
    if connection is None or connection.leg is None:
        return
    listener, data = connection.leg.on_event, _data(control, connection, request)
    try:
        if not connection.answered:
            connection.leg.on_event = lambda event: None
            fields = [] if data is None else [(uui.HEADER, uui.encode(data))]
            connection.leg.redirect([embed_headers(request.dest, fields)])
        else:
            await _referred(connection, request.dest, data=data)
    except SipError as error:
        connection.leg.on_event = listener
        control.failed(request, str(error))
        return
    connection.outcome = "redirected"
    if connection.over:
        return
    control.post("connection.redirected", connectionid=connection.id)
    if not connection.answered:
        control.finish(connection, Ended("local", "redirected"))
    if connection.line is not None:
        await connection.line.hangup(reason="redirected")


async def _referred(
    connection: Connection, target: str, replaces: Leg | None = None, data: bytes | None = None
) -> None:
    """Ask the far end to call somebody else, and return when it has; SipError when it has not (RFC 5589)."""
    line = connection.line
    assert line is not None
    final: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def watch(event: LegEvent) -> None:
        if isinstance(event, ReferProgress) and event.final and not final.done():
            final.set_result(event.status)

    before, line.on_leg = line.on_leg, watch
    asking = asyncio.ensure_future(line.leg.refer(target, replaces=replaces, user_to_user=data))
    try:
        for answer in (asking, final):
            either: set[asyncio.Future[Any]] = {answer, line.ended}
            await asyncio.wait(either, timeout=REFER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if answer is asking and asking.done():
                asking.result()
    finally:
        asking.cancel()
        line.on_leg = before
    if not line.ended.done() and not (final.done() and 200 <= final.result() < 300):
        status = final.result() if final.done() else 0
        raise RequestFailed(status, f"the far end did not reach {target}")


@handles(CreateCall)
async def _create_call(control: Exchange, request: CreateCall) -> None:
    licence = control.admission.take()
    # Data in the hints is for the dialog and the desk; only aai travels to whoever is called.
    data = request.hints.get("data") if isinstance(request.hints, dict) else None
    aai = request.aai or (json.dumps(data, ensure_ascii=False) if isinstance(data, dict) and data else "")
    call = Call(request.connectionid, request.callerid or "", request.dest, aai)
    if licence is None:
        control.post("connection.failed", connectionid=request.connectionid, reason="noport")
        return
    connection = control.outbound(request.connectionid, call, licence)
    connection.dialling = asyncio.current_task()
    try:
        line = await _placed(control, connection, request)
    except (CallFailed, BadDestination) as error:
        reason, status = "baddestination", 0
        if isinstance(error, CallFailed):
            reason, status = error.reason, error.status
        log.info("call %s to %s: %s", call.id, request.dest, error)
        connection.outcome = reason
        control.finish(
            connection, Ended("local", reason), "connection.failed", reason, info={"status": status}
        )
        return
    except BaseException:
        # Taken back, or broken: in either case there is no call.
        connection.outcome = "cancelled"
        control.finish(connection, Ended("local", "cancelled"), "connection.failed", "cancelled")
        raise
    connection.dialling = None
    connection.leg = line.leg
    control.carry(connection, line)
    about = {
        "local": line.leg.local_uri,
        "remote": line.leg.remote_uri,
        "protocol": {"name": "sip", "version": "2.0"},
        "aai": from_user_to_user(line.leg.user_to_user),
    }
    if isinstance(request.hints, dict) and request.hints.get("detect"):
        control.listen_to_answer(connection)
    control.connected(connection, about)
    if request.joinid is not None and not connection.over:
        first, second = connection.id, request.joinid
        if request.joindirection == "send":
            first, second = second, first
        join_ids(control, first, second, full=request.joindirection == "both")


async def _placed(control: Exchange, connection: Connection, request: CreateCall) -> Line:
    call, world = connection.call, control.world
    if call.aai:
        await world.keep_data(call.id, parse(call.aai))
    limit = world.config.user_to_user_bytes
    return await world.telephones.place(
        request.dest,
        caller=request.callerid or "",
        user_to_user=to_user_to_user(call.id, request.aai, limit) if request.aai else None,
        timeout=RING_SECONDS if request.timeout is None else request.timeout,
        on_ringing=lambda progress: _progressing(control, connection, progress),
    )


def _progressing(control: Exchange, connection: Connection, progress: Progress) -> None:
    control.post("connection.progressing", connectionid=connection.id, info={"status": progress.status})


@handles(Disconnect)
async def _disconnect(control: Exchange, request: Disconnect) -> None:
    connection = control.connections.get(request.connectionid)
    if connection is not None:
        data = _data(control, connection, request)
        await control.hang_up(connection, request.reason or "", user_to_user=data)


@handles(Merge)
async def _merge(control: Exchange, request: Merge) -> None:
    """The network joins the two callers (REFER with Replaces, RFC 5589 §7); we leave when it has."""
    first = control.connections.get(request.connectionid1)
    second = control.connections.get(request.connectionid2)
    fields: dict[str, Any] = {"connectionid1": request.connectionid1, "connectionid2": request.connectionid2}
    try:
        if first is None or second is None or first.line is None or second.line is None:
            raise LegStateError("not connected")
        await _referred(first, second.line.leg.remote_uri, replaces=second.line.leg)
    except SipError as error:
        control.post(
            "connection.merge.failed", None, connectionid=request.connectionid1, **fields, reason=str(error)
        )
        return
    for connection in (first, second):
        connection.outcome = "merged"
        control.post("connection.merged", None, connectionid=connection.id, **fields)
        await control.hang_up(connection, "merged")
