"""Calls that end at the worst moment: whatever happens, nothing of them stays."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
from aiohttp import web
from call_control import journey
from call_documents import (
    LOOP_MENU,
    acd_document,
    agent_at,
    bridge_document,
    caller,
    record_document,
    served,
    vxml,
)
from centre import settings
from conftest import nothing_left
from peer import Peer, until

from vxmlplat.acd import AgentState
from vxmlplat.server.assembly import Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_caller_cancels_while_the_document_is_fetched(shared: Assembly) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        arrived.set()
        await go_on.wait()
        return web.Response(
            text=vxml("<form><block>never</block></form>"), content_type="application/voicexml+xml"
        )

    async with served(shared, "slow", slow), caller(shared, "slow") as peer:
        calling = asyncio.create_task(peer.call())
        await asyncio.wait_for(arrived.wait(), 5)
        peer._write("CANCEL", 1, peer._branch)
        assert await calling == 487
        go_on.set()
        await nothing_left(shared)


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.3])
async def test_the_caller_hangs_up_while_a_prompt_plays_or_keys_are_awaited(
    shared: Assembly, moment: float
) -> None:
    async with served(shared, "menu", LOOP_MENU), caller(shared) as peer:
        assert await peer.call() == 200
        await asyncio.sleep(moment)
        await peer.hangup()
        await nothing_left(shared)


async def test_the_caller_hangs_up_while_he_records(shared: Assembly) -> None:
    async with served(shared, "record", record_document()), caller(shared, "record") as peer:
        assert await peer.call() == 200
        peer.talk(400)
        await asyncio.sleep(0.8)
        await peer.hangup()
        await nothing_left(shared)
    assert list(shared.config.recordings.glob("*.wav")) == []


async def test_the_caller_leaves_the_queue(shared: Assembly) -> None:
    async with (
        Peer(answers="ring") as agent,
        agent_at(shared, agent.uri),
        served(shared, "queue", acd_document("help")),
        caller(shared, "queue") as peer,
    ):
        assert await peer.call() == 200
        await agent.got("INVITE")
        await peer.hangup()
        await agent.got("CANCEL")
        await nothing_left(shared)
        await until(lambda: shared.acd.agent("1001").state is AgentState.READY)


async def test_the_agent_answers_in_the_moment_in_which_the_caller_leaves(shared: Assembly) -> None:
    async with (
        Peer(answers="ring") as agent,
        agent_at(shared, agent.uri),
        served(shared, "queue", acd_document("help")),
        caller(shared, "queue") as peer,
    ):
        assert await peer.call() == 200
        await agent.got("INVITE")
        leaving = asyncio.create_task(peer.hangup())
        agent.pick_up()
        await leaving
        await nothing_left(shared)


@pytest.mark.parametrize("who", ["caller", "agent"])
async def test_either_side_ends_a_talk(shared: Assembly, who: str) -> None:
    async with (
        Peer() as agent,
        agent_at(shared, agent.uri),
        served(shared, "queue", acd_document("help")),
        caller(shared, "queue") as peer,
    ):
        assert await peer.call() == 200
        await agent.got("ACK")
        peer.talk(400)
        agent.talk(700)
        await peer.hears_only(700, of=(400, 700))
        await agent.hears_only(400, of=(400, 700))
        if who == "caller":
            await peer.hangup()
            await agent.got("BYE")
        else:
            await agent.hangup()
            assert await asyncio.wait_for(peer.ended, 5) == "remote"
        await nothing_left(shared)


async def test_a_far_end_that_never_answers_cancel_holds_up_nobody(shared: Assembly) -> None:
    """The caller's document goes on at once although the telephone that rang says nothing to CANCEL."""
    async with Peer(answers="ring", ignores=("CANCEL",)) as far:
        async with (
            served(shared, "out", bridge_document(far.uri, connecttimeout="1s")),
            caller(shared, "out") as peer,
        ):
            assert await peer.call() == 200
            assert await asyncio.wait_for(peer.ended, 4) == "remote"
            await far.got("CANCEL")
            far._reply(far._invite, 487)
        await nothing_left(shared)


async def test_a_200_to_a_cancelled_invite_is_ended_with_bye(shared: Assembly) -> None:
    async with Peer(answers="ring", ignores=("CANCEL",)) as far:
        async with (
            served(shared, "out", bridge_document(far.uri, connecttimeout="1s")),
            caller(shared, "out") as peer,
        ):
            assert await peer.call() == 200
            await far.got("CANCEL")
            far.pick_up()
            await far.got("BYE")
            await asyncio.wait_for(peer.ended, 4)
        await nothing_left(shared)


async def test_a_caller_who_never_answers_bye_gives_his_port_back_at_once(shared: Assembly) -> None:
    bye = vxml("<form><block><disconnect/></block></form>")
    async with served(shared, "bye", bye), caller(shared, "bye", ignores=("BYE",)) as peer:
        assert await peer.call() == 200
        await peer.got("BYE")
        await until(lambda: not shared.admission.in_use, 2)
        assert shared.user_agent.counters.legs == 1, "the SIP stack goes on asking"
        last = peer.received[-1]
        peer.ignores = ()
        peer._reply(last, 200)
    await nothing_left(shared)


async def test_descriptors_tasks_and_channels_return_to_base(shared: Assembly) -> None:
    """Calls that are hung up at any moment: while they ring, are greeted, are connected with somebody."""

    async def one(number: str, seconds: float) -> None:
        async with caller(shared, number) as peer:
            assert await peer.call() == 200
            await asyncio.sleep(seconds)
            await peer.hangup()

    async def rounds(count: int) -> tuple[int, int]:
        async with (
            Peer() as far,
            served(shared, "menu", LOOP_MENU),
            served(shared, "out", bridge_document(far.uri)),
        ):
            for _ in range(count):
                await asyncio.gather(*(one("menu", n * 0.03) for n in range(8)), one("out", 0.15))
        await nothing_left(shared)
        await until(lambda: not shared.plane._channels)
        await asyncio.sleep(0.5)
        return descriptors(), len(asyncio.all_tasks())

    base = await rounds(1)
    now = await rounds(3)
    assert now[0] <= base[0] + 2, "descriptors are left behind"
    assert now[1] <= base[1] + 2, "tasks are left behind"


def descriptors() -> int:
    """How many file descriptors this process holds."""
    return len(os.listdir("/proc/self/fd"))


async def test_the_media_process_dies_and_calls_end_in_order(tmp_path: Path) -> None:
    async with Assembly(settings(tmp_path / "var")) as platform:
        async with (
            Peer(answers="ring") as ringing,
            Peer(user="1002") as talking,
            served(platform, "menu", LOOP_MENU),
            served(platform, "out", bridge_document(ringing.uri)),
            served(platform, "talk", bridge_document(talking.uri)),
            caller(platform) as listener,
            caller(platform, "out") as waiter,
            caller(platform, "talk") as talker,
        ):
            for peer in (listener, waiter, talker):
                assert await peer.call() == 200
            await ringing.got("INVITE")
            await talking.got("ACK")
            calls = [connection.call.id for connection in platform.switchboard.control.connections.values()]
            kill_media(platform)
            for peer in (listener, waiter, talker, talking):
                assert await asyncio.wait_for(peer.ended, 3) == "remote"
            await ringing.got("CANCEL")
            await until(lambda: platform.plane.running)
            async with caller(platform) as after:
                assert await after.call() == 200
                await after.hears_voice(3)
            assert platform.plane.statistics.restarts == 1
        await nothing_left(platform)
        for call in calls:
            record, _ = await journey(platform, call)
            assert (record.outcome, record.hangup_by) == ("error", "platform")


async def test_calls_are_taken_two_seconds_after_the_media_process_died(tmp_path: Path) -> None:
    async with Assembly(settings(tmp_path / "var")) as platform, served(platform, "menu", LOOP_MENU):
        seconds = []
        for _ in range(3):  # the machine may be busy with something else: the best counts
            died = platform.clock.now()
            kill_media(platform)
            await until(lambda: not platform.plane.running)
            await until(lambda: platform.plane.running, 20)
            async with caller(platform) as peer:
                assert await peer.call() == 200
                seconds.append(platform.clock.now() - died)
                await peer.hears_voice(3)
        assert min(seconds) < 2.0
        assert platform.plane.statistics.restarts == 3
        await nothing_left(platform)


def kill_media(platform: Assembly) -> None:
    """The media process dies."""
    process = platform.plane._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
