"""Events and sessions from outside over HTTP: the basichttp and createsession processors (CCXML 1.0
appendix K).

The functions take a request's fields and answer with a status and a body; a server gives them an address.
They do not decide who may call them: the server does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vxmlplat.ccxml.errors import InvalidDocument
from vxmlplat.ccxml.events import EVENT_NAME, OF_EVENTS, Event, plain_members
from vxmlplat.documents import FetchError, FetchRequest

if TYPE_CHECKING:
    from vxmlplat.ccxml.sessions import Sessions

LONGEST_VALUES = 64 << 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: an HTTP status, and fields for the body of a 200."""

    status: int
    fields: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


def inject_event(sessions: Sessions, fields: Mapping[str, str]) -> Answer:
    """Post an event to a session: ``sessionid`` and ``name``, all other fields become ``event$.values``.

    204 when it was queued; 400 for fields that are missing or too large, 403 for a name that only the
    platform may use, 404 for a session that does not exist.
    """
    name = fields.get("name", "")
    if not EVENT_NAME.fullmatch(name) or "sessionid" not in fields:
        return Answer(400, reason="sessionid and the name of an event are needed")
    if name.lower().split(".")[0] in ("connection", "dialog", "conference", "ccxml"):
        return Answer(403, reason=f"{name} cannot come from outside")
    values = {key: value for key, value in fields.items() if key not in OF_EVENTS and key != "sessionid"}
    if sum(len(key) + len(value) for key, value in values.items()) > LONGEST_VALUES:
        return Answer(400, reason=f"more than {LONGEST_VALUES} characters of values")
    session = sessions.find(fields["sessionid"])
    if session is None or session.over:
        return Answer(404, reason="there is no such session")
    origin = {"eventsource": fields.get("eventsource", ""), "eventsourcetype": "basichttp"}
    session.post(Event(name, plain_members(values) | origin | {"values": values}))
    return Answer(204)


async def create_session(sessions: Sessions, fields: Mapping[str, str]) -> Answer:
    """Begin a session with the document at ``uri``; all other fields become ``session.values``.

    200 with ``session.id``; 400 without an address, 502 when the document cannot be had or is no CCXML.
    """
    uri = fields.get("uri", "")
    if not uri.startswith(("http://", "https://")):
        return Answer(400, reason="uri, an address of the web, is needed")
    values = {key: value for key, value in fields.items() if key != "uri"}
    try:
        session = await sessions.start(FetchRequest(uri, referrer=uri), values)
    except (FetchError, InvalidDocument) as error:
        return Answer(502, reason=str(error))
    return Answer(200, {"session.id": session.id})
