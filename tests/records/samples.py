"""Appointments and journal entries to write down, and looks into the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from runtime.records.appointments import Appointment, slice_numbers
from runtime.records.database import Database
from runtime.records.tables import appointment_slices

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SESSION = "01KAS8M0000000000000000000"
LATER_SESSION = "01KB99Z0000000000000000000"


def appointment(
    number: int = 0, *, tenant: str = "salon", start: datetime = NOON, minutes: int = 30, **others: Any
) -> Appointment:
    """A booking of Lena's time, with ten minutes to clean up after it."""
    end = start + timedelta(minutes=minutes)
    values: dict[str, Any] = {
        "id": f"a{number}",
        "tenant": tenant,
        "contact": f"contact{number}",
        "service": "cut",
        "person": "lena",
        "name": "Jörg Weiß",
        "phone": "+4930901820",
        "start": start,
        "end": end,
        "busy_end": end + timedelta(minutes=10),
        "resources": ("staff:lena", "room:1"),
        "price": "45.00",
    }
    return Appointment(**(values | others))


def entry(turn: int = 1, /, *, conversation: str = "c1", **others: Any) -> dict[str, Any]:
    """A journal entry of version 1: something said, something answered."""
    at = (NOON + timedelta(seconds=turn)).isoformat()
    values: dict[str, Any] = {
        "v": 1,
        "tenant": "salon",
        "conversation": conversation,
        "session": SESSION,
        "turn": turn,
        "seq": 0,
        "connection": "web",
        "channel": "webchat",
        "chat": f"chat-{conversation}",
        "at": at,
        "now": at,
        "language": "de",
        "phase": "bot",
        "owner": "",
        "contact": {"id": f"k-{conversation}", "name": "", "phone": "", "language": "de"},
        "events": [
            {"type": "Said", "messages": [{"id": f"m{turn}", "text": f"Frage {turn}", "at": at, "kind": "text"}]}
        ],
        "effects": [],
        "parts": [{"id": f"{conversation}-p{turn}", "author": "bot", "text": f"Antwort {turn}", "buttons": []}],
        "records": [],
        "actions": [],
        "stages": ["rules"],
        "ms": 0.7,
    }
    return values | others


def packed(*entries: dict[str, Any]) -> list[bytes]:
    """As the journal stream holds them."""
    return [orjson.dumps(values) for values in entries]


async def rows_of(database: Database, table: sa.Table) -> list[dict[str, Any]]:
    """The whole table, in the order of its key."""
    async with database.reading() as connection:
        rows = await connection.execute(sa.select(table).order_by(*table.primary_key))
        return [row._asdict() for row in rows]


async def occupied(database: Database) -> set[tuple[str, str, int, str]]:
    """All slice rows."""
    rows = await rows_of(database, appointment_slices)
    return {(row["tenant"], row["resource"], row["slice"], row["appointment"]) for row in rows}


def needed(*booked: Appointment) -> set[tuple[str, str, int, str]]:
    """The slice rows that these appointments must have."""
    return {
        (one.tenant, resource, number, one.id)
        for one in booked
        for resource in one.resources
        for number in slice_numbers(one.start, one.busy_end)
    }
