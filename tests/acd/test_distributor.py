"""The distributor in virtual time, with telephones made of paper."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vxmlplat.acd import Acd, Agent, AgentState, Connected, NotServed, Queue, Rung, Ticket
from vxmlplat.acd.errors import UnknownAgent, UnknownQueue, WrongState
from vxmlplat.clock import VirtualClock, settle

REPAIRS = Queue("repairs", {"repairs": 1}, ring_time=15, wrap_up=10, max_wait=300)


class Telephones:
    """Agents' telephones: each answers after so many seconds, or (None) lets it ring."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.answer_after: dict[str, float | None] = {}
        self.rung: list[tuple[str, str]] = []
        self.released: list[object] = []
        self.unreachable: set[str] = set()

    async def ring(self, agent: Agent, ticket: Ticket, seconds: float) -> Rung:
        self.rung.append((agent.id, ticket.call))
        if agent.id in self.unreachable:
            return Rung(None, "unreachable")
        after = self.answer_after.get(agent.id, 1.0)
        if after is None or after > seconds:
            await self.clock.sleep(seconds)
            return Rung(None, "no_answer")
        await self.clock.sleep(after)
        return Rung(f"line of {agent.id}")

    async def release(self, line: object) -> None:
        self.released.append(line)


class Paper:
    """A directory in memory."""

    def __init__(self, queues: Sequence[Queue], agents: Sequence[Agent]) -> None:
        self.rows, self.people = list(queues), list(agents)
        self.kept: list[tuple[str, str, str]] = []

    async def queues(self) -> Sequence[Queue]:
        return self.rows

    async def agents(self) -> Sequence[Agent]:
        return [replace(a) for a in self.people]

    async def agent_changed(self, agent: str, state: AgentState, reason: str) -> None:
        self.kept.append((agent, state, reason))


def person(name: str, state: AgentState = AgentState.READY, **skills: int) -> Agent:
    return Agent(name, skills=skills or {"repairs": 1}, state=state)


class Centre:
    def __init__(self, *agents: Agent, queues: Sequence[Queue] = (REPAIRS,)) -> None:
        self.clock = VirtualClock()
        self.phones = Telephones(self.clock)
        self.paper = Paper(queues, agents)
        self.acd = Acd(self.phones, self.paper, self.clock)

    async def open(self) -> Centre:
        await self.acd.start()
        return self

    def state(self, agent: str) -> AgentState:
        return self.acd.agent(agent).state


async def test_the_agent_who_has_been_idle_longest_gets_the_call() -> None:
    centre = await Centre(person("ann"), person("bob")).open()
    first = centre.acd.enqueue("repairs", "c1")
    await centre.clock.advance(2)
    assert await first.outcome == Connected("ann", "line of ann")
    first.finish()
    await centre.clock.advance(60)
    second = centre.acd.enqueue("repairs", "c2")
    await centre.clock.advance(2)
    assert (await second.outcome).agent == "bob"  # type: ignore[union-attr]


async def test_callers_are_served_in_order_of_priority_then_of_arrival() -> None:
    vip = replace(REPAIRS, id="vip", priority=5)
    centre = await Centre(person("ann"), queues=(REPAIRS, vip)).open()
    busy = centre.acd.enqueue("repairs", "c0")
    await centre.clock.advance(2)
    waiting = [
        centre.acd.enqueue("repairs", "c1"),
        centre.acd.enqueue("repairs", "c2"),
        centre.acd.enqueue("vip", "c3"),
    ]
    order = []
    current = busy
    for _ in waiting:
        current.finish()
        await centre.clock.advance(12)
        current = next(t for t in waiting if t.outcome.done() and t.call not in order)
        order.append(current.call)
    assert order == ["c3", "c1", "c2"]


async def test_no_answer_locks_the_agent_and_the_next_one_is_rung() -> None:
    centre = await Centre(person("ann"), person("bob")).open()
    centre.phones.answer_after["ann"] = None
    ticket = centre.acd.enqueue("repairs", "c1")
    await centre.clock.advance(14)
    assert centre.phones.rung == [("ann", "c1")]
    await centre.clock.advance(3)
    assert (await ticket.outcome).agent == "bob"  # type: ignore[union-attr]
    assert (centre.state("ann"), centre.acd.agent("ann").reason) == (AgentState.NOT_READY, "no_answer")
    assert ("ann", AgentState.NOT_READY, "no_answer") in centre.paper.kept


async def test_a_call_that_was_not_answered_stays_first_in_line() -> None:
    centre = await Centre(person("ann")).open()
    centre.phones.answer_after["ann"] = None
    first = centre.acd.enqueue("repairs", "c1")
    await centre.clock.advance(1)
    second = centre.acd.enqueue("repairs", "c2")
    await centre.clock.advance(20)
    assert (centre.acd.position(first), centre.acd.position(second)) == (1, 2)
    centre.phones.answer_after["ann"] = 1.0
    await centre.acd.set_state("ann", AgentState.READY)
    await centre.clock.advance(2)
    assert first.outcome.done()
    assert second.waiting


async def test_a_telephone_that_cannot_be_reached_is_tried_again_later() -> None:
    centre = await Centre(person("ann")).open()
    centre.phones.unreachable.add("ann")
    ticket = centre.acd.enqueue("repairs", "c1")
    await centre.clock.advance(1)
    assert centre.state("ann") is AgentState.NOT_READY
    centre.phones.unreachable.clear()
    await centre.clock.advance(7)
    assert isinstance(await ticket.outcome, Connected)


async def test_a_caller_who_leaves_while_it_rings_frees_the_agent() -> None:
    centre = await Centre(person("ann")).open()
    ticket = centre.acd.enqueue("repairs", "c1")
    await centre.clock.advance(0.5)
    assert centre.state("ann") is AgentState.RINGING
    ticket.abandon()
    await settle()
    assert await ticket.outcome == NotServed("abandoned")
    assert centre.state("ann") is AgentState.READY
    assert centre.acd.live().queues[0].waiting == 0


async def test_after_the_call_the_agent_has_time_for_wrap_up() -> None:
    centre = await Centre(person("ann")).open()
    ticket = centre.acd.enqueue("repairs", "c1")
    await centre.clock.advance(2)
    assert centre.state("ann") is AgentState.TALKING
    ticket.finish()
    ticket.finish()  # twice does no harm: both legs may report the end
    assert centre.state("ann") is AgentState.WRAP_UP
    await centre.clock.advance(10.1)
    assert centre.state("ann") is AgentState.READY


async def test_a_break_asked_for_during_a_call_begins_after_it() -> None:
    centre = await Centre(person("ann")).open()
    ticket = centre.acd.enqueue("repairs", "c1")
    await centre.clock.advance(2)
    await centre.acd.set_state("ann", AgentState.NOT_READY, "lunch")
    assert centre.state("ann") is AgentState.TALKING
    ticket.finish()
    await centre.clock.advance(11)
    assert (centre.state("ann"), centre.acd.agent("ann").reason) == (AgentState.NOT_READY, "lunch")


async def test_the_longest_wait_ends_the_wait() -> None:
    centre = await Centre(person("ann", AgentState.NOT_READY)).open()
    ticket = centre.acd.enqueue("repairs", "c1")
    await centre.clock.advance(299)
    assert ticket.waiting
    await centre.clock.advance(2)
    assert await ticket.outcome == NotServed("timeout")


async def test_full_and_unstaffed_queues_refuse_at_once() -> None:
    small = replace(REPAIRS, id="small", max_length=1)
    foreign = Queue("french", {"french": 3})
    open_all_night = replace(foreign, id="patient", wait_unstaffed=True)
    centre = await Centre(person("ann", AgentState.NOT_READY), queues=(small, foreign, open_all_night)).open()
    centre.acd.enqueue("small", "c1")
    assert await centre.acd.enqueue("small", "c2").outcome == NotServed("full")
    assert await centre.acd.enqueue("french", "c3").outcome == NotServed("unstaffed")
    assert centre.acd.enqueue("patient", "c4").waiting


async def test_only_agents_with_the_level_of_the_skill_are_rung() -> None:
    hard = Queue("hard", {"repairs": 5, "english": 2})
    centre = await Centre(
        person("ann", repairs=9), person("bob", repairs=5, english=2), queues=(hard,)
    ).open()
    ticket = centre.acd.enqueue("hard", "c1")
    await centre.clock.advance(2)
    assert (await ticket.outcome).agent == "bob"  # type: ignore[union-attr]
    assert centre.phones.rung == [("bob", "c1")]


async def test_names_that_do_not_exist_and_states_nobody_chooses_are_refused() -> None:
    centre = await Centre(person("ann")).open()
    with pytest.raises(UnknownQueue):
        centre.acd.enqueue("nowhere", "c1")
    with pytest.raises(UnknownAgent):
        await centre.acd.set_state("eve", AgentState.READY)
    with pytest.raises(WrongState):
        await centre.acd.set_state("ann", AgentState.TALKING)


async def test_expected_wait_grows_with_the_line_and_falls_with_the_staff() -> None:
    centre = await Centre(person("ann"), person("bob", AgentState.NOT_READY)).open()
    centre.acd.enqueue("repairs", "c0")
    await centre.clock.advance(2)
    first, second = centre.acd.enqueue("repairs", "c1"), centre.acd.enqueue("repairs", "c2")
    assert centre.acd.expected_wait(second) == 2 * centre.acd.expected_wait(first)
    alone = centre.acd.expected_wait(second)
    centre.phones.answer_after["bob"] = None
    await centre.acd.set_state("bob", AgentState.READY)
    assert centre.acd.expected_wait(second) == alone / 2


actions = st.lists(
    st.tuples(
        st.sampled_from(["call", "leave", "finish", "ready", "break", "out", "silent", "pass"]),
        st.integers(0, 5),
    ),
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(actions)
def test_whatever_happens_nobody_is_lost_or_served_twice(script: list[tuple[str, int]]) -> None:
    async def walk() -> None:
        centre = await Centre(*(person(f"a{n}") for n in range(3))).open()
        tickets: list[Ticket] = []
        for action, n in script:
            agent = f"a{n % 3}"
            if action == "call":
                tickets.append(centre.acd.enqueue("repairs", f"c{len(tickets)}"))
            elif action == "leave" and tickets:
                tickets[n % len(tickets)].abandon()
            elif action == "finish" and tickets:
                tickets[n % len(tickets)].finish()
            elif action == "ready":
                await centre.acd.set_state(agent, AgentState.READY)
            elif action == "break":
                await centre.acd.set_state(agent, AgentState.NOT_READY, "break")
            elif action == "out":
                await centre.acd.set_state(agent, AgentState.SIGNED_OUT)
            elif action == "silent":
                centre.phones.answer_after[agent] = None if n % 2 else 1.0
            await centre.clock.advance(n)
            live = centre.acd.live()
            assert live.queues[0].waiting == sum(t.waiting for t in tickets)
            talking = [a.call for a in live.agents if a.state is AgentState.TALKING]
            assert len(talking) == len(set(talking)) == sum(t.agent is not None for t in tickets)
            for a in live.agents:
                assert (a.call != "") == (
                    a.state in (AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP)
                )
        await centre.acd.stop()
        assert not any(t.waiting for t in tickets)

    asyncio.run(walk())


async def talking(centre: Centre) -> Ticket:
    """A call that ``ann`` has."""
    ticket = centre.acd.enqueue("repairs", "c1")
    await centre.clock.advance(1)
    await settle()
    assert isinstance(ticket.outcome.result(), Connected)
    return ticket


async def test_who_hands_a_call_on_is_in_after_call_work_and_the_colleague_talks() -> None:
    centre = await Centre(person("ann"), person("bob", AgentState.NOT_READY)).open()
    ticket = await talking(centre)
    assert centre.acd.handed_on(ticket, "bob", "sip:bob@10.0.0.2") == "bob"
    assert (centre.state("ann"), centre.state("bob")) == (AgentState.WRAP_UP, AgentState.TALKING)
    assert (centre.acd.agent("bob").call, centre.acd.agent("bob").calls) == ("c1", 1)
    await centre.clock.advance(10)
    await settle()
    assert (centre.state("ann"), centre.state("bob")) == (AgentState.READY, AgentState.TALKING)
    ticket.finish()
    assert centre.state("bob") is AgentState.WRAP_UP
    await centre.clock.advance(10)
    await settle()
    assert centre.state("bob") is AgentState.NOT_READY, "as he was before he took the call"


async def test_a_call_that_is_handed_to_a_fixed_address_finds_its_agent() -> None:
    other = person("bob")
    other.address = "sip:bob@10.0.0.2"
    centre = await Centre(person("ann"), other).open()
    ticket = await talking(centre)
    assert centre.acd.handed_on(ticket, "", "sip:bob@10.0.0.2") == "bob"
    assert (centre.state("ann"), centre.state("bob")) == (AgentState.WRAP_UP, AgentState.TALKING)


async def test_a_call_that_is_handed_to_the_outside_frees_its_agent() -> None:
    centre = await Centre(person("ann")).open()
    ticket = await talking(centre)
    assert centre.acd.handed_on(ticket, "", "tel:+4930") == ""
    assert centre.state("ann") is AgentState.WRAP_UP
    ticket.finish()
    assert centre.state("ann") is AgentState.WRAP_UP, "once is enough"


async def test_a_colleague_who_is_called_by_another_queue_keeps_that_call() -> None:
    centre = await Centre(person("ann"), person("bob", AgentState.NOT_READY)).open()
    ticket = await talking(centre)
    centre.acd.agent("bob").state = AgentState.RINGING
    assert centre.acd.handed_on(ticket, "bob", "") == "bob"
    assert centre.state("bob") is AgentState.RINGING
