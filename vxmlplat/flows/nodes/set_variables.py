"""Set variables: values for the flow's variables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from vxmlplat.flows.fields import Expression, Part, VariableName, titled
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import ERROR, NEXT
from vxmlplat.flows.problems import Problem


class Assignment(Part):
    """One variable and its new value."""

    variable: VariableName = titled("Variable", "变量", widget="variable")
    value: Expression = titled(
        "Value",
        "值",
        widget="expression",
        help_=(
            "An expression: texts in quotation marks, for example 'vip'; or count + 1.",
            "表达式；文本须加引号，例如 'vip'，或 count + 1。",
        ),
    )


@node_type(
    "set",
    title=("Set variables", "设置变量"),
    summary=("Gives variables of the call new values.", "为呼叫的变量赋值。"),
    category="logic",
    icon="set",
    ports=(NEXT, ERROR),
)
class SetVariables(NodeFields):
    """Values are worked out one after the other; a later one sees the earlier ones."""

    assignments: Annotated[list[Assignment], Field(min_length=1, max_length=100)] = titled("Values", "赋值")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Variables exist, expressions parse."""
        for index, each in enumerate(self.assignments):
            yield from at.variable(each.variable, f"assignments.{index}.variable")
            yield from at.expression(each.value, f"assignments.{index}.value")

    def compile(self, out: NodeWriter) -> None:
        """One ``<assign>`` each."""
        with out.form():
            out.catch("error.semantic", "error")
            with out.element("block"):
                for each in self.assignments:
                    out.assign(each.variable, each.value)
                out.leave("next")
