"""The web application."""

from __future__ import annotations

import secrets
import weakref
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import hdrs, web

from vxmlplat.clock import Clock
from vxmlplat.documents.fetcher import RouteHandler, RouteRequest, RouteResponse
from vxmlplat.server import platform_services, static
from vxmlplat.server.identity import PASSWORDS
from vxmlplat.server.internal import World, over_http
from vxmlplat.server.middleware import ANSWERS, errors_as_json, protect
from vxmlplat.server.passwords import Passwords
from vxmlplat.server.platform_services.registry import SERVICES_PATH, serve
from vxmlplat.server.published import PROMPTS, PUBLISHED, prompt_file, published_document
from vxmlplat.server.resources import (
    acd,
    administration,
    analytics,
    calls,
    flows,
    health,
    live,
    numbers,
    prompts,
    recordings,
    session,
    users,
)
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import Route, RouteTable, add_table
from vxmlplat.server.services import SERVICES, Services
from vxmlplat.store.audit import AuditEntry
from vxmlplat.store.users import User

FIRST_ADMINISTRATOR = "admin"

InternalHandler = Callable[[World, RouteRequest], Awaitable[RouteResponse]]

FAMILIES: dict[str, InternalHandler] = {
    PUBLISHED: published_document,
    PROMPTS: prompt_file,
    SERVICES_PATH: serve,
}
"""Path families that calls reach in this process, by their prefix."""

TABLES: tuple[RouteTable, ...] = (
    session.TABLE,
    users.TABLE,
    flows.TABLE,
    numbers.TABLE,
    prompts.TABLE,
    acd.TABLE,
    calls.TABLE,
    analytics.TABLE,
    recordings.TABLE,
    live.TABLE,
    health.TABLE,
    administration.TABLE,
)


def create_app(services: Services) -> web.Application:
    """The application with every route."""
    app = web.Application(middlewares=[errors_as_json], client_max_size=services.settings.flow_limit)
    app[SERVICES] = services
    app[PASSWORDS] = Passwords(services.store.users, services.clock)
    app[ANSWERS] = Counter()
    app[live.SOCKETS] = weakref.WeakSet()
    app.on_response_prepare.append(protect)
    app.on_shutdown.append(live.close_sockets)
    for table in (*TABLES, family_table(services), static.TABLE):
        add_table(app, table)
    return app


def platform_routes(
    services: Services, *, clock: Clock | None = None, rehearsal: bool = False
) -> dict[str, RouteHandler]:
    """The path families that calls reach in process: ``/published/``, ``/prompts/`` and ``/services/``.

    Mount each with ``documents.Fetcher.mount(base + prefix, handler)``; the web application serves the same
    functions. The simulator has its own ``clock``, and as a ``rehearsal`` nothing is stored or sent.
    """
    world = World(services, clock or services.clock, rehearsal)
    return {prefix: partial(handler, world) for prefix, handler in FAMILIES.items()}


def family_table(services: Services) -> RouteTable:
    """The same families over HTTP, for other platforms that run our documents: they sign in as authors do."""
    table = RouteTable()
    for prefix, handler in platform_routes(services).items():
        limit = services.settings.upload_limit if prefix == SERVICES_PATH else 0
        over = over_http(handler, limit)
        table.add(Route(hdrs.METH_GET, f"{prefix}{{path:.*}}", (Role.AUTHOR,), over))
        if prefix == SERVICES_PATH:
            table.add(Route(hdrs.METH_POST, f"{prefix}{{path:.*}}", (Role.AUTHOR,), over, audited=False))
    return table


async def first_administrator(services: Services) -> str | None:
    """Make the user ``admin`` in a store without users; its random password, to be shown once, else None."""
    store = services.store
    password = secrets.token_urlsafe(15)
    hashed = await Passwords(store.users, services.clock).hash(password)
    now = services.clock.wall()
    async with store.transaction():
        if await store.users.count():
            return None
        roles = [Role.ADMIN.value]
        await store.users.add(User(name=FIRST_ADMINISTRATOR, password_hash=hashed, roles=roles, created=now))
        entry = AuditEntry(time=now, user="", action="user.add", target=f"user {FIRST_ADMINISTRATOR}")
        await store.audit.add(entry)
    return password


__all__ = ["create_app", "first_administrator", "platform_routes", "platform_services"]
