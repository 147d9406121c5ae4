"""A text is heard before callers hear it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from vxmlplat.server.app import create_app
from vxmlplat.server.resources import speech
from vxmlplat.server.services import Services
from vxmlplat.speech.errors import NoResource, UnsupportedLanguage

Refused = Callable[..., Any]
HELLO = {"text": "您好", "language": "zh-CN"}


@pytest.fixture
async def server(services: Services) -> AsyncIterator[TestServer[web.Request]]:
    """The application as the platform puts it together where a voice runs."""
    app = create_app(services)
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


class FakeVoice:
    """Says nothing but what it was asked to say."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.said: list[tuple[str, str]] = []

    async def __call__(self, text: str, language: str) -> bytes:
        self.said.append((text, language))
        if self.failure is not None:
            raise self.failure
        return b"RIFF of " + text.encode()


async def test_a_text_comes_back_as_sound(author: Any, services: Services) -> None:
    services.speak = voice = FakeVoice()
    response = await author.post("/api/speech/preview", json=HELLO)
    assert (response.status, response.content_type) == (200, "audio/wav")
    assert await response.read() == b"RIFF of " + "您好".encode()
    assert voice.said == [("您好", "zh-CN")]


@pytest.mark.parametrize(
    "body",
    [
        {"text": "", "language": "en-US"},
        {"text": "   ", "language": "en-US"},
        {"text": "x" * (speech.LONGEST + 1), "language": "en-US"},
        {"text": "Hello", "language": "../etc"},
        {"text": "Hello"},
        {"text": "Hello", "language": "en-US", "rate": 9},
    ],
)
async def test_what_cannot_be_said_never_reaches_the_voice(
    author: Any, services: Services, refused: Refused, body: dict[str, Any]
) -> None:
    services.speak = voice = FakeVoice()
    await refused(await author.post("/api/speech/preview", json=body), 422, "body.invalid")
    assert voice.said == []


async def test_failures_say_who_can_act(author: Any, services: Services, refused: Refused) -> None:
    await refused(await author.post("/api/speech/preview", json=HELLO), 503, "speech.none")
    services.speak = FakeVoice(UnsupportedLanguage("no engine speaks xx"))
    error = await refused(await author.post("/api/speech/preview", json=HELLO), 422, "speech.language")
    assert "no engine speaks xx" in error["message"]
    services.speak = FakeVoice(NoResource("the worker died"))
    await refused(await author.post("/api/speech/preview", json=HELLO), 503, "speech.failed")


async def test_a_preview_is_for_authors(analyst: Any, refused: Refused) -> None:
    await refused(await analyst.post("/api/speech/preview", json=HELLO), 403, "role.missing")
