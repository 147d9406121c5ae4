"""Putting a batch of records into the database: steps, counts and call records in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Insert, insert
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from vxmlplat.analytics.rollups import SPANS, bucket_of
from vxmlplat.store.calls import CallRecord
from vxmlplat.store.database import Database
from vxmlplat.store.steps import EdgeCount, RecorderMark, StepRecord

Row = dict[str, Any]

_EDGE_KEY = ("flow", "span", "bucket", "version", "from_node", "port", "to_node", "reason")
_CALL_CHANGES = ("answered", "ended", "flow", "version", "outcome", "hangup_by")


@dataclass(slots=True)
class Batch:
    """Rows that are written together or not at all. Of a call's own rows the last one holds."""

    steps: list[Row] = field(default_factory=list)
    calls: dict[str, Row] = field(default_factory=dict)


class BatchWriter:
    """Writes batches under a name, with the last one's number beside the rows: none is written twice."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name

    async def write(self, batch: Batch, number: int, now: datetime) -> None:
        """Write the batch in one transaction."""
        async with self._database.write() as session:
            if batch.calls:
                await self._upsert(
                    session, CallRecord, list(batch.calls.values()), ("id",), replace=_CALL_CHANGES
                )
            if batch.steps:
                await _execute(session, _insert(StepRecord), batch.steps)
                await self._upsert(session, EdgeCount, edge_rows(batch.steps), _EDGE_KEY, add=("count",))
            mark = {"recorder": self._name, "batch": number, "written": now}
            await self._upsert(session, RecorderMark, [mark], ("recorder",), replace=("batch", "written"))

    async def has_written(self, number: int) -> bool:
        """Whether that batch reached the database although the answer got lost."""
        async with self._database.read() as session:
            mark = await session.get(RecorderMark, self._name)
        return mark is not None and mark.batch >= number

    async def _upsert(
        self,
        session: AsyncSession,
        model: type[SQLModel],
        rows: Sequence[Row],
        key: tuple[str, ...],
        *,
        replace: tuple[str, ...] = (),
        add: tuple[str, ...] = (),
    ) -> None:
        statement = _upsert(model, key, replace, add, on_sqlite=self._database.is_sqlite)
        await _execute(session, statement, rows)


def edge_rows(steps: Iterable[Row]) -> list[Row]:
    """What the steps add to the counts, in the order of the key: so no two writers lock each other."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for step in steps:
        for span in SPANS:
            bucket = bucket_of(step["call_started"], span)
            edge = (step["from_node"], step["port"], step["to_node"], step["reason"])
            counts[(step["flow"], span, bucket, step["version"], *edge)] += 1
    return [dict(zip(_EDGE_KEY, edge, strict=True), count=count) for edge, count in sorted(counts.items())]


@cache
def _insert(model: type[SQLModel]) -> Insert:
    return insert(_table(model))


@cache
def _upsert(
    model: type[SQLModel],
    key: tuple[str, ...],
    replace: tuple[str, ...],
    add: tuple[str, ...],
    *,
    on_sqlite: bool,
) -> Insert:
    """The statement, made once: SQLAlchemy copies every column of the table to speak of the excluded row."""
    table = _table(model)
    statement = (sqlite if on_sqlite else postgresql).insert(table)
    changes: Row = {name: statement.excluded[name] for name in replace}
    changes |= {name: table.c[name] + statement.excluded[name] for name in add}
    upsert: Insert = statement.on_conflict_do_update(index_elements=key, set_=changes)
    return upsert


def _table(model: type[SQLModel]) -> SqlTable:
    table = model.metadata.tables[str(model.__tablename__)]
    assert isinstance(table, SqlTable)
    return table


async def _execute(session: AsyncSession, statement: Any, rows: Sequence[Row]) -> None:
    # The core's executemany: rows of models would be made objects one by one.
    await (await session.connection()).execute(statement, rows)
