"""Files of conversations: what is known of them; their bytes lie in a folder."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

EMPTY = sa.text("''")
MOMENT = sa.DateTime(timezone=True)
_TEXTS = (
    "conversation", "contact", "connection", "message", "direction", "author",
    "type", "name", "mime", "declared", "state", "why", "handle", "url",
)  # fmt: skip


def upgrade() -> None:
    """One table."""
    op.create_table(
        "files",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False, server_default=EMPTY) for name in _TEXTS),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
    )
    op.create_index("files_by_state", "files", ["state", "next_at"])
    op.create_index("files_by_conversation", "files", ["tenant", "conversation", "at"])
    op.create_index("files_by_time", "files", ["at"])
