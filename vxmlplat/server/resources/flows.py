"""``/api/flows``: drafts, checks, versions, publishing."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from aiohttp import hdrs, web
from pydantic import Field

from vxmlplat.flows.node_type import describe_node_types
from vxmlplat.server.auditing import changing
from vxmlplat.server.bodies import Body, json_response, read_model, read_object
from vxmlplat.server.errors import ApiError
from vxmlplat.server.events import FlowChanged, FlowSaved
from vxmlplat.server.flow_tools import compiled, compiled_node, problems_of, readable
from vxmlplat.server.identity import identity_of
from vxmlplat.server.resources.conversation_tests import refuse_failing
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import services_of
from vxmlplat.store.errors import ConflictError
from vxmlplat.store.flows import Flow, FlowText, Publication

TABLE = RouteTable()

_REVISION = re.compile(r'^(?:W/)?"?(\d{1,9})"?$')


class PublicationBody(Body):
    """Which saved draft is to be published, under which name and why, and for whom."""

    revision: Annotated[int, Field(ge=1)]
    name: Annotated[str, Field(max_length=80)] = ""
    note: Annotated[str, Field(max_length=2000)] = ""
    audience: Literal["all", "test"] = "all"


class MadeCurrent(Body):
    """Which version is to be the current one, and which one the author saw there."""

    version: Annotated[int, Field(ge=1)]
    seen: Annotated[int, Field(ge=1)] | None = None


class OnTest(Body):
    """Which version test numbers get; none: the current one, like all others."""

    version: Annotated[int, Field(ge=1)] | None


def _summary(flow: Flow) -> dict[str, Any]:
    return {
        "id": flow.id,
        "name": flow.draft.get("name", flow.id),
        "class": flow.draft.get("class", ""),
        "languages": flow.draft.get("languages", []),
        "revision": flow.revision,
        "published": flow.current,
        "testing": flow.testing,
        "changed": flow.changed,
        "changed_by": flow.changed_by,
    }


def _opened(flow: Flow, status: int = 200) -> web.Response:
    value = {
        "flow": flow.draft,
        "revision": flow.revision,
        "published": flow.current,
        "testing": flow.testing,
        "changed": flow.changed,
        "changed_by": flow.changed_by,
    }
    return json_response(value, status, {"ETag": f'"{flow.revision}"'})


@TABLE.get("/api/node-types", Role.ANALYST)
async def node_types(request: web.Request) -> web.Response:
    """The node types that a flow can hold."""
    return json_response(describe_node_types())


@TABLE.get("/api/flows", Role.AUTHOR, Role.ANALYST)
async def list_flows(request: web.Request) -> web.Response:
    """Every flow, in short. Analysts choose the flow of a report from it."""
    return json_response([_summary(flow) for flow in await services_of(request).store.flows.all()])


@TABLE.post("/api/flows", Role.AUTHOR)
async def add_flow(request: web.Request) -> web.Response:
    """A new flow: from its id alone, or from a whole file."""
    services = services_of(request)
    body = await read_object(request, services.settings.flow_limit)
    draft: FlowText = {
        "schema": 1,
        "name": body.get("id", ""),
        "class": "",
        "languages": ["en-US"],
        "variables": [],
        "nodes": [{"id": "start", "type": "start", "title": "", "position": {"x": 0, "y": 0}, "fields": {}}],
        "edges": [],
        "notes": [],
        **body,
    }
    flow = str(body.get("id", ""))
    readable(draft, flow)
    async with changing(request, "flow.add", f"flow {flow}"):
        made = await services.store.flows.add(flow, draft, identity_of(request).name, services.clock.wall())
    return _opened(made, 201)


@TABLE.get("/api/flows/{flow}", Role.AUTHOR)
async def get_flow(request: web.Request) -> web.Response:
    """The draft, with its revision as ETag."""
    return _opened(await services_of(request).store.flows.get(request.match_info["flow"]))


@TABLE.put("/api/flows/{flow}", Role.AUTHOR)
async def save_flow(request: web.Request) -> web.Response:
    """Save the draft over the revision that the author saw; 412 when somebody saved before."""
    services = services_of(request)
    flow = request.match_info["flow"]
    revision = _seen(request)
    draft = await read_object(request, services.settings.flow_limit)
    readable(draft, flow)
    try:
        async with changing(request, "flow.save", f"flow {flow}") as noted:
            saved = await services.store.flows.save(
                flow, draft, revision, identity_of(request).name, services.clock.wall()
            )
            noted["revision"] = saved.revision
    except ConflictError as error:
        raise ApiError(412, error.code, str(error), detail=error.detail) from error
    await services.events.publish(FlowSaved(flow, saved.revision, saved.changed_by))
    value = {"revision": saved.revision, "published": saved.current}
    return json_response(value, headers={"ETag": f'"{saved.revision}"'})


@TABLE.delete("/api/flows/{flow}", Role.AUTHOR)
async def remove_flow(request: web.Request) -> web.Response:
    """Remove a flow that no number uses."""
    services = services_of(request)
    flow = request.match_info["flow"]
    async with changing(request, "flow.remove", f"flow {flow}"):
        await services.store.flows.remove(flow)
    await services.events.publish(FlowChanged(flow, None))
    return web.Response(status=204)


@TABLE.post("/api/flows/{flow}/check", Role.AUTHOR, audited=False)
async def check(request: web.Request) -> web.Response:
    """What is wrong with the draft that was sent; nothing is saved."""
    services = services_of(request)
    draft = await read_object(request, services.settings.flow_limit)
    found = await problems_of(services.store, draft)
    return json_response({"problems": [problem.as_json() for problem in found]})


@TABLE.get("/api/flows/{flow}/compiled", Role.AUTHOR)
async def show_compiled(request: web.Request) -> web.Response:
    """What the saved draft, or one node of it, compiles to."""
    services = services_of(request)
    draft = (await services.store.flows.get(request.match_info["flow"])).draft
    node = request.query.get("node")
    if node:
        return json_response({"documents": {node: await compiled_node(draft, node)}})
    return json_response({"documents": dict((await compiled(services.store, draft)).documents)})


@TABLE.post("/api/flows/{flow}/publish", Role.AUTHOR)
async def publish(request: web.Request) -> web.Response:
    """Publish the saved draft: the next call gets it, or the next call of a test number."""
    services = services_of(request)
    flow = request.match_info["flow"]
    body = await read_model(request, PublicationBody)
    saved = await services.store.flows.get(flow)
    if saved.revision != body.revision:
        message = f"{saved.changed_by} saved revision {saved.revision} since; look at it before publishing"
        raise ConflictError("flow.conflict", message, revision=saved.revision, changed_by=saved.changed_by)
    # Compiled outside the transaction; the store compares the revision again inside it.
    result = await compiled(services.store, saved.draft)
    await refuse_failing(services, flow, saved.draft)
    by = identity_of(request).name
    publication = Publication(by, body.note, body.name, test=body.audience == "test")
    detail = body.model_dump()
    async with changing(request, "flow.publish", f"flow {flow}", detail) as noted:
        made = await services.store.flows.publish(
            flow, body.revision, dict(result.documents), publication, services.clock.wall()
        )
        noted["version"] = made.version
    await services.events.publish(FlowChanged(flow, made.version, by, test=publication.test))
    problems = [problem.as_json() for problem in result.problems]
    return json_response({"version": made.version, "problems": problems})


@TABLE.get("/api/flows/{flow}/versions", Role.AUTHOR, Role.ANALYST)
async def list_versions(request: web.Request) -> web.Response:
    """The versions, newest first."""
    flows = services_of(request).store.flows
    flow = await flows.get(request.match_info["flow"])
    return json_response(
        [
            {
                "version": one.version,
                "revision": one.revision,
                "published_at": one.published,
                "published_by": one.published_by,
                "name": one.name,
                "note": one.note,
                "current": one.version == flow.current,
                "testing": one.version == flow.testing,
            }
            for one in await flows.versions(flow.id)
        ]
    )


@TABLE.get(r"/api/flows/{flow}/versions/{version:\d{1,9}}", Role.AUTHOR, Role.ANALYST)
async def get_version(request: web.Request) -> web.Response:
    """The graph of a version, for the canvas and for the report that is drawn on it."""
    flows = services_of(request).store.flows
    version = await flows.version(request.match_info["flow"], int(request.match_info["version"]))
    return json_response({"flow": version.graph, "version": version.version, "revision": version.revision})


@TABLE.post("/api/flows/{flow}/rollback", Role.AUTHOR)
async def roll_back(request: web.Request) -> web.Response:
    """Make an older version the current one."""
    services = services_of(request)
    flow = request.match_info["flow"]
    body = await read_model(request, MadeCurrent)
    async with changing(request, "flow.rollback", f"flow {flow}", {"version": body.version}) as noted:
        noted["before"] = (await services.store.flows.get(flow)).current
        found = await services.store.flows.make_current(
            flow, body.version, services.clock.wall(), seen=body.seen
        )
    await services.events.publish(FlowChanged(flow, body.version, identity_of(request).name))
    return json_response({"version": body.version, "before": noted["before"], "testing": found.testing})


@TABLE.post("/api/flows/{flow}/promote", Role.AUTHOR)
async def promote(request: web.Request) -> web.Response:
    """Give the version that is on test to all; the test ends."""
    services = services_of(request)
    flow = request.match_info["flow"]
    body = await read_model(request, MadeCurrent)
    async with changing(request, "flow.promote", f"flow {flow}", {"version": body.version}) as noted:
        noted["before"] = (await services.store.flows.get(flow)).current
        await services.store.flows.make_current(
            flow, body.version, services.clock.wall(), seen=body.seen, on_test=True
        )
    await services.events.publish(FlowChanged(flow, body.version, identity_of(request).name))
    return json_response({"version": body.version, "before": noted["before"], "testing": None})


@TABLE.put("/api/flows/{flow}/testing", Role.AUTHOR)
async def put_on_test(request: web.Request) -> web.Response:
    """Give test numbers a version of their own, or the current one again."""
    services = services_of(request)
    flow = request.match_info["flow"]
    body = await read_model(request, OnTest)
    async with changing(request, "flow.test", f"flow {flow}", {"version": body.version}):
        found = await services.store.flows.put_on_test(flow, body.version, services.clock.wall())
    on_test = found.current if body.version is None else body.version
    await services.events.publish(FlowChanged(flow, on_test, identity_of(request).name, test=True))
    return json_response({"published": found.current, "testing": found.testing})


@TABLE.get("/api/flows/{flow}/numbers", Role.AUTHOR)
async def numbers_of(request: web.Request) -> web.Response:
    """The numbers that the flow answers, and which of them are test numbers."""
    store = services_of(request).store
    flow = await store.flows.get(request.match_info["flow"])
    rows = [row for row in await store.numbers.all() if row.flow == flow.id]
    return json_response([{"number": row.number, "test": row.test} for row in rows])


def _seen(request: web.Request) -> int:
    header = request.headers.get(hdrs.IF_MATCH)
    if header is None:
        raise ApiError(428, "flow.revision_needed", 'say which revision you saw: If-Match: "REVISION"')
    match = _REVISION.match(header.strip())
    if match is None:
        raise ApiError(400, "flow.revision", f"{header!r} is no revision")
    return int(match[1])
