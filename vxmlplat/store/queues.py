"""Queues that callers wait in, and the skills that they ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from vxmlplat.store.columns import Table, json_value
from vxmlplat.store.database import Database
from vxmlplat.store.errors import NotFoundError


class Skill(Table, table=True):
    """Something that agents can do."""

    __tablename__ = "skills"

    id: str = Field(primary_key=True, max_length=64)
    name: dict[str, str] = json_value(dict)


class Queue(Table, table=True):
    """A queue: whom it asks for, and how callers wait in it. Durations in seconds."""

    __tablename__ = "queues"

    id: str = Field(primary_key=True, max_length=64)
    name: dict[str, str] = json_value(dict)
    skills: dict[str, int] = json_value(dict)
    """The lowest level of each skill that an agent must have."""
    priority: int = 0
    """A call of a higher priority is served first."""
    music: str = Field(default="", max_length=300)
    """Name of a prompt, or an address; empty for the platform's own music."""
    announcement: str = Field(default="", max_length=300)
    announce_every: float = 30.0
    ring_time: float = 15.0
    """How long an agent's telephone rings before the next agent is tried."""
    wrap_up: float = 10.0
    """After-call work, before the agent is ready again."""
    max_wait: float = 600.0
    max_length: int = 0
    """How many may wait; 0 for no limit."""
    service_level: float = 20.0
    """Calls answered within this time count as served in time."""
    options: dict[str, Any] = json_value(dict)


class QueueRepository:
    """Queues and skills."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[Queue]:
        """Every queue, by id."""
        async with self._database.read() as session:
            return list((await session.exec(select(Queue).order_by(col(Queue.id)))).all())

    async def get(self, queue: str) -> Queue:
        """One queue."""
        async with self._database.read() as session:
            found = await session.get(Queue, queue)
        if found is None:
            raise NotFoundError("queue", queue)
        return found

    async def put(self, queue: Queue) -> None:
        """Store a queue, and the skills it names that were not known."""
        async with self._database.write() as session:
            await add_skills(session, queue.skills)
            await session.merge(queue)

    async def remove(self, queue: str) -> None:
        """Remove a queue."""
        async with self._database.write() as session:
            found = await session.get(Queue, queue)
            if found is None:
                raise NotFoundError("queue", queue)
            await session.delete(found)

    async def skills(self) -> list[Skill]:
        """Every skill, by id."""
        async with self._database.read() as session:
            return list((await session.exec(select(Skill).order_by(col(Skill.id)))).all())


async def add_skills(session: AsyncSession, skills: Iterable[str]) -> None:
    """Store the skills that were not known, named after their id."""
    for skill in sorted(skills):
        if await session.get(Skill, skill) is None:
            session.add(Skill(id=skill, name={"en-US": skill}))
    await session.flush()
