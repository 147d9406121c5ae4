"""Errors of the room ``vxml`` that are not VoiceXML events: they speak to authors and operators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vxmlplat.errors import VxmlplatError
from vxmlplat.vxml.events import Event


class VxmlError(VxmlplatError):
    """Root of this room's family."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a document that breaks a rule of VoiceXML.

    ``line`` and ``column`` count from 1; a column of 0 says that only the line is known. ``element`` is
    the tag as written.
    """

    document: str
    line: int
    column: int
    element: str
    message: str
    severity: str = "error"

    def __str__(self) -> str:
        where = f"{self.document}:{self.line}" + (f":{self.column}" if self.column else "")
        return f"{where}: {self.severity}: <{self.element}>: {self.message}"


class DocumentInvalid(VxmlError):
    """A document cannot be used; ``problems`` says where and why. Becomes ``error.badfetch`` in a session."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = str(self.problems[0]) if self.problems else "the document is invalid"
        more = len(self.problems) - 1
        super().__init__(first + (f" (and {more} more)" if more > 0 else ""))


class Thrown(VxmlError):
    """Carries an event, out of a helper or a coroutine of the world, to the step that returns it."""

    def __init__(self, event: Event) -> None:
        super().__init__(f"{event.name}: {event.message}" if event.message else event.name)
        self.event = event


class LimitReached(VxmlError):
    """The session used up one of its limits and ends; a handler cannot catch it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.event = Event("error.noresource", message)
