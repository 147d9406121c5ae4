"""Dialled numbers, and what answers each: a flow, a VoiceXML document or a CCXML document."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import delete
from sqlmodel import Field, col, select

from vxmlplat.store.columns import Table
from vxmlplat.store.database import Database

ANY = "*"
"""Stands for every number that has no entry of its own."""


def spellings(number: str) -> tuple[str, ...]:
    """How a dialled number may stand in the table, best first: as it is, without plus, its digits."""
    return (number, number.removeprefix("+"), re.sub(r"[^0-9*#]", "", number), ANY)


class Number(Table, table=True):
    """A dialled number (DNIS): a flow or a document as its dialog, a CCXML document that runs the call."""

    __tablename__ = "numbers"

    number: str = Field(primary_key=True, max_length=64)
    flow: str | None = Field(default=None, foreign_key="flows.id", max_length=64, index=True)
    document: str | None = Field(default=None, max_length=2000)
    ccxml: str | None = Field(default=None, max_length=2000)
    test: bool = False
    """Its callers get the version that is on test, where the flow has one."""


class NumberRepository:
    """The table of dialled numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[Number]:
        """Every number, in order."""
        async with self._database.read() as session:
            return list((await session.exec(select(Number).order_by(col(Number.number)))).all())

    async def get(self, number: str) -> Number | None:
        """What answers a number."""
        async with self._database.read() as session:
            return await session.get(Number, number)

    async def answering(self, dialled: str) -> Number | None:
        """The entry that answers a dialled number, by whichever of its spellings is there."""
        forms = spellings(dialled)
        async with self._database.read() as session:
            rows = (await session.exec(select(Number).where(col(Number.number).in_(forms)))).all()
        found = {row.number: row for row in rows}
        return next((found[form] for form in forms if form in found), None)

    async def put(self, number: Number) -> None:
        """Set what answers one number."""
        async with self._database.write() as session:
            await session.merge(number)

    async def replace(self, numbers: Sequence[Number]) -> None:
        """Make these, and only these, the numbers that are answered."""
        async with self._database.write() as session:
            await session.exec(delete(Number))
            session.add_all(numbers)
