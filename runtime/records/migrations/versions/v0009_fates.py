"""Why a message did not arrive: the provider's number, and what it means in our word."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Two fields of a delivery; those of before have none."""
    for name in ("code", "why"):
        op.add_column("deliveries", sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''")))
