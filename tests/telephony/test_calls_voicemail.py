"""A message is left over the telephone, listed and played in the browser; what is secret stays so."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import logging
import time
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from call_control import journey, running_call
from call_documents import caller
from centre import settings
from conftest import nothing_left
from peer import Peer, until
from playwright.async_api import async_playwright, expect
from test_publish_in_browser import CHROMIUM, sign_in

from vxmlplat.server.assembly import ROOT, Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")


def flow_of(name: str, *nodes: dict[str, Any], variables: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """A flow whose nodes follow each other by their port ``next``."""
    row = [{"id": "start", "type": "start"}, *nodes, {"id": "end", "type": "hangup"}]
    return {
        "schema": 1,
        "id": name,
        "name": {"en-US": name},
        "class": "test",
        "languages": ["en-US"],
        "variables": list(variables),
        "nodes": [
            {"title": one["id"], "position": {"x": 200 * n, "y": 0}, "fields": {}, **one}
            for n, one in enumerate(row)
        ],
        "edges": [
            {"from": one["id"], "port": "next", "to": two["id"]} for one, two in itertools.pairwise(row)
        ],
    }


def said(text: str) -> list[dict[str, Any]]:
    """A prompt."""
    return [{"kind": "text", "text": {"en-US": text}}]


def beeps(peer: Peer) -> bool:
    """Whether the last 100 ms were the beep, and no word in which its tone sounds too."""
    since = time.monotonic() - 0.1
    loud = [packet.level for packet in peer.packets if packet.at >= since]
    return peer.tone_level(1000, since) > max(1000.0, 1.4 * sum(loud) / max(1, len(loud)))


class Desk:
    """The platform's API, as the administrator uses it."""

    def __init__(self, platform: Assembly) -> None:
        assert platform.password is not None
        headers = {"Authorization": aiohttp.encode_basic_auth("admin", platform.password)}
        self.client = aiohttp.ClientSession(platform.base_uri, headers=headers)

    async def ask(self, method: str, path: str, **body: Any) -> Any:
        async with self.client.request(method, path, **body) as answer:
            data = await answer.read()
            assert answer.status < 300, data
            return json.loads(data) if answer.content_type == "application/json" else data

    async def publish(self, flow: dict[str, Any], number: str) -> None:
        """Let a number be answered by this flow."""
        await self.ask("POST", "/api/flows", json=flow)
        await self.ask("POST", f"/api/flows/{flow['id']}/publish", json={"revision": 1, "note": ""})
        await self.ask("PUT", "/api/numbers", json=[{"number": number, "flow": flow["id"]}])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Assembly]:
    """A platform of this module's own."""
    async with Assembly(settings(tmp_path_factory.mktemp("voicemail") / "var")) as platform:
        yield platform


@pytest_asyncio.fixture(loop_scope="session")
async def desk(own: Assembly) -> AsyncIterator[Desk]:
    """Its API."""
    desk = Desk(own)
    for flow in await desk.ask("GET", "/api/flows"):
        await desk.ask("PUT", "/api/numbers", json=[])
        await desk.ask("DELETE", f"/api/flows/{flow['id']}")
    yield desk
    await desk.client.close()


MESSAGE = {"prompt": said("Please leave a message."), "mailbox": "night"}
VOICEMAIL = flow_of("mail", {"id": "message", "type": "record", "fields": MESSAGE})


@pytest.mark.needs("chromium")
async def test_a_message_is_left_listed_and_played(own: Assembly, desk: Desk, program: Any) -> None:
    await desk.publish(VOICEMAIL, "mail")
    async with caller(own, "mail") as peer:
        assert await peer.call() == 200
        call = running_call(own)
        await peer.hears_voice()
        await until(lambda: beeps(peer), 15)
        await asyncio.sleep(0.3)
        peer.talk(700)
        await asyncio.sleep(1.5)
        await peer.hangup()
    await nothing_left(own)

    (listed,) = await desk.ask("GET", f"/api/recordings?call={call}")
    assert (listed["mailbox"], listed["call"]) == ("night", call)
    assert 0.5 < listed["duration"] < 5.0
    body = await desk.ask("GET", f"/api/recordings/{listed['id']}")
    with wave.open(io.BytesIO(body)) as file:
        seconds = file.getnframes() / file.getframerate()
        assert max(abs(s) for s in memoryview(file.readframes(file.getnframes())).cast("h")) > 1000
    assert abs(seconds - listed["duration"]) < 0.3
    assert [one["id"] for one in await desk.ask("GET", "/api/recordings?mailbox=night")] == [listed["id"]]
    assert await desk.ask("GET", "/api/recordings?mailbox=other") == []
    _, steps = await journey(own, call)
    assert [step.to_node for step in steps] == ["start", "message", ""]

    assert (ROOT / "designer" / "dist" / "index.html").exists(), "build the designer first: make designer"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program("chromium"), args=CHROMIUM)
        page = await browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-US")
        await sign_in(page, own, f"/calls/{call}")
        play = page.get_by_role("button", name="Play", exact=True)
        await expect(play).to_be_visible(timeout=15_000)
        async with page.expect_response(
            lambda answer: f"/api/recordings/{listed['id']}" in answer.url
        ) as heard:
            await play.press("Enter")
        assert (await heard.value).status in (200, 206)
        await browser.close()


SECRET = {"name": "pin", "type": "string", "initial": "", "report": True, "masked": True}
PIN, NAME = "48151623", "Ms Confidential"


async def test_keys_and_call_data_stand_in_nothing_that_is_written(
    own: Assembly, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The log with all its details, the store and every other file: neither the keys nor User-to-User."""
    fields = {"prompt": said("Your number."), "variable": "pin", "minimum": 8, "maximum": 8, "terminator": ""}
    await desk.publish(
        flow_of("pin", {"id": "ask", "type": "digits", "fields": fields}, variables=(SECRET,)), "pin"
    )
    header = f"User-to-User: {NAME.encode().hex()};encoding=hex"
    caplog.set_level(logging.DEBUG)
    async with caller(own, "pin", headers=(header,)) as peer:
        assert await peer.call() == 200
        call = running_call(own)
        peer.talk()
        await peer.hears_voice()
        for key in PIN[:6]:
            await peer.press(key)
            await asyncio.sleep(0.05)
        for key in PIN[6:]:
            await peer.info_key(key)
        assert await asyncio.wait_for(peer.ended, 15) == "remote"
    await nothing_left(own)
    record, steps = await journey(own, call)
    assert [step.to_node for step in steps] == ["start", "ask", "end", ""]
    assert record.outcome == "disconnect"

    needles = [PIN.encode(), NAME.encode(), NAME.encode().hex().encode()]
    log = "\n".join(entry.getMessage() for entry in caplog.records).encode()
    assert call.encode() in log, "the log speaks of the call"
    written = {"the log": log} | {
        str(path): path.read_bytes()
        for path in await asyncio.to_thread(lambda: list(Path(own.settings.store.folder).rglob("*")))
        if path.is_file()
    }
    found = [(name, needle) for name, text in written.items() for needle in needles if needle in text]
    assert found == []
