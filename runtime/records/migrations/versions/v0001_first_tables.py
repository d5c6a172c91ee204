"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Byte order, whatever the database's locale is: these texts are compared.
SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
EMPTY = sa.text("''")
MOMENT = sa.DateTime(timezone=True)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False, server_default=EMPTY) for name in names]


def _moments(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, MOMENT, nullable=False) for name in names]


def _keys(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, primary_key=True) for name in names]


def _number(name: str, kind: type[sa.Integer] = sa.Integer) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _key_number(name: str, kind: type[sa.Integer] = sa.Integer) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _turn_key() -> list[sa.Column[Any]]:
    session: sa.Column[Any] = sa.Column("session", SORTED, primary_key=True)
    return [*_keys("tenant", "conversation"), session, _key_number("turn"), _key_number("seq")]


def upgrade() -> None:
    """Everything, in four groups."""
    _configuration()
    _people()
    _turns()
    _bookings()
    _desk()


def _configuration() -> None:
    op.create_table("tenants", *_keys("slug"), *_moments("created_at"))
    op.create_table("publications", _key_number("id"), _number("number", sa.BigInteger))
    op.create_table(
        "documents",
        *_keys("tenant", "kind"),
        _key_number("version"),
        sa.Column("content", sa.JSON, nullable=False),
        *_texts("hash", "status"),
        *_moments("created_at"),
    )
    op.create_table(
        "flows",
        *_keys("tenant", "id", "hash"),
        sa.Column("content", sa.JSON, nullable=False),
        *_moments("created_at"),
    )
    op.create_index("flows_by_hash", "flows", ["hash"])


def _people() -> None:
    fields = ("name", "phone", "email", "language", "facts", "disclosed")
    op.create_table(
        "contacts",
        *_keys("tenant", "id"),
        *_texts(*fields),
        *(sa.Column(f"{field}_stamp", SORTED, nullable=False, server_default=EMPTY) for field in fields),
        *_moments("first_seen", "last_seen"),
    )
    op.create_index("contacts_by_phone", "contacts", ["tenant", "phone"])
    op.create_table(
        "conversations",
        *_keys("tenant", "id"),
        *_texts("connection", "channel", "chat", "contact", "phase", "owner", "language"),
        *_moments("opened_at", "last_at"),
        sa.Column("session", SORTED, nullable=False),
        _number("last_turn"),
        sa.Column("stamp", SORTED, nullable=False),
    )
    op.create_index("conversations_by_id", "conversations", ["id"])
    op.create_index("conversations_by_last", "conversations", ["tenant", "last_at"])
    op.create_index("conversations_by_contact", "conversations", ["tenant", "contact"])


def _turns() -> None:
    op.create_table("turns", *_turn_key(), *_moments("at"), sa.Column("entry", sa.Text, nullable=False))
    op.create_index("turns_by_time", "turns", ["tenant", "at"])
    op.create_table(
        "messages",
        *_turn_key(),
        _key_number("ordinal"),
        *_texts("direction", "author", "message_id", "text", "kind", "part"),
        *_moments("at"),
    )
    op.create_table(
        "deliveries",
        *_keys("tenant", "conversation", "part"),
        *_texts("status"),
        _number("rank"),
        *_moments("at"),
    )


def _bookings() -> None:
    op.create_table(
        "appointments",
        *_keys("tenant", "id"),
        *_texts("contact", "service", "person", "name", "phone", "status", "price", "note"),
        *_moments("start", "end", "busy_end", "created_at", "changed_at"),
        sa.Column("resources", sa.JSON, nullable=False),
        _number("version"),
    )
    op.create_index("appointments_by_contact", "appointments", ["tenant", "contact", "start"])
    op.create_index("appointments_by_phone", "appointments", ["tenant", "phone", "start"])
    op.create_index("appointments_by_start", "appointments", ["tenant", "start"])
    op.create_table(
        "appointment_slices",
        *_keys("tenant", "resource"),
        _key_number("slice", sa.BigInteger),
        *_texts("appointment"),
        sqlite_with_rowid=False,
    )
    op.create_index("slices_by_appointment", "appointment_slices", ["tenant", "appointment"])
    op.create_table(
        "ledger",
        *_keys("tenant", "key"),
        *_texts("fingerprint", "action", "name"),
        sa.Column("outcome", sa.JSON, nullable=False),
        *_moments("at"),
    )


def _desk() -> None:
    op.create_table(
        "handoffs",
        *_keys("tenant", "id"),
        *_texts("conversation", "reason", "summary", "operator", "state"),
        sa.Column("session", SORTED, nullable=False),
        _number("generation"),
        *_moments("opened_at"),
        sa.Column("claimed_at", MOMENT),
        sa.Column("closed_at", MOMENT),
    )
    op.create_index("handoffs_by_conversation", "handoffs", ["tenant", "conversation"])
    op.create_index("handoffs_by_state", "handoffs", ["state", "tenant", "opened_at"])
    op.create_table(
        "audit",
        *_turn_key(),
        _key_number("ordinal"),
        *_texts("kind"),
        sa.Column("facts", sa.JSON, nullable=False),
        *_moments("at"),
    )
    op.create_index("audit_by_time", "audit", ["tenant", "at"])
    op.create_table(
        "parked",
        *_keys("digest"),
        *_texts("tenant", "reason"),
        sa.Column("entry", sa.LargeBinary, nullable=False),
        *_moments("at"),
    )
