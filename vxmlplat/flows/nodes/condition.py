"""Condition: the first branch that is true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from vxmlplat.flows.fields import Expression, Part, PortTitle, titled
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import PortsFrom, port
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import PortId


class Branch(Part):
    """One branch of a condition."""

    id: PortId = titled("Id", "标识")
    label: PortTitle = titled("Label", "名称", "")
    when: Expression = titled(
        "When",
        "条件",
        widget="expression",
        help_=(
            "For example balance > 100 or kind == 'vip'. The first branch that holds is taken.",
            "例如 balance > 100 或 kind == 'vip'，进入第一个成立的分支。",
        ),
    )


OTHERWISE = port("otherwise", "no", "Otherwise", "否则")


@node_type(
    "condition",
    title=("Condition", "分支"),
    summary=("Takes the first branch whose condition holds.", "进入第一个满足条件的分支。"),
    category="logic",
    icon="condition",
    ports=(OTHERWISE,),
    ports_from=PortsFrom("branches", id="id", title="label", kind="yes"),
)
class Condition(NodeFields):
    """Branches are tried from the top."""

    branches: Annotated[list[Branch], Field(min_length=1, max_length=100)] = titled("Branches", "分支")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Expressions parse, ids differ."""
        yield from at.unique(("otherwise", *(branch.id for branch in self.branches)), "branches", "id")
        for index, branch in enumerate(self.branches):
            yield from at.expression(branch.when, f"branches.{index}.when")

    def compile(self, out: NodeWriter) -> None:
        """One ``<if>``."""
        with out.form(), out.element("block"), out.element("if", {"cond": self.branches[0].when}):
            out.leave(self.branches[0].id)
            for branch in self.branches[1:]:
                out.branch("elseif", {"cond": branch.when})
                out.leave(branch.id)
            out.branch("else")
            out.leave("otherwise")
