"""Conferences and bridges (CCXML 1.0 §10.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vxmlplat.ccxml.errors import ElementError
from vxmlplat.ccxml.execute import evaluate, executes, one_of, text, truth
from vxmlplat.ccxml.model import Action
from vxmlplat.ccxml.objects import OVER, Conference
from vxmlplat.ccxml.requests import CreateConference, DestroyConference, Join, Unjoin

if TYPE_CHECKING:
    from vxmlplat.ccxml.session import Session


@executes("createconference")
def createconference(session: Session, action: Action) -> None:
    """``<createconference>``."""
    values = evaluate(session, action, "confname", "reservedtalkers", "reservedlisteners", "hints")
    talkers = _places(values, "reservedtalkers")
    listeners = _places(values, "reservedlisteners")
    name = text(values, "confname")
    variable = action.attributes["conferenceid"]
    session.assign(variable, None)  # an undeclared variable stops the conference
    conference = session.sessions.platform.new_id("conference")
    session.objects.add_conference(conference, Conference(name))
    session.assign(variable, conference)
    session.sessions.platform.request(
        session,
        CreateConference(
            attributes=values | {"conferenceid": conference},
            hints=values.get("hints"),
            conferenceid=conference,
            confname=name,
            reservedtalkers=talkers,
            reservedlisteners=listeners,
        ),
    )


@executes("destroyconference")
def destroyconference(session: Session, action: Action) -> None:
    """``<destroyconference>``."""
    values = evaluate(session, action, "conferenceid", "hints")
    conference = text(values, "conferenceid")
    if conference is None or conference not in session.objects.conferences:
        raise ElementError("error.semantic", f"the session has no conference {conference!r}")
    session.sessions.platform.request(
        session, DestroyConference(attributes=values, hints=values.get("hints"), conferenceid=conference)
    )


@executes("join")
def join(session: Session, action: Action) -> None:
    """``<join>``."""
    names = (
        "id1",
        "id2",
        "duplex",
        "hints",
        "entertone",
        "exittone",
        "autoinputgain",
        "autooutputgain",
        "dtmfclamp",
        "toneclamp",
    )
    values = evaluate(session, action, *names)
    id1, id2 = _endpoint(session, values, "id1"), _endpoint(session, values, "id2")
    if id1 == id2:
        raise ElementError("error.semantic", "an endpoint cannot be joined with itself")
    duplex = one_of(values, "duplex", "full", "half")
    session.sessions.note_asker(session, id1, id2)
    session.objects.note_join(id1, id2, full=duplex == "full")
    session.sessions.platform.request(
        session,
        Join(
            attributes=values,
            hints=values.get("hints"),
            id1=id1,
            id2=id2,
            duplex=duplex,
            entertone=text(values, "entertone"),
            exittone=text(values, "exittone"),
            autoinputgain=truth(values, "autoinputgain"),
            autooutputgain=truth(values, "autooutputgain"),
            dtmfclamp=truth(values, "dtmfclamp"),
            toneclamp=truth(values, "toneclamp"),
        ),
    )


@executes("unjoin")
def unjoin(session: Session, action: Action) -> None:
    """``<unjoin>``."""
    values = evaluate(session, action, "id1", "id2", "hints")
    id1, id2 = _endpoint(session, values, "id1"), _endpoint(session, values, "id2")
    session.sessions.note_asker(session, id1, id2)
    session.sessions.platform.request(
        session, Unjoin(attributes=values, hints=values.get("hints"), id1=id1, id2=id2)
    )


def _endpoint(session: Session, values: dict[str, Any], name: str) -> str:
    """What is to be joined: the session's own, or of another of its family (§10.5.5); no stranger's."""
    identifier = text(values, name)
    owner = session.sessions.owners.get(identifier or "")
    objects = owner.objects if owner is not None and owner.root is session.root else session.objects
    kind = objects.kind_of(identifier)
    if identifier is None or kind is None:
        raise ElementError("error.semantic", f"{name}: the session has nothing called {identifier!r}")
    if kind == "connection" and objects.connections[identifier] in OVER:
        reason = f"{name}: the connection is {objects.connections[identifier]}"
        raise ElementError("error.connection.wrongstate", reason, connectionid=identifier)
    if kind == "dialog" and objects.dialogs[identifier].state == "TERMINATED":
        raise ElementError("error.dialog.wrongstate", f"{name}: the dialog is over", dialogid=identifier)
    return identifier


def _places(values: dict[str, Any], name: str) -> int | None:
    value = values.get(name)
    if isinstance(value, str) and value.strip().isdigit():
        return int(value)
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 and value == int(value):
        return int(value)
    raise ElementError("error.semantic", f"{name} is {value!r}, not a number of places")
