"""``/api/calls/{id}/data``: a call's data (随路数据), for the agent's desk and for CTI."""

from __future__ import annotations

from aiohttp import web

from vxmlplat.server.auditing import changing
from vxmlplat.server.bodies import json_response, read_object
from vxmlplat.server.events import CallDataChanged
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import services_of
from vxmlplat.store.calls import CALL_DATA_LIMIT

TABLE = RouteTable()


@TABLE.get("/api/calls/{call}/data", Role.AGENT)
async def get_data(request: web.Request) -> web.Response:
    """All data of a call."""
    services = services_of(request)
    # A call that rings at an agent may have begun a moment ago: its record is on its way.
    await services.recorder.flush_soon()
    return json_response((await services.store.calls.get(request.match_info["call"])).data)


@TABLE.put("/api/calls/{call}/data", Role.AGENT)
async def put_data(request: web.Request) -> web.Response:
    """Replace the data of a call."""
    services = services_of(request)
    call = request.match_info["call"]
    data = await read_object(request, CALL_DATA_LIMIT * 2)
    await services.recorder.flush_soon()
    # The values are the caller's business: the trail says that they changed, not what they are.
    async with changing(request, "call.data", f"call {call}", {"members": sorted(data)[:100]}):
        await services.store.calls.put_data(call, data)
    await services.events.publish(CallDataChanged(call, data))
    return json_response(data)
