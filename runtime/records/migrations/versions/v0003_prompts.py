"""What the desk tells on its own: reminders and the like; whose conversation an appointment was made in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

EMPTY = sa.text("''")
MOMENT = sa.DateTime(timezone=True)
_NEWEST = """
UPDATE appointments SET conversation = COALESCE((
  SELECT c.id FROM conversations c
  WHERE c.tenant = appointments.tenant AND c.contact = appointments.contact
  ORDER BY c.last_at DESC, c.id LIMIT 1
), '')
"""


def upgrade() -> None:
    """Appointments know their conversation; those that are there get their contact's newest one."""
    op.add_column("appointments", sa.Column("conversation", sa.Text, nullable=False, server_default=EMPTY))
    op.add_column("appointments", sa.Column("agreed_at", MOMENT, nullable=True))
    op.add_column("appointments", sa.Column("no_show_at", MOMENT, nullable=True))
    op.execute(_NEWEST)
    op.create_table(
        "prompts",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("epoch", sa.Text, nullable=False, server_default=EMPTY),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("told_key", sa.Text, nullable=False, server_default=EMPTY),
    )
