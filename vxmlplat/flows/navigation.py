"""Navigation of a flow (requirement A6): what the caller can do at every prompt, and by which keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vxmlplat.flows.node_type import NodeFields
from vxmlplat.flows.problems import Problem, problem
from vxmlplat.flows.schema import Flow


def person_node(flow: Flow) -> str | None:
    """The node that leads to a person: the one that the flow names, else its queue if it has exactly one."""
    if flow.navigation.person_node is not None:
        return flow.navigation.person_node
    queues = [node.id for node in flow.nodes if node.type == "queue"]
    return queues[0] if len(queues) == 1 else None


def navigation_problems(flow: Flow, fields: Mapping[str, NodeFields]) -> Iterator[Problem]:
    """Nodes that do not exist, keys used twice or in the way of a node's own, and no way to a person."""
    navigation = flow.navigation
    if not navigation.enabled:
        return
    for name in ("home", "person_node"):
        target = getattr(navigation, name)
        if target is not None and flow.node(target) is None:
            yield problem(
                "error",
                "node.missing",
                (f"There is no node {target!r}.", f"没有节点 {target!r}。"),
                ("Choose a node of this flow.", "请选择本流程中的节点。"),
                field=f"navigation.{name}",
            )
    keys = [key for key in (navigation.repeat, navigation.back, navigation.start, navigation.person) if key]
    if len(set(keys)) != len(keys):
        yield problem(
            "error",
            "navigation.keys",
            ("Two of the navigation keys are the same.", "导航按键重复。"),
            ("Give each of them a key of its own.", "请为每项设置不同的按键。"),
            field="navigation",
        )
    for node_id, read in fields.items():
        for own in sorted(read.used_keys()):
            longer = [key for key in keys if key != own and key.startswith(own)]
            if longer:
                yield problem(
                    "warning",
                    "navigation.delay",
                    (
                        f"After the key {own} the caller waits, since {longer[0]} navigates.",
                        f"按键 {own} 后须等待，因为 {longer[0]} 是导航按键。",
                    ),
                    ("Choose other keys for the flow's navigation.", "请更换流程的导航按键。"),
                    node=node_id,
                )
    if navigation.person and person_node(flow) is None and any(node.type == "queue" for node in flow.nodes):
        yield problem(
            "warning",
            "navigation.person",
            (
                "The flow has several queues and does not say which one the key for a person leads to.",
                "流程有多个队列，但未指定人工服务按键转到哪一个。",
            ),
            ("Choose it in the flow's navigation.", "请在流程的导航设置中选择。"),
            field="navigation.person_node",
        )
