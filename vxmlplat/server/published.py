"""Published documents and prompt files, as calls fetch them.

A version never changes, so its documents may be kept for ever. ``current`` is answered by a redirection that
may not be kept, to the version that was current when the call began: a publish takes effect for the next call
and never changes one in progress.
"""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from vxmlplat.documents.fetcher import RouteRequest, RouteResponse
from vxmlplat.server.internal import CALL_HEADER, World, failure, header, path_parts
from vxmlplat.store.errors import NotFoundError

PUBLISHED = "/published/"
PROMPTS = "/prompts/"

MEDIA_TYPES = {
    ".vxml": "application/voicexml+xml",
    ".ccxml": "application/ccxml+xml",
    ".grxml": "application/srgs+xml",
    ".js": "application/javascript",
    ".json": "application/json",
}

FOR_EVER = "public, max-age=31536000, immutable"
NEVER = "no-store"


async def published_document(world: World, request: RouteRequest) -> RouteResponse:
    """``GET /published/FLOW/VERSION/DOCUMENT``."""
    parts = path_parts(request, PUBLISHED)
    if request.method not in ("GET", "HEAD") or len(parts) != 3:
        return failure(404, "documents lie under /published/FLOW/VERSION/DOCUMENT")
    flow, version, name = parts
    flows = world.services.store.flows
    try:
        if version == "current":
            current = await _current(world, flow, header(request.headers, CALL_HEADER))
            place = f"{PUBLISHED}{quote(flow)}/{current}/{quote(name)}"
            return RouteResponse(302, b"", {"Location": place, "Cache-Control": NEVER})
        if not version.isascii() or not version.isdigit():
            return failure(404, f"{version!r} is no version: give its number, or 'current'")
        documents = (await flows.version(flow, int(version[:9]))).documents
    except NotFoundError as error:
        return failure(404, str(error))
    if name not in documents:
        return failure(404, f"version {version} of flow {flow!r} has no document {name!r}")
    body = documents[name].encode()
    suffix = name[name.rfind(".") :]
    headers = {
        "Content-Type": f"{MEDIA_TYPES.get(suffix, 'text/plain')}; charset=utf-8",
        "Cache-Control": FOR_EVER,
        "ETag": _tag(hashlib.sha256(body).hexdigest()),
    }
    return RouteResponse(200, body, headers)


async def _current(world: World, flow: str, call: str) -> int:
    """The version that a call gets; the one of now when no call asks, or none was there at its start.

    Who called a test number gets what is on test, in sub-flows too.
    """
    flows = world.services.store.flows
    start = world.services.recorder.start_of(call) if call else None
    if start is not None:
        answering = await world.services.store.numbers.answering(start.dnis)
        test = start.direction == "in" and answering is not None and answering.test
        version = await flows.current_at(flow, start.started, test=test)
        if version is not None:
            return version
    return (await flows.current(flow)).version


async def prompt_file(world: World, request: RouteRequest) -> RouteResponse:
    """``GET /prompts/LANGUAGE/NAME``: 8 kHz mono WAV. The name may end in ``.wav``."""
    parts = path_parts(request, PROMPTS)
    if request.method not in ("GET", "HEAD") or len(parts) != 2:
        return failure(404, "prompts lie under /prompts/LANGUAGE/NAME")
    language, name = parts
    prompts = world.services.store.prompts
    try:
        prompt = await prompts.get(language, name)
    except NotFoundError as error:
        if not name.endswith(".wav"):
            return failure(404, str(error))
        try:
            prompt = await prompts.get(language, name.removesuffix(".wav"))
        except NotFoundError:
            return failure(404, str(error))
    # A prompt may be recorded anew: a call asks again after a moment, and is told when nothing changed.
    headers = {"Content-Type": "audio/wav", "Cache-Control": "max-age=5", "ETag": _tag(prompt.digest)}
    return RouteResponse(200, prompt.audio, headers)


def _tag(digest: str) -> str:
    return f'"{digest[:32]}"'
