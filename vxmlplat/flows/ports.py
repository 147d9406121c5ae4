"""Ports: the ways by which a caller leaves a node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from vxmlplat.flows.texts import Text, bilingual

PortKind = Literal["next", "key", "yes", "no", "noinput", "nomatch", "error", "hangup", "other"]


@dataclass(frozen=True, slots=True)
class Port:
    """One way out of a node.

    A port that is not ``required`` may stay without an edge: the call then takes the flow's common way (an
    error goes to the error handling, everything else ends the call).
    """

    id: str
    kind: PortKind
    title: Text
    required: bool = True

    def as_json(self) -> dict[str, Any]:
        """The shape of docs/api.md, "Node type"."""
        return {"id": self.id, "kind": self.kind, "title": dict(self.title), "required": self.required}


@dataclass(frozen=True, slots=True)
class PortsFrom:
    """One more port for each element of a list field: ``id`` and ``title`` name members of the element."""

    field: str
    id: str
    title: str
    kind: PortKind

    def as_json(self) -> dict[str, Any]:
        """The shape of docs/api.md, "Node type"."""
        return {"field": self.field, "id": self.id, "title": self.title, "kind": self.kind}


def port(port_id: str, kind: PortKind, english: str, chinese: str, *, required: bool = True) -> Port:
    """A port with its title in both languages of the product."""
    return Port(port_id, kind, bilingual(english, chinese), required)


NEXT = port("next", "next", "Next", "下一步")
NO_INPUT = port("noinput", "noinput", "No input", "无输入", required=False)
NO_MATCH = port("nomatch", "nomatch", "Wrong input", "输入错误", required=False)
ERROR = port("error", "error", "Error", "出错", required=False)
HANG_UP = port("hangup", "hangup", "Caller hangs up", "主叫挂机", required=False)
