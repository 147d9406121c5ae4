"""The path families that calls reach in this process, and other platforms over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import hdrs

from vxmlplat.clock import Clock
from vxmlplat.documents.fetcher import RouteHandler, RouteRequest, RouteResponse
from vxmlplat.server import platform_services as platform_services  # importing it registers the services
from vxmlplat.server.internal import World, over_http
from vxmlplat.server.platform_services.registry import SERVICES_PATH, serve
from vxmlplat.server.published import PROMPTS, PUBLISHED, prompt_file, published_document
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import Route, RouteTable
from vxmlplat.server.services import Services

FAMILIES: dict[str, Callable[[World, RouteRequest], Awaitable[RouteResponse]]] = {
    PUBLISHED: published_document,
    PROMPTS: prompt_file,
    SERVICES_PATH: serve,
}
"""What answers the paths that begin with each prefix."""


def platform_routes(
    services: Services, *, clock: Clock | None = None, rehearsal: bool = False
) -> dict[str, RouteHandler]:
    """The path families ``/published/``, ``/prompts/`` and ``/services/``, by prefix.

    Mount each with ``documents.Fetcher.mount(base + prefix, handler)``; the web application serves the same
    functions. The simulator has its own ``clock``, and as a ``rehearsal`` nothing is stored or sent.
    """
    world = World(services, clock or services.clock, rehearsal)
    return {prefix: partial(handler, world) for prefix, handler in FAMILIES.items()}


def family_table(services: Services) -> RouteTable:
    """The same families over HTTP, for other platforms that run our documents: they sign in as authors do."""
    table = RouteTable()
    for prefix, handler in platform_routes(services).items():
        asked = prefix == SERVICES_PATH
        over = over_http(handler, services.settings.upload_limit if asked else 0)
        method = hdrs.METH_POST if asked else hdrs.METH_GET
        table.add(Route(method, f"{prefix}{{path:.*}}", (Role.AUTHOR,), over, audited=False))
    return table
