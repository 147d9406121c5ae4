"""The sample ccxml-screening: who calls decides who answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from called import Called
from conftest import nothing_left, put_number, sample, sip_port
from probe import Probe

from vxmlplat.server.assembly import Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")
CALLER, DESK = 400, 700


@pytest.fixture
def caller(shared: Assembly) -> object:
    def make(number: str) -> Probe:
        port = sip_port(shared)
        return Probe(f"sip:screening@127.0.0.1:{port}", ("127.0.0.1", port), number)

    return make


async def screen(shared: Assembly, tmp_path: Path, desk: Called) -> None:
    lists = f"var blacklist = ['13900000000', '00882*'], vips = ['13800138000'], desk = '{desk.uri}';"
    await put_number(
        shared, "screening", ccxml=sample(tmp_path, "ccxml-screening", lists) + "/screening.ccxml"
    )


async def test_the_blacklisted_are_refused_unheard(shared: Assembly, tmp_path: Path, caller: object) -> None:
    async with Called() as desk:
        await screen(shared, tmp_path, desk)
        for number in ("13900000000", "0088212345"):
            async with caller(number) as probe:
                assert await probe.call() == 603
        assert desk.invites == []
    await nothing_left(shared)


async def test_a_vip_reaches_the_desk_and_both_hear_each_other(
    shared: Assembly, tmp_path: Path, caller: object
) -> None:
    async with Called() as desk, caller("13800138000") as probe:
        await screen(shared, tmp_path, desk)
        assert await probe.call() == 200
        probe.talk(CALLER)
        desk.talk(DESK)
        await probe.hears_only(DESK, of=(CALLER, DESK))
        await desk.hears_only(CALLER, of=(CALLER, DESK))
        assert "13800138000" in desk.invites[0].split("From: ")[1].split("\r\n")[0]
        await desk.hangup()
        assert await probe.ended == "remote"
    await nothing_left(shared)


async def test_others_and_vips_whom_nobody_takes_hear_the_announcement(
    shared: Assembly, tmp_path: Path, caller: object
) -> None:
    async with Called(answers=(486,)) as desk:
        await screen(shared, tmp_path, desk)
        for number, rung in (("13711112222", 0), ("13800138000", 1)):
            async with caller(number) as probe:
                assert await probe.call() == 200
                await probe.hears_voice()
                assert len(desk.invites) == rung
    await nothing_left(shared)
