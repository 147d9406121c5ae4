"""The distributor itself: keeps the queues moving."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from vxmlplat.acd import routing
from vxmlplat.acd.errors import UnknownAgent, UnknownQueue, WrongState
from vxmlplat.acd.live import AgentLive, Live, QueueLive
from vxmlplat.acd.model import BUSY, CHOSEN, Agent, AgentState, Queue
from vxmlplat.acd.ports import AgentLine, Directory, Rung
from vxmlplat.acd.ticket import Connected, NotServed, Ticket
from vxmlplat.clock import Clock

log = logging.getLogger(__name__)

#: how an expected wait is reckoned before a queue has served anybody, in seconds
_FIRST_HANDLE_TIME = 180.0
#: how long an agent whose telephone could not be reached is passed over, in seconds
_UNREACHABLE_PAUSE = 5.0


class Acd:
    """Queues, agents and the calls that wait. One for a platform.

    ``on_change`` is told that something on the live view has changed (a plain function, called often).
    """

    def __init__(
        self, line: AgentLine, directory: Directory, clock: Clock, on_change: Callable[[], None] | None = None
    ) -> None:
        self._line = line
        self._directory = directory
        self._clock = clock
        self._on_change = on_change
        self._queues: dict[str, Queue] = {}
        self._agents: dict[str, Agent] = {}
        self._waiting: dict[str, list[Ticket]] = {}
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._handle_times: dict[str, float] = {}
        self._served: dict[str, int] = {}
        self._lost: dict[str, int] = {}

    async def start(self) -> None:
        """Load queues and agents. Nobody is on a call after a start: such agents are taken for ready."""
        await self.reload()

    async def reload(self) -> None:
        """Take up changed queues and agents; what agents are doing stays."""
        self._queues = {queue.id: queue for queue in await self._directory.queues()}
        stored = {agent.id: agent for agent in await self._directory.agents()}
        for agent in stored.values():
            known = self._agents.get(agent.id)
            if known is None:
                agent.since = agent.idle_since = self._clock.now()
                if agent.state not in CHOSEN:
                    agent.state, agent.reason = AgentState.READY, ""
                self._agents[agent.id] = agent
            else:
                known.name, known.address, known.skills = agent.name, agent.address, agent.skills
        for gone in set(self._agents) - set(stored):
            if self._agents[gone].state not in BUSY:
                del self._agents[gone]
        self._dispatch()

    async def stop(self) -> None:
        """End every wait and every ringing."""
        for ticket in [t for row in self._waiting.values() for t in row]:
            ticket.abandon()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ------------------------------------------------------------------ callers

    def enqueue(
        self,
        queue: str,
        call: str,
        *,
        ani: str = "",
        user_to_user: str = "",
        data: Mapping[str, object] | None = None,
        priority: int | None = None,
    ) -> Ticket:
        """Put a call into a queue. Its ticket may have its outcome at once (queue full, nobody signed in).

        Raises UnknownQueue. ``priority`` is the queue's unless the call has its own.
        """
        if queue not in self._queues:
            raise UnknownQueue(f"no queue {queue!r}")
        settings = self._queues[queue]
        ticket = Ticket(
            next(self._numbers),
            call,
            settings,
            self._clock.now(),
            settings.priority if priority is None else priority,
            ani,
            user_to_user,
            dict(data or {}),
            on_left=self._left,
            on_finished=self._finished,
        )
        row = self._waiting.setdefault(queue, [])
        if settings.max_length and len(row) >= settings.max_length:
            self._refuse(ticket, NotServed("full"))
        elif not settings.wait_unstaffed and not self._staffed(settings):
            self._refuse(ticket, NotServed("unstaffed"))
        else:
            row.append(ticket)
            self._spawn(self._give_up(ticket))
            self._dispatch()
        return ticket

    def _refuse(self, ticket: Ticket, outcome: NotServed) -> None:
        self._lost[ticket.queue.id] = self._lost.get(ticket.queue.id, 0) + 1
        ticket.outcome.set_result(outcome)

    def _staffed(self, queue: Queue) -> bool:
        return any(a.state is not AgentState.SIGNED_OUT and a.may_serve(queue) for a in self._agents.values())

    async def _give_up(self, ticket: Ticket) -> None:
        await self._clock.sleep(ticket.queue.max_wait)
        if ticket.waiting:
            ticket.outcome.set_result(NotServed("timeout"))
            self._left(ticket)

    def _left(self, ticket: Ticket) -> None:
        """The ticket waits no longer, without an agent."""
        row = self._waiting.get(ticket.queue.id, [])
        if ticket in row:
            row.remove(ticket)
            self._lost[ticket.queue.id] = self._lost.get(ticket.queue.id, 0) + 1
        self._changed()

    def position(self, ticket: Ticket) -> int:
        """The caller's place in line, 1 for the next; 0 when he waits no longer."""
        row = sorted(self._waiting.get(ticket.queue.id, ()), key=lambda t: t.order)
        return row.index(ticket) + 1 if ticket in row else 0

    def expected_wait(self, ticket: Ticket) -> float:
        """Seconds until an agent will probably be free:

        place in line times handle time over the agents at work.
        """
        agents = [
            a
            for a in self._agents.values()
            if a.state not in (AgentState.SIGNED_OUT, AgentState.NOT_READY) and a.may_serve(ticket.queue)
        ]
        handle = self._handle_times.get(ticket.queue.id, _FIRST_HANDLE_TIME)
        return self.position(ticket) * handle / max(1, len(agents))

    # ------------------------------------------------------------------ agents

    def agent(self, agent: str) -> Agent:
        """An agent. Raises UnknownAgent."""
        if agent not in self._agents:
            raise UnknownAgent(f"no agent {agent!r}")
        return self._agents[agent]

    async def set_state(self, agent: str, state: AgentState, reason: str = "") -> None:
        """What an agent or supervisor chooses. During a call the choice takes effect when the call is over.

        Raises UnknownAgent, and WrongState for a state that nobody chooses.
        """
        found = self.agent(agent)
        if state not in CHOSEN:
            raise WrongState(f"{state} is entered by itself, not chosen")
        if found.state in BUSY:
            found.after = (state, reason)
        else:
            self._enter(found, state, reason)
            self._dispatch()
        await self._directory.agent_changed(agent, state, reason)

    def _enter(self, agent: Agent, state: AgentState, reason: str = "") -> None:
        if agent.state is AgentState.SIGNED_OUT:
            agent.idle_since = self._clock.now()
        if state in CHOSEN:
            agent.call = ""
        agent.state, agent.reason, agent.since = state, reason, self._clock.now()
        self._changed()

    # ------------------------------------------------------------------ giving calls to agents

    def _dispatch(self) -> None:
        waiting = [t for row in self._waiting.values() for t in row]
        for ticket, agent in routing.pairs(waiting, self._agents.values()):
            ticket.ringing = agent
            agent.call = ticket.call
            self._enter(agent, AgentState.RINGING)
            self._spawn(self._offer(ticket, agent))
        self._changed()

    async def _offer(self, ticket: Ticket, agent: Agent) -> None:
        ringing = asyncio.ensure_future(self._line.ring(agent, ticket, ticket.queue.ring_time))
        try:
            either: set[asyncio.Future[Any]] = {ringing, ticket.outcome}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            rung = ringing.result() if ringing.done() else await _cancelled(ringing)
        except Exception:
            log.exception("ringing agent %s for call %s failed", agent.id, ticket.call)
            rung = Rung(None, "error")
        except asyncio.CancelledError:
            ringing.cancel()
            raise
        ticket.ringing = None
        if rung.line is None:
            self._unanswered(ticket, agent, rung.reason)
        elif not ticket.waiting:
            await self._line.release(rung.line)
            self._free(agent)
        else:
            self._connect(ticket, agent, rung.line)
        self._dispatch()

    def _connect(self, ticket: Ticket, agent: Agent, line: object) -> None:
        self._waiting[ticket.queue.id].remove(ticket)
        self._served[ticket.queue.id] = self._served.get(ticket.queue.id, 0) + 1
        ticket.agent = agent
        agent.calls += 1
        self._enter(agent, AgentState.TALKING)
        ticket.outcome.set_result(Connected(agent.id, line))

    def _unanswered(self, ticket: Ticket, agent: Agent, reason: str) -> None:
        if not ticket.waiting:  # the caller left while it rang: nobody's fault
            self._free(agent)
            return
        # The agent is locked, so that the next caller is not sent into the same silence; the call keeps its
        # place.
        ticket.tried.add(agent.id)
        log.warning("agent %s did not take call %s (%s)", agent.id, ticket.call, reason)
        state, why = agent.after or (AgentState.NOT_READY, reason or "no_answer")
        agent.after = None
        self._enter(agent, state, why)
        self._spawn(self._directory.agent_changed(agent.id, state, why))
        if reason == "unreachable":
            self._spawn(self._try_again(agent))
        if not any(self._at_work(a, ticket) for a in self._agents.values()):
            ticket.tried.clear()

    def _at_work(self, agent: Agent, ticket: Ticket) -> bool:
        signed_in = agent.state is not AgentState.SIGNED_OUT
        return signed_in and agent.id not in ticket.tried and agent.may_serve(ticket.queue)

    async def _try_again(self, agent: Agent) -> None:
        """A telephone that could not be reached is no fault of the agent: he is ready again after a while."""
        began = agent.since
        await self._clock.sleep(_UNREACHABLE_PAUSE)
        if agent.state is AgentState.NOT_READY and agent.since == began:
            await self.set_state(agent.id, AgentState.READY)

    def _free(self, agent: Agent) -> None:
        state, reason = agent.after or (AgentState.READY, "")
        agent.after = None
        self._enter(agent, state, reason)

    def _finished(self, ticket: Ticket) -> None:
        agent, ticket.agent = ticket.agent, None
        if agent is None:
            return
        talked = self._clock.now() - agent.since
        known = self._handle_times.get(ticket.queue.id)
        handled = talked + ticket.queue.wrap_up
        self._handle_times[ticket.queue.id] = handled if known is None else 0.9 * known + 0.1 * handled
        agent.idle_since = self._clock.now()
        self._enter(agent, AgentState.WRAP_UP)
        self._spawn(self._wrap_up(agent, ticket.queue.wrap_up))

    def handed_on(self, ticket: Ticket, agent: str, address: str) -> str:
        """The agent of a call has handed it on and goes to after-call work.

        ``agent`` is who has it now, "" for nobody known by name; ``address`` is that telephone's. Returns the
        agent who talks to the caller from now on, "" when it is none of ours.
        """
        other = self._agents.get(agent) or next(
            (a for a in self._agents.values() if a.address and a.address == address), None
        )
        if ticket.agent is None or other is ticket.agent:
            return "" if other is None else other.id
        self._finished(ticket)
        if other is None or other.state in BUSY:
            return "" if other is None else other.id
        if other.state in CHOSEN and other.state is not AgentState.READY:
            other.after = (other.state, other.reason)  # a favour to a colleague; then as it was
        ticket.agent = other
        other.call = ticket.call
        other.calls += 1
        self._enter(other, AgentState.TALKING)
        return other.id

    async def _wrap_up(self, agent: Agent, seconds: float) -> None:
        began = agent.since
        await self._clock.sleep(seconds)
        if agent.state is AgentState.WRAP_UP and agent.since == began:
            self._free(agent)
            self._dispatch()

    # ------------------------------------------------------------------ what is going on

    def live(self) -> Live:
        """Queues and agents as they are now."""
        now = self._clock.now()
        queues = []
        for queue in self._queues.values():
            row = self._waiting.get(queue.id, [])
            ready = sum(a.state is AgentState.READY and a.may_serve(queue) for a in self._agents.values())
            longest = max((now - t.entered for t in row), default=0.0)
            served, lost = self._served.get(queue.id, 0), self._lost.get(queue.id, 0)
            queues.append(QueueLive(queue.id, len(row), longest, ready, served, lost))
        agents = [
            AgentLive(a.id, a.name, a.state, a.reason, now - a.since, a.call, a.calls)
            for a in self._agents.values()
        ]
        return Live(tuple(queues), tuple(agents))

    def _changed(self) -> None:
        if self._on_change is not None:
            self._on_change()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a task of the distributor failed", exc_info=task.exception())


async def _cancelled(ringing: asyncio.Future[Rung]) -> Rung:
    """Stop ringing; an answer that came in the same moment counts as one, so that it can be released."""
    ringing.cancel()
    try:
        return await ringing
    except asyncio.CancelledError:
        return Rung(None, "abandoned")
