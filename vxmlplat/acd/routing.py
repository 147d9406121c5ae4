"""Who is given to whom: strategies by name, and the pairing of waiting calls with free agents."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from vxmlplat.acd.model import Agent, AgentState, Queue
from vxmlplat.acd.ticket import Ticket

#: the smaller, the sooner the agent is chosen
Rank = Callable[[Agent, Queue], tuple[float, ...]]
_STRATEGIES: dict[str, Rank] = {}


def strategy(name: str) -> Callable[[Rank], Rank]:
    """Register a way to rank the agents that could take a call."""

    def register(rank: Rank) -> Rank:
        if name in _STRATEGIES:
            raise ValueError(f"strategy {name} is registered twice")
        _STRATEGIES[name] = rank
        return rank

    return register


def strategies() -> list[str]:
    """The names that a queue may use."""
    return sorted(_STRATEGIES)


@strategy("longest-idle")
def _longest_idle(agent: Agent, queue: Queue) -> tuple[float, ...]:
    return (agent.idle_since,)


@strategy("fewest-calls")
def _fewest_calls(agent: Agent, queue: Queue) -> tuple[float, ...]:
    return (agent.calls, agent.idle_since)


@strategy("most-skilled")
def _most_skilled(agent: Agent, queue: Queue) -> tuple[float, ...]:
    return (-sum(agent.skills.get(skill, 0) for skill in queue.skills), agent.idle_since)


def pairs(tickets: Iterable[Ticket], agents: Iterable[Agent]) -> list[tuple[Ticket, Agent]]:
    """The calls that can be offered to an agent now, each with its agent.

    Calls are taken by priority, then by waiting time; an agent is used once. A call whose fitting agents are
    all busy
    does not hold up the calls behind it that others can take.
    """
    free = [agent for agent in agents if agent.state is AgentState.READY]
    found: list[tuple[Ticket, Agent]] = []
    for ticket in sorted(tickets, key=lambda t: t.order):
        if not free:
            break
        if not ticket.waiting or ticket.ringing is not None:
            continue
        rank = _STRATEGIES.get(ticket.queue.strategy, _longest_idle)
        fitting = [a for a in free if a.id not in ticket.tried and a.may_serve(ticket.queue)]
        if fitting:
            best = min(fitting, key=lambda a: (*rank(a, ticket.queue), a.id))
            free.remove(best)
            found.append((ticket, best))
    return found
