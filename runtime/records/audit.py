"""What people did to the installation, beside what happened in conversations: one line each, in the same table.

A row of an act has no conversation and a session of its own, so no turn's row can have the same key.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.records.database import Database
from runtime.records.tables import audit


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody did: `kind` says what, `facts` to what."""

    kind: str
    facts: Mapping[str, Any]
    at: datetime


async def note(connection: AsyncConnection, tenant: str, kind: str, facts: Mapping[str, Any]) -> None:
    """Write an act down, in the transaction of what was done."""
    # Sorts by time; nobody else writes rows without a conversation.
    session = f"act-{time.time_ns():020d}-{secrets.token_hex(4)}"
    key = {"tenant": tenant, "conversation": "", "session": session, "turn": 0, "seq": 0, "ordinal": 0}
    await connection.execute(sa.insert(audit), {**key, "kind": kind, "facts": dict(facts), "at": datetime.now(UTC)})


async def acts(database: Database, tenant: str, kind: str) -> tuple[Act, ...]:
    """A tenant's acts of one kind, the oldest first."""
    c = audit.c
    query = sa.select(c.kind, c.facts, c.at).where(c.tenant == tenant, c.conversation == "", c.kind == kind)
    async with database.reading() as connection:
        rows = await connection.execute(query.order_by(c.session))
        return tuple(Act(row.kind, dict(row.facts), row.at) for row in rows)
