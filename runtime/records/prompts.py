"""What the desk has to tell on its own: what is due, what lies in Redis as a timer, and what was told.

The appointments are the truth; a row in `prompts` only says of one version of one appointment that its timer is set
(in which epoch of Redis) or that it was told. So nothing is lost with Redis: another epoch is set anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.records.appointments import Appointment, Written, appointment_of, locked, once
from runtime.records.appointments import columns as appointment_columns
from runtime.records.database import Database
from runtime.records.tables import appointments, conversations, prompts
from runtime.records.upserts import insert

OVERDUE = timedelta(minutes=5)
"""A timer that should have fired so long ago is set again: its event was dropped, or its Redis forgot."""
MISSED_LATELY = timedelta(days=60)
"""Whose appointment was longer ago is not asked about it any more."""
MOST = 500


@dataclass(frozen=True, slots=True)
class Mark:
    """What is to be told: a kind, about one version of one subject."""

    tenant: str
    kind: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class Address:
    """Where a customer is told."""

    tenant: str
    conversation: str
    connection: str
    channel: str
    chat: str
    contact: str
    language: str


@dataclass(frozen=True, slots=True)
class Upcoming:
    """An appointment with its customer's address."""

    appointment: Appointment
    address: Address


class Prompts:
    """All that is known of prompts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reminders(
        self, tenants: Sequence[str], kind: str, lead: timedelta, now: datetime, until: datetime, epoch: str
    ) -> tuple[Upcoming, ...]:
        """Booked appointments whose reminder is due until `until`, is not told and has no timer in this epoch."""
        a = appointments.c
        where = (a.status == "booked", a.start > now, a.start <= until + lead)
        return await self._open(tenants, kind, where, now, epoch)

    async def no_shows(self, tenants: Sequence[str], kind: str, now: datetime, epoch: str) -> tuple[Upcoming, ...]:
        """Appointments that staff marked as missed, and whose customer was not asked about it yet."""
        a = appointments.c
        lately = a.start > now - MISSED_LATELY  # by index: else every look would read all that ever was
        where = (lately, a.no_show_at.is_not(None), a.no_show_at > now - timedelta(days=7))
        return await self._open(tenants, kind, where, now, epoch)

    async def _open(
        self, tenants: Sequence[str], kind: str, where: tuple[sa.ColumnElement[bool], ...], now: datetime, epoch: str
    ) -> tuple[Upcoming, ...]:
        a, c, p = appointments.c, conversations.c, prompts.c
        mine = (p.tenant == a.tenant, p.kind == kind, p.subject == a.id, p.version == a.version)
        settled = sa.or_(p.told_at.is_not(None), sa.and_(p.epoch == epoch, p.due_at > now - OVERDUE))
        query = (
            sa.select(*appointment_columns, *(c[name].label(f"to_{name}") for name in _ADDRESS))
            .join(conversations, (c.tenant == a.tenant) & (c.id == a.conversation))
            .where(a.tenant.in_(tenants), *where, ~sa.exists().where(*mine, settled))
            .order_by(a.start, a.id)
            .limit(MOST)
        )
        async with self._database.reading() as connection:
            rows = [row._asdict() for row in await connection.execute(query)]
        return tuple(_upcoming(row) for row in rows)

    async def noted(self, marks: Mapping[Mark, datetime], epoch: str) -> None:
        """These have their timers in this epoch of Redis."""

        async def work(connection: AsyncConnection) -> None:
            statement = insert(connection.dialect.name, prompts)
            new = statement.excluded
            values = {"due_at": new.due_at, "epoch": new.epoch}
            upsert = statement.on_conflict_do_update(index_elements=list(prompts.primary_key), set_=values)
            await connection.execute(
                upsert, [{**_key(mark), "due_at": at, "epoch": epoch} for mark, at in marks.items()]
            )

        if marks:
            await self._database.attempt(work)

    async def passed_over(self, marks: Sequence[Mark], now: datetime) -> None:
        """These need not be told at all: agreed on when their time was over."""

        async def work(connection: AsyncConnection) -> None:
            rows = [{**_key(mark), "due_at": now, "told_at": now, "told_key": "passed over"} for mark in marks]
            await connection.execute(insert(connection.dialect.name, prompts).on_conflict_do_nothing(), rows)

        if marks:
            await self._database.attempt(work)

    async def told(
        self, key: str, fingerprint: str, mark: Mark, now: datetime, stands: Callable[[Appointment], bool]
    ) -> Written:
        """Claim the telling of this version: done for the first key alone; gone when it holds no more, or was told."""

        async def work(connection: AsyncConnection) -> Written:
            appointment = await locked(connection, mark.tenant, mark.subject)
            if appointment is None or appointment.version != mark.version or not stands(appointment):
                return Written("gone")
            return Written("done" if await claim_mark(connection, mark, key, now) else "gone", appointment)

        return await once(self._database, mark.tenant, key, fingerprint, f"told.{mark.kind}", work)


async def claim_mark(connection: AsyncConnection, mark: Mark, key: str, now: datetime) -> bool:
    """Write down that this key tells it; False when another one did."""
    empty = {**_key(mark), "due_at": now}
    await connection.execute(insert(connection.dialect.name, prompts).on_conflict_do_nothing(), empty)
    where = [prompts.c[name] == value for name, value in _key(mark).items()]
    update = sa.update(prompts).where(*where, prompts.c.told_key.in_(("", key)))
    return (await connection.execute(update.values(told_at=now, told_key=key))).rowcount == 1


_ADDRESS = ("connection", "channel", "chat", "language")


def _key(mark: Mark) -> dict[str, Any]:
    return {"tenant": mark.tenant, "kind": mark.kind, "subject": mark.subject, "version": mark.version}


def _upcoming(row: dict[str, Any]) -> Upcoming:
    to = {name: row.pop(f"to_{name}") for name in _ADDRESS}
    appointment = appointment_of(row)
    address = Address(appointment.tenant, appointment.conversation, contact=appointment.contact, **to)
    return Upcoming(appointment, address)
