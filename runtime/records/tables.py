"""The tables as the queries see them. Every row carries its tenant.

The migrations build them; a test compares both, so a change here needs a migration in the same commit.
Texts that are compared for order (`Sorted`) use byte order on every engine, whatever the database's locale is.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from runtime.records.moments import Moment as Moment

Sorted = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

EMPTY = sa.text("''")

metadata = sa.MetaData()


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=EMPTY)


def _at(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, Moment, nullable=nullable)


def _turn_key() -> tuple[sa.Column[str], sa.Column[str], sa.Column[str], sa.Column[int], sa.Column[int]]:
    return (
        _key("tenant"),
        _key("conversation"),
        sa.Column("session", Sorted, primary_key=True),
        sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    )


tenants = sa.Table("tenants", metadata, _key("slug"), _at("created_at"))

publications = sa.Table(
    "publications",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, nullable=False),
)
"""One row that counts everything published, so that workers notice a change with one small read."""

documents = sa.Table(
    "documents",
    metadata,
    _key("tenant"),
    _key("kind"),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", sa.JSON, nullable=False),
    _text("hash"),
    _text("status"),
    _at("created_at"),
)

flows = sa.Table(
    "flows",
    metadata,
    _key("tenant"),
    _key("id"),
    _key("hash"),
    sa.Column("content", sa.JSON, nullable=False),
    _at("created_at"),
    sa.Index("flows_by_hash", "hash"),
)

CONTACT_FIELDS = ("name", "phone", "email", "language", "facts", "disclosed", "consents")
"""What a contact is known by. Each has `<field>_stamp`: the newest entry that said something about it."""

contacts = sa.Table(
    "contacts",
    metadata,
    _key("tenant"),
    _key("id"),
    _text("name"),
    _text("phone"),
    _text("email"),
    _text("language"),
    _text("facts"),
    _text("disclosed"),
    _text("consents"),
    *(sa.Column(f"{field}_stamp", Sorted, nullable=False, server_default=EMPTY) for field in CONTACT_FIELDS),
    _at("first_seen"),
    _at("last_seen"),
    sa.Index("contacts_by_phone", "tenant", "phone"),
)

conversations = sa.Table(
    "conversations",
    metadata,
    _key("tenant"),
    _key("id"),
    _text("connection"),
    _text("channel"),
    _text("chat"),
    _text("contact"),
    _text("phase"),
    _text("owner"),
    _text("language"),
    _at("opened_at"),
    _at("last_at"),
    sa.Column("session", Sorted, nullable=False),
    sa.Column("last_turn", sa.Integer, nullable=False),
    sa.Column("stamp", Sorted, nullable=False),
    _text("flow"),
    _text("line"),
    _at("waiting_since", nullable=True),
    _at("said_at", nullable=True),
    _at("closed_at", nullable=True),
    sa.Index("conversations_by_id", "id"),
    sa.Index("conversations_by_last", "tenant", "last_at"),
    sa.Index("conversations_by_time", "last_at"),
    sa.Index("conversations_by_phase", "phase", "tenant"),
    sa.Index("conversations_by_contact", "tenant", "contact"),
)

"""`flow` and `line`: where it stands. `waiting_since`: its customer waits for a person. Then the customer's last words,
and when a person closed it as done. All in real time."""

looked = sa.Table(
    "looked",
    metadata,
    _key("tenant"),
    _key("conversation"),
    _key("operator"),
    _at("said_at"),
)
"""Up to which of the customer's words each person has read a conversation."""

turns = sa.Table(
    "turns",
    metadata,
    *_turn_key(),
    _at("at"),
    sa.Column("entry", sa.Text, nullable=False),
    _at("committed_at", nullable=True),
    _at("projected_at", nullable=True),
    sa.Index("turns_by_time", "tenant", "at"),
)
"""`entry` is the journal entry byte for byte: replay reads it, fields that we do not know stay in it."""

messages = sa.Table(
    "messages",
    metadata,
    *_turn_key(),
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
    _text("direction"),
    _text("author"),
    _text("message_id"),
    _text("text"),
    _text("kind"),
    _at("at"),
    _text("part"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    _key("tenant"),
    _key("conversation"),
    _key("part"),
    _text("status"),
    sa.Column("rank", sa.Integer, nullable=False),
    _at("at"),
    sa.Column("tries", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("ms", sa.Float, nullable=True),
    _at("tried_at", nullable=True),
    _text("code"),
    _text("why"),
)
"""What became of an outgoing part. A table of its own, since the news may be projected before the part is."""

files = sa.Table(
    "files",
    metadata,
    _key("tenant"),
    _key("id"),
    *(_text(name) for name in ("conversation", "contact", "connection", "message", "direction", "author")),
    *(_text(name) for name in ("type", "name", "mime", "declared", "state", "why", "handle", "url")),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    _at("at"),
    _at("next_at", nullable=True),
    sa.Index("files_by_state", "state", "next_at"),
    sa.Index("files_by_conversation", "tenant", "conversation", "at"),
    sa.Index("files_by_time", "at"),
)
"""Files of conversations; the bytes lie in a folder. `state`: uploading, waiting (to be fetched), kept, gone, refused,
erasing (bytes first, then the row). `message` is the message or part that it is in, "" before it is in one."""

appointments = sa.Table(
    "appointments",
    metadata,
    _key("tenant"),
    _key("id"),
    _text("contact"),
    _text("service"),
    _text("person"),
    _text("name"),
    _text("phone"),
    _at("start"),
    _at("end"),
    _at("busy_end"),
    _text("status"),
    sa.Column("resources", sa.JSON, nullable=False),
    _text("price"),
    _text("note"),
    sa.Column("version", sa.Integer, nullable=False),
    _at("created_at"),
    _at("changed_at"),
    _text("conversation"),
    _at("agreed_at", nullable=True),
    _at("no_show_at", nullable=True),
    sa.Index("appointments_by_contact", "tenant", "contact", "start"),
    sa.Index("appointments_by_phone", "tenant", "phone", "start"),
    sa.Index("appointments_by_start", "tenant", "start"),
)

appointment_slices = sa.Table(
    "appointment_slices",
    metadata,
    _key("tenant"),
    _key("resource"),
    sa.Column("slice", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("appointment"),
    sa.Index("slices_by_appointment", "tenant", "appointment"),
    sqlite_with_rowid=False,
)
"""The primary key is what makes a double booking impossible."""

prompts = sa.Table(
    "prompts",
    metadata,
    _key("tenant"),
    _key("kind"),
    _key("subject"),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    _at("due_at"),
    _text("epoch"),
    _at("told_at", nullable=True),
    _text("told_key"),
)
"""What the desk tells on its own: one row for each version of its subject. What has `told_at` is not told again."""

waiting = sa.Table(
    "waiting",
    metadata,
    _key("tenant"),
    _key("id"),
    _text("contact"),
    _text("conversation"),
    _text("service"),
    _text("person"),
    _text("name"),
    _text("phone"),
    sa.Column("wish", sa.JSON, nullable=False),
    _at("created_at"),
    _at("until"),
    sa.Column("version", sa.Integer, nullable=False),
    _text("offered"),
    _at("offered_until", nullable=True),
    sa.Column("passed", sa.JSON, nullable=False),
    sa.Index("waiting_by_until", "tenant", "until"),
)
"""Who waits for a place. `version` counts the places that were offered, `passed` are those."""

ledger = sa.Table(
    "ledger",
    metadata,
    _key("tenant"),
    _key("key"),
    _text("fingerprint"),
    _text("action"),
    _text("name"),
    sa.Column("outcome", sa.JSON, nullable=False),
    _at("at"),
)

handoffs = sa.Table(
    "handoffs",
    metadata,
    _key("tenant"),
    _key("id"),
    _text("conversation"),
    sa.Column("session", Sorted, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    _text("reason"),
    _text("summary"),
    _at("opened_at"),
    _at("claimed_at", nullable=True),
    _text("operator"),
    _at("closed_at", nullable=True),
    _text("state"),
    _text("card"),
    sa.Index("handoffs_by_conversation", "tenant", "conversation"),
    sa.Index("handoffs_by_state", "state", "tenant", "opened_at"),
)

tickets = sa.Table(
    "tickets",
    metadata,
    _key("tenant"),
    _key("id"),
    _text("conversation"),
    _text("contact"),
    _text("kind"),
    _text("priority"),
    _text("status"),
    _text("reason"),
    _text("summary"),
    _at("due_at", nullable=True),
    _at("opened_at"),
    _at("changed_at"),
    _text("operator"),
    sa.Index("tickets_by_id", "id"),
    sa.Index("tickets_by_status", "status", "tenant", "opened_at"),
    sa.Index("tickets_by_conversation", "tenant", "conversation"),
)
"""The projector opens a ticket once; from then on people change it, and a late or doubled entry does not."""

alerts = sa.Table(
    "alerts",
    metadata,
    _key("tenant"),
    _key("id"),
    _text("conversation"),
    _text("kind"),
    sa.Column("facts", sa.JSON, nullable=False),
    _at("at"),
    _at("next_at"),
    sa.Column("tries", sa.Integer, nullable=False),
    _at("told_at", nullable=True),
    sa.Index("alerts_waiting", "told_at", "next_at"),
)
"""What people are told outside (`FRONTDESK_ALERT_URL`); opened by the projector, ticked off by the sender."""

audit = sa.Table(
    "audit",
    metadata,
    *_turn_key(),
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
    _text("kind"),
    sa.Column("facts", sa.JSON, nullable=False),
    _at("at"),
    sa.Index("audit_by_time", "tenant", "at"),
)

consents = sa.Table(
    "consents",
    metadata,
    *_turn_key(),
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
    _text("contact"),
    _text("channel"),
    _text("kind"),
    sa.Column("given", sa.Boolean, nullable=False),
    _text("text"),
    _at("at"),
    sa.Index("consents_by_contact", "tenant", "contact", "at"),
)
"""What a contact agreed to or took back, in which words: kept for proof. What holds now stands in `contacts`."""

barred = sa.Table(
    "barred",
    metadata,
    _key("tenant"),
    _key("contact"),
    _text("conversation"),
    _text("reason"),
    _text("operator"),
    _at("at"),
)
"""Contacts that get no more answers, by a person's decision."""

parked = sa.Table(
    "parked",
    metadata,
    _key("digest"),
    _text("tenant"),
    _text("reason"),
    sa.Column("entry", sa.LargeBinary, nullable=False),
    _at("at"),
)
"""Journal entries that could not be projected, with the reason. Nothing is thrown away."""
