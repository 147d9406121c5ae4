"""Questions about callers' paths: per node, per call.

A range is a range of calls, by the moment they started: all steps of a call count together, so that every
node's sum (*in = out + still there*) holds in every range, and the report of a range and its list of calls
tell of the same calls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, tuple_
from sqlalchemy import select as select_rows
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from vxmlplat.analytics.errors import QuestionError
from vxmlplat.analytics.rollups import STEPS, Piece, cover
from vxmlplat.analytics.step import OUTSIDE
from vxmlplat.store.calls import CallRecord
from vxmlplat.store.database import Database
from vxmlplat.store.errors import NotFoundError
from vxmlplat.store.steps import EdgeCount, StepRecord

EdgeSums = Select[str, str, str, str, int]

EXPORT_PAGE = 2_000
"""Steps that an export reads at a time."""


@dataclass(frozen=True, slots=True)
class Range:
    """Calls that started at ``start`` or later and before ``end``; None is open. Aware times."""

    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a range that is none."""
        if any(moment is not None and moment.tzinfo is None for moment in (self.start, self.end)):
            raise QuestionError("a range needs times with a zone")
        if self.start is not None and self.end is not None and self.end < self.start:
            raise QuestionError(f"the range ends ({self.end.isoformat()}) before it begins")


@dataclass(frozen=True, slots=True)
class Edge:
    """A way that callers went within a flow."""

    from_node: str
    port: str
    to_node: str
    reason: str


@dataclass(frozen=True, slots=True)
class EdgeShare:
    """One way into or out of a node: the other node, port, reason, how many, percent of the node's sum."""

    node: str
    port: str
    reason: str
    count: int
    percent: float


@dataclass(frozen=True, slots=True)
class NodeCount:
    """A node: ``entered`` = ``left`` + ``inside``, always.

    Percentages of ``came_from`` are of ``entered``, those of ``went_to`` are of ``left``. A way into a node
    has no reason of its own: ways that differ in nothing else are one.
    """

    node: str
    entered: int
    left: int
    inside: int
    came_from: tuple[EdgeShare, ...] = ()
    went_to: tuple[EdgeShare, ...] = ()


@dataclass(frozen=True, slots=True)
class CallSummary:
    """A call and how many steps it took."""

    call: CallRecord
    steps: int


@dataclass(frozen=True, slots=True)
class CallPage:
    """Some calls, newest first; ``after`` asks for the next page, None at the end."""

    calls: tuple[CallSummary, ...]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class CallPath:
    """One call with its steps in order."""

    call: CallRecord
    steps: tuple[StepRecord, ...] = ()


class Questions:
    """Answers from the roll-ups where they reach, from single steps at the edges of a range."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def edges(
        self, flow: str, calls: Range, versions: Collection[int] | None = None
    ) -> dict[Edge, int]:
        """How many went each way in a flow, in calls of the range (all versions, or these)."""
        counts: Counter[Edge] = Counter()
        async with self._database.read(snapshot=True) as session:
            for piece in cover(calls.start, calls.end):
                question = _piece_question(flow, piece, versions)
                for *edge, count in await _rows(session, question):
                    counts[Edge(*edge)] += count
        return dict(counts)

    async def nodes(
        self, flow: str, calls: Range, versions: Collection[int] | None = None
    ) -> list[NodeCount]:
        """Every node that calls of the range passed, the most visited first."""
        return node_counts(await self.edges(flow, calls, versions))

    async def calls(
        self,
        calls: Range,
        *,
        flow: str | None = None,
        node: str | None = None,
        versions: Collection[int] | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> CallPage:
        """Calls of the range that entered the flow (the node, one of the versions), newest first."""
        count = (
            select(func.coalesce(func.max(StepRecord.n), 0))
            .where(StepRecord.call == CallRecord.id)
            .correlate(CallRecord)
            .scalar_subquery()
        )
        key = (col(CallRecord.started), col(CallRecord.id))
        question = select(CallRecord, count).order_by(key[0].desc(), key[1].desc()).limit(limit + 1)
        if calls.start is not None:
            question = question.where(key[0] >= calls.start)
        if calls.end is not None:
            question = question.where(key[0] < calls.end)
        if after is not None:
            question = question.where(tuple_(*key) < tuple_(*_page_mark(after)))
        if flow is not None or node is not None or versions is not None:
            passed = select(StepRecord.call).where(StepRecord.call == CallRecord.id)
            if flow is not None:
                passed = passed.where(StepRecord.flow == flow)
            if node is not None:
                passed = passed.where(StepRecord.to_node == node)
            if versions is not None:
                passed = passed.where(col(StepRecord.version).in_(versions))
            question = question.where(passed.correlate(CallRecord).exists())
        async with self._database.read() as session:
            rows = list((await session.exec(question)).all())
        found = tuple(CallSummary(call, steps) for call, steps in rows[:limit])
        last = found[-1].call if len(rows) > limit else None
        return CallPage(found, f"{last.started.isoformat()} {last.id}" if last is not None else None)

    async def path(self, call: str) -> CallPath:
        """One call's own path; raises :class:`~vxmlplat.store.errors.NotFoundError`."""
        async with self._database.read(snapshot=True) as session:
            found = await session.get(CallRecord, call)
            if found is None:
                raise NotFoundError("call", call)
            question = select(StepRecord).where(StepRecord.call == call).order_by(col(StepRecord.n))
            return CallPath(found, tuple((await session.exec(question)).all()))

    async def steps(self, flow: str, calls: Range) -> AsyncIterator[StepRecord]:
        """Every step of a flow in calls of the range, by the call's start; read page by page."""
        key = (col(StepRecord.call_started), col(StepRecord.call), col(StepRecord.n))
        question = select(StepRecord).where(StepRecord.flow == flow).order_by(*key).limit(EXPORT_PAGE)
        if calls.end is not None:
            question = question.where(key[0] < calls.end)
        if calls.start is not None:
            question = question.where(key[0] >= calls.start)
        page = question
        while True:
            async with self._database.read() as session:
                rows = (await session.exec(page)).all()
            for row in rows:
                yield row
            if len(rows) < EXPORT_PAGE:
                return
            last = rows[-1]
            page = question.where(tuple_(*key) > tuple_(last.call_started, last.call, last.n))


def node_counts(edges: dict[Edge, int]) -> list[NodeCount]:
    """The sums over the ways into and out of each node, the most visited node first."""
    into: dict[str, Counter[tuple[str, str]]] = {}
    out: dict[str, Counter[tuple[str, str, str]]] = {}
    for edge, count in edges.items():
        into.setdefault(edge.to_node, Counter())[(edge.from_node, edge.port)] += count
        out.setdefault(edge.from_node, Counter())[(edge.to_node, edge.port, edge.reason)] += count
    found = []
    for node in (into.keys() | out.keys()) - {OUTSIDE}:
        entered = into.get(node, Counter()).total()
        left = out.get(node, Counter()).total()
        came_from = _shares((other, port, "", n) for (other, port), n in into.get(node, Counter()).items())
        went_to = _shares((*way, n) for way, n in out.get(node, Counter()).items())
        found.append(NodeCount(node, entered, left, entered - left, came_from, went_to))
    return sorted(found, key=lambda one: (-one.entered, one.node))


def _shares(ways: Iterable[tuple[str, str, str, int]]) -> tuple[EdgeShare, ...]:
    listed = sorted(ways, key=lambda way: (-way[3], way))
    total = sum(way[3] for way in listed)
    return tuple(EdgeShare(*way, percent=round(100 * way[3] / total, 2)) for way in listed)


def _piece_question(flow: str, piece: Piece, versions: Collection[int] | None) -> EdgeSums:
    """Edges with their sums in one piece of a range."""
    if piece.span == STEPS:
        edge = (
            col(StepRecord.from_node),
            col(StepRecord.port),
            col(StepRecord.to_node),
            col(StepRecord.reason),
        )
        moment, version = col(StepRecord.call_started), col(StepRecord.version)
        question: EdgeSums = select_rows(*edge, func.count()).where(col(StepRecord.flow) == flow)
    else:
        edge = (col(EdgeCount.from_node), col(EdgeCount.port), col(EdgeCount.to_node), col(EdgeCount.reason))
        moment, version = col(EdgeCount.bucket), col(EdgeCount.version)
        question = select_rows(*edge, func.sum(col(EdgeCount.count))).where(
            col(EdgeCount.flow) == flow, col(EdgeCount.span) == piece.span
        )
    if piece.start is not None:
        question = question.where(moment >= piece.start)
    if piece.end is not None:
        question = question.where(moment < piece.end)
    if versions is not None:
        question = question.where(version.in_(versions))
    return question.group_by(*edge)


async def _rows(session: AsyncSession, question: EdgeSums) -> list[Any]:
    return list((await (await session.connection()).execute(question)).all())


def _page_mark(after: str) -> tuple[datetime, str]:
    moment, _, call = after.partition(" ")
    try:
        started = datetime.fromisoformat(moment)
    except ValueError:
        started = None
    if started is None or started.tzinfo is None or not call:
        raise QuestionError(f"{after!r} is not a page mark of this list")
    return started, call
