"""Loop: goes round so many times."""

from __future__ import annotations

from collections.abc import Iterator

from vxmlplat.flows.ecmascript import string_literal
from vxmlplat.flows.fields import Expression, OptionalVariable, titled
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import port
from vxmlplat.flows.problems import Problem


@node_type(
    "loop",
    title=("Loop", "循环"),
    summary=("Goes round so many times, then on.", "循环指定次数后继续。"),
    category="logic",
    icon="loop",
    ports=(port("again", "yes", "Once more", "继续循环"), port("done", "no", "Done", "循环结束")),
    bounded="again",
)
class Loop(NodeFields):
    """Counts how often the caller has come here; "done" sets the count back for a next time."""

    times: Expression = titled(
        "Times", "次数", "3", widget="expression", help_=("A number or an expression.", "次数或表达式。")
    )
    variable: OptionalVariable = titled("Keep the count in", "计数存入", "", widget="variable")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Expression and variable."""
        yield from at.expression(self.times, "times")
        yield from at.variable(self.variable, "variable")

    def compile(self, out: NodeWriter) -> None:
        """One count a node in ``application.vx_loops``; a hard limit stands behind the expression."""
        node = string_literal(out.node)
        count = f"application.vx_loops[{node}]"
        loops = "application.vx_loops"
        counted = f"Object.assign({{}}, {loops}, {{{node}: %s}})"
        with out.form(), out.element("block"):
            out.empty("assign", {"name": loops, "expr": counted % f"({count} || 0) + 1"})
            out.assign(self.variable, count)
            with out.element("if", {"cond": f"{count} <= Math.min({self.times}, 1000)"}):
                out.leave("again")
                out.branch("else")
                out.empty("assign", {"name": loops, "expr": counted % "0"})
                out.leave("done")
