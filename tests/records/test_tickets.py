"""Tickets in the records: opened once by the projector, changed by people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from runtime.errors import NotFound
from runtime.records.database import Database
from runtime.records.journal import project
from runtime.records.tickets import Tickets
from tests.records.samples import NOON, entry, packed

LATER = NOON + timedelta(hours=1)


def opened(ticket: str = "t1", **facts: Any) -> dict[str, Any]:
    """A record as the core makes it."""
    values = {"ticket": ticket, "kind": "callback", "reason": "asked", "priority": "normal", "summary": "Rückruf"}
    return {"kind": "ticket.opened", "facts": {**values, "opened_at": NOON.isoformat(), **facts}}


def asked(*records: dict[str, Any], turn: int = 1, **others: Any) -> list[bytes]:
    contact = {"id": "k-c1", "name": "Jörg Weiß", "phone": "+4930901820", "language": "de"}
    return packed(entry(turn, records=list(records), contact=contact, **others))


async def test_a_ticket_has_its_contact_its_promise_and_its_place(database: Database) -> None:
    await project(database, asked(opened(due_at=LATER.isoformat())))
    (row,) = await Tickets(database).waiting("salon")
    assert (row.id, row.kind, row.status, row.priority, row.reason) == ("t1", "callback", "open", "normal", "asked")
    assert (row.conversation, row.contact, row.name, row.phone) == ("c1", "k-c1", "Jörg Weiß", "+4930901820")
    assert (row.due_at, row.opened_at, row.summary) == (LATER, NOON, "Rückruf")
    assert await Tickets(database).waiting("clinic") == ()


async def test_an_entry_that_comes_again_does_not_open_a_closed_ticket(database: Database) -> None:
    here = Tickets(database)
    await project(database, asked(opened()))
    closed = await here.change("t1", "closed", "Linde", LATER)
    assert (closed.status, closed.operator, closed.changed_at) == ("closed", "Linde", LATER)
    await project(database, asked(opened(), opened()))
    assert await here.waiting() == ()
    assert await here.waiting(everything=True) == (closed,)


async def test_the_same_change_again_changes_nothing(database: Database) -> None:
    here = Tickets(database)
    await project(database, asked(opened()))
    first = await here.change("t1", "pending", "Linde", LATER)
    assert await here.change("t1", "pending", "Linde", LATER + timedelta(hours=1)) == first
    assert await here.waiting() == (first,)


async def test_what_is_due_first_comes_first(database: Database) -> None:
    late, soon = opened("t2", due_at=(LATER + timedelta(days=1)).isoformat()), opened("t3", due_at=LATER.isoformat())
    await project(database, asked(opened("t1"), late, soon))
    assert [row.id for row in await Tickets(database).waiting()] == ["t3", "t2", "t1"]


async def test_nobody_changes_another_tenants_ticket(database: Database) -> None:
    await project(database, asked(opened()))
    for ticket, tenant in (("t1", "clinic"), ("t9", "")):
        with pytest.raises(NotFound):
            await Tickets(database).change(ticket, "closed", "Linde", LATER, tenant)
    assert [row.status for row in await Tickets(database).waiting()] == ["open"]
