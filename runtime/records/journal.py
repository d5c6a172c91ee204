"""The projector: journal entries become rows, outside any customer's waiting time.

Idempotent and safe in any order: turns and messages are keyed by where they stand in the journal, everything else keeps
the newest knowledge by a stamp. What cannot be projected is parked with its reason and stops nobody.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from itertools import chain, repeat
from operator import itemgetter

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.records.database import Database
from runtime.records.entries import Row, Rows, Unreadable, read_entry
from runtime.records.handoffs import rebuild
from runtime.records.tables import (
    CONTACT_FIELDS,
    alerts,
    audit,
    consents,
    contacts,
    conversations,
    deliveries,
    files,
    messages,
    parked,
    tickets,
    turns,
)
from runtime.records.upserts import insert_new, merge

log = logging.getLogger(__name__)
_FORGET = (
    sa.update(messages)
    .where(
        messages.c.tenant == sa.bindparam("of"),
        messages.c.conversation == sa.bindparam("in_"),
        messages.c.message_id == sa.bindparam("message"),
    )
    .values(text="", kind="deleted")
)
_CHANGE = (
    sa.update(messages)
    .where(
        messages.c.tenant == sa.bindparam("of"),
        messages.c.conversation == sa.bindparam("in_"),
        messages.c.message_id == sa.bindparam("message"),
        messages.c.kind != "deleted",
    )
    .values(text=sa.bindparam("now"))
)

_FORGET_FILES = (
    sa.update(files)
    .where(
        files.c.tenant == sa.bindparam("of"),
        files.c.conversation == sa.bindparam("in_"),
        files.c.message == sa.bindparam("taken_back"),
    )
    .values(state="erasing", why="")
)
_PLACE = (
    sa.update(files)
    .where(
        files.c.tenant == sa.bindparam("of"),
        files.c.conversation == sa.bindparam("in_"),
        files.c.id == sa.bindparam("file"),
        files.c.message == "",
    )
    .values(message=sa.bindparam("message_"))
)

_FOLLOWING_STAMP = (
    "connection", "channel", "chat", "contact", "phase", "owner", "language", "session", "last_turn", "flow", "line",
    "waiting_since",
)  # fmt: skip


async def project(database: Database, entries: Sequence[bytes], committed_at: Sequence[datetime] = ()) -> None:
    """Bring a batch into the records, in one transaction. Raises StorageUnavailable: bring the same batch again.

    `committed_at`: when the journal got each of them.
    """
    readable, refused = _read(entries, committed_at)
    try:
        await database.attempt(partial(_write, batch=readable))
    except DBAPIError:
        # One of them holds what the database refuses; find it by writing them one by one.
        for rows in readable:
            refused += await _write_alone(database, rows)
    if refused:
        await database.attempt(partial(_park, rows=refused))


async def retry_parked(database: Database, digest: str = "", since: datetime | None = None) -> int:
    """Project again what was parked, one of it, or what was parked lately; returns how many are now in the records."""
    query = sa.select(parked.c.digest, parked.c.entry)
    if digest:
        query = query.where(parked.c.digest == digest)
    if since is not None:
        query = query.where(parked.c.at >= since)
    async with database.reading() as connection:
        stored = (await connection.execute(query)).all()
    done = 0
    for found, entry in stored:
        readable, _ = _read([entry])
        if readable and not await _write_alone(database, readable[0]):
            await database.attempt(partial(_unpark, digest=found))
            done += 1
    return done


def _read(entries: Iterable[bytes], committed_at: Iterable[datetime | None] = ()) -> tuple[list[Rows], list[Row]]:
    readable: list[Rows] = []
    refused: list[Row] = []
    for raw, at in zip(entries, chain(committed_at, repeat(None))):  # noqa: B905  # the second has no end
        try:
            readable.append(read_entry(raw, at))
        except Unreadable as error:
            refused.append(_parking(raw, str(error)))
    return readable, refused


async def _write(connection: AsyncConnection, batch: Sequence[Rows]) -> None:
    """Always the same tables in the same order, rows sorted: two projectors wait for each other, none deadlocks."""
    for table, rows in _by_table(batch).items():
        if rows:
            rows.sort(key=itemgetter(*table.primary_key.columns.keys()))
            await connection.execute(_statement(connection.dialect.name, table), rows)
    deleted = [row for rows in batch for row in rows.deleted]
    for statement, found in (
        (_PLACE, [row for rows in batch for row in rows.placed]),
        (_CHANGE, [row for rows in batch for row in rows.edited]),
        (_FORGET, deleted),
        (_FORGET_FILES, [{"of": row["of"], "in_": row["in_"], "taken_back": row["message"]} for row in deleted]),
    ):
        if found:
            await connection.execute(statement, found)
    changed = [rows.conversation for rows in batch if rows.conversation is not None and rows.has_handoff]
    for tenant, conversation in sorted({(row["tenant"], row["id"]) for row in changed}):
        await rebuild(connection, tenant, conversation)


def _by_table(batch: Sequence[Rows]) -> dict[sa.Table, list[Row]]:
    return {
        conversations: [rows.conversation for rows in batch if rows.conversation is not None],
        contacts: [rows.contact for rows in batch if rows.contact is not None],
        turns: [rows.turn for rows in batch if rows.turn is not None],
        messages: [row for rows in batch for row in rows.messages],
        deliveries: [row for rows in batch for row in rows.deliveries],
        audit: [row for rows in batch for row in rows.audit],
        tickets: [row for rows in batch for row in rows.tickets],
        alerts: [row for rows in batch for row in rows.alerts],
        consents: [row for rows in batch for row in rows.consents],
        files: [row for rows in batch for row in rows.files],
    }


@cache
def _statement(dialect: str, table: sa.Table) -> sa.Insert:
    if table is conversations:
        stamped = {"stamp": _FOLLOWING_STAMP}
        return merge(dialect, table, stamped, "opened_at", ("last_at", "said_at", "closed_at"))
    if table is contacts:
        fields = {f"{field}_stamp": (field,) for field in CONTACT_FIELDS}
        return merge(dialect, table, fields, "first_seen", ("last_seen",))
    if table is deliveries:
        return merge(dialect, table, {"rank": ("status", "at", "code", "why"), "tries": ("ms", "tried_at")})
    return insert_new(dialect, table)


async def _write_alone(database: Database, rows: Rows) -> list[Row]:
    try:
        await database.attempt(partial(_write, batch=[rows]))
    except DBAPIError as error:
        return [_parking(rows.raw, f"the database refuses it: {type(error.orig).__name__}")]
    return []


def _parking(raw: bytes, reason: str) -> Row:
    row = {"digest": hashlib.blake2b(raw, digest_size=16).hexdigest(), "tenant": _tenant_of(raw), "reason": reason}
    log.warning("journal entry %s of tenant %s parked: %s", row["digest"], row["tenant"] or "unknown", reason)
    return {**row, "reason": reason.replace("\0", ""), "entry": raw, "at": datetime.now(UTC)}


def _tenant_of(raw: bytes) -> str:
    try:
        entry = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return ""
    tenant = entry.get("tenant") if isinstance(entry, dict) else ""
    return tenant.replace("\0", "") if isinstance(tenant, str) else ""


async def _park(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    await connection.execute(insert_new(connection.dialect.name, parked), list(rows))


async def _unpark(connection: AsyncConnection, digest: str) -> None:
    await connection.execute(sa.delete(parked).where(parked.c.digest == digest))
