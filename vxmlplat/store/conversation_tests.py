"""Conversation tests of flows, as their authors wrote them, and whether they stand before a publish."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from vxmlplat.store.columns import Table, moment
from vxmlplat.store.database import Database
from vxmlplat.store.errors import ConflictError, NotFoundError
from vxmlplat.store.flows import Flow


class StoredTest(Table, table=True):
    """A test's file (docs/conversation-tests.md), by flow and name."""

    __tablename__ = "conversation_tests"

    flow: str = Field(primary_key=True, foreign_key="flows.id", ondelete="CASCADE", max_length=64)
    name: str = Field(primary_key=True, max_length=120)
    text: str
    changed: datetime = moment()
    changed_by: str = Field(max_length=64)


class FlowTesting(Table, table=True):
    """What a flow's author wants of its tests; no row is the default."""

    __tablename__ = "flow_testing"

    flow: str = Field(primary_key=True, foreign_key="flows.id", ondelete="CASCADE", max_length=64)
    before_publish: bool = False


class ConversationTestRepository:
    """Tests by flow and name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, flow: str) -> list[StoredTest]:
        """A flow's tests by name; raise :class:`NotFoundError` when there is no such flow."""
        async with self._database.read() as session:
            if await session.get(Flow, flow) is None:
                raise NotFoundError("flow", flow)
            question = select(StoredTest).where(StoredTest.flow == flow).order_by(col(StoredTest.name))
            return list((await session.exec(question)).all())

    async def get(self, flow: str, name: str) -> StoredTest:
        """One test."""
        async with self._database.read() as session:
            found = await session.get(StoredTest, (flow, name))
        if found is None:
            raise NotFoundError("test", f"{flow}/{name}")
        return found

    async def add(self, flow: str, name: str, text: str, user: str, now: datetime) -> StoredTest:
        """Store a new test; raises ``ConflictError`` where there is one of that name."""
        async with self._database.write() as session:
            if await session.get(Flow, flow) is None:
                raise NotFoundError("flow", flow)
            await _refuse_taken(session, flow, name)
            made = StoredTest(flow=flow, name=name, text=text, changed=now, changed_by=user)
            session.add(made)
            return made

    async def rename(self, flow: str, old: str, name: str, text: str, user: str, now: datetime) -> StoredTest:
        """Store a test's text under another name; raises ``ConflictError`` where that is taken."""
        async with self._database.write() as session:
            found = await session.get(StoredTest, (flow, old))
            if found is None:
                raise NotFoundError("test", f"{flow}/{old}")
            await _refuse_taken(session, flow, name)
            await session.delete(found)
            made = StoredTest(flow=flow, name=name, text=text, changed=now, changed_by=user)
            session.add(made)
            return made

    async def put(self, flow: str, name: str, text: str, user: str, now: datetime) -> StoredTest:
        """Store a test, in the place of one of that name."""
        async with self._database.write() as session:
            if await session.get(Flow, flow) is None:
                raise NotFoundError("flow", flow)
            made = StoredTest(flow=flow, name=name, text=text, changed=now, changed_by=user)
            return await session.merge(made)

    async def remove(self, flow: str, name: str) -> None:
        """Remove a test."""
        async with self._database.write() as session:
            found = await session.get(StoredTest, (flow, name))
            if found is None:
                raise NotFoundError("test", f"{flow}/{name}")
            await session.delete(found)

    async def before_publish(self, flow: str) -> bool:
        """Whether a test that fails keeps the flow from being published."""
        async with self._database.read() as session:
            found = await session.get(FlowTesting, flow)
        return found is not None and found.before_publish

    async def set_before_publish(self, flow: str, wanted: bool) -> None:
        """Let failing tests keep the flow from being published, or not."""
        async with self._database.write() as session:
            if await session.get(Flow, flow) is None:
                raise NotFoundError("flow", flow)
            await session.merge(FlowTesting(flow=flow, before_publish=wanted))


async def _refuse_taken(session: AsyncSession, flow: str, name: str) -> None:
    if await session.get(StoredTest, (flow, name)) is not None:
        raise ConflictError("test.exists", f"there is a test {name!r} already")
