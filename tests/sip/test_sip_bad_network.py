"""Two user agents over a network that loses, doubles, delays and reorders: whatever happens, nothing stays
behind."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vxmlplat.sip.errors import LegStateError, RequestFailed
from vxmlplat.sip.events import Ended, Failed, Reinvite
from vxmlplat.sip.settings import Timers


@dataclass(frozen=True)
class Story:
    seed: int
    loss: float
    duplication: float
    delay: float
    ring_after: float
    answer_after: float
    reliable: bool
    caller_hangs_up: float
    called_hangs_up: float
    reinvites: tuple[bool, bool]


STORIES = st.builds(
    Story,
    seed=st.integers(0, 10_000),
    loss=st.sampled_from([0.0, 0.1, 0.3, 0.6]),
    duplication=st.sampled_from([0.0, 0.3]),
    delay=st.sampled_from([0.0, 0.05, 0.8]),
    ring_after=st.sampled_from([0.0, 0.3]),
    answer_after=st.sampled_from([0.0, 0.5, 3.0]),
    reliable=st.booleans(),
    caller_hangs_up=st.sampled_from([0.0, 0.2, 1.0, 5.0, 30.0]),
    called_hangs_up=st.sampled_from([0.6, 4.0, 20.0]),
    reinvites=st.tuples(st.booleans(), st.booleans()),
)


async def play(world, sdp, sdp2, story: Story) -> None:
    clock = world.clock
    world.wire.random.seed(story.seed)
    last: dict[str, list[object]] = {"in": [], "out": []}

    def listen(leg):
        def hear(event):
            last[leg.direction].append(event)
            if isinstance(event, Reinvite):
                event.answer(sdp)

        leg.on_event = hear

    async def work(leg, after, reinvite):
        await clock.sleep(after / 2)
        try:
            if reinvite:
                await leg.reinvite(sdp2)
        except (RequestFailed, LegStateError):
            pass
        await clock.sleep(after / 2)
        await leg.hangup()

    tasks = []

    async def handler(leg):
        listen(leg)
        tasks.append(asyncio.ensure_future(work(leg, story.called_hangs_up, story.reinvites[0])))
        try:
            await clock.sleep(story.ring_after)
            await leg.ring(sdp if story.reliable else None, reliable=story.reliable)
            await clock.sleep(story.answer_after)
            await leg.answer(sdp)
        except (RequestFailed, LegStateError):
            pass

    timers = Timers(session_expires=0)
    caller = await world.agent("192.0.2.1", timers=timers)
    await world.agent("192.0.2.2", handler, timers=timers)
    world.wire.loss, world.wire.duplication, world.wire.delay = (
        story.loss,
        story.duplication,
        (0.0, story.delay),
    )
    leg = world.call(caller, "sip:x@192.0.2.2")
    listen(leg)
    tasks.append(asyncio.ensure_future(work(leg, story.caller_hangs_up, story.reinvites[1])))
    await world.run(300)
    for task in tasks:
        assert task.done(), task
        task.result()
    for events in last.values():
        ends = [e for e in events if isinstance(e, Ended | Failed)]
        assert len(ends) <= 1
        assert not ends or events[-1] is ends[0]
    assert all(leg.state == "ended" for leg in world.legs)
    world.back_at_base()


def test_nothing_stays_behind_whatever_the_network_does(new_world, sdp, sdp2):
    @settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(STORIES)
    def run(story):
        asyncio.run(play(new_world(), sdp, sdp2, story))

    run()


async def test_a_call_survives_loss(world, sdp):
    async def handler(leg):
        await leg.answer(sdp)

    world.wire.random.seed(3)
    caller = await world.agent("192.0.2.1")
    called = await world.agent("192.0.2.2", handler)
    world.wire.loss = 0.3
    legs = [world.call(caller, f"sip:{n}@192.0.2.2") for n in range(20)]
    await world.run(30)
    # 64*T1 outlasts a loss of three in ten.
    assert [leg.state for leg in legs] == ["confirmed"] * 20
    assert called.counters.legs == 20
    hangups = [asyncio.ensure_future(leg.hangup()) for leg in legs]
    await world.run(70)
    assert all(h.done() for h in hangups)
    await world.run(40)
    world.back_at_base()
