"""Alembic's entry: runs the scripts over the connection that ``vxmlplat.store.migrate`` hands in."""

from __future__ import annotations

from alembic import context

from vxmlplat.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    # SQLite cannot alter a column: Alembic copies the table instead.
    render_as_batch=True,
)
context.run_migrations()
