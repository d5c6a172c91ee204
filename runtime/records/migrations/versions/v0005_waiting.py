"""The waiting list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

EMPTY = sa.text("''")
MOMENT = sa.DateTime(timezone=True)
TEXTS = ("contact", "conversation", "service", "person", "name", "phone")


def upgrade() -> None:
    """One table."""
    op.create_table(
        "waiting",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False, server_default=EMPTY) for name in TEXTS),
        sa.Column("wish", sa.JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("offered", sa.Text, nullable=False, server_default=EMPTY),
        sa.Column("offered_until", MOMENT, nullable=True),
        sa.Column("passed", sa.JSON, nullable=False),
    )
    op.create_index("waiting_by_until", "waiting", ["tenant", "until"])
