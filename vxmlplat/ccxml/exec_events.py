"""Sending, cancelling and moving events (CCXML 1.0 §9.2, appendix K for basichttp)."""

from __future__ import annotations

from typing import Any

from vxmlplat.ccxml.errors import ElementError
from vxmlplat.ccxml.events import EVENT_NAME, Event
from vxmlplat.ccxml.execute import converted, evaluate, executes, required_text, text, variables
from vxmlplat.ccxml.model import Action
from vxmlplat.ccxml.requests import DialogSend
from vxmlplat.ccxml.session import Session
from vxmlplat.ccxml.submitting import form_fields
from vxmlplat.ccxml.times import css_seconds
from vxmlplat.documents import FetchError, FetchRequest

OBJECT_MEMBERS = frozenset({"connection", "dialog", "conference", "name"})
MEMBERS_OF_EVENTS = frozenset({"name", "eventid", "eventsource", "eventsourcetype", "values", "sendid"})


@executes("send")
def send(session: Session, action: Action) -> None:
    """``<send>``: ``send.successful`` or an ``error.send.…`` follow."""
    values = evaluate(session, action, "target", "targettype", "name", "delay", "hints")
    namelist = variables(session, action, "namelist")
    targettype = text(values, "targettype") or "ccxml"
    target = required_text(values, "target")
    name = text(values, "name") or ""
    if "name" in action.attributes and not EVENT_NAME.fullmatch(name):
        raise ElementError("error.semantic", f"{name!r} is no name of an event", goes_on=False)
    seconds = converted(values, "delay", css_seconds) or 0.0
    sessions = session.sessions
    sendid = sessions.platform.new_id("send")
    if "sendid" in action.attributes:
        session.assign(action.attributes["sendid"], sendid)
    deliver = DELIVERIES.get(targettype.lower())
    if deliver is None:
        raise _failed("targettypeinvalid", f"the target type {targettype!r} is not known", sendid)
    shown = values | {"sendid": sendid, "targettype": targettype}
    if "namelist" in action.attributes:
        shown["namelist"] = namelist
    sending = (session, sendid, target, name, namelist, action.text, values.get("hints"))
    if seconds <= 0:
        deliver(*sending, shown)
        return
    if len(session.sends) >= sessions.limits.timers:
        raise _failed("failed", f"more than {sessions.limits.timers} events are waiting", sendid)
    sessions.platform.show(session, "send", shown)

    def later() -> None:
        session.sends.pop(sendid, None)
        session.note_outside()
        try:
            deliver(*sending, None)
        except ElementError as error:
            session.raise_error(error.event, error.reason, "send", action.line, **error.fields)
        sessions.run()

    session.sends[sendid] = sessions.timers.add(seconds, later)


@executes("cancel")
def cancel(session: Session, action: Action) -> None:
    """``<cancel>``."""
    sendid = required_text(evaluate(session, action, "sendid"), "sendid")
    timer = session.sends.pop(sendid, None)
    if timer is None or not timer.cancel():
        raise ElementError("error.notallowed", f"nothing waits that was sent as {sendid!r}", sendid=sendid)
    session.enqueue(Event("cancel.successful", {"sendid": sendid}))


@executes("move")
def move(session: Session, action: Action) -> None:
    """``<move>``: an object goes to another session, an event with its object, or both."""
    values = evaluate(session, action, "source", "event", "sessionid")
    target = session.sessions.find(values.get("sessionid"))
    if target is None or target.over:
        raise _unmoved(values, f"there is no session {values.get('sessionid')!r}")
    moved = values.get("event")
    if "event" in action.attributes and not (isinstance(moved, dict) and isinstance(moved.get("name"), str)):
        raise ElementError("error.semantic", "event is no event object", goes_on=False)
    sources = [str(values["source"])] if values.get("source") is not None else []
    if moved:
        sources += [moved[key] for key in ("connectionid", "dialogid", "conferenceid") if key in moved]
    for source in dict.fromkeys(sources):
        if source == str(values.get("source")) and session.objects.kind_of(source) is None:
            raise ElementError("error.semantic", f"the session has nothing called {source!r}")
        if session.objects.bridged(source):
            raise _unmoved(values, f"{source} is joined with something else")
    shown = {key: value for key, value in values.items() if key != "event"}
    session.sessions.platform.show(session, "move", shown | ({"moved": moved["name"]} if moved else {}))
    if target is not session:
        for source in dict.fromkeys(sources):
            session.objects.hand_over(source, target.objects)
    if moved:
        fields = {key: value for key, value in moved.items() if key not in OBJECT_MEMBERS}
        target.enqueue(Event(moved["name"], fields, moved=True))


def _unmoved(values: dict[str, Any], reason: str) -> ElementError:
    return ElementError("error.move", reason, sessionid=values.get("sessionid"))


# ---- Where events can be sent to. ``shown`` is what to print when the event leaves, None when that was done.


def _to_session(
    session: Session,
    sendid: str,
    target: str,
    name: str,
    values: dict[str, Any],
    content: str,
    _hints: Any,
    shown: dict[str, Any] | None,
) -> None:
    receiver = session.sessions.find(target)
    if receiver is None or receiver.over:
        raise _failed("targetunavailable", f"there is no session {target!r}", sendid)
    if not name:
        raise _failed("failed", "an event for a session needs a name", sendid)
    _print(session, shown)
    plain = {key: value for key, value in values.items() if key not in MEMBERS_OF_EVENTS}
    origin = {"eventid": sendid, "eventsource": session.id, "eventsourcetype": "ccxml", "sendid": sendid}
    receiver.enqueue(Event(name, plain | origin | {"values": values, "content": content}))
    session.enqueue(Event("send.successful", {"sendid": sendid}))


def _to_dialog(
    session: Session,
    sendid: str,
    target: str,
    name: str,
    values: dict[str, Any],
    content: str,
    hints: Any,
    shown: dict[str, Any] | None,
) -> None:
    dialog = session.objects.dialogs.get(target)
    if dialog is None or dialog.state == "TERMINATED":
        raise _failed("targetunavailable", f"there is no dialog {target!r}", sendid)
    _print(session, shown)
    session.sessions.platform.request(
        session,
        DialogSend(attributes={}, hints=hints, dialogid=target, name=name, values=values, content=content),
    )
    session.enqueue(Event("send.successful", {"sendid": sendid}))


def _to_http(
    session: Session,
    sendid: str,
    target: str,
    name: str,
    values: dict[str, Any],
    content: str,
    _hints: Any,
    shown: dict[str, Any] | None,
) -> None:
    _print(session, shown)
    session.count_load()
    fields = [("sessionid", session.id), ("name", name), ("eventsource", session.id), ("sendid", sendid)]
    request = FetchRequest(
        target, referrer=session.document.document.base, method="POST", fields=fields + form_fields(values)
    )
    if content:
        request = FetchRequest(
            target,
            referrer=session.document.document.base,
            method="POST",
            body=content.encode("utf-8"),
            content_type="application/xml; charset=UTF-8",
        )
    session.sessions.spawn(_post(session, sendid, request))


async def _post(session: Session, sendid: str, request: FetchRequest) -> None:
    try:
        await session.sessions.fetcher.fetch(request, session.cookies)
        event = Event("send.successful", {"sendid": sendid})
    except FetchError as error:
        kind = "failed" if error.reason in ("status", "protocol", "size") else "targetunavailable"
        event = Event(f"error.send.{kind}", {"sendid": sendid, "reason": str(error)})
    session.enqueue(event)
    session.sessions.run()


DELIVERIES = {"ccxml": _to_session, "dialog": _to_dialog, "basichttp": _to_http}


def _failed(kind: str, reason: str, sendid: str) -> ElementError:
    return ElementError(f"error.send.{kind}", reason, sendid=sendid)


def _print(session: Session, shown: dict[str, Any] | None) -> None:
    if shown is not None:
        session.sessions.platform.show(session, "send", shown)
