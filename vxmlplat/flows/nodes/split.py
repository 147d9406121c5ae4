"""Percentage split: sends a share of the callers each way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from vxmlplat.flows.fields import Part, PortTitle, titled
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import PortsFrom
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import PortId


class Share(Part):
    """One way and how many of a hundred callers take it."""

    id: PortId = titled("Id", "标识")
    label: PortTitle = titled("Label", "名称", "")
    percent: Annotated[float, Field(ge=0, le=100)] = titled(
        "Percent", "百分比", 50.0, help_=("All shares together make 100.", "各项合计为 100。")
    )


@node_type(
    "split",
    title=("Percentage split", "比例分配"),
    summary=("Sends a share of the callers each way, by chance.", "按比例随机分配主叫。"),
    category="logic",
    icon="split",
    ports_from=PortsFrom("shares", id="id", title="label", kind="other"),
)
class Split(NodeFields):
    """Chance decides for each caller anew."""

    shares: Annotated[list[Share], Field(min_length=2, max_length=20)] = titled("Shares", "分配")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Ids differ, and the shares make a whole."""
        yield from at.unique((share.id for share in self.shares), "shares", "id")
        total = sum(share.percent for share in self.shares)
        if abs(total - 100) > 0.01:
            yield at.problem(
                "error",
                "split.total",
                (f"The shares make {total:g} percent.", f"比例合计为 {total:g}%。"),
                ("Change them so that they make 100.", "请调整为合计 100%。"),
                field="shares",
            )

    def compile(self, out: NodeWriter) -> None:
        """``Math.random`` against the shares summed up; the last share takes what is left."""
        *first, last = self.shares
        with out.form(), out.element("block"):
            out.empty("var", {"name": "vx_chance", "expr": "Math.random() * 100"})
            bound = first[0].percent
            with out.element("if", {"cond": f"vx_chance < {bound:g}"}):
                out.leave(first[0].id)
                for share in first[1:]:
                    bound += share.percent
                    out.branch("elseif", {"cond": f"vx_chance < {bound:g}"})
                    out.leave(share.id)
                out.branch("else")
                out.leave(last.id)
