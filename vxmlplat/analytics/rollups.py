"""The spans that steps are counted by, and how a range is put together from them.

A step is filed under the moment its call started, in a bucket of each span. A range is then whole days, whole
quarters of an hour beside them, and single steps at its edges: any range is answered exactly, from few rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DAY = 86_400
QUARTER = 900
SPANS = (DAY, QUARTER)
"""Seconds of each roll-up, longest first; each divides the one before it."""

STEPS = 0
"""The span of a piece that is counted from single steps."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a range, ``start`` to before ``end`` (None: open), counted by buckets of ``span`` seconds."""

    span: int
    start: datetime | None
    end: datetime | None


def bucket_of(moment: datetime, span: int) -> datetime:
    """The start of the bucket in which a moment lies."""
    return _EPOCH + timedelta(seconds=(moment - _EPOCH) // timedelta(seconds=span) * span)


def cover(start: datetime | None, end: datetime | None, spans: Sequence[int] = SPANS) -> list[Piece]:
    """The range as pieces that do not overlap and leave nothing out."""
    if start is not None and end is not None and start >= end:
        return []
    if not spans:
        return [Piece(STEPS, start, end)]
    span, *shorter = spans
    first = None if start is None else bucket_of(start + timedelta(seconds=span, microseconds=-1), span)
    last = None if end is None else bucket_of(end, span)
    if first is not None and last is not None and first >= last:
        return cover(start, end, shorter)
    before = [] if start is None else cover(start, first, shorter)
    after = [] if end is None else cover(last, end, shorter)
    return [*before, Piece(span, first, last), *after]
