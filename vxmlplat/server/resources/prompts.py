"""``/api/prompts``: the prompt library."""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Any

from aiohttp import BodyPartReader, web

from vxmlplat.server.auditing import changing
from vxmlplat.server.bodies import json_response
from vxmlplat.server.errors import ApiError
from vxmlplat.server.events import PromptsChanged
from vxmlplat.server.identity import identity_of
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import services_of
from vxmlplat.speech.errors import NotAudio
from vxmlplat.speech.prompt_files import convert, seconds_of
from vxmlplat.store.prompts import Prompt

TABLE = RouteTable()

LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$")
NAME = re.compile(r"^[^\x00-\x1f\x7f/\\?#]{1,64}$")


def _as_json(prompt: Prompt) -> dict[str, Any]:
    return {
        "language": prompt.language,
        "name": prompt.name,
        "duration": round(prompt.duration, 3),
        "size": prompt.size,
        "changed": prompt.changed,
        "changed_by": prompt.changed_by,
    }


@TABLE.get("/api/prompts", Role.AUTHOR)
async def list_prompts(request: web.Request) -> web.Response:
    """The prompts, of one language if named."""
    prompts = await services_of(request).store.prompts.all(request.query.get("language") or None)
    return json_response([_as_json(prompt) for prompt in prompts])


@TABLE.post("/api/prompts", Role.AUTHOR)
async def put_prompt(request: web.Request) -> web.Response:
    """Store an audio file of any common kind as a prompt, in place of an older one."""
    services = services_of(request)
    fields, audio = await _read_upload(request, services.settings.upload_limit)
    language, name = fields.get("language", ""), fields.get("name", "")
    if not LANGUAGE.match(language):
        raise ApiError(422, "prompt.language", f"{language!r} is no language such as zh-CN")
    if not NAME.match(name):
        raise ApiError(422, "prompt.name", "a prompt's name has 1 to 64 characters, none of / \\ ? #")
    if audio is None:
        raise ApiError(422, "prompt.file", "the form has no file")
    try:
        wav = await asyncio.to_thread(convert, audio)
        duration = await asyncio.to_thread(seconds_of, wav)
    except NotAudio as error:
        raise ApiError(422, "prompt.not_audio", f"the file is no audio that can be used: {error}") from error
    prompt = Prompt(
        language=language,
        name=name,
        duration=duration,
        size=len(wav),
        digest=hashlib.sha256(wav).hexdigest(),
        changed=services.clock.wall(),
        changed_by=identity_of(request).name,
        audio=wav,
    )
    async with changing(request, "prompt.put", f"prompt {language}/{name}", {"seconds": round(duration, 3)}):
        await services.store.prompts.put(prompt)
    await services.events.publish(PromptsChanged(language, name))
    return json_response(_as_json(prompt), status=201)


@TABLE.get("/api/prompts/{language}/{name}", Role.AUTHOR)
async def get_prompt(request: web.Request) -> web.Response:
    """The audio of a prompt."""
    prompts = services_of(request).store.prompts
    prompt = await prompts.get(request.match_info["language"], request.match_info["name"])
    return web.Response(body=prompt.audio, content_type="audio/wav")


@TABLE.delete("/api/prompts/{language}/{name}", Role.AUTHOR)
async def remove_prompt(request: web.Request) -> web.Response:
    """Remove a prompt."""
    services = services_of(request)
    language, name = request.match_info["language"], request.match_info["name"]
    async with changing(request, "prompt.remove", f"prompt {language}/{name}"):
        await services.store.prompts.remove(language, name)
    await services.events.publish(PromptsChanged(language, name))
    return web.Response(status=204)


async def _read_upload(request: web.Request, limit: int) -> tuple[dict[str, str], bytes | None]:
    """The text fields of a form and its file; raises a 413 as soon as the file is too long."""
    if request.content_type != "multipart/form-data":
        raise ApiError(415, "body.type", "send multipart/form-data with name, language and file")
    fields: dict[str, str] = {}
    file: bytes | None = None
    try:
        reader = await request.multipart()
        async for part in reader:
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            data = await _read_part(part, limit if part.name == "file" else 10_000)
            if part.name == "file":
                file = data
            else:
                fields[part.name] = data.decode("utf-8", "replace")
    except (ValueError, AssertionError) as error:
        raise ApiError(400, "body.multipart", f"the form cannot be read: {error}") from error
    return fields, file


async def _read_part(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(65_536):
        data += chunk
        if len(data) > limit:
            raise ApiError(413, "body.too_large", f"{part.name} may have at most {limit} bytes")
    return bytes(data)
