"""Callbacks that callers chose instead of waiting (E4): whom to call, for which queue, from when on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Field, col, select

from vxmlplat.store.columns import Table, json_value, moment
from vxmlplat.store.database import Database
from vxmlplat.store.errors import NotFoundError


class Callback(Table, table=True):
    """A caller who waits to be called; ``done`` is empty until it is over, ``outcome`` then says how.

    ``due``: not to be dialled before. ``flow`` has offered it, in ``language``. ``dialled`` is when it was
    dialled last, ``result`` what became of that.
    """

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
    flow: str = Field(default="", max_length=64)
    language: str = Field(default="", max_length=16)
    tries: int = 0
    dialled: datetime | None = moment(default=None, nullable=True)
    result: str = Field(default="", max_length=64)


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

    async def latest(self, queue: str | None = None, limit: int = 100) -> list[Callback]:
        """Callbacks that are over, the newest first."""
        async with self._database.read() as session:
            question = (
                select(Callback)
                .where(col(Callback.done).is_not(None))
                .order_by(col(Callback.done).desc(), col(Callback.id))
                .limit(limit)
            )
            if queue is not None:
                question = question.where(Callback.queue == queue)
            return list((await session.exec(question)).all())

    async def claim(self, callback: Callback, now: datetime, lease: timedelta) -> bool:
        """Take a callback to dial it; False when another has taken it, or it is over.

        Who dies while dialling leaves it behind: it is due again when the lease is over.
        """
        async with self._database.write() as session:
            taken = await session.exec(
                update(Callback)
                .where(
                    col(Callback.id) == callback.id,
                    col(Callback.due) == callback.due,
                    col(Callback.done).is_(None),
                )
                .values(due=now + lease, dialled=now, tries=Callback.tries + 1, result="")
            )
            return bool(taken.rowcount)

    async def put_off(self, callback: str, result: str, due: datetime, tries: int) -> None:
        """Nobody was reached: it is due again at a moment, after so many tries."""
        async with self._database.write() as session:
            found = await session.get(Callback, callback)
            if found is not None and found.done is None:
                found.due, found.result, found.tries = due, result, tries
                session.add(found)

    async def note(self, callback: str, result: str) -> None:
        """What the call itself tells of how it went."""
        async with self._database.write() as session:
            await session.exec(update(Callback).where(col(Callback.id) == callback).values(result=result))

    async def get(self, callback: str) -> Callback:
        """One callback; raises :class:`NotFoundError`."""
        async with self._database.read() as session:
            found = await session.get(Callback, callback)
        if found is None:
            raise NotFoundError("callback", callback)
        return found

    async def finish(self, callback: str, outcome: str, now: datetime) -> None:
        """Write down how a callback ended."""
        async with self._database.write() as session:
            found = await session.get(Callback, callback)
            if found is not None and found.done is None:
                found.done, found.outcome = now, outcome
                found.result = found.result or outcome
                session.add(found)
