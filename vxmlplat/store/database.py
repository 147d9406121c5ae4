"""The connection to the database: SQLite beside the platform, or PostgreSQL by its URL.

Every read and every change runs inside :meth:`Database.read` or :meth:`Database.write`; nobody else opens a
session. A change that is made while the same task already has a ``write`` open joins it, so that a handler
can put several repositories' changes and the audit entry into one transaction without handing a session
around.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from vxmlplat.errors import ConfigurationError
from vxmlplat.store.errors import UnavailableError

SQLITE_BUSY_MS = 10_000
"""How long a SQLite writer waits for another process's transaction."""


@dataclass(frozen=True)
class _Open:
    database: Database
    task: asyncio.Task[Any] | None
    session: AsyncSession


_open: ContextVar[_Open | None] = ContextVar("vxmlplat_store_transaction", default=None)


class Database:
    """One database, with its pool of connections.

    ``url`` is ``sqlite:///path/to/file`` or ``postgresql://user@host/name``; the asynchronous drivers
    (aiosqlite, asyncpg) are filled in. A SQLite database in memory is refused: its one connection cannot read
    and write at once.
    """

    def __init__(self, url: str) -> None:
        self.url = asynchronous(url)
        self.is_sqlite = self.url.startswith("sqlite")
        self.engine = _engine(self.url)
        # SQLite has one writer at a time; waiting here is fairer and quicker than its own retrying.
        self._writer = asyncio.Lock() if self.is_sqlite else None

    @asynccontextmanager
    async def read(self, *, snapshot: bool = False) -> AsyncGenerator[AsyncSession]:
        """A session for questions; sees the open transaction of this task, if there is one.

        With ``snapshot`` all its questions see the database as the first one did (SQLite always does so).
        """
        outer = self._outer()
        if outer is not None:
            yield outer
            return
        with told_apart():
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                if snapshot and not self.is_sqlite:
                    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncSession]:
        """A transaction: committed at the block's end, rolled back when it raises; joins an outer one."""
        outer = self._outer()
        if outer is not None:
            yield outer
            await outer.flush()
            return
        if self._writer is None:
            async with self._transaction() as session:
                yield session
        else:
            async with self._writer, self._transaction() as session:
                yield session

    async def ping(self) -> None:
        """Return when the database answers; raise :class:`UnavailableError` when it does not."""
        async with self.read() as session:
            await (await session.connection()).execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    def _outer(self) -> AsyncSession | None:
        found = _open.get()
        # A task started inside the block inherits the variable, but not the right to use the session.
        if found is None or found.database is not self or found.task is not asyncio.current_task():
            return None
        return found.session

    @asynccontextmanager
    async def _transaction(self) -> AsyncGenerator[AsyncSession]:
        with told_apart():
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                await session.connection(execution_options={"writes": True})
                token = _open.set(_Open(self, asyncio.current_task(), session))
                try:
                    yield session
                    await session.commit()
                finally:
                    _open.reset(token)


class told_apart:  # noqa: N801  # read as a word: `with told_apart():`
    """Turn "the database is gone or busy" into :class:`UnavailableError`; let every other error through."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Rename an error of the connection; an error of the statement keeps its own name."""
        gone = isinstance(error, OperationalError | InterfaceError | PoolTimeoutError | ConnectionError) or (
            isinstance(error, DBAPIError) and error.connection_invalidated
        )
        if gone:
            raise UnavailableError(f"the database does not answer: {error}") from error


def asynchronous(url: str) -> str:
    """The URL with an asynchronous driver; raises :class:`ConfigurationError` where there is none."""
    try:
        parsed = make_url(url)
    except Exception as error:  # SQLAlchemy raises several kinds for a malformed URL
        raise ConfigurationError(f"the store's address {url!r} is not a database URL") from error
    drivers = {
        "sqlite": "sqlite+aiosqlite",
        "postgresql": "postgresql+asyncpg",
        "postgres": "postgresql+asyncpg",
    }
    base = parsed.drivername.split("+")[0]
    if base not in drivers:
        raise ConfigurationError(f"the store knows sqlite and postgresql, not {parsed.drivername!r}")
    return parsed.set(drivername=drivers[base]).render_as_string(hide_password=False)


def _engine(url: str) -> AsyncEngine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=10)
    if not parsed.database or parsed.database == ":memory:":
        raise ConfigurationError(
            "the store needs a file (sqlite:///path/to/file): one in memory cannot be shared"
        )
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, connect_args={"timeout": SQLITE_BUSY_MS / 1000})
    event.listen(engine.sync_engine, "connect", _sqlite_connect)
    event.listen(engine.sync_engine, "begin", _sqlite_begin)
    return engine


def _sqlite_connect(connection: Any, _record: object) -> None:
    # The driver's own guessing when to begin is turned off; _sqlite_begin says it.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_MS}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    # A transaction that will write takes the lock first: a reader that becomes a writer could fail half-way.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
