"""``/api/audit``, ``/api/settings``, ``/api/caller-lists``: what administrators and operators look after."""

from __future__ import annotations

from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from vxmlplat.server.auditing import changing
from vxmlplat.server.bodies import Body, json_response, query_number, read_json, read_model
from vxmlplat.server.errors import ApiError
from vxmlplat.server.events import SettingsChanged
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import services_of
from vxmlplat.store.audit import AuditEntry

TABLE = RouteTable()

SETTING = r"[a-z][a-z0-9_.-]{0,127}"
LIST = r"[A-Za-z0-9_.-]{1,64}"


class ListEntry(Body):
    """A number of a caller list; one that ends in ``*`` stands for all that begin so."""

    number: Annotated[str, Field(pattern=r"^[+0-9A-Za-z_.-]{0,63}\*?$", min_length=1)]
    note: Annotated[str, Field(max_length=500)] = ""


def _entry(entry: AuditEntry) -> dict[str, Any]:
    return entry.model_dump()


@TABLE.get("/api/audit", Role.ADMIN)
async def audit(request: web.Request) -> web.Response:
    """The audit trail, newest first; ``before`` is the last id already seen."""
    limit = query_number(request, "limit", 100, 1000)
    before = query_number(request, "before", 0, 10**11) or None
    entries = await services_of(request).store.audit.latest(limit, before)
    return json_response([_entry(entry) for entry in entries])


@TABLE.get("/api/settings", Role.ADMIN)
async def list_settings(request: web.Request) -> web.Response:
    """Every setting that is stored."""
    return json_response(await services_of(request).store.settings.all())


@TABLE.put(f"/api/settings/{{name:{SETTING}}}", Role.ADMIN)
async def put_setting(request: web.Request) -> web.Response:
    """Store a setting: any JSON."""
    services = services_of(request)
    name = request.match_info["name"]
    value = await read_json(request, services.settings.body_limit)
    async with changing(request, "setting.put", f"setting {name}"):
        await services.store.settings.put(name, value)
    await services.events.publish(SettingsChanged(name))
    return json_response({name: value})


@TABLE.delete(f"/api/settings/{{name:{SETTING}}}", Role.ADMIN)
async def remove_setting(request: web.Request) -> web.Response:
    """Forget a setting; its default holds again."""
    services = services_of(request)
    name = request.match_info["name"]
    async with changing(request, "setting.remove", f"setting {name}"):
        await services.store.settings.remove(name)
    await services.events.publish(SettingsChanged(name))
    return web.Response(status=204)


@TABLE.get(f"/api/caller-lists/{{name:{LIST}}}", Role.OPERATOR)
async def get_list(request: web.Request) -> web.Response:
    """The entries of a caller list."""
    entries = await services_of(request).store.caller_lists.entries(request.match_info["name"])
    return json_response([{"number": entry.number, "note": entry.note} for entry in entries])


@TABLE.put(f"/api/caller-lists/{{name:{LIST}}}", Role.OPERATOR)
async def put_list(request: web.Request) -> web.Response:
    """Make these entries the list."""
    services = services_of(request)
    name = request.match_info["name"]
    body = await read_model(request, list[ListEntry], services.settings.flow_limit)
    entries = {entry.number: entry.note for entry in body}
    if len(entries) != len(body):
        raise ApiError(422, "list.twice", "a number is there more than once")
    async with changing(request, "list.put", f"caller list {name}", {"entries": len(entries)}):
        await services.store.caller_lists.replace(name, entries)
    return json_response([{"number": number, "note": note} for number, note in entries.items()])
