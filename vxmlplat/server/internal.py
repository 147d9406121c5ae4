"""Handlers that answer both a call in this process and a request over HTTP.

They speak ``documents.fetcher``'s :class:`RouteRequest` and :class:`RouteResponse`. Calls reach them through
``documents.Fetcher.mount`` with no socket; the web application wraps them with :func:`over_http`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from aiohttp import hdrs, web

from vxmlplat.clock import Clock
from vxmlplat.documents.fetcher import RouteHandler, RouteRequest, RouteResponse
from vxmlplat.server.bodies import read_bytes
from vxmlplat.server.routes import Handler
from vxmlplat.server.services import Services

CALL_HEADER = "X-Vxmlplat-Call"
"""Set by the platform itself on what a call fetches: the call's id, which the document need not know."""


@dataclass(frozen=True, slots=True)
class World:
    """What an internal handler works with.

    ``clock`` decides what time it is for business hours (the simulator has its own). In a ``rehearsal`` (the
    simulator) nothing is stored or sent; answers are as if it had been.
    """

    services: Services
    clock: Clock
    rehearsal: bool = False


def path_parts(request: RouteRequest, prefix: str) -> list[str]:
    """The segments of the path after ``prefix`` (``/published/``), unescaped one by one."""
    path = urlsplit(request.uri).path
    _, _, rest = path.partition(prefix)
    return [unquote(part) for part in rest.split("/")]


def header(headers: Mapping[str, str], name: str) -> str:
    """A header whatever the case of its name."""
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def failure(status: int, message: str) -> RouteResponse:
    """An answer that says what is wrong; the interpreter makes ``error.badfetch.http.STATUS`` of it."""
    return RouteResponse(status, message.encode(), {"Content-Type": "text/plain; charset=utf-8"})


def over_http(handler: RouteHandler, limit: int) -> Handler:
    """The handler as one of the web application; bodies are limited to ``limit`` bytes."""

    async def handle(request: web.Request) -> web.StreamResponse:
        body = await read_bytes(request, limit) if request.can_read_body else b""
        answer = await handler(RouteRequest(request.method, str(request.url), dict(request.headers), body))
        headers = dict(answer.headers)
        if answer.status == 200 and header(headers, hdrs.ETAG) in _tags(request):
            return web.Response(status=304, headers=headers)
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    return handle


def _tags(request: web.Request) -> set[str]:
    return {tag.strip() for tag in request.headers.get(hdrs.IF_NONE_MATCH, "").split(",") if tag.strip()}
