"""When a turn was committed and projected, and how a part went out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Columns that an older release does not look at."""
    op.add_column("turns", sa.Column("committed_at", MOMENT, nullable=True))
    op.add_column("turns", sa.Column("projected_at", MOMENT, nullable=True))
    op.add_column("deliveries", sa.Column("tries", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("deliveries", sa.Column("ms", sa.Float, nullable=True))
    op.add_column("deliveries", sa.Column("tried_at", MOMENT, nullable=True))
