"""The audit trail: who changed what, when, from where. Entries are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, col, select

from vxmlplat.store.columns import Table, json_value, moment
from vxmlplat.store.database import Database


class AuditEntry(Table, table=True):
    """One change, or one access to be traced. ``target`` names the thing (``flow hotline-12319``)."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    time: datetime = moment(index=True)
    user: str = Field(max_length=64)
    action: str = Field(max_length=64)
    target: str = Field(max_length=300)
    address: str = Field(default="", max_length=64)
    detail: dict[str, Any] = json_value(dict)


class AuditRepository:
    """Adds to the trail and reads it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, entry: AuditEntry) -> None:
        """Add an entry; inside an open transaction it stands or falls with the change that it tells of."""
        async with self._database.write() as session:
            session.add(entry)

    async def latest(self, limit: int = 100, before: int | None = None) -> list[AuditEntry]:
        """The newest entries first; ``before`` is the id of the last entry already seen."""
        async with self._database.read() as session:
            question = select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(limit)
            if before is not None:
                question = question.where(col(AuditEntry.id) < before)
            return list((await session.exec(question)).all())
