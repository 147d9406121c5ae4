"""Connections: accepting, refusing, placing and ending calls (CCXML 1.0 §10.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vxmlplat.ccxml.errors import ElementError
from vxmlplat.ccxml.execute import (
    converted,
    evaluate,
    executes,
    identifier_text,
    one_of,
    required_text,
    text,
)
from vxmlplat.ccxml.model import Action
from vxmlplat.ccxml.requests import Accept, CreateCall, Disconnect, Merge, Redirect, Reject
from vxmlplat.ccxml.times import css_seconds

if TYPE_CHECKING:
    from vxmlplat.ccxml.session import Session


def named_connection(
    session: Session, values: dict[str, Any], *states: str, attribute: str = "connectionid"
) -> str:
    """The connection that an element works on: the one it names, else that of the event.

    error.semantic when the session has no such connection, error.connection.wrongstate when it is in none
    of the states.
    """
    identifier = identifier_text(values, attribute)
    if identifier is None and attribute == "connectionid" and session.event is not None:
        identifier = session.event.fields.get("connectionid")
        if identifier is not None:
            values[attribute] = identifier
    if identifier is None:
        raise ElementError("error.semantic", "no connection is named, and the event has none")
    state = session.objects.connections.get(identifier)
    if state is None:
        raise ElementError("error.semantic", f"the session has no connection {identifier!r}")
    if state not in states:
        reason = f"the connection is {state}, not {' or '.join(states)}"
        raise ElementError("error.connection.wrongstate", reason, connectionid=identifier)
    return identifier


@executes("accept")
def accept(session: Session, action: Action) -> None:
    """``<accept>``."""
    values = evaluate(session, action, "connectionid", "hints")
    connection = named_connection(session, values, "ALERTING")
    session.sessions.platform.request(
        session, Accept(attributes=values, hints=values.get("hints"), connectionid=connection)
    )


@executes("reject")
def reject(session: Session, action: Action) -> None:
    """``<reject>``."""
    values = evaluate(session, action, "connectionid", "reason", "hints")
    connection = named_connection(session, values, "ALERTING")
    session.sessions.platform.request(
        session,
        Reject(
            attributes=values,
            hints=values.get("hints"),
            connectionid=connection,
            reason=text(values, "reason"),
        ),
    )


@executes("redirect")
def redirect(session: Session, action: Action) -> None:
    """``<redirect>``: before the call is answered, or a blind transfer afterwards."""
    values = evaluate(session, action, "connectionid", "dest", "reason", "hints")
    connection = named_connection(session, values, "ALERTING", "CONNECTED")
    session.sessions.platform.request(
        session,
        Redirect(
            attributes=values,
            hints=values.get("hints"),
            connectionid=connection,
            dest=required_text(values, "dest"),
            reason=text(values, "reason"),
        ),
    )


@executes("createcall")
def createcall(session: Session, action: Action) -> None:
    """``<createcall>``: the new connection exists at once, its state follows with events."""
    names = ("dest", "aai", "callerid", "hints", "timeout", "joinid", "joindirection")
    values = evaluate(session, action, *names)
    dest = required_text(values, "dest")
    timeout = converted(values, "timeout", css_seconds)
    joinid = identifier_text(values, "joinid")
    if joinid is not None and session.objects.kind_of(joinid) is None:
        raise ElementError("error.semantic", f"the session has nothing called {joinid!r} to join")
    joindirection = one_of(values, "joindirection", "both", "receive", "send")
    if "connectionid" in action.attributes:
        session.assign(action.attributes["connectionid"], None)  # an undeclared variable stops the call
    connection = session.sessions.platform.new_id("connection")
    session.objects.set_connection(connection, "IDLE", {"remote": dest, "local": text(values, "callerid")})
    if "connectionid" in action.attributes:
        session.assign(action.attributes["connectionid"], connection)
    if joinid is not None:
        pair = (joinid, connection) if joindirection == "send" else (connection, joinid)
        session.objects.note_join(*pair, full=joindirection == "both")
    session.sessions.platform.request(
        session,
        CreateCall(
            attributes=values | {"connectionid": connection},
            hints=values.get("hints"),
            connectionid=connection,
            dest=dest,
            callerid=text(values, "callerid"),
            aai=text(values, "aai"),
            timeout=timeout,
            joinid=joinid,
            joindirection=joindirection,
        ),
    )


@executes("disconnect")
def disconnect(session: Session, action: Action) -> None:
    """``<disconnect>``."""
    values = evaluate(session, action, "connectionid", "reason", "hints")
    connection = named_connection(session, values, "CONNECTED", "PROGRESSING", "ALERTING", "IDLE")
    session.sessions.platform.request(
        session,
        Disconnect(
            attributes=values,
            hints=values.get("hints"),
            connectionid=connection,
            reason=text(values, "reason"),
        ),
    )


@executes("merge")
def merge(session: Session, action: Action) -> None:
    """``<merge>``: both calls must be able to be joined in the network."""
    values = evaluate(session, action, "connectionid1", "connectionid2", "hints")
    first = named_connection(session, values, "ALERTING", "CONNECTED", attribute="connectionid1")
    second = named_connection(session, values, "ALERTING", "CONNECTED", attribute="connectionid2")
    if first == second:
        raise ElementError("error.semantic", "a connection cannot be merged with itself")
    session.sessions.platform.request(
        session,
        Merge(attributes=values, hints=values.get("hints"), connectionid1=first, connectionid2=second),
    )
