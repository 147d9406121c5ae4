"""Dialogs: preparing, starting and ending them (CCXML 1.0 §7.2)."""

from __future__ import annotations

from dataclasses import fields
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
    truth,
    variables,
)
from vxmlplat.ccxml.model import Action
from vxmlplat.ccxml.objects import OVER, Dialog
from vxmlplat.ccxml.requests import DialogPrepare, DialogStart, DialogTerminate
from vxmlplat.ccxml.times import age_seconds

if TYPE_CHECKING:
    from vxmlplat.ccxml.session import Session

VOICEXML = "application/voicexml+xml"
ATTRIBUTES = (
    "src",
    "type",
    "connectionid",
    "conferenceid",
    "mediadirection",
    "maxage",
    "maxstale",
    "enctype",
    "method",
    "hints",
)


@executes("dialogprepare")
def dialogprepare(session: Session, action: Action) -> None:
    """``<dialogprepare>``."""
    members = _members(session, action)
    _target(session, members, default=False)
    made = _make(session, action, members, "PREPARING")
    session.sessions.platform.request(session, made.made_by)


@executes("dialogstart")
def dialogstart(session: Session, action: Action) -> None:
    """``<dialogstart>``: a new dialog, or a prepared one."""
    if "prepareddialogid" in action.attributes:
        _start_prepared(session, action)
        return
    members = _members(session, action)
    _target(session, members, default=True)
    _make(session, action, members, "STARTING")
    session.sessions.platform.request(session, DialogStart(prepared=False, **members))


@executes("dialogterminate")
def dialogterminate(session: Session, action: Action) -> None:
    """``<dialogterminate>``."""
    values = evaluate(session, action, "dialogid", "immediate", "hints")
    dialog = text(values, "dialogid")
    known = session.objects.dialogs.get(dialog or "")
    if dialog is None or known is None:
        raise ElementError("error.semantic", f"the session has no dialog {dialog!r}")
    if known.state == "TERMINATED":
        raise ElementError("error.dialog.wrongstate", "the dialog is over", dialogid=dialog)
    session.sessions.platform.request(
        session,
        DialogTerminate(
            attributes=values,
            hints=values.get("hints"),
            dialogid=dialog,
            immediate=bool(truth(values, "immediate")),
        ),
    )


def _members(session: Session, action: Action) -> dict[str, Any]:
    """The fields of the request, but for its dialogid."""
    values = evaluate(session, action, *ATTRIBUTES)
    src = required_text(values, "src")
    namelist = variables(session, action, "namelist")
    parameters = variables(session, action, "parameters")
    shown = dict(values)
    if "namelist" in action.attributes:
        shown["namelist"] = namelist
    if "parameters" in action.attributes:
        shown["parameters"] = parameters
    return {
        "attributes": shown,
        "hints": values.get("hints"),
        "connectionid": identifier_text(values, "connectionid"),
        "conferenceid": identifier_text(values, "conferenceid"),
        "src": session.document.document.absolute(src),
        "type": text(values, "type") or VOICEXML,
        "namelist": namelist,
        "parameters": parameters,
        "mediadirection": _direction(values),
        "maxage": converted(values, "maxage", age_seconds),
        "maxstale": converted(values, "maxstale", age_seconds),
        "method": one_of(values, "method", "get", "post", "GET", "POST").upper(),
        "enctype": text(values, "enctype") or "application/x-www-form-urlencoded",
    }


def _direction(values: dict[str, Any]) -> str:
    return one_of(values, "mediadirection", "both", "dialogtransmit", "dialogreceive")


def _target(session: Session, members: dict[str, Any], *, default: bool) -> None:
    """Check what the dialog is to be heard on; by default the connection of the event."""
    connection, conference = members["connectionid"], members["conferenceid"]
    if connection is None and conference is None and default:
        connection = session.event.fields.get("connectionid") if session.event else None
        if connection is None:
            raise ElementError(
                "error.semantic", "no connection or conference is named, and the event has none"
            )
        members["connectionid"] = members["attributes"]["connectionid"] = connection
    if connection is not None:
        state = session.objects.connections.get(connection)
        if state is None:
            raise ElementError("error.semantic", f"the session has no connection {connection!r}")
        if state in OVER:
            reason = f"the connection is {state}"
            raise ElementError("error.connection.wrongstate", reason, connectionid=connection)
    elif conference is not None and conference not in session.objects.conferences:
        raise ElementError("error.semantic", f"the session has no conference {conference!r}")


def _make(session: Session, action: Action, members: dict[str, Any], state: str) -> Dialog:
    """Give the dialog its identifier and show its object."""
    variable = action.attributes.get("dialogid")
    if variable is not None:
        session.assign(variable, None)  # an undeclared variable stops the dialog
    dialog = session.sessions.platform.new_id("dialog")
    members["dialogid"] = members["attributes"]["dialogid"] = dialog
    shown = {
        name: members[name]
        for name in ("dialogid", "connectionid", "conferenceid", "src", "type", "parameters")
    }
    about = shown | {"objecttype": "dialog", "state": state, "outputs": []}
    place = (members["connectionid"], members["conferenceid"], members["mediadirection"])
    made = Dialog(state, DialogPrepare(**members), *place)
    session.objects.add_dialog(dialog, made, about)
    if members["connectionid"] is not None:
        session.objects.set_connection(members["connectionid"], None, {"dialogid": dialog})
    if variable is not None:
        session.assign(variable, dialog)
    return made


def _start_prepared(session: Session, action: Action) -> None:
    names = ("prepareddialogid", "connectionid", "conferenceid", "mediadirection", "hints")
    values = evaluate(session, action, *names)
    dialog = text(values, "prepareddialogid") or ""
    known = session.objects.dialogs.get(dialog)
    if known is None:
        raise ElementError("error.semantic", f"the session has no dialog {dialog!r}")
    if known.state not in ("PREPARING", "PREPARED"):
        raise ElementError("error.dialog.notstarted", f"the dialog is {known.state}", dialogid=dialog)
    made = known.made_by
    members = {item.name: getattr(made, item.name) for item in fields(made)}
    given = {name: identifier_text(values, name) for name in ("connectionid", "conferenceid")}
    if made.connectionid is not None or made.conferenceid is not None:
        if any(value is not None for value in given.values()) or "mediadirection" in values:
            reason = "the dialog was prepared for a connection or conference already"
            raise ElementError("error.dialog.notstarted", reason, dialogid=dialog)
        _target(session, members, default=False)  # the call may be over by now
    else:
        members |= given | {"attributes": values}
        if "mediadirection" in values:
            members["mediadirection"] = _direction(values)
        _target(session, members, default=True)
    members |= {"attributes": values | {"dialogid": dialog}, "hints": values.get("hints") or made.hints}
    if "dialogid" in action.attributes:
        session.assign(action.attributes["dialogid"], dialog)
    known.state = "STARTING"
    known.connectionid, known.conferenceid = members["connectionid"], members["conferenceid"]
    known.mediadirection = members["mediadirection"]
    session.objects.show("dialog", dialog, {"state": known.state, **known.place})
    session.sessions.platform.request(session, DialogStart(prepared=True, **members))
