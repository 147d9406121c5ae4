"""A database on SQLite in a temporary file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from vxmlplat.store.database import Database
from vxmlplat.store.migrate import upgrade


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/store.db")
    await upgrade(database)
    yield database
    await database.close()
