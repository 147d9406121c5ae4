"""The sample ccxml-broadcast: one speaks, all on the list hear it, nobody else is heard."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from called import Called
from conftest import nothing_left, put_number, sample, sip_port
from probe import Probe

from vxmlplat.server.assembly import Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")
SPEAKER, ONE, TWO, THREE = TONES = (400, 700, 1100, 1600)


async def test_all_hear_the_speaker_and_the_announcement(shared: Assembly, tmp_path: Path) -> None:
    port = sip_port(shared)
    async with (
        Called() as one,
        Called() as two,
        Called() as three,
        Probe(f"sip:broadcast@127.0.0.1:{port}", ("127.0.0.1", port)) as speaker,
    ):
        listeners = (one, two, three)
        settings = f"var listeners = {[listener.uri for listener in listeners]};"
        folder = sample(tmp_path, "ccxml-broadcast", settings)
        await put_number(shared, "broadcast", ccxml=f"{folder}/broadcast.ccxml")
        assert await speaker.call() == 200
        speaker.talk(SPEAKER)
        await asyncio.wait_for(asyncio.gather(*(listener.up.wait() for listener in listeners)), 5)
        for listener, tone in zip(listeners, TONES[1:], strict=True):
            listener.talk(tone)
        for listener in listeners:
            await listener.hears_only(SPEAKER, of=TONES)
        await speaker.hears_only(of=TONES)

        speaker.talk()
        await one.hears_only(of=TONES)
        pressed = time.monotonic()
        await speaker.press("1")
        for listener in listeners:
            await listener.hears_voice(6, after=pressed + 0.1)

        await speaker.hangup()
        for listener in listeners:
            assert await asyncio.wait_for(listener.ended, 5) == "remote"
    await nothing_left(shared)
