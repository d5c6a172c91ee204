"""Handoffs of a conversation, made from what the journal says about them.

They are built anew from all `handoff.*` records whenever one comes in, so that a late or doubled entry changes nothing.
Handoffs are rare, and a conversation has few.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.records.tables import audit, handoffs

KINDS = ("handoff.opened", "handoff.claimed", "handoff.closed")
"""Others, such as handoff.refused, change nothing."""


@dataclass(slots=True)
class Handoff:
    """One stretch from the bot's stepping back to its return; filled in while its records are read."""

    id: str
    session: str
    generation: int
    reason: str
    summary: str
    opened_at: datetime
    claimed_at: datetime | None = None
    operator: str = ""
    closed_at: datetime | None = None
    state: str = "queued"
    card: str = ""
    """The operator's card as JSON; empty for an older handoff."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One record of these KINDS, in the order of the journal."""

    id: str
    kind: str
    session: str
    facts: Mapping[str, Any]
    at: datetime


def fold(happened: Iterable[Happened]) -> list[Handoff]:
    """The handoffs that these records tell of. A conversation has at most one that is not closed."""
    found: list[Handoff] = []
    present: Handoff | None = None
    for record in happened:
        if present is not None and _ends(present, record):
            present.closed_at, present.state, present = record.at, "closed", None
        if present is None and found and record.kind == "handoff.claimed" and record.facts.get("again"):
            present = _taken_up_again(found[-1])
        if record.kind != "handoff.closed" and present is None:
            present = _opened(record)
            found.append(present)
        if record.kind == "handoff.claimed" and present is not None:
            present.state = "owned"
            present.claimed_at = present.claimed_at or record.at
            present.operator = _text(record, "operator") or present.operator
    return found


def _taken_up_again(handoff: Handoff) -> Handoff:
    """The same handoff goes on: colleagues pass it round, or somebody looks once more."""
    handoff.closed_at = None
    return handoff


def _ends(present: Handoff, record: Happened) -> bool:
    """Closed; or lost without a word, because its session expired or another handoff begins.

    The generation goes up with each change of hands, so a claim carries another one than its opening.
    """
    if record.kind == "handoff.closed" or record.session != present.session:
        return True
    return record.kind == "handoff.opened" and _generation(record) != present.generation


def _opened(record: Happened) -> Handoff:
    return Handoff(
        id=record.id,
        session=record.session,
        generation=_generation(record),
        reason=_text(record, "reason"),
        summary=_text(record, "summary"),
        opened_at=record.at,
        card=_text(record, "card"),
    )


def _text(record: Happened, name: str) -> str:
    return str(record.facts.get(name) or "").replace("\0", "")


def _generation(record: Happened) -> int:
    value = record.facts.get("generation")
    return value if isinstance(value, int) and 0 <= value < 2**31 else 0


async def rebuild(connection: AsyncConnection, tenant: str, conversation: str) -> None:
    """Make this conversation's rows what the records say. The caller holds the conversation's row."""
    found = fold(await _records(connection, tenant, conversation))
    await connection.execute(
        sa.delete(handoffs).where(handoffs.c.tenant == tenant, handoffs.c.conversation == conversation)
    )
    rows = [{**dataclasses.asdict(handoff), "tenant": tenant, "conversation": conversation} for handoff in found]
    if rows:
        await connection.execute(sa.insert(handoffs), rows)


async def _records(connection: AsyncConnection, tenant: str, conversation: str) -> list[Happened]:
    c = audit.c
    query = (
        sa.select(c.session, c.turn, c.seq, c.ordinal, c.kind, c.facts, c.at)
        .where(c.tenant == tenant, c.conversation == conversation, c.kind.in_(KINDS))
        .order_by(c.session, c.turn, c.seq, c.ordinal)
    )
    return [
        Happened(
            f"{conversation}.{row.session}.{row.turn}.{row.seq}.{row.ordinal}", row.kind, row.session, row.facts, row.at
        )
        for row in await connection.execute(query)
    ]
