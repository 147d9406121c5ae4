"""The checks of the graph: nodes nobody reaches, ways that lead nowhere, loops in which nobody listens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import networkx as nx

from vxmlplat.flows.node_type import NodeFields, node_types
from vxmlplat.flows.problems import Problem, problem
from vxmlplat.flows.schema import Flow


def graph_problems(flow: Flow, fields: Mapping[str, NodeFields]) -> Iterator[Problem]:
    """What is wrong with nodes and edges; ``fields`` are those of the nodes that could be read."""
    yield from _identity_problems(flow, fields)
    yield from _edge_problems(flow, fields)
    yield from _open_ports(flow, fields)
    graph = flow_graph(flow)
    yield from _unreachable(flow, graph)
    yield from _deaf_loops(flow)


def flow_graph(flow: Flow) -> nx.DiGraph[str]:
    """The nodes and the edges between them, dangling edges left out."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(node.id for node in flow.nodes)
    graph.add_edges_from((e.source, e.target) for e in flow.edges if e.source in graph and e.target in graph)
    return graph


def _identity_problems(flow: Flow, fields: Mapping[str, NodeFields]) -> Iterator[Problem]:
    for node_id, count in Counter(node.id for node in flow.nodes).items():
        if count > 1:
            yield problem(
                "error",
                "node.duplicate",
                (f"{count} nodes have the id {node_id!r}.", f"有 {count} 个节点的标识为 {node_id!r}。"),
                ("Give each node an id of its own.", "请为每个节点设置唯一标识。"),
                node=node_id,
            )
    starts = [node.id for node in flow.nodes if node.type == "start"]
    if not starts:
        yield problem(
            "error",
            "flow.start.missing",
            ("The flow has no start.", "流程没有开始节点。"),
            ("Add the node “Start”.", "请添加“开始”节点。"),
        )
    handled: dict[str, str] = {}
    for node_id, read in fields.items():
        for event in read.handles():
            if event in handled:
                yield problem(
                    "error",
                    "handler.duplicate",
                    (
                        f"{handled[event]!r} handles the same event already.",
                        f"{handled[event]!r} 已处理同一事件。",
                    ),
                    ("Delete one of the two.", "请删除其中一个。"),
                    node=node_id,
                )
            handled.setdefault(event, node_id)
    for extra in starts[1:]:
        yield problem(
            "error",
            "flow.start.several",
            ("The flow has more than one start.", "流程有多个开始节点。"),
            ("Delete all but one.", "请只保留一个。"),
            node=extra,
        )


def _edge_problems(flow: Flow, fields: Mapping[str, NodeFields]) -> Iterator[Problem]:
    types = node_types()
    ids = {node.id: node.type for node in flow.nodes}
    ports = {node_id: {port.id for port in read.ports()} for node_id, read in fields.items()}
    used: set[tuple[str, str]] = set()
    for index, edge in enumerate(flow.edges):
        at = f"edges.{index}"
        if edge.source not in ids:
            yield problem(
                "error",
                "edge.source",
                (
                    f"An edge comes from {edge.source!r}, which does not exist.",
                    f"有连线来自不存在的节点 {edge.source!r}。",
                ),
                ("Delete the edge.", "请删除该连线。"),
                field=f"{at}.from",
            )
            continue
        if edge.target not in ids:
            yield problem(
                "error",
                "edge.target",
                (
                    f"The edge leads to {edge.target!r}, which does not exist.",
                    f"连线指向不存在的节点 {edge.target!r}。",
                ),
                ("Lead the edge to a node of the flow.", "请将连线指向流程中的节点。"),
                node=edge.source,
                port=edge.port,
            )
        elif types.get(ids[edge.target]) is not None and types[ids[edge.target]].entry:
            yield problem(
                "error",
                "edge.entry",
                (
                    f"No edge may lead to {edge.target!r}: callers enter it by themselves.",
                    f"不能连线到 {edge.target!r}：它是入口节点。",
                ),
                ("Lead the edge to the node after it.", "请将连线指向其后的节点。"),
                node=edge.source,
                port=edge.port,
            )
        if (edge.source, edge.port) in used:
            yield problem(
                "error",
                "edge.duplicate",
                (f"Two edges leave by the port {edge.port!r}.", f"端口 {edge.port!r} 有两条连线。"),
                ("Delete one of them.", "请删除其中一条。"),
                node=edge.source,
                port=edge.port,
            )
        used.add((edge.source, edge.port))
        if edge.source in ports and edge.port not in ports[edge.source]:
            yield problem(
                "error",
                "edge.port",
                (f"The node has no port {edge.port!r}.", f"节点没有端口 {edge.port!r}。"),
                (
                    "Delete the edge, or add what makes the port (a choice, a branch).",
                    "请删除该连线，或添加产生该端口的选项或分支。",
                ),
                node=edge.source,
                port=edge.port,
            )


def _open_ports(flow: Flow, fields: Mapping[str, NodeFields]) -> Iterator[Problem]:
    used = {(edge.source, edge.port) for edge in flow.edges}
    for node_id, read in fields.items():
        for port in read.ports():
            if port.required and (node_id, port.id) not in used:
                yield problem(
                    "error",
                    "port.open",
                    (
                        f"The port “{port.title.get('en-US', port.id)}” leads nowhere.",
                        f"端口“{port.title.get('zh-CN', port.id)}”没有连线。",
                    ),
                    (
                        "Draw an edge from it to the next node, or to “Hang up”.",
                        "请从该端口连线到下一个节点或“挂机”。",
                    ),
                    node=node_id,
                    port=port.id,
                )


def _unreachable(flow: Flow, graph: nx.DiGraph[str]) -> Iterator[Problem]:
    types = node_types()
    entries = [node.id for node in flow.nodes if node.type in types and types[node.type].entry]
    if not entries:
        return
    navigation = flow.navigation
    if navigation.enabled:
        entries += [
            name for name in (navigation.home, navigation.person_node) if name in graph and name is not None
        ]
    reached: set[str] = set(entries)
    for entry in entries:
        reached |= nx.descendants(graph, entry)
    for node in flow.nodes:
        if node.id not in reached:
            yield problem(
                "warning",
                "node.unreachable",
                ("No caller can come here.", "没有主叫能到达此节点。"),
                ("Draw an edge to it, or delete it.", "请添加指向它的连线，或删除该节点。"),
                node=node.id,
            )


def _deaf_loops(flow: Flow) -> Iterator[Problem]:
    """Loops without a node that waits for the caller or counts: such a call would spin for ever."""
    types = {node.id: node_types()[node.type] for node in flow.nodes if node.type in node_types()}
    restless: nx.DiGraph[str] = nx.DiGraph()
    for edge in flow.edges:
        source, target = types.get(edge.source), types.get(edge.target)
        if source is None or target is None or source.listens or target.listens:
            continue
        if not source.bounded or edge.port != source.bounded:
            restless.add_edge(edge.source, edge.target)
    for component in nx.strongly_connected_components(restless):
        members = sorted(component)
        if len(members) == 1 and not restless.has_edge(members[0], members[0]):
            continue
        names = ", ".join(members[:8]) + ("…" if len(members) > 8 else "")
        yield problem(
            "error",
            "loop.deaf",
            (f"In the loop of {names} nobody listens to the caller.", f"循环 {names} 中没有等待主叫的节点。"),
            (
                "Put a menu into the loop, or the node “Loop”, which counts.",
                "请在循环中加入菜单，或使用可计数的“循环”节点。",
            ),
            node=members[0],
        )
