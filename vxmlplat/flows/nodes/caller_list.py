"""Caller list: whether a number is on a list (blacklist, VIP)."""

from __future__ import annotations

from collections.abc import Iterator

from vxmlplat.flows.fields import OptionalExpression, OptionalVariable, titled
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import ERROR, port
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import ResourceName


@node_type(
    "caller_list",
    title=("Caller list", "主叫名单"),
    summary=(
        "Looks whether the caller is on a list: blacklist, VIP.",
        "查询主叫是否在名单中（黑名单、VIP）。",
    ),
    category="integration",
    icon="list",
    ports=(
        port("listed", "yes", "On the list", "在名单中"),
        port("unlisted", "no", "Not on it", "不在名单中"),
        ERROR,
    ),
)
class CallerList(NodeFields):
    """The operator keeps the lists."""

    list_name: ResourceName = titled(
        "List",
        "名单",
        "blacklist",
        alias="list",
        help_=(
            "A list that the operator keeps, such as blacklist or vip.",
            "运维人员维护的名单，例如 blacklist、vip。",
        ),
    )
    number: OptionalExpression = titled(
        "Number", "号码", "", widget="expression", help_=("Empty: the caller's.", "留空表示主叫号码。")
    )
    variable: OptionalVariable = titled("Keep the entry in", "名单条目存入", "", widget="variable")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Expression and variable."""
        if self.number:
            yield from at.expression(self.number, "number")
        yield from at.variable(self.variable, "variable")

    def compile(self, out: NodeWriter) -> None:
        """``<data>`` on ``caller-list``."""
        members = {"list": out.value(self.list_name), "number": self.number or "vx_party('remote')"}
        with out.form():
            out.catch("error", "error")
            with out.element("block"):
                out.ask("caller-list", members)
                out.assign(self.variable, "vx_answer.value.entry")
                out.leave_by("vx_answer.port", ["listed", "unlisted"], otherwise="unlisted")
