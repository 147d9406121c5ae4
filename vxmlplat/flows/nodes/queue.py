"""Queue: waits for an agent and talks to them (ACD)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from vxmlplat.flows.fields import Duration, OptionalVariable, titled
from vxmlplat.flows.listening import seconds
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import ERROR, HANG_UP, port
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import Prompt, ResourceName
from vxmlplat.flows.transfers import write_transfer


@node_type(
    "queue",
    title=("Queue", "队列"),
    summary=(
        "Queues the caller for an agent; goes on when the agent has hung up.",
        "排队等待坐席；坐席挂机后流程继续。",
    ),
    category="routing",
    icon="queue",
    ports=(
        port("next", "next", "Agent has hung up", "坐席挂机"),
        port("busy", "other", "No agents, or queue full", "无坐席或队列满"),
        port("noanswer", "other", "Waited too long", "等待超时"),
        ERROR,
        HANG_UP,
    ),
    listens=True,
)
class Queue(NodeFields):
    """A bridged transfer to ``acd:QUEUE``, with the call's data."""

    prompt: Prompt = titled("Prompt before", "排队前提示", [], widget="prompt")
    queue: ResourceName = titled("Queue", "队列", widget="queue")
    wait: Annotated[Duration, Field(gt=0)] = titled(
        "Wait at most",
        "最长等待",
        600.0,
        widget="duration",
        help_=("After so long the caller leaves by “Waited too long”.", "超过此时间，主叫从“等待超时”离开。"),
    )
    maximum: Duration = titled(
        "Talk at most", "最长通话", 0.0, widget="duration", help_=("0: without limit.", "0 表示不限。")
    )
    duration_variable: OptionalVariable = titled("Keep the length in", "通话时长存入", "", widget="variable")

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """The queue exists."""
        yield from at.prompt(self.prompt, "prompt", needed=False)
        yield from at.variable(self.duration_variable, "duration_variable")
        yield from at.queue(self.queue, "queue")

    def compile(self, out: NodeWriter) -> None:
        """``<transfer type="bridge">``."""
        write_transfer(
            out,
            {
                "dest": f"acd:{self.queue}",
                "type": "bridge",
                "connecttimeout": seconds(self.wait),
                "maxtime": seconds(self.maximum) if self.maximum else None,
                "aaiexpr": "vx_data()",
            },
            prompt=self.prompt,
            duration_variable=self.duration_variable,
        )
