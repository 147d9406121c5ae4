"""The live view of the distributor, as values."""

from __future__ import annotations

from dataclasses import dataclass

from vxmlplat.acd.model import AgentState


@dataclass(frozen=True, slots=True)
class QueueLive:
    """One queue now. ``longest_wait`` in seconds; ``served`` and ``lost`` count since the start."""

    queue: str
    waiting: int
    longest_wait: float
    agents_ready: int
    served: int
    lost: int


@dataclass(frozen=True, slots=True)
class AgentLive:
    """One agent now; ``seconds`` in this state."""

    agent: str
    name: str
    state: AgentState
    reason: str
    seconds: float
    call: str
    calls: int


@dataclass(frozen=True, slots=True)
class Live:
    """All queues and agents now."""

    queues: tuple[QueueLive, ...]
    agents: tuple[AgentLive, ...]
