"""What waits for people in the records, in two short queries by index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from runtime.records.database import Database
from runtime.records.tables import conversations, handoffs, parked

OPEN = ("queued", "owned")


@dataclass(frozen=True, slots=True)
class RecordGauges:
    """By state: how many handoffs, and how long the oldest of them has been in it; journal entries put aside."""

    handoffs: Mapping[str, int]
    oldest_s: Mapping[str, float]
    parked_entries: int


async def read_record_gauges(database: Database) -> RecordGauges:
    """Look; raises StorageUnavailable. As everywhere, a handoff of an expired session is over."""
    h, c = handoffs.c, conversations.c
    same_session = (c.tenant == h.tenant) & (c.id == h.conversation) & (c.session == h.session)
    since = sa.func.min(sa.func.coalesce(h.claimed_at, h.opened_at), type_=h.opened_at.type)
    query = sa.select(h.state, sa.func.count(), since).join(conversations, same_session)
    async with database.reading() as connection:
        rows = (await connection.execute(query.where(h.state.in_(OPEN)).group_by(h.state))).all()
        entries = (await connection.execute(sa.select(sa.func.count()).select_from(parked))).scalar_one()
    now = datetime.now(UTC)
    counts = dict.fromkeys(OPEN, 0) | {state: number for state, number, _ in rows}
    ages = dict.fromkeys(OPEN, 0.0) | {state: max(0.0, (now - oldest).total_seconds()) for state, _, oldest in rows}
    return RecordGauges(counts, ages, entries)
