"""Where the callers of one call are: what the recorder must know to keep every node's sum true.

The sum is *in = out + still there*. It holds when each step leaves a node that was entered, so a step that
does not fit (one before it was dropped, or an interpreter failed) is joined to the last known node by a step
of reason ``gap``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from vxmlplat.analytics.step import GAP, OUTSIDE, CallStart

Frame = tuple[str, str, int]
"""Session, flow, version: a sub-flow is walked while its caller still stands in the calling flow."""


@dataclass(frozen=True, slots=True)
class Move:
    """A step of one frame, without its time."""

    frame: Frame
    from_node: str
    port: str
    to_node: str
    reason: str


@dataclass(slots=True)
class Journey:
    """An open call: its record so far, the number of its last step, and the nodes it is in."""

    start: CallStart
    n: int = 0
    flow: str = ""
    version: int = 0
    answered: datetime | None = None
    announced: bool = False
    """Whether the call's own record is on its way to the database."""
    positions: dict[Frame, list[str]] = field(default_factory=dict)

    def gap(self, move: Move) -> Move | None:
        """The step that is missing before this one, if any."""
        if move.from_node == OUTSIDE:
            return None
        inside = self.positions.get(move.frame, [])
        if move.from_node in inside:
            return None
        return Move(move.frame, inside[-1] if inside else OUTSIDE, "", move.from_node, GAP)

    def apply(self, move: Move) -> None:
        """Make the move; it must fit (see :meth:`gap`)."""
        inside = self.positions.setdefault(move.frame, [])
        if move.from_node != OUTSIDE:
            # A flow that calls itself stands in a node more than once: the last one in moves first.
            del inside[len(inside) - 1 - inside[::-1].index(move.from_node)]
        if move.to_node != OUTSIDE:
            inside.append(move.to_node)
        if not inside:
            del self.positions[move.frame]

    def leaving(self, reason: str, session: str | None = None) -> Iterator[Move]:
        """The steps out of every node that the call (or one of its dialogs) is in, innermost first."""
        for frame, inside in reversed(list(self.positions.items())):
            if session is None or frame[0] == session:
                for node in reversed(list(inside)):
                    yield Move(frame, node, "", OUTSIDE, reason)
