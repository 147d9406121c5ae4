"""Call records (CDR) and the data that travels with a call (随路数据)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlmodel import Field

from vxmlplat.store.columns import Table, json_value, moment
from vxmlplat.store.database import Database
from vxmlplat.store.errors import NotFoundError, StoreError

CALL_DATA_LIMIT = 64 * 1024
"""Bytes of JSON that a call may carry; the requirement is 4 KB."""


class CallDataTooLargeError(StoreError):
    """More was to be kept with a call than :data:`CALL_DATA_LIMIT`."""


class CallRecord(Table, table=True):
    """One call. Written by ``analytics.Recorder``; ``data`` by :class:`CallRepository`."""

    __tablename__ = "calls"

    id: str = Field(primary_key=True, max_length=64)
    server: str = Field(default="", max_length=64, index=True)
    """The node that carried it: at that node's next start, calls it never ended are closed."""
    direction: str = Field(default="in", max_length=8)
    ani: str = Field(default="", max_length=128, index=True)
    dnis: str = Field(default="", max_length=128)
    started: datetime = moment(index=True)
    answered: datetime | None = moment(default=None, nullable=True)
    ended: datetime | None = moment(default=None, nullable=True)
    flow: str = Field(default="", max_length=300)
    """The first flow (or document) that the caller entered."""
    version: int = 0
    outcome: str = Field(default="", max_length=64)
    hangup_by: str = Field(default="", max_length=16)
    data: dict[str, Any] = json_value(dict)


class CallRepository:
    """Call records by id; questions over many calls are asked in ``analytics``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, call: str) -> CallRecord:
        """One call."""
        async with self._database.read() as session:
            found = await session.get(CallRecord, call)
        if found is None:
            raise NotFoundError("call", call)
        return found

    async def put_data(self, call: str, data: dict[str, Any]) -> None:
        """Replace a call's data."""
        await self._change_data(call, data, keep=False)

    async def merge_data(self, call: str, data: dict[str, Any]) -> dict[str, Any]:
        """Set these values and leave the others; returns all."""
        return await self._change_data(call, data, keep=True)

    async def _change_data(self, call: str, data: dict[str, Any], *, keep: bool) -> dict[str, Any]:
        async with self._database.write() as session:
            found = await session.get(CallRecord, call, populate_existing=True, with_for_update=True)
            if found is None:
                raise NotFoundError("call", call)
            new = {**found.data, **data} if keep else data
            size = len(json.dumps(new, ensure_ascii=False).encode())
            if size > CALL_DATA_LIMIT:
                raise CallDataTooLargeError(
                    f"a call carries at most {CALL_DATA_LIMIT} bytes of data, not {size}"
                )
            found.data = new
            session.add(found)
            return new
