"""The flow that an import makes: nodes and the ways between them, named when all of them are known."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from vxmlplat.flows.node_type import node_types
from vxmlplat.flows.schema import NODE_ID


@dataclass(eq=False)
class NodeDraft:
    """A node to be; ``ways`` lead from its ports."""

    type: str
    fields: dict[str, Any]
    ways: dict[str, Target] = field(default_factory=dict)
    title: str = ""
    id: str = ""


@dataclass(frozen=True)
class Dialog:
    """A dialog of the document by its id there, wherever its nodes will be."""

    id: str


Target = NodeDraft | Dialog
"""Where a way leads."""


class FlowDraft:
    """Collects the nodes; common ends are there once."""

    def __init__(self) -> None:
        self.nodes: list[NodeDraft] = []
        self.entries: dict[str, NodeDraft] = {}
        """Each dialog's first node."""
        self._ends: dict[str, NodeDraft] = {}
        self._taken: set[str] = set()

    def end(self) -> NodeDraft:
        """The end of the session (``<exit>``)."""
        return self._shared("exit", NodeDraft("return", {}, id="end"))

    def hang_up(self) -> NodeDraft:
        """The end of the call (``<disconnect>``)."""
        return self._shared("disconnect", NodeDraft("hangup", {}, id="hangup"))

    def page(self, address: str) -> NodeDraft:
        """Another document, gone to for good."""
        return self._shared(address, NodeDraft("vxml_page", {"url": address, "mode": "go"}, id="page"))

    def _shared(self, key: str, node: NodeDraft) -> NodeDraft:
        return self._ends.setdefault(key, node)

    def free_id(self, wanted: str) -> str:
        """A node id that nobody has."""
        base = re.sub(r"[^A-Za-z0-9_-]+", "_", wanted).strip("_")[:56]
        if not re.match(r"[A-Za-z]", base):
            base = f"dialog_{base}" if base else "dialog"
        name, number = base, 1
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name

    def claim(self, dialog: str) -> str:
        """The node id of a dialog: its own id where a node can have it."""
        if re.fullmatch(NODE_ID, dialog) and dialog not in self._taken:
            self._taken.add(dialog)
            return dialog
        return self.free_id(dialog)

    def add(self, entry: NodeDraft, dialog: str, node_id: str) -> list[NodeDraft]:
        """Take over a dialog's nodes, found from its first one; gives the nodes that are new."""
        self.entries[dialog] = entry
        entry.id = node_id
        new = [entry]
        self.nodes.append(entry)
        for node in reached(entry):
            if node not in self.nodes:
                node.id = self.free_id(node.id or f"{node_id}_{node.type}")
                self.nodes.append(node)
                new.append(node)
        return new

    def resolve(self, target: Target) -> NodeDraft | None:
        """The node that a target is; None for a dialog that the document does not have."""
        return self.entries.get(target.id) if isinstance(target, Dialog) else target

    def as_json(self, start: NodeDraft) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Nodes, laid out in columns as a caller comes to them, and edges."""
        edges = [
            {"from": node.id, "port": port, "to": found.id}
            for node in self.nodes
            for port, target in node.ways.items()
            if (found := self.resolve(target)) is not None
        ]
        places = self._places(start)
        nodes = [
            {
                "id": node.id,
                "type": node.type,
                "title": node.title,
                "position": {"x": places[node.id][0], "y": places[node.id][1]},
                "fields": node.fields,
            }
            for node in self.nodes
        ]
        return nodes, edges

    def _places(self, start: NodeDraft) -> dict[str, tuple[int, int]]:
        column: dict[str, int] = {start.id: 0}
        waiting = deque([start])
        while waiting:
            node = waiting.popleft()
            for target in node.ways.values():
                found = self.resolve(target)
                if found is not None and found.id not in column:
                    column[found.id] = column[node.id] + 1
                    waiting.append(found)
        heights: dict[int, int] = {}
        places: dict[str, tuple[int, int]] = {}
        for node in sorted(self.nodes, key=lambda each: column.get(each.id, 0)):
            at = column.get(node.id, 0)
            top = heights.get(at, 0)
            places[node.id] = (at * 320, top)
            heights[at] = top + _height(node)
        return places


def reached(entry: NodeDraft) -> list[NodeDraft]:
    """The nodes of the same dialog behind its first one, in the order in which a caller comes to them."""
    seen = [entry]
    for node in seen:
        seen.extend(
            dict.fromkeys(t for t in node.ways.values() if isinstance(t, NodeDraft) and t not in seen)
        )
    return seen[1:]


def _height(node: NodeDraft) -> int:
    """About as high as the designer draws it, with a gap; on the canvas's grid."""
    made = node_types()[node.type].ports_from
    rows = len(node.fields.get(made.field, ())) if made else 0
    ports = rows + len(node_types()[node.type].ports)
    return -(-(46 + 42 + 26 * ports + 8 + 48) // 16) * 16


def names_of(nodes: Iterable[NodeDraft]) -> tuple[str, ...]:
    """Their ids."""
    return tuple(node.id for node in nodes)
