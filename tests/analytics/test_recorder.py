from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from vxmlplat.analytics.questions import Questions, Range
from vxmlplat.analytics.recorder import Recorder, RecorderSettings
from vxmlplat.analytics.step import CallEnd, CallStart, Step
from vxmlplat.clock import SystemClock, VirtualClock
from vxmlplat.store.calls import CallRecord, CallRepository
from vxmlplat.store.database import Database
from vxmlplat.store.errors import UnavailableError
from vxmlplat.store.steps import StepRecord

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
EVERYTHING = Range()


@asynccontextmanager
async def running(database: Database, **options: Any) -> AsyncIterator[Recorder]:
    recorder = Recorder(database, options.pop("clock", SystemClock()), **options)
    await recorder.start()
    yield recorder
    await recorder.stop()


def step(from_node: str, to_node: str, port: str = "next", reason: str = "", **changes: Any) -> Step:
    first = Step("c1", "s1", START, "hotline", 1, from_node, port, to_node, reason)
    return replace(first, **changes)


async def stored(database: Database, call: str = "c1") -> list[tuple[int, str, str, str, str]]:
    path = await Questions(database).path(call)
    return [(one.n, one.from_node, one.port, one.to_node, one.reason) for one in path.steps]


async def inside(database: Database) -> dict[str, int]:
    return {one.node: one.inside for one in await Questions(database).nodes("hotline", EVERYTHING)}


async def test_a_call_is_written_down(database: Database) -> None:
    async with running(database) as recorder:
        recorder.call_started(CallStart("c1", START, ani="+86138", dnis="12319", data={"vip": True}))
        recorder.call_answered("c1", START + timedelta(seconds=1))
        recorder.step(step("", "welcome", "", "entry"))
        recorder.step(step("welcome", "menu", fields={"language": "zh-CN"}))
        recorder.step(step("menu", "", "1", "exit"))
        recorder.call_ended(CallEnd("c1", START + timedelta(seconds=9), "exit", "platform"))
        await recorder.flush()
    path = await Questions(database).path("c1")
    assert [(one.n, one.from_node, one.port, one.to_node, one.reason, one.fields) for one in path.steps] == [
        (1, "", "", "welcome", "entry", {}),
        (2, "welcome", "next", "menu", "", {"language": "zh-CN"}),
        (3, "menu", "1", "", "exit", {}),
    ]
    call = path.call
    assert (call.ani, call.dnis, call.flow, call.version, call.outcome, call.hangup_by) == (
        "+86138",
        "12319",
        "hotline",
        1,
        "exit",
        "platform",
    )
    assert (call.answered, call.ended) == (START + timedelta(seconds=1), START + timedelta(seconds=9))
    assert call.data == {"vip": True}
    assert recorder.open_calls == 0


async def test_a_hang_up_leaves_every_node_also_those_around_a_sub_flow(database: Database) -> None:
    async with running(database) as recorder:
        recorder.call_started(CallStart("c1", START))
        recorder.step(step("", "start"))
        recorder.step(step("start", "survey"))
        recorder.step(step("", "question", flow="survey"))
        recorder.call_ended(CallEnd("c1", START, "hangup", "caller"))
    assert (await stored(database))[-2:] == [
        (4, "question", "", "", "hangup"),
        (5, "survey", "", "", "hangup"),
    ]
    assert await inside(database) == {"start": 0, "survey": 0}


async def test_a_dialog_that_ends_leaves_only_its_own_nodes(database: Database) -> None:
    async with running(database) as recorder:
        recorder.step(step("", "a", session="s1"))
        recorder.step(step("", "b", session="s2"))
        recorder.dialog_ended("c1", "s1", "exit", START)
        await recorder.flush()
        assert await inside(database) == {"a": 0, "b": 1}


async def test_a_missing_step_is_bridged_so_that_the_sums_hold(database: Database) -> None:
    async with running(database) as recorder:
        recorder.step(step("", "start"))
        recorder.step(step("menu", "say"))
        recorder.step(step("other", "end", session="s2"))
        await recorder.flush()
        assert await stored(database) == [
            (1, "", "next", "start", ""),
            (2, "start", "", "menu", "gap"),
            (3, "menu", "next", "say", ""),
            (4, "", "", "other", "gap"),
            (5, "other", "next", "end", ""),
        ]
        assert await inside(database) == {"start": 0, "menu": 0, "say": 1, "other": 0, "end": 1}
        assert recorder.counts.gaps == 2


async def test_a_flow_that_calls_itself_stands_in_a_node_twice(database: Database) -> None:
    async with running(database) as recorder:
        for _ in range(2):
            recorder.step(step("", "again"))
        recorder.step(step("again", "done"))
        await recorder.flush()
        assert await inside(database) == {"again": 1, "done": 1}
        assert recorder.counts.gaps == 0


async def test_a_step_after_the_end_of_its_call_is_only_counted(database: Database) -> None:
    async with running(database) as recorder:
        recorder.step(step("", "start"))
        recorder.call_ended(CallEnd("c1", START, "hangup"))
        recorder.step(step("start", "", reason="hangup"))
        recorder.call_ended(CallEnd("c1", START, "again"))
    assert recorder.counts.late == 1
    assert await stored(database) == [(1, "", "next", "start", ""), (2, "start", "", "", "hangup")]


async def test_a_call_without_an_end_is_closed_as_lost_at_the_next_start(database: Database) -> None:
    first = Recorder(database, SystemClock())
    await first.start()
    first.call_started(CallStart("c1", START, ani="1"))
    first.step(step("", "start"))
    first.step(step("start", "sub"))
    first.step(step("", "inner", time=START + timedelta(seconds=5), flow="other"))
    await first.flush()
    # The process dies here: no stop, no end. Another node's calls are not touched by the next start.
    other = Recorder(database, SystemClock(), server="other")
    await other.start()
    await other.stop()
    assert other.counts.lost_calls == 0
    async with running(database) as second:
        await second.flush()
        assert second.counts.lost_calls == 1
    call = (await Questions(database).path("c1")).call
    assert (call.outcome, call.ended, call.ani) == ("lost", START + timedelta(seconds=5), "1")
    assert (await stored(database))[-2:] == [(4, "inner", "", "", "lost"), (5, "sub", "", "", "lost")]
    assert await inside(database) == {"start": 0, "sub": 0}
    async with running(database) as third:
        assert third.counts.lost_calls == 0
    await first.stop()


async def test_batches_are_written_by_count_or_by_time(database: Database) -> None:
    clock = VirtualClock()
    async with running(database, clock=clock, settings=RecorderSettings(batch=4, every=10.0)) as recorder:
        recorder.step(step("", "a"))
        await asyncio.sleep(0.05)
        assert recorder.waiting == 2  # the call's record and the step: young, and few
        await clock.advance(10.0)
        await until(lambda: recorder.waiting == 0)
        for _ in range(4):
            recorder.step(step("a", "a"))
        await until(lambda: recorder.waiting == 0)
    assert recorder.counts.written == 6


async def test_while_the_database_is_gone_records_wait_and_nothing_is_lost(database: Database) -> None:
    gone = True

    def refuse(*_: object) -> None:
        if gone:
            raise OperationalError("BEGIN", None, Exception("disk I/O error"))

    event.listen(database.engine.sync_engine, "begin", refuse, insert=True)
    async with running_at_once(database) as recorder:
        recorder.step(step("", "a"))
        recorder.step(step("a", "b"))
        await until(lambda: recorder.counts.failures >= 2)
        assert recorder.counts.written == 0
        recorder.step(step("b", ""))
        gone = False
        await recorder.flush()
    assert recorder.counts.dropped == 0
    assert [one[0] for one in await stored(database)] == [1, 2, 3]


async def test_a_batch_whose_answer_was_lost_is_not_counted_twice(database: Database) -> None:
    broken = [True]

    # The commit reaches the database; then the connection breaks before the answer comes.
    @asynccontextmanager
    async def write() -> AsyncIterator[Any]:
        async with Database.write(database) as session:
            yield session
        if broken:
            broken.clear()
            raise UnavailableError("connection reset")

    database.write = write  # type: ignore[method-assign]
    async with running_at_once(database) as recorder:
        recorder.step(step("", "a"))
        await recorder.flush()
    assert recorder.counts.failures == 1
    assert recorder.counts.written == 2
    assert await stored(database) == [(1, "", "next", "a", "")]
    assert await inside(database) == {"a": 1}


async def test_a_full_queue_drops_steps_counts_them_and_keeps_the_sums(database: Database) -> None:
    recorder = Recorder(database, SystemClock(), settings=RecorderSettings(limit=4))
    recorder.call_started(CallStart("c1", START))
    for here, there in zip(["", "a", "b", "c", "d"], ["a", "b", "c", "d", "e"], strict=True):
        recorder.step(step(here, there))
    assert recorder.counts.dropped == 3
    recorder.call_ended(CallEnd("c1", START, "hangup"))
    await recorder.start()
    await recorder.stop()
    assert await inside(database) == {"a": 0, "b": 0}
    assert (await Questions(database).path("c1")).call.outcome == "hangup"


async def test_at_the_stop_a_database_that_is_gone_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/never-made.db")
    settings = RecorderSettings(every=0.0, retry=0.0, last_tries=3)
    recorder = Recorder(database, SystemClock(), settings=settings)
    recorder._task = asyncio.create_task(recorder._run())
    recorder.step(step("", "a"))
    await recorder.stop()
    assert recorder.counts.dropped == 2
    await database.close()


async def test_a_record_that_the_database_refuses_costs_itself_only(database: Database) -> None:
    async with running(database) as recorder:
        recorder.step(step("", "a"))
        recorder.step(step("", "b", call="c2", time=datetime(2026, 1, 5)))  # a time without a zone
        recorder.step(step("", "c", call="c4", time="yesterday"))
        recorder.step(step("", "d", call="c3"))
        await recorder.flush()
    assert recorder.counts.rejected > 0
    assert await inside(database) == {"a": 1, "d": 1}


async def test_hostile_texts_are_brought_to_what_a_database_takes(database: Database) -> None:
    async with running(database) as recorder:
        hostile = "\0\ud800" + "路" * 100
        recorder.call_started(CallStart("c1", START, ani=hostile))
        recorder.step(step("", hostile, fields={hostile: hostile}))
        recorder.step(step(hostile, ""))
        await recorder.flush()
        assert recorder.counts.gaps == 0
    first, second = (await Questions(database).path("c1")).steps
    assert first.to_node == second.from_node
    assert len(first.to_node) == 64


async def test_data_that_the_call_gathers_is_not_overwritten_by_its_end(database: Database) -> None:
    async with running(database) as recorder:
        recorder.call_started(CallStart("c1", START, data={"a": 1}))
        await recorder.flush()
        await CallRepository(database).merge_data("c1", {"ticket": 7})
        recorder.call_ended(CallEnd("c1", START, "exit"))
    async with database.read() as session:
        call = (await session.exec(select(CallRecord))).one()
    assert call.data == {"a": 1, "ticket": 7}
    assert call.outcome == "exit"


async def test_many_calls_at_once_are_all_there(database: Database) -> None:
    async with running(database, settings=RecorderSettings(batch=50, every=0.0)) as recorder:
        for n in range(200):
            recorder.call_started(CallStart(f"c{n}", START))
            recorder.step(step("", "a", call=f"c{n}"))
            if n % 20 == 0:
                await asyncio.sleep(0)
    async with database.read() as session:
        assert len((await session.exec(select(StepRecord))).all()) == 200
    assert await inside(database) == {"a": 200}


async def until(true: Callable[[], bool]) -> None:
    """Let the recorder's own task and the database's thread run until it is so."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  # the recorder tells nobody that it failed
            await asyncio.sleep(0.005)  # the recorder tells nobody that it failed


@asynccontextmanager
async def running_at_once(database: Database) -> AsyncIterator[Recorder]:
    """A recorder that retries at once; its start does not touch the database."""
    recorder = Recorder(database, SystemClock(), settings=RecorderSettings(every=0.0, retry=0.01))
    recorder._task = asyncio.create_task(recorder._run())
    yield recorder
    await recorder.stop()
