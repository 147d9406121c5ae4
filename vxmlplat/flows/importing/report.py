"""What became what: said to the author who imports a document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from vxmlplat.flows.texts import Text, bilingual


@dataclass(frozen=True, slots=True)
class Became:
    """One dialog of the document, or its part beside the dialogs (``dialog`` empty), and its nodes.

    ``reason`` says why a dialog stayed VoiceXML code; ``notes`` say what the author should look at.
    """

    dialog: str
    line: int
    column: int
    nodes: tuple[str, ...]
    types: tuple[str, ...]
    reason: Text | None = None
    notes: tuple[Text, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The shape of docs/api.md, "Import"."""
        return {
            "dialog": self.dialog,
            "line": self.line,
            "column": self.column,
            "nodes": list(self.nodes),
            "types": list(self.types),
            "reason": None if self.reason is None else dict(self.reason),
            "notes": [dict(note) for note in self.notes],
        }


class StaysCode(Exception):
    """A dialog, or something in it, has no node that says the same; the reason is for the author."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.reason = bilingual(english, chinese)
