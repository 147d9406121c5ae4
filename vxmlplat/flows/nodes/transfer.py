"""Transfer out: to a telephone number or another system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from vxmlplat.flows.fields import Duration, Expression, OptionalVariable, titled
from vxmlplat.flows.listening import seconds
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import ERROR, HANG_UP, Port, port
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import Prompt
from vxmlplat.flows.transfers import write_transfer


@node_type(
    "transfer",
    title=("Transfer out", "转接"),
    summary=(
        "Connects the caller to a number or an outside call centre.",
        "将主叫转接到外部号码或外部呼叫中心。",
    ),
    category="routing",
    icon="transfer",
    ports=(
        port("next", "next", "Other side has hung up", "对方挂机", required=False),
        port("busy", "other", "Busy", "忙", required=False),
        port("noanswer", "other", "No answer", "无应答", required=False),
        ERROR,
        HANG_UP,
    ),
    listens=True,
)
class Transfer(NodeFields):
    """``blind`` hands the call over (SIP REFER); ``bridge`` stays in between and comes back."""

    prompt: Prompt = titled("Prompt before", "转接前提示", [], widget="prompt")
    destination: Expression = titled(
        "Destination",
        "目的地",
        widget="expression",
        help_=(
            "A value such as 'tel:+861012345678' or 'sip:acd@example.com'.",
            "例如 'tel:+861012345678' 或 'sip:acd@example.com'。",
        ),
    )
    mode: Literal["blind", "bridge"] = titled(
        "Mode",
        "方式",
        "bridge",
        options={"blind": ("Hand over", "盲转"), "bridge": ("Stay in between and come back", "桥接并可返回")},
        help_=(
            "Bridged, the flow goes on when the other side hangs up; blind, it ends here.",
            "桥接：对方挂机后流程继续；盲转：流程到此结束。",
        ),
    )
    wait: Annotated[Duration, Field(gt=0)] = titled("Ring at most", "最长振铃", 30.0, widget="duration")
    maximum: Duration = titled(
        "Talk at most", "最长通话", 0.0, widget="duration", help_=("0: without limit.", "0 表示不限。")
    )
    send_data: bool = titled(
        "Send the call's data",
        "携带随路数据",
        True,
        help_=("Variables that are marked as call data go along.", "标记为随路数据的变量一并发送。"),
    )
    duration_variable: OptionalVariable = titled("Keep the length in", "通话时长存入", "", widget="variable")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Destination and variable."""
        yield from at.prompt(self.prompt, "prompt", needed=False)
        yield from at.expression(self.destination, "destination")
        yield from at.variable(self.duration_variable, "duration_variable")

    def ports(self) -> list[Port]:
        """A bridged call comes back, so it must go on somewhere; a call handed over does not."""
        return [
            replace(each, required=True) if each.id == "next" and self.mode == "bridge" else each
            for each in super().ports()
        ]

    def compile(self, out: NodeWriter) -> None:
        """``<transfer>``."""
        write_transfer(
            out,
            {
                "destexpr": self.destination,
                "type": self.mode,
                "connecttimeout": seconds(self.wait),
                "maxtime": seconds(self.maximum) if self.maximum and self.mode == "bridge" else None,
                "aaiexpr": "vx_data()" if self.send_data else None,
            },
            prompt=self.prompt,
            duration_variable=self.duration_variable,
        )
