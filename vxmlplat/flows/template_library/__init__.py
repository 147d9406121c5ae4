"""Templates: flows to start from, or to put into an open flow. Each comes with a conversation test.

A template is a JSON file of this folder::

    {"id": "menu", "order": 1, "title": {…}, "summary": {…}, "flow": {…}, "test": {…}}

``flow`` is a flow as docs/api.md has it, ``test`` a conversation test (docs/conversation-tests.md) of it.
Templates that authors make are kept by the store; both have this shape.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from vxmlplat.flows.texts import Text


@dataclass(frozen=True)
class Template:
    """A flow to start from; ``own`` when an author made it."""

    id: str
    title: Text
    summary: Text
    flow: dict[str, Any]
    test: dict[str, Any] | None = None
    own: bool = False

    def as_json(self) -> dict[str, Any]:
        """The shape of docs/api.md, "Templates"."""
        return {
            "id": self.id,
            "title": self.title,
            "summary": self.summary,
            "flow": self.flow,
            "test": self.test,
            "own": self.own,
        }


@cache
def templates() -> dict[str, Template]:
    """The templates that come with the platform, by id, in their order."""
    files = [json.loads(path.read_text("utf-8")) for path in Path(__file__).parent.glob("*.json")]
    return {
        raw["id"]: Template(raw["id"], raw["title"], raw["summary"], raw["flow"], raw["test"])
        for raw in sorted(files, key=lambda raw: raw["order"])
    }
