"""Say: a value of the call, spoken as what it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from vxmlplat.flows.fields import Expression, titled
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import NEXT
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import Prompt, ValuePiece


@node_type(
    "say",
    title=("Say a value", "播报"),
    summary=("Says a number, an amount, a date or digits.", "播报数字、金额、日期或号码。"),
    category="interaction",
    icon="say",
    ports=(NEXT,),
)
class Say(NodeFields):
    """A prompt before, the value, a prompt after."""

    before: Prompt = titled("Before it", "前置提示", [], widget="prompt")
    value: Expression = titled(
        "Value",
        "值",
        widget="expression",
        help_=("A variable or expression, for example balance.", "变量或表达式，例如 balance。"),
    )
    spoken_as: Literal["text", "digits", "number", "currency", "date", "time", "telephone"] = titled(
        "Spoken as",
        "播报方式",
        "number",
        alias="as",
        options={
            "text": ("Text", "文本"),
            "digits": ("Single digits", "逐位数字"),
            "number": ("Number", "数值"),
            "currency": ("Amount of money", "金额"),
            "date": ("Date (YYYYMMDD)", "日期（YYYYMMDD）"),
            "time": ("Time of day (HHMM)", "时间（HHMM）"),
            "telephone": ("Telephone number", "电话号码"),
        },
    )
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = titled(
        "Currency",
        "币种",
        "CNY",
        help_=("A code such as CNY or USD; used for amounts only.", "货币代码，例如 CNY、USD；仅用于金额。"),
    )
    after: Prompt = titled("After it", "后置提示", [], widget="prompt")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Prompts and expression."""
        yield from at.prompt(self.before, "before", needed=False)
        yield from at.expression(self.value, "value")
        yield from at.prompt(self.after, "after", needed=False)

    def compile(self, out: NodeWriter) -> None:
        """One block."""
        currency = self.currency if self.spoken_as == "currency" else ""
        value = ValuePiece.model_validate({"expr": self.value, "as": self.spoken_as, "currency": currency})
        with out.form(), out.element("block"):
            out.prompt([*self.before, value, *self.after])
            out.leave("next")
