"""The waiting list: who wants what, and which free place is on offer to whom. No place is ever held.

Who has booked the service since they began to wait waits no more; nothing has to be taken off the list for it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.records.database import Database
from runtime.records.prompts import OVERDUE, Address, Mark, claim_mark
from runtime.records.tables import appointments, conversations, prompts, waiting
from runtime.records.upserts import insert_new

KIND = "place"
MOST_WAITING = 200
MOST_PASSED = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """A wish that waits. `wish` is the wished time as the skill writes it down."""

    tenant: str
    id: str
    contact: str
    conversation: str
    service: str
    person: str
    name: str
    phone: str
    wish: Mapping[str, Any]
    created_at: datetime
    until: datetime
    version: int = 0
    offered: str = ""
    """The place that is on offer, or was last."""
    offered_until: datetime | None = None
    passed: tuple[str, ...] = ()
    """Places that were offered before."""


@dataclass(frozen=True, slots=True)
class Waiter:
    """A wish with its customer's address; `coming` while the next place is on its way to them."""

    waiting: Waiting
    address: Address
    coming: bool

    def has_offer(self, now: datetime) -> bool:
        """Whether a place is on offer to them."""
        return _on_offer(self.waiting, now)


_FIELDS = tuple(field.name for field in dataclasses.fields(Waiting))
_COLUMNS = [waiting.c[name] for name in _FIELDS]
_ADDRESS = ("connection", "channel", "chat", "language")


class WaitingList:
    """Everybody who waits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, wanted: Waiting) -> None:
        """Put a wish on the list; the same id again changes nothing."""
        row = {name: getattr(wanted, name) for name in _FIELDS}

        async def work(connection: AsyncConnection) -> None:
            values = {**row, "wish": dict(wanted.wish), "passed": list(wanted.passed)}
            await connection.execute(insert_new(connection.dialect.name, waiting), values)

        await self._database.attempt(work)

    async def get(self, tenant: str, waiting_id: str) -> Waiting | None:
        """One wish."""
        w = waiting.c
        rows = await self._database.look(sa.select(*_COLUMNS).where(w.tenant == tenant, w.id == waiting_id), {})
        return _waiting(rows[0]._asdict()) if rows else None

    async def waiting(self, tenants: Sequence[str], now: datetime, epoch: str) -> tuple[Waiter, ...]:
        """Who waits, the first one first."""
        w, c, p = waiting.c, conversations.c, prompts.c
        asked = (p.tenant == w.tenant, p.kind == KIND, p.subject == w.id, p.version == w.version + 1)
        set_now = sa.exists().where(*asked, p.epoch == epoch, p.due_at > now - OVERDUE)
        query = (
            sa.select(*_COLUMNS, *(c[name].label(f"to_{name}") for name in _ADDRESS), set_now.label("set_now"))
            .join(conversations, (c.tenant == w.tenant) & (c.id == w.conversation))
            .where(w.tenant.in_(tenants), w.until > now)
            .where(~_SERVED)
            .order_by(w.created_at, w.id)
            .limit(MOST_WAITING)
        )
        async with self._database.reading() as connection:
            rows = [row._asdict() for row in await connection.execute(query)]
        return tuple(_waiter(row) for row in rows)

    async def offer(
        self, key: str, mark: Mark, place: str, until: datetime, now: datetime, clashes: Callable[[Waiting], bool]
    ) -> datetime | None:
        """Claim the offer of a place to one who waits: until when it holds, for the first key alone.

        Nobody gets it while one that `clashes` with it is on offer to somebody else.
        """

        async def work(connection: AsyncConnection) -> datetime | None:
            w = waiting.c
            mine = (w.tenant == mark.tenant) & (w.id == mark.subject)
            everybody = await _locked(connection, mark.tenant, now)
            one = next((waits for waits in everybody if waits.id == mark.subject), None)
            if one is None or one.version not in (mark.version - 1, mark.version):
                return None
            if one.version == mark.version:  # This key may have done it before.
                return one.offered_until if await claim_mark(connection, mark, key, now) else None
            if any(waits is not one and _on_offer(waits, now) and clashes(waits) for waits in everybody):
                return None
            served = (await connection.execute(sa.select(w.id).where(mine, _SERVED))).one_or_none()
            if served or not await claim_mark(connection, mark, key, now):
                return None
            passed = [*one.passed, place][-MOST_PASSED:]
            values = {"version": mark.version, "offered": place, "offered_until": until, "passed": passed}
            await connection.execute(sa.update(waiting).where(mine).values(**values))
            return until

        return await self._database.attempt(work)


_SERVED = sa.exists().where(
    appointments.c.tenant == waiting.c.tenant,
    appointments.c.contact == waiting.c.contact,
    appointments.c.service == waiting.c.service,
    appointments.c.status == "booked",
    appointments.c.agreed_at > waiting.c.created_at,
)


async def _locked(connection: AsyncConnection, tenant: str, now: datetime) -> tuple[Waiting, ...]:
    """Everybody of the tenant who waits, or has an offer; locked in one order, so that two offers see each other."""
    w = waiting.c
    query = sa.select(*_COLUMNS).where(w.tenant == tenant, w.until > now).order_by(w.id).with_for_update()
    return tuple(_waiting(row._asdict()) for row in await connection.execute(query))


def _on_offer(one: Waiting, now: datetime) -> bool:
    return one.offered_until is not None and one.offered_until > now


def _waiting(row: Mapping[str, Any]) -> Waiting:
    return Waiting(**{**row, "passed": tuple(row["passed"])})


def _waiter(row: dict[str, Any]) -> Waiter:
    to = {name: row.pop(f"to_{name}") for name in _ADDRESS}
    coming = bool(row.pop("set_now"))
    one = _waiting(row)
    return Waiter(one, Address(one.tenant, one.conversation, contact=one.contact, **to), coming)
