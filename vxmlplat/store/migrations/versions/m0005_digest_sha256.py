"""Telephones prove themselves with SHA-256 too: its hash of the password, beside that for MD5."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Add the column; who was stored before goes on with MD5 until the password is set anew."""
    op.add_column(
        "agents", sa.Column("ha1_sha256", sa.String(64), nullable=False, server_default=sa.literal(""))
    )
