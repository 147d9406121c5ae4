"""Queues and agents as the store keeps them: the distributor's port ``Directory`` on the real tables."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from vxmlplat.acd.model import Agent, AgentState, Queue
from vxmlplat.clock import Clock
from vxmlplat.store.errors import StoreError
from vxmlplat.store.finishing import to_its_end
from vxmlplat.store.store import Store

log = logging.getLogger(__name__)


class StoredDirectory:
    """Reads queues and agents from the store and keeps the states that agents choose."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def queues(self) -> Sequence[Queue]:
        """All queues."""
        return [
            Queue(
                row.id,
                dict(row.skills),
                row.priority,
                row.ring_time,
                row.wrap_up,
                row.max_wait,
                row.max_length,
                row.music,
                row.announcement,
                row.announce_every,
                str(row.options.get("strategy", "longest-idle")),
                bool(row.options.get("wait_unstaffed", False)),
            )
            for row in await self._store.queues.all()
        ]

    async def agents(self) -> Sequence[Agent]:
        """All agents; a state that this version does not know counts as signed out."""
        known = {state.value for state in AgentState}
        return [
            Agent(
                row.agent.id,
                row.agent.name,
                row.agent.address,
                row.skills,
                AgentState(row.agent.state) if row.agent.state in known else AgentState.SIGNED_OUT,
                row.agent.state_reason,
            )
            for row in await self._store.agents.all()
        ]

    async def agent_changed(self, agent: str, state: AgentState, reason: str) -> None:
        """Keep it; the call goes on when the store does not answer."""
        try:
            await to_its_end(self._store.agents.set_state(agent, state.value, reason, self._clock.wall()))
        except StoreError as error:
            log.warning("the state of agent %s could not be kept: %s", agent, error)
