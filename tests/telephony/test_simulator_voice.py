"""A draft tried out by speaking: the real telephone platform and media plane, a WebSocket at their end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from call_control import nothing_left

from vxmlplat.clock import SystemClock
from vxmlplat.media.g711 import MU_LAW
from vxmlplat.server.assembly import Assembly
from vxmlplat.server.voice_bridge import FRAME, VoiceBridge
from vxmlplat.server.voice_call import MOST_CALLS

pytestmark = pytest.mark.asyncio(loop_scope="session")

SILENCE = b"\xff" * FRAME
WORDS = "Press one for the roads department, press two for the parks department, or stay on the line."


def draft() -> dict[str, Any]:
    def text(words: str) -> list[dict[str, Any]]:
        return [{"kind": "text", "text": {"en-US": words}}]

    choices = [{"key": "1", "label": {"en-US": "Roads"}}, {"key": "2", "label": {"en-US": "Parks"}}]
    nodes = [
        {"id": "start", "type": "start", "fields": {}},
        {"id": "main", "type": "menu", "fields": {"prompt": text(WORDS), "choices": choices}},
        {"id": "message", "type": "record", "fields": {"prompt": text("Speak."), "mailbox": "box"}},
        {
            "id": "person",
            "type": "transfer",
            "fields": {"destination": "'tel:100'", "prompt": text("One moment.")},
        },
        {"id": "bye", "type": "hangup", "fields": {}},
    ]
    edges = [
        ("start", "next", "main"),
        ("main", "1", "person"),
        ("main", "2", "message"),
        ("main", "noinput", "bye"),
        ("main", "nomatch", "bye"),
        ("message", "next", "bye"),
        ("message", "noinput", "bye"),
        ("person", "next", "bye"),
    ]
    return {
        "schema": 1,
        "id": "spoken-draft",
        "name": {"en-US": "Spoken"},
        "class": "test",
        "languages": ["en-US"],
        "variables": [],
        "nodes": [node | {"title": "", "position": {"x": 0, "y": 0}} for node in nodes],
        "edges": [{"from": source, "port": port, "to": to} for source, port, to in edges],
        "notes": [],
    }


class Caller:
    """A page with a microphone."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.messages: list[dict[str, Any]] = []
        self.levels: list[int] = []
        """Mean level of each frame that was heard, by time."""

    async def start(self, **more: Any) -> None:
        start = {"type": "start", "flow": draft(), "ani": "13800138000", "dnis": "12319", "time": "voice"}
        await self.socket.send_json(start | more)

    async def until(self, *kinds: str, seconds: float = 20.0) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            while True:
                message = await self._next()
                if message is not None and kinds and {message["type"], message.get("event")} & set(kinds):
                    return message

    async def listen(self, seconds: float) -> list[int]:
        """The levels of what is heard in so much time."""
        before = len(self.levels)
        try:
            await self.until(seconds=seconds)
        except TimeoutError:
            pass
        return self.levels[before:]

    async def hear(self, frames: int = 30) -> None:
        """Listen until so many frames were loud."""
        async with asyncio.timeout(20):
            while loud(self.levels) < frames:
                await self._next()

    async def _next(self) -> dict[str, Any] | None:
        got = await self.socket.receive()
        if got.type is aiohttp.WSMsgType.BINARY:
            assert len(got.data) == FRAME
            self.levels.append(int(abs(MU_LAW.decode(got.data).astype(int)).mean()))
            return None
        assert got.type is aiohttp.WSMsgType.TEXT, got
        self.messages.append(got.json())
        return self.messages[-1]

    async def send(self, kind: str, **members: Any) -> None:
        await self.socket.send_json({"type": kind, **members})

    async def speak(self, seconds: float) -> None:
        """A buzz, in the pace of a microphone."""
        frame = (b"\x80" * 20 + b"\x00" * 20) * 4
        for _ in range(int(seconds / 0.02)):
            await self.socket.send_bytes(frame)
            await asyncio.sleep(0.02)

    @property
    def nodes(self) -> list[str]:
        return [one["to"] for one in self.messages if one["type"] == "step" and one["to"]]

    @property
    def record(self) -> list[dict[str, Any]]:
        return [
            {name: value for name, value in one.items() if name not in ("type", "t")}
            for one in self.messages
            if one["type"] == "input"
        ]


@asynccontextmanager
async def page(platform: Assembly) -> AsyncIterator[Caller]:
    assert platform.password is not None
    headers = {"Authorization": aiohttp.encode_basic_auth("admin", platform.password)}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.ws_connect(platform.base_uri + "/api/simulator") as socket,
    ):
        yield Caller(socket)


async def all_over(platform: Assembly) -> None:
    """Every spoken call has let go of its telephone and its channel."""
    for _ in range(200):
        if not platform.voice_calls.running:
            break
        await asyncio.sleep(0.05)
    assert platform.voice_calls.running == 0
    await nothing_left(platform)


def loud(levels: list[int]) -> int:
    return sum(level > 200 for level in levels)


async def test_the_prompt_is_heard_and_a_key_cuts_it(shared: Assembly) -> None:
    counted = shared.recorder.counts.accepted
    published = await shared.store.flows.all()
    async with page(shared) as caller:
        await caller.start(breakpoints=[{"node": "message"}])
        await caller.hear()
        await caller.send("input", dtmf="2")
        # The key travels as RFC 4733 through the media plane, and the menu's words end.
        step = await caller.until("step")
        while step["to"] != "message":
            step = await caller.until("step")
        assert (step["from"], step["port"]) == ("main", "2")
        assert loud((await caller.listen(1.0))[10:]) == 0
        await caller.send("continue")
        assert caller.record == [{"dtmf": "2"}]
        assert {"dtmf": "2"}.items() <= next(m for m in caller.messages if m["type"] == "caller").items()
        await caller.send("ping", at=7)
        assert (await caller.until("pong"))["at"] == 7
        await caller.send("input", hangup=True)
        await caller.until("exit")
        assert caller.record[-1] == {"hangup": True}
    await all_over(shared)
    # Nothing of it is counted, and nothing was published.
    assert shared.recorder.counts.accepted == counted
    assert await shared.store.flows.all() == published


async def test_what_the_caller_says_is_recorded(shared: Assembly) -> None:
    async with page(shared) as caller:
        await caller.start()
        await caller.until("listen")
        await caller.send("input", dtmf="2")
        await caller.until("waiting")
        while (await caller.until("waiting"))["for"] != "record":
            continue
        await caller.listen(2.0)
        await caller.speak(1.5)
        await caller.send("input", dtmf="#")
        recorded = await caller.until("record")
        assert 1.0 < recorded["seconds"] < 4.0
        await caller.until("exit")
        assert caller.nodes[-1] == "bye"
    await all_over(shared)


async def test_a_transfer_rings_nobody_and_asks_the_page(shared: Assembly) -> None:
    async with page(shared) as caller:
        await caller.start()
        await caller.until("listen")
        await caller.send("input", dtmf="1")
        while (await caller.until("waiting"))["for"] != "transfer":
            continue
        await caller.send("input", transfer="answered", after=5)
        transfer = await caller.until("transfer")
        assert (transfer["kind"], transfer["dest"]) == ("blind", "tel:100") or transfer["kind"] == "bridge"
        await caller.until("exit")
        assert {"transfer": "answered", "after": 5} in caller.record
        assert shared.user_agent.counters.legs == 0
    await all_over(shared)


async def test_a_spoken_call_stops_at_breakpoints_but_never_goes_back(shared: Assembly) -> None:
    async with page(shared) as caller:
        await caller.start(breakpoints=[{"node": "main"}])
        state = await caller.until("state")
        assert (state["paused"], state["node"]) == ("breakpoint", "main")
        assert loud(await caller.listen(0.5)) == 0
        await caller.send("back")
        assert (await caller.until("problem"))["code"] == "debugger.spoken"
        await caller.send("continue")
        await caller.hear()
    await all_over(shared)


async def test_a_page_that_is_closed_leaves_nothing(shared: Assembly) -> None:
    async with page(shared) as caller:
        await caller.start()
        await caller.until("listen")
    await all_over(shared)


async def test_there_is_an_end_to_how_many(shared: Assembly) -> None:
    shared.voice_calls.running += MOST_CALLS
    try:
        async with page(shared) as caller:
            await caller.start()
            assert (await caller.until("problem"))["code"] == "simulator.voice_busy"
            await caller.socket.send_bytes(SILENCE)  # sound without a call is nobody's
            shared.voice_calls.running -= MOST_CALLS
            await caller.start()
            await caller.until("listen")
            shared.voice_calls.running += MOST_CALLS
    finally:
        shared.voice_calls.running -= MOST_CALLS
    await all_over(shared)


async def test_sound_is_cut_into_frames_and_keys_are_bounded() -> None:
    bridge = await VoiceBridge.open(SystemClock(), lambda frame: None)
    bridge._channel = ("127.0.0.1", 9)
    bridge.speak(b"\xff" * (FRAME * 3 + 7))
    assert bridge.frames == 3
    bridge.speak(b"\xff" * FRAME * 1000)
    assert bridge.frames == 13
    bridge.press("1x" * 500)
    assert bridge._keys.qsize() == 64
    bridge.datagram_received(b"", ("127.0.0.1", 9))
    await bridge.close()
    bridge.speak(SILENCE)
