"""The sample ccxml-conference: three who hear each other, and a moderator's keys."""

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
MODERATOR, ONE, TWO = TONES = (400, 700, 1100)


async def test_a_moderator_mutes_announces_and_ends(shared: Assembly, tmp_path: Path) -> None:
    port = sip_port(shared)
    async with (
        Called() as one,
        Called(user="1002") as two,
        Probe(f"sip:room@127.0.0.1:{port}", ("127.0.0.1", port)) as moderator,
    ):
        guests = f"var guests = {[one.uri, two.uri]};"
        await put_number(
            shared, "room", ccxml=sample(tmp_path, "ccxml-conference", guests) + "/conference.ccxml"
        )
        assert await moderator.call() == 200
        moderator.talk(MODERATOR)
        await asyncio.wait_for(asyncio.gather(one.up.wait(), two.up.wait()), 5)
        one.talk(ONE)
        two.talk(TWO)
        await moderator.hears_only(ONE, TWO, of=TONES)
        await one.hears_only(MODERATOR, TWO, of=TONES)
        await two.hears_only(MODERATOR, ONE, of=TONES)

        await moderator.press("1")
        for guest in (one, two):
            await guest.hears_only(MODERATOR, of=TONES)
        await moderator.hears_only(of=TONES)

        await moderator.press("2")
        await moderator.hears_only(ONE, TWO, of=TONES)
        await one.hears_only(MODERATOR, TWO, of=TONES)

        for telephone in (moderator, one, two):
            telephone.talk()  # silence: what is heard now is the announcement
        await one.hears_only(of=TONES)
        await asyncio.sleep(0.3)
        pressed = time.monotonic()
        await moderator.press("3")
        for telephone in (moderator, one, two):
            await telephone.hears_voice(6, after=pressed + 0.1)

        await one.hangup()
        two.talk(TWO)
        await moderator.hears_only(TWO, of=TONES)
        await moderator.press("9")
        assert await asyncio.wait_for(moderator.ended, 5) == "remote"
        assert await asyncio.wait_for(two.ended, 5) == "remote"
    await nothing_left(shared)


async def test_the_conference_ends_with_its_moderator(shared: Assembly, tmp_path: Path) -> None:
    port = sip_port(shared)
    async with (
        Called(answers=("ring",)) as one,
        Called() as two,
        Probe(f"sip:room@127.0.0.1:{port}", ("127.0.0.1", port)) as moderator,
    ):
        guests = f"var guests = {[one.uri, two.uri]};"
        await put_number(
            shared, "room", ccxml=sample(tmp_path, "ccxml-conference", guests) + "/conference.ccxml"
        )
        assert await moderator.call() == 200
        await asyncio.wait_for(asyncio.gather(one.rung.wait(), two.up.wait()), 5)
        await moderator.hangup()
        await asyncio.wait_for(one.cancelled.wait(), 5)
        assert await asyncio.wait_for(two.ended, 5) == "remote"
    await nothing_left(shared)
