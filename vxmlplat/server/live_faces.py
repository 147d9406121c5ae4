"""The ACD and the running calls as the web interface sees them: JSON and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vxmlplat.acd import Acd
from vxmlplat.acd.errors import AcdError
from vxmlplat.acd.model import AgentState
from vxmlplat.calls.admission import Admission
from vxmlplat.calls.switchboard import Switchboard
from vxmlplat.media.plane import MediaPlane


class AcdFace:
    """The distributor as the web interface sees it: JSON and words."""

    def __init__(self, acd: Acd) -> None:
        self._acd = acd

    def live(self) -> Mapping[str, Any]:
        """Queues and agents now."""
        live = self._acd.live()
        return {
            "queues": [
                {
                    "queue": q.queue,
                    "waiting": q.waiting,
                    "longest_wait": round(q.longest_wait, 1),
                    "agents_ready": q.agents_ready,
                    "served": q.served,
                    "lost": q.lost,
                }
                for q in live.queues
            ],
            "agents": [
                {
                    "agent": a.agent,
                    "name": a.name,
                    "state": a.state.value,
                    "reason": a.reason,
                    "seconds": round(a.seconds, 1),
                    "call": a.call,
                    "calls": a.calls,
                }
                for a in live.agents
            ],
        }

    async def set_agent_state(self, agent: str, state: str, reason: str) -> None:
        """What an agent or supervisor chooses."""
        try:
            await self._acd.set_state(agent, AgentState(state), reason)
        except AcdError as error:
            raise ValueError(str(error)) from error


class CallsFace:
    """The running calls as the web interface sees them."""

    def __init__(self, admission: Admission, switchboard: Switchboard, plane: MediaPlane) -> None:
        self._admission = admission
        self._switchboard = switchboard
        self._plane = plane

    def live(self) -> Mapping[str, Any]:
        """How many calls there are, of how many that may be."""
        return {
            "calls": self._admission.in_use,
            "ports": self._admission.ports,
            "channels": self._plane.statistics.channels,
            "refused": self._admission.counts.refused,
            "peak": self._admission.counts.peak,
        }
