"""Callbacks that callers chose instead of waiting (E4): whom to call, for which queue, from when on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, col, select

from vxmlplat.store.columns import Table, json_value, moment
from vxmlplat.store.database import Database


class Callback(Table, table=True):
    """A caller who waits to be called; ``done`` is empty until it is over, ``outcome`` then says how."""

    __tablename__ = "callbacks"

    id: str = Field(primary_key=True, max_length=64)
    number: str = Field(max_length=64, index=True)
    queue: str = Field(max_length=64, index=True)
    due: datetime = moment()
    call: str = Field(default="", max_length=64)
    note: str = Field(default="", max_length=2000)
    data: dict[str, Any] = json_value(dict)
    created: datetime = moment()
    done: datetime | None = moment(default=None, nullable=True, index=True)
    outcome: str = Field(default="", max_length=64)


class CallbackRepository:
    """Callbacks that wait, and what became of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, callback: Callback) -> bool:
        """Store a callback; False, and nothing stored, when one waits for this number and queue already."""
        async with self._database.write() as session:
            same = select(Callback.id).where(
                Callback.number == callback.number,
                Callback.queue == callback.queue,
                col(Callback.done).is_(None),
            )
            if (await session.exec(same)).first() is not None:
                return False
            session.add(callback)
            return True

    async def waiting(self, queue: str | None = None, *, due: datetime | None = None) -> list[Callback]:
        """Callbacks that wait (for a queue; those due at a moment), the earliest first."""
        async with self._database.read() as session:
            question = (
                select(Callback)
                .where(col(Callback.done).is_(None))
                .order_by(col(Callback.due), col(Callback.id))
            )
            if queue is not None:
                question = question.where(Callback.queue == queue)
            if due is not None:
                question = question.where(col(Callback.due) <= due)
            return list((await session.exec(question)).all())

    async def finish(self, callback: str, outcome: str, now: datetime) -> None:
        """Write down how a callback ended."""
        async with self._database.write() as session:
            found = await session.get(Callback, callback)
            if found is not None:
                found.done, found.outcome = now, outcome
                session.add(found)
