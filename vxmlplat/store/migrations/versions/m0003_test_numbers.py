"""Versions have a name; a version may be on test, for test numbers only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Add the columns; what is there is on no test, and no number is a test number."""
    no = sa.false()
    op.add_column("flows", sa.Column("testing", sa.Integer(), nullable=True))
    op.add_column(
        "flow_versions", sa.Column("name", sa.String(80), nullable=False, server_default=sa.literal(""))
    )
    op.add_column("flow_activations", sa.Column("test", sa.Boolean(), nullable=False, server_default=no))
    op.add_column("numbers", sa.Column("test", sa.Boolean(), nullable=False, server_default=no))
