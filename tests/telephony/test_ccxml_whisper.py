"""The sample ccxml-whisper: the agent is told who calls before the two are joined."""

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
CALLER, AGENT = TONES = (2900, 3300)  # above most of a voice


async def whisper(shared: Assembly, tmp_path: Path, agent: Called) -> Probe:
    folder = sample(tmp_path, "ccxml-whisper", f"var agentAddress = '{agent.uri}';")
    await put_number(shared, "whisper", ccxml=f"{folder}/whisper.ccxml")
    port = sip_port(shared)
    return Probe(f"sip:whisper@127.0.0.1:{port}", ("127.0.0.1", port))


async def test_the_agent_hears_the_announcement_and_takes_the_call(shared: Assembly, tmp_path: Path) -> None:
    async with Called(answers=("ring",)) as agent, await whisper(shared, tmp_path, agent) as caller:
        assert await caller.call() == 200
        caller.talk(CALLER)
        await caller.hears_voice(6)
        await asyncio.wait_for(agent.rung.wait(), 5)
        agent.pick_up()
        agent.talk(AGENT)
        await agent.hears_voice(6)
        since = time.monotonic()
        await asyncio.sleep(0.4)
        assert agent.tone_level(CALLER, since) < 1000, "the agent does not hear the caller yet"
        assert caller.tone_level(AGENT, since) < 1000, "nor the caller the agent"
        await agent.press("1")
        await caller.hears_only(AGENT, of=TONES)
        await agent.hears_only(CALLER, of=TONES)
        await caller.hangup()
        assert await asyncio.wait_for(agent.ended, 5) == "remote"
    await nothing_left(shared)


async def test_an_agent_who_does_not_take_it_never_hears_the_caller(shared: Assembly, tmp_path: Path) -> None:
    async with Called() as agent, await whisper(shared, tmp_path, agent) as caller:
        assert await caller.call() == 200
        caller.talk(CALLER)
        await asyncio.wait_for(agent.up.wait(), 5)
        agent.talk(AGENT)
        await agent.hears_voice(6)
        await agent.press("2")
        assert await asyncio.wait_for(agent.ended, 5) == "remote"
        declined = time.monotonic()
        await caller.hears_voice(6, after=declined + 0.2)
        assert caller.tone_level(AGENT, caller.answered) < 300
        assert await asyncio.wait_for(caller.ended, 12) == "remote", "after the apology the call ends"
    await nothing_left(shared)
