"""A real call, replayed: its steps on the version that it ran on, and a test that goes the same way.

What callers keyed is known where a port says it (a menu's choice), or where the author has it kept as a
business field; everything else is a placeholder, and so is what was masked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vxmlplat.flows.schema import Flow
from vxmlplat.simulator.conversation_plan import PathStep, Plan
from vxmlplat.simulator.conversation_test import ConversationTest, Does, Entered, Line


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """A breadcrumb of the call (docs/architecture.md, "Breadcrumbs")."""

    n: int
    time: datetime
    flow: str
    version: int
    source: str
    port: str
    target: str
    reason: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call with its steps in order."""

    id: str
    started: datetime
    caller: str
    called: str
    steps: Sequence[RecordedStep]

    @property
    def flow(self) -> tuple[str, int] | None:
        """The first designed flow that the call came to, with its version."""
        return next(((step.flow, step.version) for step in self.steps if step.version > 0), None)


def replay_steps(call: RecordedCall) -> list[dict[str, Any]]:
    """The steps for the canvas, ``t`` seconds after the call began (docs/api.md, "Conversation tests")."""
    return [
        {
            "n": step.n,
            "t": round((step.time - call.started).total_seconds(), 3),
            "time": step.time,
            "flow": step.flow,
            "version": step.version,
            "from": step.source,
            "port": step.port,
            "to": step.target,
            "reason": step.reason,
            "fields": dict(step.fields),
        }
        for step in call.steps
    ]


def replay_test(
    call: RecordedCall, graphs: Mapping[tuple[str, int], Flow], name: str
) -> ConversationTest | None:
    """The call as a test, None without a designed flow; ``graphs``: the flows by id and version."""
    first = call.flow
    if first is None:
        return None
    known: dict[str, str] = {}
    path: list[PathStep] = []
    for step in call.steps:
        known.update(step.fields)
        graph = graphs.get((step.flow, step.version))
        if graph is not None and step.source and step.port:
            path.append(PathStep(graph, step.source, step.port, dict(known)))
    plan = Plan(at=call.started.replace(microsecond=0), replayed=True).follow(path)
    last = next((step for step in reversed(call.steps) if step.source and not step.target), None)
    if last is not None and last.reason == "hangup" and last.port != "hangup":
        plan.lines += [Line(Entered(last.source)), Line(Does({"hangup": True}))]
    return plan.test(name, first[0], caller=call.caller, called=call.called)
