"""The web application."""

from __future__ import annotations

import secrets
import weakref
from collections import Counter

from aiohttp import web

from vxmlplat.server import static
from vxmlplat.server.families import family_table, platform_routes
from vxmlplat.server.identity import PASSWORDS
from vxmlplat.server.middleware import ANSWERS, errors_as_json, protect
from vxmlplat.server.passwords import Passwords
from vxmlplat.server.resources import (
    acd,
    administration,
    analytics,
    calls,
    ccxml,
    conversation_tests,
    flow_editing,
    flows,
    health,
    live,
    messages,
    numbers,
    presence,
    prompts,
    recordings,
    session,
    simulator,
    speech,
    test_sources,
    users,
)
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable, add_table
from vxmlplat.server.services import SERVICES, Services
from vxmlplat.store.audit import AuditEntry
from vxmlplat.store.users import User

FIRST_ADMINISTRATOR = "admin"

TABLES: tuple[RouteTable, ...] = (
    session.TABLE,
    users.TABLE,
    flow_editing.TABLE,
    flows.TABLE,
    conversation_tests.TABLE,
    test_sources.TABLE,
    presence.TABLE,
    numbers.TABLE,
    prompts.TABLE,
    acd.TABLE,
    calls.TABLE,
    ccxml.TABLE,
    analytics.TABLE,
    recordings.TABLE,
    messages.TABLE,
    live.TABLE,
    simulator.TABLE,
    health.TABLE,
    administration.TABLE,
    speech.TABLE,
)


def create_app(services: Services) -> web.Application:
    """The application with every route."""
    app = web.Application(middlewares=[errors_as_json], client_max_size=services.settings.flow_limit)
    app[SERVICES] = services
    app[PASSWORDS] = Passwords(services.store.users, services.clock)
    app[ANSWERS] = Counter()
    app[live.SOCKETS] = weakref.WeakSet()
    app[presence.PRESENCE] = presence.Presence(services.events)
    app.on_response_prepare.append(protect)
    app.on_shutdown.append(live.close_sockets)
    for table in (*TABLES, family_table(services), static.TABLE):
        add_table(app, table)
    return app


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


__all__ = ["create_app", "first_administrator", "platform_routes"]
