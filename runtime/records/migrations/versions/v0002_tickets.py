"""Tickets, and a card with each handoff."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

EMPTY = sa.text("''")
MOMENT = sa.DateTime(timezone=True)
TEXTS = ("conversation", "contact", "kind", "priority", "status", "reason", "summary", "operator")


def upgrade() -> None:
    """A table and a column, which an older release does not look at."""
    op.create_table(
        "tickets",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False, server_default=EMPTY) for name in TEXTS),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Index("tickets_by_id", "id"),
        sa.Index("tickets_by_status", "status", "tenant", "opened_at"),
        sa.Index("tickets_by_conversation", "tenant", "conversation"),
    )
    op.add_column("handoffs", sa.Column("card", sa.Text, nullable=False, server_default=EMPTY))
