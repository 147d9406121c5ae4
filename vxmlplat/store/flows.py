"""Flows: the draft that authors change, the versions that callers hear, and which version is the current one.

A draft carries a revision that grows with each saving; whoever saves or publishes names the revision that
they saw. A version is immutable, and a revision can become a version once. Beside the current version one
version may be on test: callers of test numbers get it, all others keep the current one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, and_, func
from sqlalchemy.orm import load_only
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from vxmlplat.store.columns import Table, json_value, moment
from vxmlplat.store.database import Database
from vxmlplat.store.errors import ConflictError, NotFoundError
from vxmlplat.store.numbers import Number

FlowText = dict[str, Any]
"""A flow as docs/api.md, "Flow", writes it."""


class Flow(Table, table=True):
    """A flow's draft, and the pointers to the versions that the next call and the next test call get."""

    __tablename__ = "flows"

    id: str = Field(primary_key=True, max_length=64)
    draft: FlowText = json_value(dict)
    revision: int = 1
    current: int | None = None
    testing: int | None = None
    """The version that test numbers get; None where they get the current one like all others."""
    changed: datetime = moment()
    changed_by: str = Field(max_length=64)


class FlowVersion(Table, table=True):
    """A published version: the graph and the documents that it was compiled to. Never changed."""

    __tablename__ = "flow_versions"
    __table_args__ = (UniqueConstraint("flow", "revision"),)

    flow: str = Field(primary_key=True, foreign_key="flows.id", ondelete="CASCADE", max_length=64)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: int
    graph: FlowText = json_value(dict)
    documents: dict[str, str] = json_value(dict)
    published: datetime = moment()
    published_by: str = Field(max_length=64)
    name: str = Field(default="", max_length=80)
    note: str = Field(default="", max_length=2000)


class FlowActivation(Table, table=True):
    """From ``time`` on the version was current: a call stays with what was current when it began.

    With ``test`` it was so for test numbers only.
    """

    __tablename__ = "flow_activations"

    id: int | None = Field(default=None, primary_key=True)
    flow: str = Field(foreign_key="flows.id", ondelete="CASCADE", max_length=64, index=True)
    version: int
    time: datetime = moment()
    test: bool = False


class RemovedFlow(Table, table=True):
    """The last version of a flow that was removed. Versions are immutable, and kept for ever by whoever has
    fetched one: a flow that is made again under the same id goes on counting.
    """

    __tablename__ = "removed_flows"

    id: str = Field(primary_key=True, max_length=64)
    version: int


@dataclass(frozen=True, slots=True)
class Publication:
    """Who publishes, and why; with ``test`` the version is for test numbers only."""

    by: str
    note: str = ""
    name: str = ""
    test: bool = False


class FlowRepository:
    """Drafts, versions and the current pointer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[Flow]:
        """Every flow with its draft, by id."""
        async with self._database.read() as session:
            return list((await session.exec(select(Flow).order_by(col(Flow.id)))).all())

    async def get(self, flow: str) -> Flow:
        """The flow of that id; raise :class:`NotFoundError` when there is none."""
        async with self._database.read() as session:
            found = await session.get(Flow, flow)
        if found is None:
            raise NotFoundError("flow", flow)
        return found

    async def add(self, flow: str, draft: FlowText, user: str, now: datetime) -> Flow:
        """Store a new flow; raise :class:`ConflictError` (``flow.exists``) when the id is taken."""
        async with self._database.write() as session:
            if await session.get(Flow, flow) is not None:
                raise ConflictError("flow.exists", f"there is a flow {flow!r} already")
            made = Flow(id=flow, draft=draft, changed=now, changed_by=user)
            session.add(made)
            return made

    async def save(self, flow: str, draft: FlowText, revision: int, user: str, now: datetime) -> Flow:
        """Save over ``revision``; :class:`ConflictError` (``flow.conflict``) when that is not the last."""
        async with self._database.write() as session:
            found = await session.get(Flow, flow, populate_existing=True, with_for_update=True)
            if found is None:
                raise NotFoundError("flow", flow)
            _same_revision(found, revision)
            found.draft = draft
            found.revision += 1
            found.changed, found.changed_by = now, user
            session.add(found)
            return found

    async def remove(self, flow: str) -> None:
        """Remove a flow with its versions; :class:`ConflictError` (``flow.used``) when a number uses it."""
        async with self._database.write() as session:
            found = await session.get(Flow, flow)
            if found is None:
                raise NotFoundError("flow", flow)
            numbers = (await session.exec(select(Number.number).where(Number.flow == flow))).all()
            if numbers:
                message = f"flow {flow!r} answers {', '.join(numbers)}; give these another flow first"
                raise ConflictError("flow.used", message, numbers=list(numbers))
            last = await self._next_version(session, flow) - 1
            if last:
                await session.merge(RemovedFlow(id=flow, version=last))
            await session.delete(found)

    async def publish(
        self, flow: str, revision: int, documents: dict[str, str], publication: Publication, now: datetime
    ) -> FlowVersion:
        """Make the saved draft of ``revision`` the next version, and the current one or the one on test.

        A publication for all ends the test. Of two who publish the same revision one wins; the other gets
        :class:`ConflictError` (``flow.published``, or ``flow.conflict`` when the draft has been saved since).
        """
        async with self._database.write() as session:
            found = await session.get(Flow, flow, populate_existing=True, with_for_update=True)
            if found is None:
                raise NotFoundError("flow", flow)
            _same_revision(found, revision)
            taken = select(FlowVersion.version).where(
                FlowVersion.flow == flow, FlowVersion.revision == revision
            )
            version = (await session.exec(taken)).one_or_none()
            if version is not None:
                message = f"revision {revision} of {flow!r} is published already, as version {version}"
                raise ConflictError("flow.published", message, version=version, revision=revision)
            number = await self._next_version(session, flow)
            made = FlowVersion(
                flow=flow,
                version=number,
                revision=revision,
                graph=found.draft,
                documents=documents,
                published=now,
                published_by=publication.by,
                name=publication.name,
                note=publication.note,
            )
            session.add(made)
            if publication.test:
                found.testing = number
            else:
                found.current, found.testing = number, None
            session.add(found)
            session.add(FlowActivation(flow=flow, version=number, time=now, test=publication.test))
            return made

    async def next_version(self, flow: str) -> int:
        """The number that the flow's next version gets, also of a flow that is not stored."""
        async with self._database.read() as session:
            return await self._next_version(session, flow)

    @staticmethod
    async def _next_version(session: AsyncSession, flow: str) -> int:
        newest = select(func.max(FlowVersion.version)).where(FlowVersion.flow == flow)
        removed = await session.get(RemovedFlow, flow)
        return max((await session.exec(newest)).one() or 0, removed.version if removed else 0) + 1

    async def versions(self, flow: str) -> list[FlowVersion]:
        """A flow's versions without graph and documents, newest first."""
        async with self._database.read() as session:
            if await session.get(Flow, flow) is None:
                raise NotFoundError("flow", flow)
            question = (
                select(FlowVersion)
                .where(FlowVersion.flow == flow)
                .order_by(col(FlowVersion.version).desc())
                .options(
                    load_only(
                        FlowVersion.flow,  # type: ignore[arg-type]  # SQLModel types a column as its value
                        FlowVersion.version,  # type: ignore[arg-type]
                        FlowVersion.revision,  # type: ignore[arg-type]
                        FlowVersion.published,  # type: ignore[arg-type]
                        FlowVersion.published_by,  # type: ignore[arg-type]
                        FlowVersion.name,  # type: ignore[arg-type]
                        FlowVersion.note,  # type: ignore[arg-type]
                    )
                )
            )
            return list((await session.exec(question)).all())

    async def version(self, flow: str, version: int) -> FlowVersion:
        """One version, whole."""
        async with self._database.read() as session:
            found = await session.get(FlowVersion, (flow, version))
        if found is None:
            raise NotFoundError("flow version", f"{flow}/{version}")
        return found

    async def current(self, flow: str) -> FlowVersion:
        """The version that the next call gets."""
        found = await self.get(flow)
        if found.current is None:
            raise NotFoundError("published version of flow", flow)
        return await self.version(flow, found.current)

    async def current_graphs(self) -> dict[str, FlowText]:
        """The graph of each flow's current version, by flow."""
        async with self._database.read() as session:
            question = select(FlowVersion.flow, FlowVersion.graph).join(
                Flow,
                and_(col(Flow.id) == col(FlowVersion.flow), col(Flow.current) == col(FlowVersion.version)),
            )
            return {flow: dict(graph) for flow, graph in (await session.exec(question)).all()}

    async def current_at(self, flow: str, moment: datetime, *, test: bool = False) -> int | None:
        """The version that was current at a moment, with ``test`` for test numbers; None before the first."""
        async with self._database.read() as session:
            question = (
                select(FlowActivation.version)
                .where(FlowActivation.flow == flow, col(FlowActivation.time) <= moment)
                .order_by(col(FlowActivation.time).desc(), col(FlowActivation.id).desc())
                .limit(1)
            )
            if not test:
                question = question.where(col(FlowActivation.test).is_(False))
            return (await session.exec(question)).one_or_none()

    async def make_current(
        self, flow: str, version: int, now: datetime, *, seen: int | None = None, on_test: bool = False
    ) -> Flow:
        """Make a version the current one: an older one again, or the one on test, whose test then ends.

        ``seen`` is the version that the author saw as current, ``on_test`` says that this one was on test:
        :class:`ConflictError` (``flow.current_changed``, ``flow.not_on_test``) when that is no longer so.
        """
        async with self._database.write() as session:
            found = await self._with_version(session, flow, version)
            if seen is not None and found.current != seen:
                message = f"version {found.current} is the current one by now, not {seen}"
                raise ConflictError("flow.current_changed", message, current=found.current)
            if on_test and found.testing != version:
                now_there = "none is" if found.testing is None else f"version {found.testing} is"
                message = f"version {version} of {flow!r} is not on test, {now_there}"
                raise ConflictError("flow.not_on_test", message, testing=found.testing)
            found.current = version
            session.add(FlowActivation(flow=flow, version=version, time=now))
            if found.testing == version:
                found.testing = None
            elif found.testing is not None:  # the test goes on
                session.add(FlowActivation(flow=flow, version=found.testing, time=now, test=True))
            session.add(found)
            return found

    async def put_on_test(self, flow: str, version: int | None, now: datetime) -> Flow:
        """Give test numbers a version of their own; None ends the test.

        :class:`ConflictError` (``flow.unpublished``) when no version is current that they could fall back to.
        """
        async with self._database.write() as session:
            if version is None:
                found = await session.get(Flow, flow, populate_existing=True, with_for_update=True)
                if found is None:
                    raise NotFoundError("flow", flow)
            else:
                found = await self._with_version(session, flow, version)
            after = found.current if version is None else version
            if after is None:
                message = f"nothing of flow {flow!r} is published for all: its test numbers need this version"
                raise ConflictError("flow.unpublished", message)
            found.testing = version
            session.add(found)
            session.add(FlowActivation(flow=flow, version=after, time=now, test=True))
            return found

    async def _with_version(self, session: AsyncSession, flow: str, version: int) -> Flow:
        found = await session.get(Flow, flow, populate_existing=True, with_for_update=True)
        if found is None:
            raise NotFoundError("flow", flow)
        if await session.get(FlowVersion, (flow, version)) is None:
            raise NotFoundError("flow version", f"{flow}/{version}")
        return found


def _same_revision(found: Flow, revision: int) -> None:
    if found.revision != revision:
        now = f"revision {found.revision}, not {revision}"
        message = f"flow {found.id!r} was saved by {found.changed_by} since ({now})"
        raise ConflictError("flow.conflict", message, revision=found.revision, changed_by=found.changed_by)
