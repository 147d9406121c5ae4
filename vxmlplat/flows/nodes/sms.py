"""SMS: a short message to the caller, now or after the call (挂机短信)."""

from __future__ import annotations

from vxmlplat.flows.messages import Message
from vxmlplat.flows.node_type import node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import ERROR, NEXT


@node_type(
    "sms",
    title=("SMS", "短信"),
    summary=("Sends a short message to the caller.", "向主叫发送短信，可在挂机后发送。"),
    category="integration",
    icon="sms",
    ports=(NEXT, ERROR),
)
class Sms(Message):
    """Without a recipient it goes to the caller."""

    def compile(self, out: NodeWriter) -> None:
        """``<data>`` on ``message``."""
        self.send(out, "sms", {"to": self.to or "vx_party('remote')"})
