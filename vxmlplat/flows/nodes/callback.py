"""Callback offer: the caller is called back instead of waiting (智能劝阻)."""

from __future__ import annotations

from collections.abc import Iterator

from vxmlplat.flows.fields import Duration, OptionalExpression, titled
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import ERROR, NEXT, port
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import ResourceName


@node_type(
    "callback",
    title=("Callback", "回呼预约"),
    summary=("Notes that the caller is to be called back.", "登记回呼，主叫无需等待。"),
    category="routing",
    icon="callback",
    ports=(NEXT, port("refused", "no", "Not possible", "无法登记", required=False), ERROR),
)
class Callback(NodeFields):
    """Offer it with a menu before; this node keeps the wish, with the call's data."""

    queue: ResourceName = titled("Queue", "队列", widget="queue")
    number: OptionalExpression = titled(
        "Number", "号码", "", widget="expression", help_=("Empty: the caller's.", "留空表示主叫号码。")
    )
    after: Duration = titled("Not before (seconds from now)", "最早回呼时间（秒后）", 0.0, widget="duration")
    note: OptionalExpression = titled(
        "Note for the agent",
        "给坐席的备注",
        "",
        widget="expression",
        help_=("An expression: texts in quotation marks.", "表达式；文本须加引号。"),
    )

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """The queue exists, expressions parse."""
        for field in ("number", "note"):
            if getattr(self, field):
                yield from at.expression(getattr(self, field), field)
        yield from at.queue(self.queue, "queue")

    def compile(self, out: NodeWriter) -> None:
        """``<data>`` on ``callback``."""
        members = {
            "number": self.number or "vx_party('remote')",
            "queue": out.value(self.queue),
            "after": out.value(self.after),
            "note": f"String({self.note})" if self.note else "''",
            "data": "vx_data()",
        }
        with out.form():
            out.catch("error", "error")
            with out.element("block"):
                out.ask("callback", members)
                if out.connected("refused"):
                    out.leave_by("vx_answer.port", ["refused"], otherwise="next")
                else:
                    out.leave("next")
