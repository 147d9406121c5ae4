"""E-mail: a letter to an office or to the caller."""

from __future__ import annotations

from collections.abc import Iterator

from vxmlplat.flows.fields import AuthorText, OptionalExpression, titled
from vxmlplat.flows.messages import Message
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import ERROR, NEXT
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.templates import template_in_language


@node_type(
    "email",
    title=("E-mail", "电子邮件"),
    summary=("Sends an e-mail.", "发送电子邮件。"),
    category="integration",
    icon="email",
    ports=(NEXT, ERROR),
)
class Email(Message):
    """The recipient is an expression: ``'office@example.com'``, or a variable."""

    to: OptionalExpression = titled(
        "To",
        "收件人",
        "",
        widget="expression",
        help_=(
            "An address in quotation marks, for example 'office@example.com', or a variable.",
            "加引号的地址，例如 'office@example.com'，或变量。",
        ),
    )
    subject: AuthorText = titled("Subject", "主题", widget="texts")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """There is a recipient and a subject."""
        yield from super().check(at)
        yield from self.check_template(at, self.subject, "subject")
        if not self.to:
            yield at.problem(
                "error",
                "email.recipient",
                ("Nobody is to get the e-mail.", "没有收件人。"),
                ("Write an address in quotation marks, or a variable.", "请填写加引号的地址或变量。"),
                field="to",
            )

    def compile(self, out: NodeWriter) -> None:
        """``<data>`` on ``message``."""
        subject = template_in_language(self.subject, out.flow.languages)
        self.send(out, "email", {"to": self.to, "subject": subject})
