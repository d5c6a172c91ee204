"""What the people's page lists: where conversations stand, who waits since when, what each person has read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

EMPTY = sa.text("''")
MOMENT = sa.DateTime(timezone=True)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def upgrade() -> None:
    """New columns may be empty, so that an older worker goes on."""
    for name in ("flow", "line"):
        op.add_column("conversations", sa.Column(name, sa.Text, nullable=False, server_default=EMPTY))
    for name in ("waiting_since", "said_at", "closed_at"):
        op.add_column("conversations", sa.Column(name, MOMENT, nullable=True))
    op.create_index("conversations_by_time", "conversations", ["last_at"])
    op.create_index("conversations_by_phase", "conversations", ["phase", "tenant"])
    op.create_table(
        "looked",
        _key("tenant"),
        _key("conversation"),
        _key("operator"),
        sa.Column("said_at", MOMENT, nullable=False),
    )
