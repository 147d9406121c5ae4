"""A caller who asked for it is called back, and led to an agent: the dialler on the whole platform."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
from called import Called
from conftest import nothing_left

from vxmlplat.acd.model import AgentState
from vxmlplat.config import CallbackSettings
from vxmlplat.server.assembly import Assembly
from vxmlplat.server.callbacks.setup import dialler
from vxmlplat.store.agents import Agent
from vxmlplat.store.callbacks import Callback
from vxmlplat.store.queues import Queue

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def dialling(platform: Assembly, caller: Called, agent: Called) -> AsyncIterator[str]:
    """A dialler at work, whose way out leads to the caller's telephone; an agent is ready, a callback due."""
    now: datetime = platform.clock.wall()
    store = platform.store
    await store.queues.put(Queue(id="back", name={"en-US": "Back"}, skills={"back": 1}))
    await store.agents.put(Agent(id="2001", name="Li Na", address=agent.uri), {"back": 5})
    await platform.acd.reload()
    await platform.acd.set_state("2001", AgentState.READY)
    callback = Callback(
        id=uuid.uuid4().hex,
        number="13800138000",
        queue="back",
        due=now,
        created=now,
        data={"ticket": "7"},
        language="en-US",
    )
    assert await store.callbacks.add(callback)
    out = CallbackSettings(destination=f"sip:{{number}}@127.0.0.1:{caller.port}", hours="00:00-24:00", ring=5)
    settings = platform.settings.model_copy(update={"callbacks": out})
    found = dialler(
        settings, store, platform.switchboard.placed, platform.acd, platform.clock, platform.base_uri
    )
    await found.start()
    try:
        yield callback.id
    finally:
        await found.stop()
        await store.callbacks.finish(callback.id, "over", now)
        await store.agents.remove("2001")
        await store.queues.remove("back")
        await platform.acd.reload()


async def told(platform: Assembly, callback: str) -> Callback:
    """The callback, once its first call is over."""
    async with asyncio.timeout(20):
        while True:
            found = await platform.store.callbacks.get(callback)
            if found.done or (found.result and found.result != "connected"):
                return found
            await asyncio.sleep(0.1)


def carried(invite: str) -> dict[str, Any]:
    """The call's data that came along in User-to-User."""
    line = next(line for line in invite.split("\r\n") if line.lower().startswith("user-to-user:"))
    found: dict[str, Any] = json.loads(bytes.fromhex(line.split(":")[1].split(";")[0].strip()))
    return found


async def test_who_answers_is_led_to_an_agent_with_the_data_of_his_call(shared: Assembly) -> None:
    async with Called(user="13800138000") as caller, Called(user="2001", answers=("ring",)) as agent:
        async with dialling(shared, caller, agent) as callback:
            await asyncio.wait_for(caller.up.wait(), 15)
            await caller.hears_voice(10)
            await asyncio.wait_for(agent.rung.wait(), 20)
            agent.pick_up()
            await asyncio.wait_for(agent.up.wait(), 5)
            assert "INVITE sip:13800138000@" in caller.invites[0]
            agent.talk()
            await asyncio.sleep(0.5)
            agent.stop_talking()
            await agent.hangup()
            found = await told(shared, callback)
            assert (found.outcome, found.tries) == ("connected", 1)
            assert carried(agent.invites[0])["ticket"] == "7"
        await nothing_left(shared)


async def test_who_is_busy_is_called_again_later(shared: Assembly) -> None:
    async with Called(user="13800138000", answers=(486,)) as caller, Called(user="2001") as agent:
        async with dialling(shared, caller, agent) as callback:
            found = await told(shared, callback)
            assert (found.result, found.done, found.tries) == ("busy", None, 1)
            assert 200 < (found.due - shared.clock.wall()).total_seconds() <= 300
            assert agent.invites == []
        await nothing_left(shared)
