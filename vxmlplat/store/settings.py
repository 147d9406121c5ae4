"""Settings that an administrator changes while the platform runs (business hours, allowed hosts, …)."""

from __future__ import annotations

from typing import Any

from sqlmodel import Field, select

from vxmlplat.store.columns import Table, json_value
from vxmlplat.store.database import Database


class Setting(Table, table=True):
    """A setting: any JSON under a dotted name (``hours.default``)."""

    __tablename__ = "settings"

    name: str = Field(primary_key=True, max_length=128)
    value: Any = json_value()


class SettingRepository:
    """Settings by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> dict[str, Any]:
        """Every setting."""
        async with self._database.read() as session:
            return {row.name: row.value for row in (await session.exec(select(Setting))).all()}

    async def get(self, name: str, default: Any = None) -> Any:
        """One setting, or the default."""
        async with self._database.read() as session:
            found = await session.get(Setting, name)
        return default if found is None else found.value

    async def put(self, name: str, value: Any) -> None:
        """Set a setting."""
        async with self._database.write() as session:
            await session.merge(Setting(name=name, value=value))

    async def remove(self, name: str) -> None:
        """Forget a setting; its default holds again."""
        async with self._database.write() as session:
            found = await session.get(Setting, name)
            if found is not None:
                await session.delete(found)
