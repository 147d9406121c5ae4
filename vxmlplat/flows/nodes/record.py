"""Record message: the caller leaves a message (voicemail)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from vxmlplat.flows.fields import Duration, OptionalVariable, titled
from vxmlplat.flows.listening import seconds
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import ERROR, HANG_UP, NEXT, NO_INPUT
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import Prompt, ResourceName


@node_type(
    "record",
    title=("Record message", "留言"),
    summary=("Records a message of the caller and stores it.", "录制并保存主叫的留言。"),
    category="interaction",
    icon="record",
    ports=(NEXT, NO_INPUT, ERROR, HANG_UP),
    listens=True,
)
class RecordMessage(NodeFields):
    """A message is stored whether the caller ends it by a key, by silence or by hanging up."""

    prompt: Prompt = titled("Prompt", "提示音", widget="prompt")
    mailbox: ResourceName = titled(
        "Mailbox", "信箱", "general", help_=("Messages are listed under this name.", "留言按此名称归类。")
    )
    maximum: Annotated[Duration, Field(gt=0)] = titled("At most", "最长时长", 120.0, widget="duration")
    silence: Annotated[Duration, Field(gt=0)] = titled(
        "Ended by silence of",
        "静音结束",
        5.0,
        widget="duration",
        help_=("So much silence after the words ends the message.", "讲话后静默达到此时间即结束录音。"),
    )
    timeout: Duration = titled(
        "Wait for speech",
        "等待讲话",
        8.0,
        widget="duration",
        help_=("Who says nothing for so long leaves by “No input”.", "超过此时间仍未讲话，从“无输入”离开。"),
    )
    end_by_key: bool = titled("Ended by any key", "按任意键结束", True)
    beep: bool = titled("Beep before", "提示“嘀”声", True)
    variable: OptionalVariable = titled("Keep its number in", "留言编号存入", "", widget="variable")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Prompt and variable."""
        yield from at.prompt(self.prompt, "prompt", needed=False)
        yield from at.variable(self.variable, "variable")

    def compile(self, out: NodeWriter) -> None:
        """``<record>``, then the recording goes to the service ``voicemail``."""
        recording = {
            "name": "vx_message",
            "maxtime": seconds(self.maximum),
            "finalsilence": seconds(self.silence),
            "dtmfterm": "true" if self.end_by_key else "false",
            "beep": "true" if self.beep else "false",
        }
        with out.form():
            out.catch("error", "error")
            with out.element("record", recording):
                out.property("timeout", seconds(self.timeout))
                out.prompt(self.prompt)
                with out.element("noinput"):
                    out.leave("noinput")
                with out.element("filled"):
                    self._store(out)
                    out.leave("next")
                with out.element("catch", {"event": "connection.disconnect.hangup"}):
                    with out.element("if", {"cond": "vx_message"}):
                        self._store(out)
                    out.leave("hangup")

    def _store(self, out: NodeWriter) -> None:
        members = {"mailbox": out.value(self.mailbox), "duration": "vx_message$.duration"}
        out.ask("voicemail", members, timeout="20s", also="vx_message")
        out.assign(self.variable, "vx_answer.value.id")
