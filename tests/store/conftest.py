"""A store on SQLite in a temporary file; the same on PostgreSQL where it is installed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from vxmlplat.store.store import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(f"sqlite:///{tmp_path}/store.db")
    yield store
    await store.close()
