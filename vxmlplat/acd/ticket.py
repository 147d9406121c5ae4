"""A caller's place in a queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from vxmlplat.acd.model import Agent, Queue


@dataclass(frozen=True, slots=True)
class Connected:
    """An agent has answered; ``line`` came from the port and joins him to the caller."""

    agent: str
    line: object


@dataclass(frozen=True, slots=True)
class NotServed:
    """Nobody will come:

    ``full`` and ``unstaffed`` at once, ``timeout`` after the longest wait, ``abandoned`` by the caller.
    """

    reason: Literal["full", "unstaffed", "timeout", "abandoned"]


Outcome = Connected | NotServed


def _future() -> asyncio.Future[Outcome]:
    return asyncio.get_running_loop().create_future()


@dataclass(eq=False, slots=True)
class Ticket:
    """A call that waits. ``entered`` is clock time; ``data`` what travels with the call to the agent.

    ``outcome`` is awaited by whoever queued the call. ``tried`` are agents that did not answer: they are
    passed over for this call.
    """

    number: int
    call: str
    queue: Queue
    entered: float
    priority: int
    ani: str = ""
    user_to_user: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    outcome: asyncio.Future[Outcome] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    tried: set[str] = field(default_factory=set)
    ringing: Agent | None = None
    agent: Agent | None = None
    on_left: Callable[[Ticket], None] | None = None
    on_finished: Callable[[Ticket], None] | None = None

    @property
    def order(self) -> tuple[int, float, int]:
        """Sorting tickets by this puts the next to be served first."""
        return (-self.priority, self.entered, self.number)

    @property
    def waiting(self) -> bool:
        """Whether the caller still waits for an agent."""
        return not self.outcome.done()

    def abandon(self) -> None:
        """The caller has left, waiting or talking."""
        if self.waiting:
            self.outcome.set_result(NotServed("abandoned"))
            if self.on_left is not None:
                self.on_left(self)
        else:
            self.finish()

    def finish(self) -> None:
        """Caller and agent are no longer connected: the agent goes to after-call work."""
        if self.on_finished is not None:
            self.on_finished(self)
