"""Tests proposed for what no test has passed: short ways through the graph, tried out before offered."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx

from vxmlplat.flows.checks import node_fields
from vxmlplat.flows.listening import Listening
from vxmlplat.flows.node_type import NodeFields
from vxmlplat.flows.nodes.loop import Loop
from vxmlplat.flows.nodes.on_event import OnEvent
from vxmlplat.flows.ports import HANG_UP
from vxmlplat.flows.schema import Flow
from vxmlplat.flows.texts import Text, bilingual
from vxmlplat.simulator.conversation_coverage import Edge, coverage_of
from vxmlplat.simulator.conversation_plan import PathStep, Plan
from vxmlplat.simulator.conversation_recording import save_run
from vxmlplat.simulator.conversation_result import ConversationResult
from vxmlplat.simulator.conversation_run import run_test
from vxmlplat.simulator.conversation_test import ConversationTest
from vxmlplat.simulator.conversation_writing import as_data, write_test
from vxmlplat.simulator.flow_under_test import FlowUnderTest

MOST_PROPOSALS = 200
LONGEST_ROUND = 10
"""Rounds of a loop that are walked to come out of it."""

_COSTS = {
    "next": 1,
    "key": 1,
    "yes": 1,
    "no": 1,
    "other": 2,
    "noinput": 4,
    "nomatch": 4,
    "error": 6,
    "hangup": 8,
}
"""What a port costs on a way: plain ways first, failures only where they are what is to be tested."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A test for edges that no test passes.

    ``covers``: the edges that it adds. ``tried``: it was run and goes that way; otherwise ``unknown`` says
    what its author has to fill in.
    """

    test: ConversationTest
    covers: tuple[Edge, ...]
    tried: bool
    unknown: tuple[Text, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape of docs/api.md, "Conversation tests"."""
        return {
            "name": self.test.name,
            "text": write_test(self.test),
            "test": as_data(self.test),
            "covers": [{"from": source, "port": port, "to": to} for source, port, to in self.covers],
            "tried": self.tried,
            "unknown": [dict(text) for text in self.unknown],
        }


async def propose_tests(
    flow: FlowUnderTest, passed: Iterable[Edge], *, most: int = MOST_PROPOSALS
) -> list[Proposal]:
    """A test for each edge that is not in ``passed``, fewer where one way passes several.

    Each is run; one that goes its way is given back with what was heard. Raises ValueError for documents
    without a graph.
    """
    if flow.flow is None:
        raise ValueError(f"{flow.id} has no graph to walk")
    walk = _Walk(flow.flow)
    left = dict.fromkeys(edge for edge in walk.edges if edge not in set(passed))
    proposals: list[Proposal] = []
    for edge in walk.farthest_first(left):
        if edge not in left or len(proposals) >= most:
            continue
        del left[edge]
        proposals.append(await _proposal(flow, walk, edge, left))
        for covered in proposals[-1].covers:
            left.pop(covered, None)
    return proposals


async def _proposal(flow: FlowUnderTest, walk: _Walk, edge: Edge, left: Iterable[Edge]) -> Proposal:
    path = walk.path(edge, set(left))
    name = f"{edge[0]} by {edge[1]} to {edge[2]}"[:120]
    if path is None:
        no_way = bilingual(f"no way leads from the start to {edge[0]}", f"没有从开始到 {edge[0]} 的路径")
        return Proposal(ConversationTest(name, flow.id, ()), (edge,), False, (no_way,))
    plan = Plan().follow(PathStep(walk.flow, source, port) for source, port, _ in path)
    test = plan.test(name, flow.id, caller="+8613800000000", called="12319")
    result = await run_test(test, flow)
    gone = _passed(walk.flow, result)
    if edge in gone:
        covers = (edge, *(other for other in left if other in gone))
        return Proposal(replace(save_run(result.events, test), note=""), covers, True)
    return Proposal(test, (edge,), False, (*plan.unknown, _astray(edge, result)))


def _passed(flow: Flow, result: ConversationResult) -> set[Edge]:
    return {edge for edge, tests in coverage_of(flow, [result]).edges.items() if tests}


def _astray(edge: Edge, result: ConversationResult) -> Text:
    way = " → ".join(step.target for step in result.steps if step.target) or "–"
    return bilingual(f"tried out, the caller went {way}", f"试运行时主叫经过 {way}")


class _Walk:
    """The graph with what each edge costs."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.edges: list[Edge] = [(edge.source, edge.port, edge.target) for edge in flow.edges]
        self._graph: nx.DiGraph[str] = nx.DiGraph()
        self._graph.add_nodes_from(node.id for node in flow.nodes)
        self._fields: dict[str, NodeFields] = {}
        for node in flow.nodes:
            read = node_fields(node)[0]
            if read is not None:
                self._fields[node.id] = read
        for edge in self.edges:
            self._connect(edge)
        for handler, fields in self._fields.items():
            if isinstance(fields, OnEvent):
                for source, port in self._ways_into(fields):
                    self._connect((source, port, handler))
        self._start = next(node.id for node in flow.nodes if node.type == "start")
        self._distances: dict[str, float] = dict(
            nx.single_source_dijkstra_path_length(self._graph, self._start, weight="cost")
        )

    def _ways_into(self, handler: OnEvent) -> Iterator[tuple[str, str]]:
        """Nodes and ports by which callers come to a handler: what fails there, or hangs up, has no edge."""
        kind = "error" if handler.event == "error" else HANG_UP.kind
        connected = {(source, port) for source, port, _ in self.edges}
        for node, fields in self._fields.items():
            ports = [port.id for port in fields.ports() if port.kind == kind]
            if kind == HANG_UP.kind and not ports and isinstance(fields, Listening):
                ports = [HANG_UP.id]
            yield from ((node, port) for port in ports if (node, port) not in connected)

    def _connect(self, edge: Edge) -> None:
        """Of several ports between two nodes a way takes the cheapest."""
        source, port, target = edge
        kinds = (
            {each.id: each.kind for each in self._fields[source].ports()} if source in self._fields else {}
        )
        cost = _COSTS.get(kinds.get(port, "other"), 2)
        if not self._graph.has_edge(source, target) or cost < self._graph.edges[source, target]["cost"]:
            self._graph.add_edge(source, target, cost=cost, port=port)

    def farthest_first(self, edges: Iterable[Edge]) -> list[Edge]:
        """The way to a far edge passes nearer ones, which then need no test of their own."""
        return sorted(edges, key=lambda edge: -self._distances.get(edge[0], 0.0))

    def path(self, edge: Edge, wanted: set[Edge]) -> list[Edge] | None:
        """From the start over the edge to an end, passing wanted edges where that costs no detour.

        None where the start does not lead to the edge.
        """
        if edge[0] not in self._distances:
            return None
        path = self._between(self._start, edge[0])
        path += [*self._rounds(edge), edge]
        seen = {source for source, _, _ in path} | {edge[2]}
        here = edge[2]
        while True:
            onward = next(
                (each for each in self.edges if each[0] == here and each in wanted and each[2] not in seen),
                None,
            )
            if onward is None:
                return path + self._to_end(here, seen)
            path.append(onward)
            here = onward[2]
            seen.add(here)

    def _between(self, source: str, target: str) -> list[Edge]:
        nodes: Sequence[str] = nx.dijkstra_path(self._graph, source, target, weight="cost")
        return self._edges_of(nodes)

    def _edges_of(self, nodes: Sequence[str]) -> list[Edge]:
        return [(a, self._graph.edges[a, b]["port"], b) for a, b in itertools.pairwise(nodes)]

    def _rounds(self, edge: Edge) -> list[Edge]:
        """A loop is left after its rounds."""
        fields = self._fields.get(edge[0])
        if not isinstance(fields, Loop) or edge[1] != "done" or not fields.times.strip().isdigit():
            return []
        again = next((each for each in self.edges if each[0] == edge[0] and each[1] == "again"), None)
        if again is None or not nx.has_path(self._graph, again[2], edge[0]):
            return []
        return [again, *self._between(again[2], edge[0])] * min(int(fields.times), LONGEST_ROUND)

    def _to_end(self, here: str, seen: set[str]) -> list[Edge]:
        """To the nearest end over nodes where the caller has not been; nowhere when there is none."""
        graph = self._graph.subgraph([node for node in self._graph if node not in seen or node == here])
        paths = nx.single_source_dijkstra_path(graph, here, weight="cost")
        ends = [nodes for node, nodes in paths.items() if self._graph.out_degree(node) == 0]
        return self._edges_of(min(ends, key=len)) if ends else []


__all__ = ["Proposal", "propose_tests"]
