"""The audit trail of changes: a change and its entry are one transaction."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from vxmlplat.server.identity import IDENTITY
from vxmlplat.server.services import services_of
from vxmlplat.store.audit import AuditEntry


@asynccontextmanager
async def changing(
    request: web.Request, action: str, target: str, detail: Mapping[str, Any] | None = None
) -> AsyncGenerator[dict[str, Any]]:
    """A transaction for what a request changes, with its entry: both are stored, or neither.

    ``action`` is a dotted name (``flow.publish``), ``target`` names the thing. What becomes known inside (the
    version that was made) can be added to the detail that is handed out. Nothing slow belongs inside.
    """
    services = services_of(request)
    identity = request.get(IDENTITY)
    noted: dict[str, Any] = dict(detail or {})
    async with services.store.transaction():
        yield noted
        await services.store.audit.add(
            AuditEntry(
                time=services.clock.wall(),
                user=identity.name if identity is not None else "",
                action=action,
                target=target[:300],
                address=(request.remote or "")[:64],
                detail=noted,
            )
        )


async def note(request: web.Request, action: str, target: str, **detail: Any) -> None:
    """Write down an access that changes nothing but must be traceable (listening to a recording)."""
    async with changing(request, action, target, detail):
        pass
