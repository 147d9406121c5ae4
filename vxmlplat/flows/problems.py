"""What is wrong with a flow, said to its author: where, what, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as _field
from typing import Any, Literal

from vxmlplat.flows.texts import Text, bilingual

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of a check. With an error the flow cannot be published; with warnings it can.

    ``code`` is a dotted name that stays the same over releases; ``node``, ``port`` and ``field`` say where
    (all None: the flow as a whole). ``field`` is a path as in ``choices.2.key``. ``detail`` is what a program
    needs to show the place or to mend it: ``name``, ``names``, ``column`` and ``length`` within the field's
    text (from 1; of a document also ``line``).
    """

    severity: Severity
    code: str
    message: Text
    fix: Text
    node: str | None = None
    port: str | None = None
    field: str | None = None
    detail: Mapping[str, Any] = _field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The shape of docs/api.md, "Problem"."""
        return {
            "severity": self.severity,
            "code": self.code,
            "node": self.node,
            "port": self.port,
            "field": self.field,
            "message": dict(self.message),
            "fix": dict(self.fix),
            "detail": dict(self.detail),
        }

    def where(self) -> str:
        """Node, port and field in one line; ``flow`` when it is about the flow as a whole."""
        parts = [f"node {self.node}"] if self.node is not None else []
        if self.port is not None:
            parts.append(f"port {self.port}")
        if self.field is not None:
            parts.append(f"field {self.field}")
        return ", ".join(parts) or "flow"


def problem(
    severity: Severity,
    code: str,
    message: tuple[str, str],
    fix: tuple[str, str],
    *,
    node: str | None = None,
    port: str | None = None,
    field: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Problem:
    """A problem whose message and fix are given as pairs (English, Chinese)."""
    return Problem(severity, code, bilingual(*message), bilingual(*fix), node, port, field, detail or {})


def errors_of(problems: list[Problem]) -> list[Problem]:
    """Those with which the flow cannot run."""
    return [p for p in problems if p.severity == "error"]
