"""Alerts that wait to be told outside: put down by the projector, taken by one process at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.records.database import Database
from runtime.records.tables import alerts
from runtime.records.upserts import insert_new

LONGEST = timedelta(hours=24)
"""An older alert helps nobody."""
CLAIM = timedelta(seconds=60)
"""For so long a taken alert is the taker's."""


class AlertRow(NamedTuple):
    """One alert: what, of which conversation, and how often it was tried."""

    tenant: str
    id: str
    conversation: str
    kind: str
    facts: Mapping[str, Any]
    at: datetime
    next_at: datetime
    tries: int


class Alerts:
    """The alerts of all tenants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, now: datetime, most: int = 20) -> tuple[AlertRow, ...]:
        """Those that are due, taken for a minute: another process does not get the same ones."""
        a = alerts.c
        due = (
            sa.select(*(a[name] for name in AlertRow._fields))
            .where(a.told_at.is_(None), a.next_at <= now, a.at > now - LONGEST)
            .order_by(a.at)
            .limit(most)
        )
        async with self._database.reading() as connection:
            found = [AlertRow(**row._asdict()) for row in await connection.execute(due)]
        if not found:
            return ()

        async def claim(connection: AsyncConnection) -> tuple[AlertRow, ...]:
            taken = []
            for row in found:
                where = (a.tenant == row.tenant) & (a.id == row.id) & (a.tries == row.tries) & a.told_at.is_(None)
                change = sa.update(alerts).where(where).values(tries=row.tries + 1, next_at=now + CLAIM)
                if (await connection.execute(change)).rowcount == 1:
                    taken.append(row)
            return tuple(taken)

        return await self._database.attempt(claim)

    async def add(self, tenant: str, alert_id: str, kind: str, facts: Mapping[str, Any], now: datetime) -> None:
        """One more, of no conversation; the same id again changes nothing."""
        row: dict[str, Any] = {"tenant": tenant, "id": alert_id, "conversation": "", "kind": kind, "facts": dict(facts)}
        row |= {"at": now, "next_at": now, "tries": 0}

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert_new(connection.dialect.name, alerts), row)

        await self._database.attempt(work)

    async def told(self, row: AlertRow, now: datetime) -> None:
        """It arrived."""
        await self._set(row, told_at=now)

    async def later(self, row: AlertRow, at: datetime) -> None:
        """It did not; once more then."""
        await self._set(row, next_at=at)

    async def _set(self, row: AlertRow, **values: datetime) -> None:
        where = (alerts.c.tenant == row.tenant) & (alerts.c.id == row.id)

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(sa.update(alerts).where(where).values(**values))

        await self._database.attempt(work)
