"""Column types, and the base of every table.

Times are aware and in UTC on both sides of the border; SQLite keeps them as text that sorts, PostgreSQL as
``timestamptz``. Texts that people read are JSON maps from language to text.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, MetaData
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

# Constraints have names, so that a migration can find them again on every database.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel):
    """Base of every table of the platform; ``Table.metadata`` is the whole schema."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; a naive one is refused, since nobody knows which moment it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring the moment to UTC; SQLite keeps no offset, so it is left out there."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value.isoformat()}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def moment(**options: Any) -> Any:
    """Declare a column that holds a moment (aware, UTC)."""
    return Field(sa_type=UtcDateTime, **options)


def json_value(default: type[dict[Any, Any]] | type[list[Any]] | None = None, **options: Any) -> Any:
    """Declare a column that holds JSON; ``default`` is ``dict`` or ``list`` for an empty one."""
    if default is not None:
        options["default_factory"] = default
    return Field(sa_type=JSON, **options)
