"""What customers agreed to, in their words; contacts that operators bar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
EMPTY = sa.text("''")
MOMENT = sa.DateTime(timezone=True)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=EMPTY)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)


def upgrade() -> None:
    """Two tables, and what a contact said last as a field of the contact."""
    op.add_column("contacts", _text("consents"))
    op.add_column("contacts", sa.Column("consents_stamp", SORTED, nullable=False, server_default=EMPTY))
    op.create_table(
        "consents",
        _key("tenant"),
        _key("conversation"),
        sa.Column("session", SORTED, primary_key=True),
        *map(_number, ("turn", "seq", "ordinal")),
        *map(_text, ("contact", "channel", "kind")),
        sa.Column("given", sa.Boolean, nullable=False),
        _text("text"),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("consents_by_contact", "consents", ["tenant", "contact", "at"])
    op.create_table(
        "barred",
        _key("tenant"),
        _key("contact"),
        *map(_text, ("conversation", "reason", "operator")),
        sa.Column("at", MOMENT, nullable=False),
    )
