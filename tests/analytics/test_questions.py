from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vxmlplat.analytics.errors import QuestionError
from vxmlplat.analytics.export import csv_lines
from vxmlplat.analytics.questions import EXPORT_PAGE, CallPage, Questions, Range
from vxmlplat.analytics.recorder import Recorder, RecorderSettings
from vxmlplat.analytics.step import CallEnd, CallStart, Step
from vxmlplat.clock import SystemClock
from vxmlplat.store.database import Database
from vxmlplat.store.errors import NotFoundError
from vxmlplat.store.migrate import upgrade

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NODES = ("a", "b", "c")


async def record(
    database: Database, *walks: tuple[str, datetime, int, list[tuple[str, str, str]], bool]
) -> None:
    """Each walk: call, start, version, (port, node, reason) in order, whether its end was written."""
    recorder = Recorder(database, SystemClock(), settings=RecorderSettings(batch=7, every=0.0))
    await recorder.start()
    for call, started, version, moves, ended in walks:
        recorder.call_started(CallStart(call, started, ani=f"+{call}", dnis="12319"))
        here = ""
        for n, (port, there, reason) in enumerate(moves):
            time = started + timedelta(seconds=20 * n)
            recorder.step(Step(call, "s", time, "f", version, here, port, there, reason))
            here = there
        if ended:
            recorder.call_ended(CallEnd(call, started + timedelta(minutes=5), "hangup"))
    await recorder.stop()


async def test_nodes_with_counts_and_percentages(database: Database) -> None:
    await record(
        database,
        *(
            ("1" + str(n), START, 1, [("", "menu", ""), ("1", "repair", ""), ("", "", "exit")], True)
            for n in range(3)
        ),
        ("2", START, 1, [("", "menu", ""), ("2", "", "hangup")], True),
        ("3", START, 2, [("", "menu", "")], False),
    )
    menu, repair = await Questions(database).nodes("f", Range())
    assert (menu.node, menu.entered, menu.left, menu.inside) == ("menu", 5, 4, 1)
    assert [(one.node, one.port, one.count, one.percent) for one in menu.came_from] == [("", "", 5, 100.0)]
    assert [(one.node, one.port, one.reason, one.count, one.percent) for one in menu.went_to] == [
        ("repair", "1", "", 3, 75.0),
        ("", "2", "hangup", 1, 25.0),
    ]
    assert (repair.node, repair.entered, repair.inside) == ("repair", 3, 0)
    (only,) = await Questions(database).nodes("f", Range(), versions=[2])
    assert (only.node, only.entered, only.inside) == ("menu", 1, 1)
    assert await Questions(database).nodes("f", Range(), versions=[]) == []
    assert await Questions(database).nodes("unknown", Range()) == []


MOVES = st.lists(
    st.tuples(st.sampled_from(["1", "2", "next"]), st.sampled_from(NODES), st.just("")), max_size=6
)
WALKS = st.lists(
    st.tuples(
        st.integers(0, 60 * 60 * 50).map(lambda seconds: START + timedelta(seconds=seconds)),
        st.integers(1, 3),
        MOVES,
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)
EDGES = st.none() | st.integers(-3600, 60 * 60 * 52).map(lambda seconds: START + timedelta(seconds=seconds))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(walks=WALKS, start=EDGES, end=EDGES, versions=st.none() | st.sets(st.integers(1, 3)))
def test_every_range_is_exact_and_every_sum_holds(
    walks: list[tuple[datetime, int, list[tuple[str, str, str]], bool, bool]],
    start: datetime | None,
    end: datetime | None,
    versions: set[int] | None,
) -> None:
    if start is not None and end is not None and end < start:
        start, end = end, start

    async def check() -> None:
        with tempfile.TemporaryDirectory() as directory:
            database = Database(f"sqlite:///{directory}/store.db")
            await upgrade(database)
            told = [
                (f"c{n}", started, version, [*moves, ("next", "", "exit")] if exits else moves, ended)
                for n, (started, version, moves, exits, ended) in enumerate(walks)
            ]
            await record(database, *told)
            await compare(database)
            # The process died before the calls without an end could write one: they are closed as lost.
            recorder = Recorder(database, SystemClock())
            await recorder.start()
            await recorder.stop()
            await compare(database)
            assert all(one.inside == 0 for one in await Questions(database).nodes("f", Range()))
            await database.close()

    async def compare(database: Database) -> None:
        questions = Questions(database)
        expected: Counter[tuple[str, str, str, str]] = Counter()
        async for one in questions.steps("f", Range(start, end)):
            if versions is None or one.version in versions:
                expected[(one.from_node, one.port, one.to_node, one.reason)] += 1
        edges = await questions.edges("f", Range(start, end), versions)
        found = {(e.from_node, e.port, e.to_node, e.reason): count for e, count in edges.items()}
        assert found == dict(expected)
        for node in await questions.nodes("f", Range(start, end), versions):
            assert node.entered == node.left + node.inside
            assert node.inside >= 0
            assert node.entered == sum(share.count for share in node.came_from)
            assert node.left == sum(share.count for share in node.went_to)

    asyncio.run(check())


async def all_pages(questions: Questions, limit: int, **options: str) -> list[list[str]]:
    pages: list[list[str]] = []
    page = CallPage((), "")
    while page.after is not None:
        page = await questions.calls(Range(), limit=limit, after=page.after or None, **options)
        pages.append([one.call.id for one in page.calls])
    return pages


async def test_calls_newest_first_page_by_page(database: Database) -> None:
    walks = [
        (str(n), START + timedelta(minutes=n // 2), 1, [("", "a" if n % 2 else "b", "")], True)
        for n in range(6)
    ]
    await record(database, *walks)
    questions = Questions(database)
    assert await all_pages(questions, 4) == [["5", "4", "3", "2"], ["1", "0"]]
    assert await all_pages(questions, 3) == [["5", "4", "3"], ["2", "1", "0"]]
    assert await all_pages(questions, 10, node="a") == [["5", "3", "1"]]
    assert await all_pages(questions, 10, flow="f", node="b") == [["4", "2", "0"]]
    assert await all_pages(questions, 10, flow="other") == [[]]
    page = await questions.calls(Range(START + timedelta(minutes=1), START + timedelta(minutes=2)))
    assert [(one.call.id, one.steps) for one in page.calls] == [("3", 2), ("2", 2)]


async def test_questions_that_make_no_sense_are_refused(database: Database) -> None:
    with pytest.raises(QuestionError, match="before it begins"):
        Range(START, START - timedelta(seconds=1))
    with pytest.raises(QuestionError, match="zone"):
        Range(datetime(2026, 1, 5))
    questions = Questions(database)
    for mark in ("nonsense", "2026-01-05T00:00:00 x", "2026-01-05T00:00:00+00:00"):
        with pytest.raises(QuestionError, match="page mark"):
            await questions.calls(Range(), after=mark)
    with pytest.raises(NotFoundError):
        await questions.path("unknown")


async def test_an_export_has_every_step_once(database: Database) -> None:
    moves = [("", NODES[n % 3], "") for n in range(EXPORT_PAGE // 2 + 10)]
    await record(database, ("1", START, 1, moves, True), ("2", START, 1, moves, True))
    lines = [line async for line in csv_lines(Questions(database).steps("f", Range()))]
    rows = list(csv.DictReader(io.StringIO("".join(lines))))
    assert [(row["call"], int(row["n"])) for row in rows] == [
        (call, n) for call in ("1", "2") for n in range(1, len(moves) + 2)
    ]


async def test_an_export_starts_no_formula(database: Database, tmp_path: Path) -> None:
    recorder = Recorder(database, SystemClock())
    await recorder.start()
    recorder.step(Step("c", "s", START, "f", 1, "", "=1+1", "-cmd", "@x", {"a": 'say "hi", ok'}))
    recorder.step(Step("c", "s", START, "f", 1, "-cmd", "+8613800", "b"))
    await recorder.stop()
    lines = [line async for line in csv_lines(Questions(database).steps("f", Range()))]
    first, second = csv.DictReader(io.StringIO("".join(lines)))
    assert (first["port"], first["to"], first["reason"]) == ("'=1+1", "'-cmd", "'@x")
    assert first["fields"] == '{"a": "say \\"hi\\", ok"}'
    assert second["port"] == "+8613800"
