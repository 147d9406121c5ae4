from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from vxmlplat.errors import ConfigurationError
from vxmlplat.store import migrate
from vxmlplat.store.database import Database, asynchronous
from vxmlplat.store.errors import SchemaError, UnavailableError
from vxmlplat.store.store import Store
from vxmlplat.store.tables import Table


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), Table.metadata))


async def test_the_scripts_make_exactly_the_tables_of_the_code(store: Store) -> None:
    async with store.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    first = await Store.open(url)
    await first.settings.put("kept", {"a": 1})
    await first.close()
    second = await Store.open(url)
    assert await second.settings.get("kept") == {"a": 1}
    await second.close()


async def test_a_database_of_a_newer_platform_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await (await Store.open(f"sqlite:///{path}")).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(SchemaError, match=r"9999.*newer version"):
        await Store.open(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    connection.close()


async def test_tables_without_a_schema_number_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE flows (id TEXT)")
    connection.close()
    with pytest.raises(SchemaError, match="no schema number"):
        await Store.open(f"sqlite:///{path}")


async def test_an_upgrade_that_fails_leaves_nothing_half_done(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE users (name TEXT)")  # the script's CREATE TABLE users will fail
    connection.close()
    with pytest.raises(SchemaError, match=r"nothing was changed.*users already exists"):
        await Store.open(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert names == {"users"}


LAST = len(list(migrate.MIGRATIONS.glob("versions/m*.py")))
"""The number of the newest script."""

LATER = """
from alembic import op

revision, down_revision = "{number:04}", "{before:04}"


def upgrade() -> None:
    op.execute("INSERT INTO settings VALUES ('later {later}', '{later}')")
    {more}
"""


def later_scripts(folder: Path, monkeypatch: pytest.MonkeyPatch, **more: str) -> None:
    """The platform's own scripts, and some of a later version."""
    scripts = folder / "migrations"
    shutil.copytree(migrate.MIGRATIONS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    for later in (1, 2):
        number = LAST + later
        text = LATER.format(
            later=later, number=number, before=number - 1, more=more.get(f"later{later}", "pass")
        )
        (scripts / "versions" / f"m{number:04}_later.py").write_text(text)
    monkeypatch.setattr(migrate, "MIGRATIONS", scripts)


async def test_an_older_file_is_brought_up_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    old = await Store.open(url)
    await old.settings.put("kept", 1)
    await old.close()
    # The second of them needs what the first one stored.
    check = "op.execute(\"UPDATE settings SET value = '9' WHERE name = 'later 1'\")"
    later_scripts(tmp_path, monkeypatch, later2=check)
    new = await Store.open(url)
    assert await new.settings.all() == {"kept": 1, "later 1": 9, "later 2": 2}
    await new.close()
    await (await Store.open(url)).close()


async def test_of_an_upgrade_that_fails_no_script_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    await (await Store.open(url)).close()
    with monkeypatch.context() as patch:
        later_scripts(tmp_path, patch, later2="op.execute('NONSENSE')")
        message = rf"{LAST:04} could not be brought to {LAST + 2:04}, nothing was changed"
        with pytest.raises(SchemaError, match=message):
            await Store.open(url)
    store = await Store.open(url)
    assert await store.settings.all() == {}
    await store.close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(SchemaError, match="not a database"):
        await Store.open(f"sqlite:///{path}")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_database_that_does_not_answer_may_answer_later(host: str) -> None:
    with pytest.raises(UnavailableError) as error:
        await Store.open(f"postgresql://nobody@{host}:1/none")
    assert error.value.retryable


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:////var/lib/x.db", "sqlite+aiosqlite:////var/lib/x.db"),
        ("postgresql://a:b@c/d", "postgresql+asyncpg://a:b@c/d"),
        ("postgres://a@c/d", "postgresql+asyncpg://a@c/d"),
    ],
)
def test_drivers_are_filled_in(url: str, driver: str) -> None:
    assert asynchronous(url) == driver


@pytest.mark.parametrize("url", ["mysql://a@b/c", "no url", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused_with_the_reason(url: str) -> None:
    with pytest.raises(ConfigurationError):
        Database(url)
