"""What the distributor needs of the rest: agents' telephones, and where queues and agents are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vxmlplat.acd.model import Agent, AgentState, Queue
from vxmlplat.acd.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Rung:
    """What became of ringing an agent.

    ``line`` is whatever joins the agent's telephone to the caller, None when nobody answered; ``reason`` then
    says why
    (``no_answer``, ``busy``, ``unreachable``, ``refused``).
    """

    line: object | None
    reason: str = ""


class AgentLine(Protocol):
    """The agents' telephones."""

    async def ring(self, agent: Agent, ticket: Ticket, seconds: float) -> Rung:
        """Ring the agent's telephone with the call's data for so long.

        Cancelled when the caller leaves meanwhile.
        """
        ...

    async def release(self, line: object) -> None:
        """Hang up on an agent whose caller is gone before the two were joined."""
        ...


class Directory(Protocol):
    """Where queues and agents are kept."""

    async def queues(self) -> Sequence[Queue]:
        """All queues."""
        ...

    async def agents(self) -> Sequence[Agent]:
        """All agents, in the state in which they were left."""
        ...

    async def agent_changed(self, agent: str, state: AgentState, reason: str) -> None:
        """Keep the state of an agent."""
        ...
