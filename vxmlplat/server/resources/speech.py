"""``/api/speech``: the platform's voice, for authors who want to hear a text before callers do."""

from __future__ import annotations

from aiohttp import web
from pydantic import Field

from vxmlplat.server.bodies import Body, read_model
from vxmlplat.server.errors import ApiError
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import services_of
from vxmlplat.speech.errors import SpeechError, UnsupportedLanguage

TABLE = RouteTable()

LONGEST = 2000
"""Characters of one preview: more than any prompt that a caller would listen to."""


class Preview(Body):
    """What is to be heard, in which language (BCP 47)."""

    text: str = Field(max_length=LONGEST, pattern=r"\S")
    language: str = Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$")


@TABLE.post("/api/speech/preview", Role.AUTHOR, audited=False)
async def preview(request: web.Request) -> web.Response:
    """The text as a caller would hear it, as WAV."""
    wanted = await read_model(request, Preview)
    speak = services_of(request).speak
    if speak is None:
        raise ApiError(503, "speech.none", "no voice runs here: texts cannot be heard")
    try:
        audio = await speak(wanted.text, wanted.language)
    except UnsupportedLanguage as error:
        raise ApiError(422, "speech.language", str(error)) from error
    except SpeechError as error:
        raise ApiError(503, "speech.failed", str(error)) from error
    return web.Response(body=audio, content_type="audio/wav")
