"""Callbacks are dialled: how often, when last, who offered them. Removed flows keep their last number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Add columns and table; what waits already was never dialled."""
    for name, length in (("flow", 64), ("language", 16), ("result", 64)):
        op.add_column(
            "callbacks", sa.Column(name, sa.String(length), nullable=False, server_default=sa.literal(""))
        )
    op.add_column("callbacks", sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.literal(0)))
    op.add_column("callbacks", sa.Column("dialled", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "removed_flows",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
    )
