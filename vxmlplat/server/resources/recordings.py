"""``/api/recordings``: messages that callers left. Every listening is in the audit trail (F2)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from vxmlplat.server.auditing import note
from vxmlplat.server.bodies import json_response, query_number
from vxmlplat.server.errors import ApiError
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import services_of
from vxmlplat.store.recordings import Recording

TABLE = RouteTable()


def _as_json(recording: Recording) -> dict[str, Any]:
    return recording.model_dump(exclude={"path"}) | {"started": recording.began()}


@TABLE.get("/api/recordings", Role.ANALYST)
async def list_recordings(request: web.Request) -> web.Response:
    """The newest first, of a mailbox or a call if named."""
    recordings = await services_of(request).store.recordings.latest(
        mailbox=request.query.get("mailbox") or None,
        call=request.query.get("call") or None,
        limit=query_number(request, "limit", 100, 1000),
    )
    return json_response([_as_json(recording) for recording in recordings])


@TABLE.get("/api/recordings/{recording}", Role.ANALYST)
async def listen(request: web.Request) -> web.StreamResponse:
    """The audio; a player may ask for parts of it."""
    services = services_of(request)
    recording = await services.store.recordings.get(request.match_info["recording"])
    root = services.settings.recordings.resolve()
    path = (root / recording.path).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise ApiError(410, "recording.gone", "the file of this recording is no longer there")
    await note(request, "recording.listen", f"recording {recording.id}", call=recording.call)
    return web.FileResponse(path, headers={"Content-Type": recording.media_type})
