"""What SMS and e-mail share: the request to the service ``message``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from vxmlplat.flows.fields import AuthorText, OptionalExpression, titled
from vxmlplat.flows.node_type import NodeFields
from vxmlplat.flows.templates import names_in, template_in_language
from vxmlplat.flows.texts import Text

if TYPE_CHECKING:
    from vxmlplat.flows.node_check import NodeCheck
    from vxmlplat.flows.node_writer import NodeWriter
    from vxmlplat.flows.problems import Problem


class Message(NodeFields):
    """A text to somebody, now or when the call is over."""

    to: OptionalExpression = titled(
        "To",
        "收件人",
        "",
        widget="expression",
        help_=(
            "A number or address in quotation marks, or a variable. Empty, an SMS goes to the caller.",
            "加引号的号码或地址，或变量；短信留空则发给主叫。",
        ),
    )
    text: AuthorText = titled(
        "Text",
        "正文",
        widget="texts",
        help_=("{name} stands for a variable of the call.", "{名称} 表示呼叫变量。"),
        last=True,
    )
    when: Literal["now", "hangup"] = titled(
        "When",
        "时机",
        "now",
        options={"now": ("Now", "立即"), "hangup": ("After the call", "挂机后")},
        last=True,
    )

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Recipient, text, and the variables that it names."""
        if self.to:
            yield from at.expression(self.to, "to")
        yield from self.check_template(at, self.text, "text")

    @staticmethod
    def check_template(at: NodeCheck, text: Text, field: str) -> Iterator[Problem]:
        """A text in every language whose variables exist."""
        yield from at.text(text, field)
        for name in sorted({name for each in text.values() for name in names_in(each)}):
            yield from at.variable(name, field)

    def send(self, out: NodeWriter, kind: str, members: dict[str, str]) -> None:
        """The node's form."""
        request = {
            "kind": out.value(kind),
            **members,
            "text": template_in_language(self.text, out.flow.languages),
            "when": out.value(self.when),
        }
        with out.form():
            out.catch("error", "error")
            with out.element("block"):
                out.ask("message", request)
                out.leave("next")
