"""The sample ccxml-find-me: two telephones ring, the first to answer gets the caller."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from baresip import Baresip
from called import Called
from conftest import nothing_left, put_number, sample, sip_port
from probe import Probe

from vxmlplat.server.assembly import Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")
CALLER, ANSWER = 400, 700


def caller(shared: Assembly) -> Probe:
    port = sip_port(shared)
    return Probe(f"sip:find@127.0.0.1:{port}", ("127.0.0.1", port))


async def find(shared: Assembly, tmp_path: Path, *telephones: str) -> None:
    settings = f"var telephones = {list(telephones)}, ringing = '20s';"
    await put_number(shared, "find", ccxml=sample(tmp_path, "ccxml-find-me", settings) + "/find-me.ccxml")


@pytest.mark.parametrize("first", [0, 1])
async def test_the_first_to_answer_wins_and_the_other_is_cancelled(
    shared: Assembly, tmp_path: Path, first: int
) -> None:
    async with Called(answers=("ring",)) as one, Called(answers=("ring",)) as two, caller(shared) as probe:
        await find(shared, tmp_path, one.uri, two.uri)
        calling = asyncio.create_task(probe.call())
        await asyncio.wait_for(asyncio.gather(one.rung.wait(), two.rung.wait()), 5)
        assert not calling.done(), "nobody pays while it rings"
        winner, loser = (one, two) if first == 0 else (two, one)
        winner.pick_up()
        assert await calling == 200
        await asyncio.wait_for(loser.cancelled.wait(), 5)
        probe.talk(CALLER)
        winner.talk(ANSWER)
        await probe.hears_only(ANSWER, of=(CALLER, ANSWER))
        await winner.hears_only(CALLER, of=(CALLER, ANSWER))
        await probe.hangup()
        assert await asyncio.wait_for(winner.ended, 5) == "remote"
    await nothing_left(shared)


async def test_when_both_are_busy_the_caller_is_told(shared: Assembly, tmp_path: Path) -> None:
    async with Called(answers=(486,)) as one, Called(answers=(486,)) as two, caller(shared) as probe:
        await find(shared, tmp_path, one.uri, two.uri)
        assert await probe.call() == 486
    await nothing_left(shared)


async def test_a_caller_who_gives_up_stops_both(shared: Assembly, tmp_path: Path) -> None:
    async with Called(answers=("ring",)) as one, Called(answers=("ring",)) as two, caller(shared) as probe:
        await find(shared, tmp_path, one.uri, two.uri)
        calling = asyncio.create_task(probe.call())
        await asyncio.wait_for(asyncio.gather(one.rung.wait(), two.rung.wait()), 5)
        probe.cancel()
        assert await calling == 487
        await asyncio.wait_for(asyncio.gather(one.cancelled.wait(), two.cancelled.wait()), 5)
    await nothing_left(shared)


@pytest.mark.needs("baresip")
async def test_a_real_telephone_is_found(shared: Assembly, tmp_path: Path) -> None:
    async with (
        Baresip(tmp_path / "phone", user="1001", answer="auto") as phone,
        Called(answers=("ring",)) as other,
        caller(shared) as probe,
    ):
        await find(shared, tmp_path, phone.uri, other.uri)
        assert await probe.call() == 200
        await phone.saw("Call established")
        probe.talk(CALLER)
        await probe.hears_only(300, of=(300, CALLER))  # the hum that this telephone sends
        await asyncio.wait_for(other.cancelled.wait(), 5)
        await phone.hangup()
        assert await asyncio.wait_for(probe.ended, 5) == "remote"
    await nothing_left(shared)
