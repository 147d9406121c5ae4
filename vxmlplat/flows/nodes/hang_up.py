"""Hang up: the end of the call."""

from __future__ import annotations

from collections.abc import Iterator

from vxmlplat.flows.fields import titled
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import HANGUP, NodeWriter
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import Prompt


@node_type(
    "hangup",
    title=("Hang up", "挂机"),
    summary=("Says good-bye and ends the call.", "播放结束语并挂机。"),
    category="end",
    icon="hang-up",
)
class HangUp(NodeFields):
    """Plays its prompt to the end, then disconnects."""

    prompt: Prompt = titled("Last words", "结束语", [], widget="prompt")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """The prompt, if there is one."""
        yield from at.prompt(self.prompt, "prompt", needed=False)

    def compile(self, out: NodeWriter) -> None:
        """``<disconnect>``; for a caller who is gone already, where the flow handles that, ``<exit>``."""
        with out.form(), out.element("block"):
            out.prompt(self.prompt, bargein=False)
            if HANGUP in out.plan.handlers:
                with out.element("if", {"cond": "application.vx_gone"}):
                    out.empty("exit")
            out.empty("disconnect")
