"""``/api/messages``: SMS and e-mail of flows, and what became of them."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from vxmlplat.server.auditing import changing
from vxmlplat.server.bodies import json_response, query_number, read_json
from vxmlplat.server.errors import ApiError
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import services_of
from vxmlplat.store.outbox import OutgoingMessage

TABLE = RouteTable()


def _as_json(message: OutgoingMessage) -> dict[str, Any]:
    state = "sent" if message.sent else "given_up" if message.given_up else "waiting"
    return {"state": state, **message.model_dump(exclude={"text"})}


@TABLE.get("/api/messages", Role.OPERATOR)
async def list_messages(request: web.Request) -> web.Response:
    """The newest first. What they say is between the flow and the caller: it is not shown."""
    limit = query_number(request, "limit", 100, 1000)
    found = await services_of(request).store.outbox.latest(limit)
    return json_response([_as_json(message) for message in found])


@TABLE.post("/api/messages/{message}/again", Role.OPERATOR)
async def try_again(request: web.Request) -> web.Response:
    """Try a message again that was given up."""
    if request.can_read_body:
        await read_json(request, services_of(request).settings.body_limit)
    number = request.match_info["message"]
    async with changing(request, "message.again", f"message {number}"):
        if not await services_of(request).store.outbox.again(number):
            raise ApiError(409, "message.not_given_up", "there is no such message that was given up")
    return web.Response(status=204)
