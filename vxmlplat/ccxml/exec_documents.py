"""Documents: fetching them, going to them, starting sessions with them (CCXML 1.0 §6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vxmlplat.ccxml.errors import ElementError, InvalidDocument
from vxmlplat.ccxml.events import Event, shortened
from vxmlplat.ccxml.execute import converted, evaluate, executes, one_of, required_text, text, variables
from vxmlplat.ccxml.loading import LoadedDocument, load_document
from vxmlplat.ccxml.model import Action
from vxmlplat.ccxml.schema import SCRIPT_TYPES
from vxmlplat.ccxml.session import Session
from vxmlplat.ccxml.submitting import form_fields
from vxmlplat.ccxml.times import age_seconds, css_seconds
from vxmlplat.documents import URLENCODED, CookieJar, FetchError, FetchRequest

if TYPE_CHECKING:
    from vxmlplat.ccxml.sessions import Sessions

CCXML_TYPES = frozenset({"application/ccxml+xml", "text/xml", "application/xml"})
REQUEST_ATTRIBUTES = ("next", "method", "timeout", "maxage", "maxstale", "enctype")


@executes("fetch")
def fetch(session: Session, action: Action) -> None:
    """``<fetch>``: ``fetch.done`` or ``error.fetch`` follow."""
    values = evaluate(session, action, *REQUEST_ATTRIBUTES, "type")
    namelist = variables(session, action, "namelist")
    request = _request(session, values, namelist)
    kind = text(values, "type") or "application/ccxml+xml"
    session.count_load()
    fetchid = session.sessions.platform.new_id("fetch")
    if "fetchid" in action.attributes:
        session.assign(action.attributes["fetchid"], fetchid)
    _show(session, action, values | {"next": _absolute(session, request), "fetchid": fetchid}, namelist)
    session.fetched[fetchid] = None
    session.sessions.spawn(_fetch(session, fetchid, kind, request))


@executes("goto")
def goto(session: Session, action: Action) -> bool:
    """``<goto>``: the transition ends, and the fetched document is executed."""
    fetchid = session.chain.string(action.attributes["fetchid"])
    document = session.fetched.get(fetchid)
    if not isinstance(document, LoadedDocument):
        raise ElementError("error.semantic", f"no document was fetched as {fetchid!r}")
    session.next_document = document
    return False


@executes("createccxml")
def createccxml(session: Session, action: Action) -> None:
    """``<createccxml>``: ``ccxml.created`` or ``error.createccxml`` follow."""
    values = evaluate(session, action, *REQUEST_ATTRIBUTES)
    namelist = variables(session, action, "namelist")
    parameters = variables(session, action, "parameters")
    request = _request(session, values, namelist)
    sessions = session.sessions
    session.count_load()
    if session.root.family > sessions.limits.family:
        raise ElementError("error.createccxml", f"more than {sessions.limits.family} sessions of one family")
    identifier = sessions.platform.new_id("session")
    if "sessionid" in action.attributes:
        session.assign(action.attributes["sessionid"], identifier)
    shown = values | {"next": _absolute(session, request), "sessionid": identifier}
    if "parameters" in action.attributes:
        shown["parameters"] = parameters
    _show(session, action, shown, namelist)
    session.root.family += 1
    sessions.spawn(_create(sessions, session, identifier, request, parameters))


async def _fetch(session: Session, fetchid: str, kind: str, request: FetchRequest) -> None:
    sessions = session.sessions
    fields: dict[str, Any] = {"fetchid": fetchid, "uri": request.uri}
    try:
        if kind.lower() in SCRIPT_TYPES:
            resource = await sessions.fetcher.fetch(request, session.cookies)
            content: LoadedDocument | str = resource.text()
            fields["uri"] = resource.uri
        elif kind.lower() in CCXML_TYPES:
            loaded = await load_document(sessions.fetcher, sessions.documents, request, session.cookies)
            content = loaded
            fields["uri"] = loaded.document.uri
        else:
            raise InvalidDocument(request.uri, 0, 0, f"the type {kind!r} is not known")
        if fetchid in session.fetched:  # the document that asked for it is still the session's
            session.fetched[fetchid] = content
        event = Event("fetch.done", fields)
    except (FetchError, InvalidDocument) as error:
        session.fetched.pop(fetchid, None)
        event = Event("error.fetch", fields | _failure(error))
    session.enqueue(event)
    sessions.run()


async def _create(
    sessions: Sessions, parent: Session, identifier: str, request: FetchRequest, values: dict[str, Any]
) -> None:
    child = Session(identifier, sessions, parent, CookieJar(sessions.clock))
    fields: dict[str, Any] = {"sessionid": identifier}
    try:
        document = await load_document(sessions.fetcher, sessions.documents, request, child.cookies)
    except (FetchError, InvalidDocument) as error:
        parent.root.family -= 1
        parent.enqueue(Event("error.createccxml", fields | _failure(error)))
    else:
        sessions.adopt(child)
        parent.enqueue(Event("ccxml.created", fields))
        child.begin(document, values)
    sessions.run()


def _failure(error: FetchError | InvalidDocument) -> dict[str, Any]:
    status = error.status if isinstance(error, FetchError) else None
    return {"reason": shortened(str(error))} | ({"statuscode": status} if status else {})


def _request(session: Session, values: dict[str, Any], namelist: dict[str, Any]) -> FetchRequest:
    return FetchRequest(
        required_text(values, "next"),
        referrer=session.document.document.base,
        method=one_of(values, "method", "get", "post", "GET", "POST").upper(),
        fields=form_fields(namelist),
        enctype=text(values, "enctype") or URLENCODED,
        maxage=converted(values, "maxage", age_seconds),
        maxstale=converted(values, "maxstale", age_seconds),
        timeout=converted(values, "timeout", css_seconds),
    )


def _absolute(session: Session, request: FetchRequest) -> str:
    return session.document.document.absolute(request.uri)


def _show(session: Session, action: Action, values: dict[str, Any], namelist: dict[str, Any]) -> None:
    if "namelist" in action.attributes:
        values["namelist"] = namelist
    session.sessions.platform.show(session, action.element, values)
