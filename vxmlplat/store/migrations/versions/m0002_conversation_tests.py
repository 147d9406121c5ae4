"""Conversation tests of flows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vxmlplat.store.columns import UtcDateTime

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Create the tests and the flows' wish to have them pass before a publish."""
    op.create_table(
        "conversation_tests",
        sa.Column("flow", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("changed", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow"], ["flows.id"], name=op.f("fk_conversation_tests_flow"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("flow", "name", name=op.f("pk_conversation_tests")),
    )
    op.create_table(
        "flow_testing",
        sa.Column("flow", sa.String(64), nullable=False),
        sa.Column("before_publish", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow"], ["flows.id"], name=op.f("fk_flow_testing_flow"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("flow", name=op.f("pk_flow_testing")),
    )
