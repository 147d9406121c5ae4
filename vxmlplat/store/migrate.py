"""Bringing a database to the schema of this version.

Alembic's own scheme: numbered scripts in ``migrations/versions`` that are run in order, each in the
transaction of the whole upgrade, so that an upgrade that fails leaves the file as it was.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DatabaseError, DBAPIError

from vxmlplat.store.database import Database, told_apart
from vxmlplat.store.errors import SchemaError, UnavailableError

MIGRATIONS = Path(__file__).with_name("migrations")


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for the platform's scripts, run over an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


async def upgrade(database: Database) -> None:
    """Run the scripts that the database has not seen; create everything in an empty one.

    Raises :class:`SchemaError` when the database was written by a newer platform, or holds tables of
    something else.
    """
    try:
        with told_apart():
            async with database.engine.connect() as connection:
                await connection.execution_options(writes=True)
                async with connection.begin():
                    await connection.run_sync(_upgrade)
    except OSError as error:
        raise UnavailableError(f"the database does not answer: {error}") from error
    except DatabaseError as error:
        raise SchemaError(f"this is not a database that the platform can use: {error.orig}") from error


def _upgrade(connection: Connection) -> None:
    config = alembic_config(connection)
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    present = MigrationContext.configure(connection).get_current_revision()
    head = scripts.get_current_head()
    if present is not None and present not in known:
        raise SchemaError(
            f"the database has schema {present}, this version of vxmlplat knows schemas up to {head}: "
            "run the newer version that wrote it, or restore the backup made before its upgrade"
        )
    if present is None and "flows" in inspect(connection).get_table_names():
        raise SchemaError(
            "the database holds tables of the platform but no schema number: give an empty database"
        )
    if present == head:
        return
    try:
        command.upgrade(config, "head")
    except DBAPIError as error:
        message = (
            f"schema {present or 'none'} could not be brought to {head}, nothing was changed: {error.orig}"
        )
        raise SchemaError(message) from error
