"""Error handling: what happens when something fails, or when the caller hangs up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from vxmlplat.flows.fields import OptionalVariable, titled
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import NEXT
from vxmlplat.flows.problems import Problem


@node_type(
    "on_event",
    title=("Error handling", "异常处理"),
    summary=(
        "Callers come here when something fails that no node handles, or when they hang up.",
        "出现未被节点处理的错误或主叫挂机时进入此处。",
    ),
    category="logic",
    icon="error",
    ports=(NEXT,),
    entry=True,
)
class OnEvent(NodeFields):
    """After a hang-up nothing can be said or asked, but services still work (挂机短信)."""

    event: Literal["error", "connection.disconnect.hangup"] = titled(
        "Event",
        "事件",
        "error",
        options={
            "error": ("Any error", "任何错误"),
            "connection.disconnect.hangup": ("The caller has hung up", "主叫挂机"),
        },
        help_=("What leads callers here.", "何时进入此处。"),
    )
    variable: OptionalVariable = titled("Keep the error's name in", "错误名称存入", "", widget="variable")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """The variable."""
        yield from at.variable(self.variable, "variable")

    def handles(self) -> tuple[str, ...]:
        """Its event, from anywhere in the flow."""
        return (self.event,)

    def compile(self, out: NodeWriter) -> None:
        """The catch handler of the root document leads here."""
        with out.form(), out.element("block"):
            out.assign(self.variable, "application.vx_error")
            out.leave("next")
