"""What authors are helped with beside saving: templates, import of VoiceXML, the compiled draft, search."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from vxmlplat.flows.importing import DocumentRefused
from vxmlplat.flows.schema import FLOW_ID, AuthorText, FlowId
from vxmlplat.flows.searching import search_flows
from vxmlplat.flows.template_library import Template, templates
from vxmlplat.server.auditing import changing
from vxmlplat.server.bodies import Body, json_response, read_model, read_object
from vxmlplat.server.errors import ApiError
from vxmlplat.server.flow_tools import compiled, compiled_node, imported, problems_of, readable
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import Services, services_of
from vxmlplat.store.settings import SettingRepository

TABLE = RouteTable()

PREFIX = "template."
"""Of the settings that hold authors' own templates."""

MOST_TEMPLATES = 500


class VoiceXml(Body):
    """A document to be imported. ``base``: its address, for relative ones in it; ``application``: the text of
    its application root."""

    id: FlowId
    document: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(max_length=200)] = ""
    base: Annotated[str, Field(max_length=2000, pattern=r"^(https?://\S+)?$")] = ""
    application: str | None = None


class OwnTemplate(Body):
    """A template that an author makes of a flow or of a part of one."""

    title: AuthorText
    summary: AuthorText = Field(default_factory=dict)
    flow: dict[str, Any]


@TABLE.post("/api/flows/import", Role.AUTHOR, audited=False)
async def import_document(request: web.Request) -> web.Response:
    """A VoiceXML document as a flow, with what became what; nothing is stored."""
    services = services_of(request)
    body = await read_model(request, VoiceXml, services.settings.flow_limit)
    try:
        made = await imported(
            body.document, body.id, name=body.name, base=body.base, application=body.application
        )
    except DocumentRefused as refused:
        detail = {"line": refused.line, "column": refused.column, "reason": dict(refused.reason)}
        raise ApiError(422, "flow.import", str(refused), detail=detail) from refused
    found = await problems_of(services.store, made.flow)
    return json_response(
        {
            "flow": made.flow,
            "report": [each.as_json() for each in made.report],
            "problems": [problem.as_json() for problem in found],
        }
    )


@TABLE.post("/api/flows/{flow}/compiled", Role.AUTHOR, audited=False)
async def compile_draft(request: web.Request) -> web.Response:
    """What the draft that was sent, or one node of it, compiles to."""
    services = services_of(request)
    draft = await read_object(request, services.settings.flow_limit)
    node = request.query.get("node")
    if node:
        return json_response({"documents": {node: await compiled_node(draft, node)}})
    return json_response({"documents": dict((await compiled(services.store, draft)).documents)})


@TABLE.get("/api/search", Role.AUTHOR)
async def search(request: web.Request) -> web.Response:
    """Words in the drafts of all flows."""
    words = request.query.get("q", "")[:200]
    store = services_of(request).store
    drafts = [flow.draft for flow in await store.flows.all()]
    hits = await asyncio.to_thread(search_flows, drafts, words)
    return json_response([hit.as_json() for hit in hits])


@TABLE.get("/api/templates", Role.AUTHOR)
async def list_templates(request: web.Request) -> web.Response:
    """The platform's templates, then the authors' own."""
    own = await _own(services_of(request).store.settings)
    return json_response([each.as_json() for each in (*templates().values(), *own)])


@TABLE.put(f"/api/templates/{{template:{FLOW_ID.strip('^$')}}}", Role.AUTHOR)
async def put_template(request: web.Request) -> web.Response:
    """Keep an own template."""
    services = services_of(request)
    name = request.match_info["template"]
    body = await read_model(request, OwnTemplate, services.settings.flow_limit)
    if name in templates():
        raise ApiError(409, "template.platform", f"the template {name!r} comes with the platform")
    readable(body.flow, str(body.flow.get("id")))
    await _room_for(services, name)
    async with changing(request, "template.put", f"template {name}"):
        await services.store.settings.put(PREFIX + name, body.model_dump(mode="json"))
    return json_response(_template(name, body.model_dump(mode="json")).as_json())


@TABLE.delete(f"/api/templates/{{template:{FLOW_ID.strip('^$')}}}", Role.AUTHOR)
async def remove_template(request: web.Request) -> web.Response:
    """Forget an own template."""
    services = services_of(request)
    name = request.match_info["template"]
    if await services.store.settings.get(PREFIX + name) is None:
        raise ApiError(404, "template.unknown", f"there is no own template {name!r}")
    async with changing(request, "template.remove", f"template {name}"):
        await services.store.settings.remove(PREFIX + name)
    return web.Response(status=204)


async def _own(settings: SettingRepository) -> list[Template]:
    kept = await settings.all()
    return [
        _template(name.removeprefix(PREFIX), value)
        for name, value in sorted(kept.items())
        if name.startswith(PREFIX)
    ]


def _template(name: str, value: dict[str, Any]) -> Template:
    return Template(name, value["title"], value["summary"], value["flow"], None, own=True)


async def _room_for(services: Services, name: str) -> None:
    own = await _own(services.store.settings)
    if len(own) >= MOST_TEMPLATES and all(each.id != name for each in own):
        raise ApiError(409, "template.many", f"there are {MOST_TEMPLATES} own templates already: delete some")
