"""Running CCXML offline from text, as the conformance cases do, without a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from vxmlplat.simulator import ccxml_world


@dataclass
class Run:
    """What a run printed."""

    status: int = -1
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def said(self) -> list[str]:
        return [event["text"] for event in self.events if event["event"] == "log"]

    @property
    def exit(self) -> dict[str, Any]:
        assert self.events[-1]["event"] == "exit"
        return self.events[-1]

    def all(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == name]

    def one(self, name: str) -> dict[str, Any]:
        (found,) = self.all(name)
        return found


Play = Callable[..., Run]

HEAD = '<ccxml version="1.0" xmlns="http://www.w3.org/2002/09/ccxml">'
UNEXPECTED = """<transition event="error.*"><log expr="'unexpected ' + event$.name + ': ' + event$.reason"/>
</transition>"""


def document(transitions: str, before: str = "", processor: str = "") -> str:
    return f"{HEAD}{before}<eventprocessor {processor}>{transitions}</eventprocessor></ccxml>"


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Run ``main`` (the inside of an eventprocessor) with events; further documents by name."""

    def run(
        main: str,
        inputs: Sequence[Mapping[str, Any] | str | float] = (),
        *,
        before: str = "",
        processor: str = "",
        errors_expected: bool = False,
        **others: str,
    ) -> Run:
        text = (
            main
            if main.startswith("<ccxml")
            else document(main + ("" if errors_expected else UNEXPECTED), before, processor)
        )
        (tmp_path / "main.ccxml").write_text(text, encoding="utf-8")
        for name, content in others.items():
            path = tmp_path / name.replace("_", ".")
            path.write_text(content if content.startswith("<ccxml") or "_js" in name else document(content))
        actions = [
            {"event": item}
            if isinstance(item, str)
            else {"wait": item}
            if isinstance(item, (int, float))
            else item
            for item in inputs
        ]
        result = Run()
        result.status = ccxml_world.run((tmp_path / "main.ccxml").as_uri(), actions, result.events.append)
        return result

    return run


@pytest.fixture
def call() -> Callable[..., list[dict[str, Any]]]:
    """The events of a connection, alerting first."""

    def events(connection: str, *names: str) -> list[dict[str, Any]]:
        return [
            {"event": f"connection.{name}", "connection": connection, "local": "tel:1", "remote": "tel:2"}
            for name in ("alerting", *names)
        ]

    return events
