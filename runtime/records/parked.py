"""Journal entries that could not be projected: looked at, tried again, dropped by a person."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.records.database import Database
from runtime.records.journal import retry_parked
from runtime.records.tables import parked

MOST = 1000


class ParkedEntry(NamedTuple):
    """One entry, byte for byte, with the reason."""

    digest: str
    tenant: str
    reason: str
    entry: bytes
    at: datetime


class ParkedEntries:
    """The table `parked`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, tenant: str = "") -> list[ParkedEntry]:
        """Of one business or of all, the oldest thousand; without their bytes."""
        p = parked.c
        query = sa.select(p.digest, p.tenant, p.reason, p.at).order_by(p.at).limit(MOST)
        if tenant:
            query = query.where(p.tenant == tenant)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [ParkedEntry(row.digest, row.tenant, row.reason, b"", row.at) for row in rows]

    async def find(self, digest: str) -> ParkedEntry | None:
        """One, with its bytes."""
        query = sa.select(*(parked.c[name] for name in ParkedEntry._fields)).where(parked.c.digest == digest)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).first()
        return ParkedEntry(*row) if row else None

    async def retry(self, digest: str) -> bool:
        """Into the records now; False when it still cannot be read."""
        return bool(await retry_parked(self._database, digest))

    async def drop(self, digest: str) -> None:
        """Forget it."""
        await self._database.attempt(partial(_delete, digest=digest))


async def _delete(connection: AsyncConnection, digest: str) -> None:
    await connection.execute(sa.delete(parked).where(parked.c.digest == digest))
