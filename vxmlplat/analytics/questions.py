"""Questions about callers' paths: per node, per call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from datetime import datetime

from vxmlplat.store.calls import CallRecord
from vxmlplat.store.database import Database
from vxmlplat.store.steps import StepRecord


@dataclass(frozen=True, slots=True)
class Range:
    """Calls that started at ``start`` or later and before ``end``; None is open. Aware times."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class EdgeShare:
    """One way into or out of a node: the other node, the port, the reason, how many, and percent of the node's sum."""

    node: str
    port: str
    reason: str
    count: int
    percent: float


@dataclass(frozen=True, slots=True)
class NodeCount:
    """A node: ``entered`` = ``left`` + ``inside``, always. Percentages of ``came_from`` are of ``entered``, of
    ``went_to`` are of ``left``.
    """

    node: str
    entered: int
    left: int
    inside: int
    came_from: tuple[EdgeShare, ...] = ()
    went_to: tuple[EdgeShare, ...] = ()


@dataclass(frozen=True, slots=True)
class CallPage:
    """Some calls, newest first; ``after`` asks for the next page, None at the end."""

    calls: tuple[CallRecord, ...]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class CallPath:
    """One call with its steps in order."""

    call: CallRecord
    steps: tuple[StepRecord, ...] = field(default=())


class Questions:
    """Answers from the roll-ups where they reach, from single steps at the edges of a range."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def nodes(
        self, flow: str, range: Range, versions: Collection[int] | None = None
    ) -> list[NodeCount]:
        """Every node of a flow that calls of the range passed (of all versions, or of these)."""
        raise NotImplementedError

    async def calls(
        self,
        range: Range,
        *,
        flow: str | None = None,
        node: str | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> CallPage:
        """Calls of the range that entered the flow (and the node), newest first."""
        raise NotImplementedError

    async def path(self, call: str) -> CallPath:
        """One call's own path; raises :class:`~vxmlplat.store.errors.NotFoundError`."""
        raise NotImplementedError

    def export(self, flow: str, range: Range) -> AsyncIterator[str]:
        """The steps of the range as CSV lines (RFC 4180), header first, streamed."""
        raise NotImplementedError
