"""Wait: lets time pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from vxmlplat.flows.dtmf import SRGS_NAMESPACE
from vxmlplat.flows.fields import Duration, titled
from vxmlplat.flows.listening import seconds
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import NEXT
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import Prompt


@node_type(
    "wait",
    title=("Wait", "等待"),
    summary=("Lets some seconds pass; the navigation keys work meanwhile.", "等待若干秒，期间导航按键有效。"),
    category="logic",
    icon="wait",
    ports=(NEXT,),
    listens=True,
)
class Wait(NodeFields):
    """A prompt may play first, music for instance; the time counts from its end."""

    time: Annotated[Duration, Field(gt=0, le=600)] = titled("Time", "时间", 5.0, widget="duration")
    prompt: Prompt = titled("Prompt before", "等待前提示", [], widget="prompt")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """The prompt, if there is one."""
        yield from at.prompt(self.prompt, "prompt", needed=False)

    def compile(self, out: NodeWriter) -> None:
        """A field that no input fills: its "no input" ends the time; other keys begin it anew."""
        grammar = {"xmlns": SRGS_NAMESPACE, "version": "1.0", "mode": "dtmf", "root": "none"}
        with out.listening_form(), out.element("field", {"name": "vx_wait"}):
            out.property("timeout", seconds(self.time))
            with out.element("grammar", grammar), out.element("rule", {"id": "none"}):
                out.empty("ruleref", {"special": "VOID"})
            out.prompt(self.prompt)
            with out.element("noinput"):
                out.leave("next")
            out.empty("nomatch")
