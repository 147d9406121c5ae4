"""What can go wrong with CCXML before it is an event of a session."""

from __future__ import annotations

from vxmlplat.errors import VxmlplatError


class CcxmlError(VxmlplatError):
    """Root of this room's errors."""


class InvalidDocument(CcxmlError):
    """A document that is no CCXML 1.0 (§9.5.1). Lines and columns count from 1; 0 is no known place."""

    def __init__(self, uri: str, line: int, column: int, message: str) -> None:
        super().__init__(f"{uri}:{line}:{column}: {message}" if line else f"{uri}: {message}")
        self.uri = uri
        self.line = line
        self.column = column
        self.message = message


class ElementError(CcxmlError):
    """An element could not do what it should: an error event of the session.

    ``event`` is its name (``error.semantic``, ``error.connection.wrongstate``, …), ``fields`` further
    members of ``event$``. ``goes_on`` tells whether the transition goes on behind the element.
    """

    def __init__(self, event: str, reason: str, *, goes_on: bool = True, **fields: object) -> None:
        super().__init__(f"{event}: {reason}")
        self.event = event
        self.reason = reason
        self.goes_on = goes_on
        self.fields = fields
