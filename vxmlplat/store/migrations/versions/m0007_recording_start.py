"""Recordings tell when their sound begins, so that a replay finds its place in the call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    """Add the column; of what is stored already nobody knows it."""
    op.add_column("recordings", sa.Column("started", sa.DateTime(timezone=True), nullable=True))
