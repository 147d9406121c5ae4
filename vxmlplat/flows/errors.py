"""Errors of the room ``flows``.

What an author can mend is never raised: it comes back as a list of :class:`~vxmlplat.flows.problems.Problem`.
These classes are for callers that ask for something impossible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vxmlplat.errors import VxmlplatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vxmlplat.flows.problems import Problem


class FlowError(VxmlplatError):
    """Root of the errors of flows."""


class NodeTypeError(FlowError):
    """A node type is registered twice, or contradicts itself."""


class NotCompilableError(FlowError):
    """The flow has problems with which it cannot run; ``problems`` holds all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        errors = [p for p in self.problems if p.severity == "error"]
        first = f": {errors[0].where()}: {errors[0].message['en-US']}" if errors else ""
        super().__init__(f"the flow cannot run, {len(errors)} error(s){first}")
