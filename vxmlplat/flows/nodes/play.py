"""Play: says something and goes on."""

from __future__ import annotations

from collections.abc import Iterator

from vxmlplat.flows.fields import titled
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import NEXT
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import Prompt


@node_type(
    "play",
    title=("Play", "播放"),
    summary=("Plays texts, recordings and values to the caller.", "向主叫播放文本、录音和变量值。"),
    category="interaction",
    icon="play",
    ports=(NEXT,),
)
class Play(NodeFields):
    """Queues its prompt; it is heard at the next node that listens, and can be interrupted there."""

    prompt: Prompt = titled("Prompt", "提示音", widget="prompt")
    bargein: bool = titled("Keys interrupt the prompt", "允许打断", True)

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """It must say something."""
        yield from at.prompt(self.prompt, "prompt")

    def compile(self, out: NodeWriter) -> None:
        """One block."""
        with out.form(), out.element("block"):
            out.prompt(self.prompt, bargein=self.bargein)
            out.leave("next")
