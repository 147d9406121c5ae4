from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.analytics.rollups import DAY, QUARTER, STEPS, Piece, bucket_of, cover

MOMENTS = st.datetimes(datetime(2025, 12, 30), datetime(2026, 1, 4), timezones=st.just(UTC))


@given(st.none() | MOMENTS, st.none() | MOMENTS)
def test_a_range_is_covered_once_and_by_whole_buckets(start: datetime | None, end: datetime | None) -> None:
    pieces = cover(start, end)
    if start is not None and end is not None and start >= end:
        assert pieces == []
        return
    assert pieces[0].start == start
    assert pieces[-1].end == end
    for one, next_one in itertools.pairwise(pieces):
        assert one.end == next_one.start is not None
    for piece in pieces:
        if piece.span != STEPS:
            assert all(m is None or bucket_of(m, piece.span) == m for m in (piece.start, piece.end))
    # Single steps are read for less than a quarter of an hour at each edge, quarters for less than a day.
    for piece in pieces:
        if piece.start is not None and piece.end is not None and piece.span in (STEPS, QUARTER):
            limit = QUARTER if piece.span == STEPS else DAY
            assert piece.end - piece.start < 2 * timedelta(seconds=limit)


def test_whole_days_are_read_as_days() -> None:
    start = datetime(2026, 1, 1, 10, 7, tzinfo=UTC)
    end = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
    assert cover(start, end) == [
        Piece(STEPS, start, datetime(2026, 1, 1, 10, 15, tzinfo=UTC)),
        Piece(QUARTER, datetime(2026, 1, 1, 10, 15, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)),
        Piece(DAY, datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 31, tzinfo=UTC)),
        Piece(QUARTER, datetime(2026, 1, 31, tzinfo=UTC), end),
    ]
