"""Queues and agents as the distributor holds them while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class AgentState(StrEnum):
    """What an agent is doing.

    ``NOT_READY`` has a reason (an aux code: break, training, no answer). ``RINGING``, ``TALKING`` and
    ``WRAP_UP`` (after-call
    work) are entered by the distributor, the others by the agent.
    """

    SIGNED_OUT = "signed_out"
    READY = "ready"
    NOT_READY = "not_ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


#: states that an agent or supervisor may ask for
CHOSEN = frozenset({AgentState.SIGNED_OUT, AgentState.READY, AgentState.NOT_READY})
#: states in which the agent is on a call
BUSY = frozenset({AgentState.RINGING, AgentState.TALKING})


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, as configured. Times are seconds.

    ``skills``: the lowest level of each skill that an agent needs. ``priority``: a higher one is served
    first. ``max_length`` 0 is
    without limit. ``wait_unstaffed``: callers may wait although nobody is signed in.
    """

    id: str
    skills: Mapping[str, int] = field(default_factory=dict)
    priority: int = 0
    ring_time: float = 15.0
    wrap_up: float = 10.0
    max_wait: float = 600.0
    max_length: int = 0
    music: str = ""
    announcement: str = ""
    announce_every: float = 30.0
    strategy: str = "longest-idle"
    wait_unstaffed: bool = False


@dataclass(slots=True)
class Agent:
    """An agent and what he is doing now. ``since``: clock time at which the state began; ``reason``: of
    NOT_READY.

    ``idle_since`` says since when the agent has had no call, kept over a short break so that nobody loses the
    place in
    line by it. ``after``: a state asked for during a call, entered when the call is over.
    """

    id: str
    name: str = ""
    address: str = ""
    skills: Mapping[str, int] = field(default_factory=dict)
    state: AgentState = AgentState.SIGNED_OUT
    reason: str = ""
    since: float = 0.0
    idle_since: float = 0.0
    calls: int = 0
    after: tuple[AgentState, str] | None = None
    call: str = ""

    def may_serve(self, queue: Queue) -> bool:
        """Whether the agent has every skill of the queue at its level or above."""
        return all(self.skills.get(skill, 0) >= level for skill, level in queue.skills.items())
