"""Sending, cancelling and moving events (CCXML 1.0 §9.2, appendix K for basichttp)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vxmlplat.ccxml.errors import ElementError
from vxmlplat.ccxml.events import EVENT_NAME, Event, plain_members, shortened, source_of
from vxmlplat.ccxml.execute import converted, evaluate, executes, required_text, text, variables
from vxmlplat.ccxml.model import Action
from vxmlplat.ccxml.requests import DialogSend
from vxmlplat.ccxml.session import Session
from vxmlplat.ccxml.submitting import form_fields
from vxmlplat.ccxml.times import css_seconds
from vxmlplat.documents import FetchError, FetchRequest

NOT_MOVED = frozenset({"connection", "dialog", "conference", "name"})
"""Members of an event that are made anew in the session it is moved to."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A ``<send>`` with all its attributes evaluated."""

    session: Session
    sendid: str
    target: str
    name: str
    values: dict[str, Any]
    content: str
    hints: Any

    def succeeded(self) -> None:
        """Tell the sender."""
        self.session.enqueue(Event("send.successful", {"sendid": self.sendid}))

    def failed(self, kind: str, reason: str) -> ElementError:
        """The error that tells the sender."""
        return ElementError(f"error.send.{kind}", reason, sendid=self.sendid)


@executes("send")
def send(session: Session, action: Action) -> None:
    """``<send>``: ``send.successful`` or an ``error.send.…`` follow."""
    values = evaluate(session, action, "target", "targettype", "name", "delay", "hints")
    namelist = variables(session, action, "namelist")
    targettype = text(values, "targettype") or "ccxml"
    target = required_text(values, "target")
    name = text(values, "name") or ""
    seconds = converted(values, "delay", css_seconds) or 0.0
    sessions = session.sessions
    sendid = sessions.platform.new_id("send")
    if "sendid" in action.attributes:
        session.assign(action.attributes["sendid"], sendid)
    sending = Sending(session, sendid, target, name, namelist, action.text, values.get("hints"))
    if "name" in action.attributes and not EVENT_NAME.fullmatch(name):
        raise sending.failed("failed", f"{name!r} is no name of an event")
    aim = PROCESSORS.get(targettype.lower())
    if aim is None:
        raise sending.failed("targettypeinvalid", f"the target type {targettype!r} is not known")
    shown = values | {"sendid": sendid, "targettype": targettype}
    if "namelist" in action.attributes:
        shown["namelist"] = namelist
    if seconds <= 0:
        deliver = aim(sending)
        sessions.platform.show(session, "send", shown)
        deliver()
        return
    if len(session.sends) >= sessions.limits.timers:
        raise sending.failed("failed", f"more than {sessions.limits.timers} events are waiting")
    sessions.platform.show(session, "send", shown)

    def later() -> None:
        session.sends.pop(sendid, None)
        session.note_outside()
        try:
            aim(sending)()
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
    """``<move>``: an object goes to another session, or an event with the object that it came from."""
    values = evaluate(session, action, "source", "event", "sessionid")
    receiver = text(values, "sessionid")
    target = session.sessions.find(receiver)
    if target is None or target.over:
        raise ElementError("error.move", f"there is no session {receiver!r}", sessionid=receiver)
    moved = values.get("event")
    if "event" in action.attributes and not (isinstance(moved, dict) and isinstance(moved.get("name"), str)):
        raise ElementError("error.semantic", "event is no event object")
    source = source_of(moved) if moved else text(values, "source")
    if not moved and session.objects.kind_of(source) is None:
        raise ElementError("error.semantic", f"the session has nothing called {source!r}")
    if source is not None and session.objects.bridged(source):
        raise ElementError("error.move", f"{source} is joined with something else", sessionid=receiver)
    shown = {key: value for key, value in values.items() if key != "event"}
    session.sessions.platform.show(session, "move", shown | ({"moved": moved["name"]} if moved else {}))
    if target is not session and source is not None:
        session.objects.hand_over(source, target.objects)
    if moved:
        fields = {key: value for key, value in moved.items() if key not in NOT_MOVED}
        target.enqueue(Event(moved["name"], fields, moved=True))


# ---- Event I/O processors: each finds its target, or raises, and returns what delivers the event.


def _to_session(sending: Sending) -> Callable[[], None]:
    receiver = sending.session.sessions.find(sending.target)
    if receiver is None or receiver.over:
        raise sending.failed("targetunavailable", f"there is no session {sending.target!r}")
    if not sending.name:
        raise sending.failed("failed", "an event for a session needs a name")
    members = plain_members(sending.values) | {"values": sending.values}
    members |= {"eventid": sending.sendid, "sendid": sending.sendid}
    members |= {"eventsource": sending.session.id, "eventsourcetype": "ccxml"}

    def deliver() -> None:
        if receiver is not sending.session and receiver.full:
            raise sending.failed("failed", f"too many events wait for session {sending.target!r}")
        receiver.enqueue(Event(sending.name, members, sender=sending.session))
        sending.succeeded()

    return deliver


def _to_dialog(sending: Sending) -> Callable[[], None]:
    session = sending.session
    dialog = session.objects.dialogs.get(sending.target)
    if dialog is None or dialog.state == "TERMINATED":
        raise sending.failed("targetunavailable", f"there is no dialog {sending.target!r}")

    def deliver() -> None:
        request = DialogSend(
            attributes={},
            hints=sending.hints,
            dialogid=sending.target,
            name=sending.name,
            values=sending.values,
            content=sending.content,
        )
        session.sessions.platform.request(session, request)
        sending.succeeded()

    return deliver


def _to_http(sending: Sending) -> Callable[[], None]:
    session = sending.session
    base = session.document.document.base
    if sending.content:
        body = sending.content.encode("utf-8")
        kind = "application/xml; charset=UTF-8"
        request = FetchRequest(sending.target, referrer=base, method="POST", body=body, content_type=kind)
    else:
        own = {
            "sessionid": session.id,
            "name": sending.name,
            "eventsource": session.id,
            "sendid": sending.sendid,
        }
        # Whom the event is for the document may tell; what the platform tells of it cannot be posed as.
        told = {
            name: value for name, value in sending.values.items() if name not in own or name == "sessionid"
        }
        fields = form_fields({**own, **told})
        request = FetchRequest(sending.target, referrer=base, method="POST", fields=fields)
    session.count_load()
    return lambda: session.sessions.spawn(_post(sending, request))


async def _post(sending: Sending, request: FetchRequest) -> None:
    session = sending.session
    try:
        await session.sessions.fetcher.fetch(request, session.cookies)
        sending.succeeded()
    except FetchError as error:
        kind = "failed" if error.reason in ("status", "protocol", "size") else "targetunavailable"
        fields = {"sendid": sending.sendid, "reason": shortened(str(error))}
        session.enqueue(Event(f"error.send.{kind}", fields))
    session.sessions.run()


PROCESSORS: dict[str, Callable[[Sending], Callable[[], None]]] = {
    "ccxml": _to_session,
    "dialog": _to_dialog,
    "basichttp": _to_http,
}
