"""Lists of callers: blacklist, VIP and whatever else an author asks for."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete
from sqlmodel import Field, col, select

from vxmlplat.store.columns import Table
from vxmlplat.store.database import Database


class CallerListEntry(Table, table=True):
    """A caller's number on a list; a number that ends in ``*`` stands for all that begin so."""

    __tablename__ = "caller_lists"

    list: str = Field(primary_key=True, max_length=64)
    number: str = Field(primary_key=True, max_length=64)
    note: str = Field(default="", max_length=500)


class CallerListRepository:
    """Caller lists by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entries(self, name: str) -> list[CallerListEntry]:
        """The entries of a list, by number; an unknown list is empty."""
        async with self._database.read() as session:
            question = (
                select(CallerListEntry)
                .where(CallerListEntry.list == name)
                .order_by(col(CallerListEntry.number))
            )
            return list((await session.exec(question)).all())

    async def find(self, name: str, number: str) -> CallerListEntry | None:
        """The entry that a number falls under: itself, else the longest prefix that ends in ``*``."""
        patterns = [number, *(number[:end] + "*" for end in range(len(number), -1, -1))]
        async with self._database.read() as session:
            question = select(CallerListEntry).where(
                CallerListEntry.list == name, col(CallerListEntry.number).in_(patterns)
            )
            found = (await session.exec(question)).all()
        return min(found, key=lambda entry: patterns.index(entry.number), default=None)

    async def replace(self, name: str, entries: Mapping[str, str]) -> None:
        """Make these numbers (with their notes), and only these, the list."""
        async with self._database.write() as session:
            await session.exec(delete(CallerListEntry).where(col(CallerListEntry.list) == name))
            session.add_all(
                CallerListEntry(list=name, number=number, note=note) for number, note in entries.items()
            )
