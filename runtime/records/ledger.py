"""The ledger of writes: a key has one outcome, for ever, whoever asks and however often.

`claim` puts the key's row down first. A second worker with the same key waits there until the first one's transaction
is over, and then reads its outcome: so nothing can happen twice between a look and a write.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.errors import BugError
from runtime.records.database import Database
from runtime.records.tables import ledger
from runtime.records.upserts import insert_new

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the ledger knows of a key. `name` is the outcome's name, `outcome` its facts."""

    tenant: str
    key: str
    fingerprint: str
    action: str
    name: str
    outcome: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    at: datetime | None = None


_FIND = sa.select(*(ledger.c[field.name] for field in dataclasses.fields(Recorded))).where(
    ledger.c.tenant == sa.bindparam("tenant"), ledger.c.key == sa.bindparam("key")
)


async def find(connection: AsyncConnection, tenant: str, key: str) -> Recorded | None:
    """The key's row, whatever its fingerprint."""
    row = (await connection.execute(_FIND, {"tenant": tenant, "key": key})).one_or_none()
    return None if row is None else Recorded(**row._asdict())


async def recorded(connection: AsyncConnection, tenant: str, key: str, fingerprint: str) -> Recorded | None:
    """The key's row; raises BugError when it was written for other arguments."""
    row = await find(connection, tenant, key)
    if row is not None and row.fingerprint != fingerprint:
        # Two different writes under one key: going on could book for the wrong customer. Somebody must look.
        text = f"alarm: ledger key {key} of tenant {tenant} ({row.action}) came again with other arguments"
        log.error("%s; nothing was written, a person must look", text)
        raise BugError(text)
    return row


async def claim(connection: AsyncConnection, wanted: Recorded) -> Recorded | None:
    """Take the key for this transaction (None), or what already became of it. `settle` must follow a None."""
    values = {field.name: getattr(wanted, field.name) for field in dataclasses.fields(Recorded)}
    values |= {"at": wanted.at or datetime.now(UTC), "outcome": dict(wanted.outcome)}
    result = await connection.execute(insert_new(connection.dialect.name, ledger), values)
    if result.rowcount == 1:
        return None
    return await recorded(connection, wanted.tenant, wanted.key, wanted.fingerprint)


async def settle(connection: AsyncConnection, tenant: str, key: str, name: str, outcome: Mapping[str, Any]) -> None:
    """Write down what became of a key claimed in this transaction."""
    where = (ledger.c.tenant == tenant) & (ledger.c.key == key)
    await connection.execute(sa.update(ledger).where(where).values(name=name, outcome=dict(outcome)))


class Ledger:
    """The ledger for writes that happen elsewhere, at a provider: their outcome is put down when it is known."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, tenant: str, key: str, fingerprint: str = "") -> Recorded | None:
        """What became of a write; with a fingerprint, only if it is the same write (else BugError)."""
        async with self._database.reading() as connection:
            if fingerprint:
                return await recorded(connection, tenant, key, fingerprint)
            return await find(connection, tenant, key)

    async def put(
        self, tenant: str, key: str, fingerprint: str, action: str, name: str, outcome: Mapping[str, Any]
    ) -> Recorded:
        """Put an outcome down and return the one that stands: the first one, when another worker was faster."""
        wanted = Recorded(tenant, key, fingerprint, action, name, outcome, datetime.now(UTC))

        async def work(connection: AsyncConnection) -> Recorded:
            return await claim(connection, wanted) or wanted

        return await self._database.attempt(work)
