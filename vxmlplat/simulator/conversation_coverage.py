"""Coverage: which nodes and edges of a flow a set of conversation tests has passed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vxmlplat.flows.schema import Flow
from vxmlplat.simulator.conversation_result import ConversationResult

Edge = tuple[str, str, str]
"""Node, port, node."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """For each node and each edge of the flow, the names of the tests that passed it, in their order.

    A failed test counts too: it shows how far its caller came.
    """

    flow: str
    nodes: dict[str, tuple[str, ...]]
    edges: dict[Edge, tuple[str, ...]]

    @property
    def missing_nodes(self) -> list[str]:
        """Nodes that no test has entered."""
        return [node for node, tests in self.nodes.items() if not tests]

    @property
    def missing_edges(self) -> list[Edge]:
        """Edges that no test has gone along."""
        return [edge for edge, tests in self.edges.items() if not tests]

    def as_json(self) -> dict[str, Any]:
        """The shape of docs/api.md, "Conversation tests"."""
        return {
            "flow": self.flow,
            "nodes": [{"node": node, "tests": list(tests)} for node, tests in self.nodes.items()],
            "edges": [
                {"from": source, "port": port, "to": target, "tests": list(tests)}
                for (source, port, target), tests in self.edges.items()
            ],
            "nodes_percent": _percent(self.nodes.values()),
            "edges_percent": _percent(self.edges.values()),
        }


def coverage_of(flow: Flow, results: Iterable[ConversationResult]) -> Coverage:
    """What the runs have passed of the graph; moves that are no edge (navigation keys) do not count."""
    nodes: dict[str, list[str]] = {node.id: [] for node in flow.nodes}
    edges: dict[Edge, list[str]] = {(e.source, e.port, e.target): [] for e in flow.edges}
    for result in results:
        own = [step for step in result.steps if step.flow == flow.id]
        for node in dict.fromkeys(step.target for step in own):
            if node in nodes:
                nodes[node].append(result.test.name)
        for edge in dict.fromkeys((step.source, step.port, step.target) for step in own):
            if edge in edges:
                edges[edge].append(result.test.name)
    return Coverage(
        flow.id,
        {node: tuple(tests) for node, tests in nodes.items()},
        {edge: tuple(tests) for edge, tests in edges.items()},
    )


def _percent(tests: Iterable[tuple[str, ...]]) -> float:
    passed = [bool(each) for each in tests]
    return round(100 * sum(passed) / len(passed), 2) if passed else 100.0
