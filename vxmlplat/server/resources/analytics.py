"""``/api/analytics``: which ways callers went."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from vxmlplat.analytics.export import csv_lines
from vxmlplat.analytics.questions import CallSummary, EdgeShare, NodeCount, Range
from vxmlplat.server.bodies import json_response, query_moment, query_number
from vxmlplat.server.errors import ApiError
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import services_of

TABLE = RouteTable()

PAGE = 100
LARGEST_PAGE = 1000


def _range(request: web.Request) -> Range:
    return Range(query_moment(request, "from"), query_moment(request, "to"))


def _flow(request: web.Request) -> str:
    flow = request.query.get("flow", "")
    if not flow:
        raise ApiError(400, "query.flow", "say which flow: ?flow=ID")
    return flow


def _versions(request: web.Request) -> set[int] | None:
    """``version=3``, several times or ``version=2,3``; none for all."""
    texts = [text.strip() for value in request.query.getall("version", []) for text in value.split(",")]
    named = [text for text in texts if text]
    if not all(text.isascii() and text.isdigit() and len(text) < 10 for text in named):
        raise ApiError(400, "query.version", "version is a number, or several with commas")
    return {int(text) for text in named} or None


def _share(share: EdgeShare, *, out: bool) -> dict[str, Any]:
    value: dict[str, Any] = {"node": share.node, "port": share.port}
    if out:
        value["reason"] = share.reason
    return value | {"count": share.count, "percent": share.percent}


def _node(node: NodeCount) -> dict[str, Any]:
    return {
        "node": node.node,
        "entered": node.entered,
        "left": node.left,
        "inside": node.inside,
        "from": [_share(share, out=False) for share in node.came_from],
        "to": [_share(share, out=True) for share in node.went_to],
    }


def _call(summary: CallSummary) -> dict[str, Any]:
    call = summary.call
    return {
        "call": call.id,
        "direction": call.direction,
        "started": call.started,
        "answered": call.answered,
        "ended": call.ended,
        "ani": call.ani,
        "dnis": call.dnis,
        "flow": call.flow,
        "version": call.version,
        "outcome": call.outcome,
        "hangup_by": call.hangup_by,
        "steps": summary.steps,
    }


@TABLE.get("/api/analytics/nodes", Role.ANALYST)
async def nodes(request: web.Request) -> web.Response:
    """Per node: where callers came from and where they went, of calls that started in the range."""
    services = services_of(request)
    flow = _flow(request)
    await services.recorder.flush_soon()
    found = await services.questions.nodes(flow, _range(request), _versions(request))
    return json_response({"flow": flow, "nodes": [_node(node) for node in found]})


@TABLE.get("/api/analytics/calls", Role.ANALYST)
async def calls(request: web.Request) -> web.Response:
    """Calls, newest first."""
    services = services_of(request)
    await services.recorder.flush_soon()
    page = await services.questions.calls(
        _range(request),
        flow=request.query.get("flow") or None,
        node=request.query.get("node") or None,
        versions=_versions(request),
        limit=query_number(request, "limit", PAGE, LARGEST_PAGE),
        after=request.query.get("after") or None,
    )
    return json_response({"calls": [_call(one) for one in page.calls], "next": page.after})


@TABLE.get("/api/analytics/calls/{call}", Role.ANALYST)
async def path(request: web.Request) -> web.Response:
    """One call's own path."""
    services = services_of(request)
    await services.recorder.flush_soon()
    found = await services.questions.path(request.match_info["call"])
    steps = [
        {
            "n": step.n,
            "session": step.session,
            "time": step.time,
            "flow": step.flow,
            "version": step.version,
            "from": step.from_node,
            "port": step.port,
            "to": step.to_node,
            "reason": step.reason,
            "fields": step.fields,
        }
        for step in found.steps
    ]
    return json_response(_call(CallSummary(found.call, len(steps))) | {"steps": steps})


@TABLE.get("/api/analytics/export", Role.ANALYST)
async def export(request: web.Request) -> web.StreamResponse:
    """The steps of a flow as CSV, streamed."""
    services = services_of(request)
    steps = services.questions.steps(_flow(request), _range(request))
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": 'attachment; filename="steps.csv"',
        }
    )
    await response.prepare(request)
    lines: list[str] = []
    async for line in csv_lines(steps):
        lines.append(line)
        if len(lines) >= 500:
            await response.write("".join(lines).encode())
            lines.clear()
    await response.write("".join(lines).encode())
    await response.write_eof()
    return response
