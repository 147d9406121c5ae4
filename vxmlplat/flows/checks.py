"""All checks of a flow: shape of each node's fields, the nodes' own checks, and the graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from vxmlplat.flows.catalogue import Catalogue
from vxmlplat.flows.expression_check import engine_fault
from vxmlplat.flows.expressions import RESERVED_NAMES
from vxmlplat.flows.graph_checks import graph_problems
from vxmlplat.flows.hand_written import MarkupCheck
from vxmlplat.flows.navigation import navigation_problems
from vxmlplat.flows.node_check import ExpressionCheck, NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_types
from vxmlplat.flows.problems import Problem, problem
from vxmlplat.flows.schema import Flow, Node, Variable
from vxmlplat.flows.validation import shape_problems

RESERVED_PREFIX = "vx_"
"""Compiled documents keep their own variables under this prefix."""


def check_flow(
    flow: Flow,
    catalogue: Catalogue | None = None,
    *,
    expression_check: ExpressionCheck = engine_fault,
    markup_check: MarkupCheck | None = None,
) -> list[Problem]:
    """Everything that is wrong with a flow, errors first; an empty list when nothing is. Never raises.

    ``catalogue`` says what exists beside the flow; ``expression_check`` judges expressions,
    ``markup_check`` hand-written VoiceXML.
    """
    return inspect_flow(flow, catalogue, expression_check=expression_check, markup_check=markup_check)[1]


def inspect_flow(
    flow: Flow,
    catalogue: Catalogue | None = None,
    *,
    expression_check: ExpressionCheck = engine_fault,
    markup_check: MarkupCheck | None = None,
) -> tuple[dict[str, NodeFields], list[Problem]]:
    """Each node's fields, where they could be read, and all problems: what the compiler begins with."""
    found: list[Problem] = []
    fields: dict[str, NodeFields] = {}
    found.extend(_variable_problems(flow))
    found.extend(_language_problems(flow))
    for node in flow.nodes:
        read, problems = node_fields(node)
        found.extend(problems)
        if read is not None:
            fields.setdefault(node.id, read)
    catalogue = catalogue or Catalogue()
    variables: Mapping[str, Variable] = {variable.name: variable for variable in flow.variables}
    node_ids = frozenset(node.id for node in flow.nodes)
    declared = frozenset(name for read in fields.values() for name in read.declares())
    for node_id, read in fields.items():
        at = NodeCheck(
            flow, node_id, catalogue, variables, node_ids, expression_check, declared, markup_check
        )
        found.extend(read.check(at))
    found.extend(navigation_problems(flow, fields))
    found.extend(graph_problems(flow, fields))
    found.sort(key=lambda each: each.severity != "error")
    return fields, found


def node_fields(node: Node) -> tuple[NodeFields | None, list[Problem]]:
    """A node's fields as its type's model; None when the type is unknown or the fields do not fit."""
    described = node_types().get(node.type)
    if described is None:
        return None, [
            problem(
                "error",
                "node.type.unknown",
                (f"There is no node type {node.type!r}.", f"没有节点类型 {node.type!r}。"),
                ("Replace the node by one of the palette.", "请用面板中的节点替换。"),
                node=node.id,
            )
        ]
    try:
        read = described.fields.model_validate(node.fields)
    except ValidationError as error:
        return None, list(shape_problems(error, node=node.id))
    known = {info.alias or name for name, info in described.fields.model_fields.items()}
    return read, [
        problem(
            "warning",
            "field.unknown",
            (
                f"The node type knows no field {name!r}; it is ignored.",
                f"该节点类型没有字段 {name!r}，已忽略。",
            ),
            ("Delete the field.", "请删除该字段。"),
            node=node.id,
            field=name,
        )
        for name in sorted(node.fields.keys() - known)
    ]


def _variable_problems(flow: Flow) -> Iterator[Problem]:
    seen: set[str] = set()
    types: dict[str, tuple[type, ...]] = {
        "string": (str,),
        "number": (int, float),
        "boolean": (bool,),
        "object": (dict, list),
    }
    for index, variable in enumerate(flow.variables):
        at = f"variables.{index}"
        if variable.name in RESERVED_NAMES or variable.name.startswith(RESERVED_PREFIX):
            yield problem(
                "error",
                "variable.reserved",
                (
                    f"{variable.name!r} is a word of the language or of the platform.",
                    f"{variable.name!r} 是语言或平台的保留字。",
                ),
                ("Choose another name.", "请使用其他名称。"),
                field=f"{at}.name",
            )
        if variable.name in seen:
            yield problem(
                "error",
                "variable.duplicate",
                (f"The variable {variable.name!r} is declared twice.", f"变量 {variable.name!r} 重复声明。"),
                ("Delete one of the two.", "请删除其中一个。"),
                field=f"{at}.name",
            )
        seen.add(variable.name)
        value = variable.initial
        wrong_bool = isinstance(value, bool) and variable.type == "number"
        if value is not None and value != "" and (wrong_bool or not isinstance(value, types[variable.type])):
            yield problem(
                "error",
                "variable.initial",
                (f"The initial value is no {variable.type}.", f"初始值不是 {variable.type} 类型。"),
                ("Change the value or the variable's type.", "请修改初始值或变量类型。"),
                field=f"{at}.initial",
            )


def _language_problems(flow: Flow) -> Iterator[Problem]:
    if len(set(flow.languages)) != len(flow.languages):
        yield problem(
            "error",
            "flow.language.duplicate",
            ("A language is listed twice.", "语言重复。"),
            ("Delete one of the two.", "请删除其中一个。"),
            field="languages",
        )
