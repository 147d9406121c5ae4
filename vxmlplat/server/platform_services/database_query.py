"""``database-query``: asks a database that the operator named; values are bound, never pasted."""

from __future__ import annotations

import asyncio
import base64
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, JsonValue
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from vxmlplat.server.platform_services.registry import (
    Answer,
    Asked,
    Question,
    RefusedError,
    platform_service,
)

MAX_ROWS = 1_000

_engines: dict[str, Engine] = {}


class DatabaseQuestion(Question):
    """A statement with ``:name`` places, and their values."""

    database: Annotated[str, Field(min_length=1, max_length=64)]
    sql: Annotated[str, Field(min_length=1, max_length=20_000)]
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    limit: Annotated[int, Field(ge=1, le=MAX_ROWS)] = 100
    timeout: Annotated[float, Field(gt=0, le=60)] = 5.0


@platform_service("database-query", DatabaseQuestion)
async def database_query(asked: Asked, question: DatabaseQuestion) -> Answer:
    """Ports ``rows`` and ``empty``; the value is ``{rows, count}``, where changed rows count too."""
    url = asked.world.services.settings.databases.get(question.database)
    if url is None:
        raise RefusedError(f"the operator named no database {question.database!r}")
    try:
        async with asyncio.timeout(question.timeout):
            rows, count = await asyncio.to_thread(_run, url, question, asked.world.rehearsal)
    except TimeoutError as error:
        raise RefusedError(f"no answer in {question.timeout:g} seconds", 504) from error
    except (SQLAlchemyError, OSError, ValueError) as error:
        raise RefusedError(str(error).partition("\n")[0], 502) from error
    return Answer("rows" if count else "empty", {"rows": rows, "count": count})


def _run(url: str, question: DatabaseQuestion, rehearsal: bool) -> tuple[list[dict[str, Any]], int]:
    with _engine(url).connect() as connection:
        result = connection.execute(text(question.sql), question.parameters)
        if not result.returns_rows:
            answer: tuple[list[dict[str, Any]], int] = ([], result.rowcount)
        else:
            found = result.mappings().fetchmany(question.limit)
            rows = [{name: _plain(value) for name, value in row.items()} for row in found]
            answer = (rows, len(rows))
        # In the simulator a change is tried and taken back.
        if rehearsal:
            connection.rollback()
        else:
            connection.commit()
        return answer


def _engine(url: str) -> Engine:
    if url not in _engines:
        _engines[url] = create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=5, pool_timeout=5)
    return _engines[url]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value if isinstance(value, str | int | float | bool | list | dict) or value is None else str(value)
