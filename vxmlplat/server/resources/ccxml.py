"""Call control from outside: placing calls, and the CCXML sessions' own doors.

``/api/calls`` places a call and tells how it gets on. ``/api/ccxml/basichttp`` posts an event to a session
and ``/api/ccxml/createsession`` begins one (CCXML 1.0 appendix K).
"""

from __future__ import annotations

from typing import Annotated, Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiohttp import web
from pydantic import Field, model_validator

from vxmlplat.calls.placing import CallOrder
from vxmlplat.calls.switchboard import BASICHTTP, CREATESESSION
from vxmlplat.ccxml.basichttp import Answer, create_session, inject_event
from vxmlplat.ccxml.errors import CcxmlError
from vxmlplat.documents import DocumentError, RouteRequest, RouteResponse
from vxmlplat.documents.fetcher import RouteHandler
from vxmlplat.flows import FIRST_DOCUMENT
from vxmlplat.server.auditing import changing
from vxmlplat.server.bodies import Body, json_response, read_bytes, read_model
from vxmlplat.server.errors import ApiError
from vxmlplat.server.published import PUBLISHED
from vxmlplat.server.resources.numbers import Address
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import CallControl, Services, services_of

TABLE = RouteTable()

FORM = "application/x-www-form-urlencoded"
FORM_LIMIT = 256 * 1024


class CallBody(Body):
    """A call to place: who is called, and the flow, VoiceXML document or CCXML document that speaks."""

    destination: Annotated[str, Field(max_length=1000, pattern=r"^((tel|sips?):.+)?$")] = ""
    flow: str | None = None
    document: Address | None = None
    ccxml: Address | None = None
    caller: Annotated[str, Field(max_length=200)] = ""
    data: dict[str, Any] = Field(default_factory=dict)
    timeout: Annotated[float, Field(ge=1, le=300)] = 45.0
    detect: bool = False
    to_machines: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        if not (self.flow or self.document or self.ccxml):
            raise ValueError("give a flow, a document or a ccxml")
        if self.flow and self.document:
            raise ValueError("give a flow or a document, not both")
        if not (self.destination or self.ccxml):
            raise ValueError("give a destination; only a ccxml may know itself whom to call")
        return self


@TABLE.post("/api/calls", Role.OPERATOR)
async def place_call(request: web.Request) -> web.Response:
    """Place a call; the answer comes at once, how it gets on is asked for by its id."""
    services = services_of(request)
    body = await read_model(request, CallBody)
    control = _control(request)
    dialog = _absolute(control, body.document or "")
    if body.flow:
        dialog = await _flow_document(services, control, body.flow)
    order = CallOrder(
        body.destination,
        dialog,
        _absolute(control, body.ccxml or ""),
        body.caller,
        body.data,
        body.timeout,
        body.detect or body.to_machines,
        body.to_machines,
    )
    # Numbers are who was called: the trail has them. The data is the callee's business: it has not.
    async with changing(request, "call.place", body.destination, {"flow": body.flow, "caller": body.caller}):
        pass
    try:
        placed = await control.placed.place(order)
    except (DocumentError, CcxmlError) as error:
        raise ApiError(422, "call.ccxml", str(error)) from error
    return json_response(placed.shown(), 201)


@TABLE.get("/api/calls/{call}", Role.OPERATOR)
async def get_call(request: web.Request) -> web.Response:
    """How a call that was placed gets on."""
    placed = _control(request).placed.get(request.match_info["call"])
    if placed is None:
        raise ApiError(404, "call.unknown", "no such call was placed since the platform started")
    return json_response(placed.shown())


@TABLE.post(BASICHTTP, Role.OPERATOR, audited=False)
async def basichttp(request: web.Request) -> web.Response:
    """Post an event to a session."""
    return _over_http(inject_event(_control(request).sessions, await _form(request)))


@TABLE.post(CREATESESSION, Role.OPERATOR)
async def createsession(request: web.Request) -> web.Response:
    """Begin a session with the document at ``uri``."""
    fields = await _form(request)
    async with changing(request, "ccxml.start", fields.get("uri", "")):
        pass
    return _over_http(await create_session(_control(request).sessions, fields))


def routes(services: Services) -> dict[str, RouteHandler]:
    """The sessions' doors for the platform's own documents (``session.ioprocessors``), with no socket."""

    async def inject(request: RouteRequest) -> RouteResponse:
        assert services.call_control is not None
        return _in_process(inject_event(services.call_control.sessions, _own_form(request)))

    async def start(request: RouteRequest) -> RouteResponse:
        assert services.call_control is not None
        return _in_process(await create_session(services.call_control.sessions, _own_form(request)))

    return {BASICHTTP: inject, CREATESESSION: start}


async def _flow_document(services: Services, control: CallControl, flow: str) -> str:
    current = (await services.store.flows.get(flow)).current
    if current is None:
        raise ApiError(409, "flow.unpublished", f"flow {flow} is not published")
    return _absolute(control, f"{PUBLISHED}{flow}/{current}/{FIRST_DOCUMENT}")


def _absolute(control: CallControl, address: str) -> str:
    """An address of the platform's own, with its host."""
    base = control.sessions.addresses["basichttp"].removesuffix(BASICHTTP)
    return base + address if address.startswith("/") else address


async def _form(request: web.Request) -> dict[str, str]:
    body = await read_bytes(request, FORM_LIMIT)
    return {**_pairs(request.query_string), **_form_of(request.content_type, body)}


def _own_form(request: RouteRequest) -> dict[str, str]:
    kind = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    return {**_pairs(urlsplit(request.uri).query), **_form_of(kind, request.body)}


def _form_of(kind: str, body: bytes) -> dict[str, str]:
    return _pairs(body.decode("utf-8", "replace")) if kind == FORM else {}


def _pairs(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=1000))
    except ValueError:  # too many fields: as if there were none, which is refused
        return {}


def _over_http(answer: Answer) -> web.Response:
    if answer.status >= 400:
        raise ApiError(answer.status, "ccxml.refused", answer.reason)
    if not answer.fields:
        return web.Response(status=answer.status)
    return web.Response(status=answer.status, text=urlencode(answer.fields), content_type=FORM)


def _in_process(answer: Answer) -> RouteResponse:
    body = urlencode(answer.fields) if answer.fields else answer.reason
    kind = FORM if answer.fields else "text/plain; charset=utf-8"
    return RouteResponse(answer.status, body.encode(), {"content-type": kind})


def _control(request: web.Request) -> CallControl:
    control = services_of(request).call_control
    if control is None:
        raise ApiError(503, "calls.absent", "no telephones run here")
    return control
