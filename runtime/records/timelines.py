"""How a conversation's turns went: from the journal and from what became of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa

from runtime.records.database import Database
from runtime.records.tables import deliveries, turns

MOST = 200


class DeliveryRow(NamedTuple):
    """What became of a part. `ms` and `tried_at` are of its last try; without tries there is none that we know of.

    `code` and `why`: what a provider said of one that failed.
    """

    part: str
    status: str
    at: datetime
    tries: int
    ms: float | None
    tried_at: datetime | None
    code: str = ""
    why: str = ""


class TurnRow(NamedTuple):
    """A turn with its journal entry, and the news of its parts."""

    session: str
    turn: int
    at: datetime
    committed_at: datetime | None
    projected_at: datetime | None
    entry: Mapping[str, Any]
    deliveries: tuple[DeliveryRow, ...]


async def timeline(database: Database, tenant: str, conversation: str, turn: int | None) -> list[TurnRow]:
    """The newest turns in order, or those of one number (it begins again when a session has expired)."""
    t, d = turns.c, deliveries.c
    where = [t.tenant == tenant, t.conversation == conversation]
    if turn is not None:
        where.append(t.turn == turn)
    columns = (t.session, t.turn, t.at, t.committed_at, t.projected_at, t.entry)
    newest = sa.select(*columns).where(*where).order_by(t.session.desc(), t.turn.desc(), t.seq.desc()).limit(MOST)
    news = sa.select(*(d[name] for name in DeliveryRow._fields)).where(
        d.tenant == tenant, d.conversation == conversation
    )
    async with database.reading() as connection:
        rows = (await connection.execute(newest)).all()
        found = {row.part: DeliveryRow(*row) for row in await connection.execute(news)}
    return [_turn(row, found) for row in reversed(rows)]


def _turn(row: Any, found: Mapping[str, DeliveryRow]) -> TurnRow:
    entry = orjson.loads(row.entry)
    parts = [str(part.get("id", "")) for part in entry.get("parts", ())]
    news = tuple(found[part] for part in parts if part in found)
    return TurnRow(row.session, row.turn, row.at, row.committed_at, row.projected_at, entry, news)
