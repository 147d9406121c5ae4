"""Return: the end of a sub-flow."""

from __future__ import annotations

from vxmlplat.flows.ecmascript import string_literal
from vxmlplat.flows.fields import titled
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.schema import PortId


@node_type(
    "return",
    title=("Return", "返回"),
    summary=("Ends a sub-flow and goes back to the flow that called it.", "结束子流程并返回调用它的流程。"),
    category="end",
    icon="return",
)
class Return(NodeFields):
    """In a flow that nobody called as a sub-flow, it ends the call."""

    result: PortId = titled(
        "Result",
        "结果",
        "next",
        help_=("The port by which the calling flow goes on.", "返回后，调用方流程从该端口继续。"),
    )

    def compile(self, out: NodeWriter) -> None:
        """``<return>`` with the output variables, under their own names."""
        outputs = [variable.name for variable in out.flow.variables if variable.output]
        with out.form():
            out.empty("var", {"name": "vx_port", "expr": string_literal(self.result)})
            out.empty("var", {"name": "vx_chosen", "expr": "application.vx_chosen"})
            for name in outputs:
                out.empty("var", {"name": name})
            with out.element("block"), out.element("if", {"cond": "application.vx_called"}):
                for name in outputs:
                    out.empty("assign", {"name": f"dialog.{name}", "expr": f"application.{name}"})
                out.log("vxmlplat.port", string_literal(self.result))
                out.empty("return", {"namelist": " ".join(["vx_port", "vx_chosen", *outputs])})
                out.branch("else")
                out.empty("exit")
