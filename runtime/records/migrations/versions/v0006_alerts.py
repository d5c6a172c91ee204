"""Alerts that wait to be told outside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

EMPTY = sa.text("''")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """A table that an older release does not look at."""
    op.create_table(
        "alerts",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("conversation", sa.Text, nullable=False, server_default=EMPTY),
        sa.Column("kind", sa.Text, nullable=False, server_default=EMPTY),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Index("alerts_waiting", "told_at", "next_at"),
    )
