"""``/api/live``: what goes on now, over a WebSocket."""

from __future__ import annotations

import asyncio
import json
import weakref
from typing import Any

from aiohttp import WSCloseCode, web

from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import Services, services_of

TABLE = RouteTable()

EVERY = 2.0
"""Seconds between two views; the interface promises five at most (C6)."""

SOCKETS: web.AppKey[weakref.WeakSet[web.WebSocketResponse]] = web.AppKey("sockets", weakref.WeakSet)
"""Every open WebSocket, so that the stop of the server ends them in order."""


def view(services: Services) -> dict[str, Any]:
    """Calls, channels, queues and agents as they are now."""
    live: dict[str, Any] = {"time": services.clock.wall().isoformat(), "calls": services.recorder.open_calls}
    if services.calls is not None:
        live |= services.calls.live()
    if services.acd is not None:
        live["acd"] = services.acd.live()
    return live


@TABLE.websocket("/api/live", Role.ANALYST)
async def live(request: web.Request) -> web.StreamResponse:
    """Send the view now and every few seconds, until the page is closed."""
    services = services_of(request)
    socket = await open_socket(request, max_msg_size=1024)
    sender = asyncio.create_task(_send_views(socket, services))
    try:
        async for _ in socket:
            pass  # The page has nothing to say; reading notices that it is gone.
    finally:
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
    return socket


async def _send_views(socket: web.WebSocketResponse, services: Services) -> None:
    while not socket.closed:
        await socket.send_str(json.dumps(view(services)))
        await services.clock.sleep(EVERY)


async def open_socket(request: web.Request, *, max_msg_size: int) -> web.WebSocketResponse:
    """A WebSocket that the stop of the server closes, and that notices a peer that is gone."""
    socket = web.WebSocketResponse(heartbeat=20.0, timeout=2.0, max_msg_size=max_msg_size)
    await socket.prepare(request)
    request.app[SOCKETS].add(socket)
    return socket


async def close_sockets(app: web.Application) -> None:
    """Say good-bye to every page."""
    sockets = app[SOCKETS]
    farewells = [one.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops") for one in sockets]
    await asyncio.gather(*farewells, return_exceptions=True)
