"""Messages to be sent: how often it was tried, when it is tried again, and when it was given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Add the columns; what waits already was never tried."""
    op.add_column(
        "outgoing_messages", sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.literal(0))
    )
    op.add_column("outgoing_messages", sa.Column("next_try", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outgoing_messages", sa.Column("given_up", sa.DateTime(timezone=True), nullable=True))
