"""What became of a conversation test: whether it held, where it failed, which way the caller went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vxmlplat.flows.texts import Text
from vxmlplat.simulator.conversation_test import ConversationTest
from vxmlplat.simulator.world import Event


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a test failed: at which step (from 1; 0 for the call as a whole), where the caller then stood.

    ``heard`` is what was said since the caller's last action.
    """

    step: int
    line: int
    expected: str
    message: Text
    node: str
    heard: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape of docs/api.md, "Conversation tests"."""
        return {
            "step": self.step,
            "line": self.line,
            "expected": self.expected,
            "message": dict(self.message),
            "node": self.node,
            "heard": list(self.heard),
        }


@dataclass(frozen=True, slots=True)
class TestedStep:
    """A caller's step from node to node, ``t`` seconds after the call began."""

    __test__ = False

    t: float
    flow: str
    source: str
    port: str
    target: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """As a ``step`` event of the simulator."""
        return {
            "t": self.t,
            "flow": self.flow,
            "from": self.source,
            "port": self.port,
            "to": self.target,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class ConversationResult:
    """What became of a test. ``events`` is the whole run, as the simulator would have told it.

    ``seconds`` of this machine; ``unanswered`` are addresses that were asked and not mocked.
    """

    test: ConversationTest
    failure: Failure | None
    steps: tuple[TestedStep, ...] = ()
    events: tuple[Event, ...] = ()
    unanswered: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether everything held."""
        return self.failure is None

    def as_json(self) -> dict[str, Any]:
        """The shape of docs/api.md, "Conversation tests"."""
        return {
            "name": self.test.name,
            "passed": self.passed,
            "failure": None if self.failure is None else self.failure.as_json(),
            "steps": [step.as_json() for step in self.steps],
            "unanswered": list(self.unanswered),
            "seconds": round(self.seconds, 4),
        }
