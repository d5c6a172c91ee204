"""Tickets: the projector opens them, people assign, answer and close them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.errors import NotFound
from runtime.records.database import Database
from runtime.records.tables import contacts, tickets

WAITING = ("open", "pending")
"""What somebody still has to do something about."""


class TicketRow(NamedTuple):
    """A ticket with the contact's name and number, for the callback."""

    tenant: str
    id: str
    conversation: str
    contact: str
    kind: str
    priority: str
    status: str
    reason: str
    summary: str
    due_at: datetime | None
    opened_at: datetime
    changed_at: datetime
    operator: str
    name: str
    phone: str


class Tickets:
    """The tickets of all tenants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, tenant: str = "", *, everything: bool = False) -> tuple[TicketRow, ...]:
        """Open and pending ones, of one tenant or of all: what is due first comes first. `everything`: closed too."""
        t = tickets.c
        where: list[sa.ColumnElement[bool]] = [] if everything else [t.status.in_(WAITING)]
        if tenant:
            where.append(t.tenant == tenant)
        query = _WITH_CONTACT.where(*where).order_by(t.due_at.is_(None), t.due_at, t.opened_at, t.id)
        async with self._database.reading() as connection:
            return tuple(TicketRow(**row._asdict()) for row in await connection.execute(query))

    async def change(self, ticket: str, status: str, operator: str, now: datetime, tenant: str = "") -> TicketRow:
        """Another status under this operator's name; the same change again changes nothing. Raises NotFound."""
        t = tickets.c
        where = [t.id == ticket, *([t.tenant == tenant] if tenant else [])]
        changed = sa.update(tickets).where(*where, sa.or_(t.status != status, t.operator != operator))

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(changed.values(status=status, operator=operator, changed_at=now))

        await self._database.attempt(work)
        async with self._database.reading() as connection:
            row = (await connection.execute(_WITH_CONTACT.where(*where))).first()
        if row is None:
            raise NotFound(f"There is no ticket {ticket}. One that was opened a moment ago is here within seconds.")
        return TicketRow(**row._asdict())


_WITH_CONTACT = sa.select(
    *(tickets.c[name] for name in TicketRow._fields[:-2]),
    sa.func.coalesce(contacts.c.name, "").label("name"),
    sa.func.coalesce(contacts.c.phone, "").label("phone"),
).select_from(
    tickets.outerjoin(contacts, (contacts.c.tenant == tickets.c.tenant) & (contacts.c.id == tickets.c.contact))
)
