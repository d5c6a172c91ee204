"""A conversation turn by turn, as people read it: journal entries with their bubbles and what became of them.

The words come from `messages`, where one that its sender took back is empty; the entries say everything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa

from runtime.records.database import Database
from runtime.records.tables import deliveries, messages, turns
from runtime.records.timelines import DeliveryRow

AT_ONCE = 40
MOST = 200


class Place(NamedTuple):
    """Where a turn stands in its conversation."""

    session: str
    turn: int
    seq: int = 0


class LineRow(NamedTuple):
    """A bubble: of the customer (`in`) or of ours (`out`, then with its part)."""

    direction: str
    author: str
    message_id: str
    text: str
    kind: str
    part: str
    ordinal: int


class TalkTurn(NamedTuple):
    """A turn with its entry, its bubbles, and the news of its parts."""

    place: Place
    entry: Mapping[str, Any]
    lines: tuple[LineRow, ...]
    deliveries: Mapping[str, DeliveryRow]
    before: Mapping[str, Any]
    """The entry of the turn before; empty at the beginning of a session."""


class Talks:
    """Reads turns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def turns(
        self, tenant: str, conversation: str, *, before: Place | None = None, since: Place | None = None
    ) -> tuple[tuple[TalkTurn, ...], bool]:
        """The newest turns in order, those right before a place, or those from one on; whether there are earlier ones.

        A page that is open for long asks for all since its first turn: it gets the newest MOST of them.
        """
        t = turns.c
        where = [t.tenant == tenant, t.conversation == conversation]
        most = AT_ONCE if since is None else MOST
        if since is not None:
            where.append(sa.tuple_(t.session, t.turn, t.seq) >= sa.tuple_(*map(sa.literal, since)))
        if before is not None:
            where.append(sa.tuple_(t.session, t.turn, t.seq) < sa.tuple_(*map(sa.literal, before)))
        found = await self._read(tenant, conversation, where, most + 1)
        return (found[1:], True) if len(found) > most else (found, since is not None)

    async def turn(self, tenant: str, conversation: str, place: Place) -> TalkTurn | None:
        """One turn, None where there is none."""
        t = turns.c
        here = sa.tuple_(t.session, t.turn, t.seq) <= sa.tuple_(*map(sa.literal, place))
        found = await self._read(tenant, conversation, [t.tenant == tenant, t.conversation == conversation, here], 2)
        return found[-1] if found and found[-1].place == place else None

    async def beside(self, tenant: str, conversation: str, place: Place) -> tuple[Place | None, Place | None]:
        """The turns before and after this one."""
        t = turns.c
        mine = (t.tenant == tenant, t.conversation == conversation, t.seq == 0)
        key, here = sa.tuple_(t.session, t.turn, t.seq), sa.tuple_(*map(sa.literal, place))
        ordered = (t.session, t.turn, t.seq)
        base = sa.select(*ordered).where(*mine).limit(1)
        async with self._database.reading() as connection:
            last = await connection.execute(base.where(key < here).order_by(*(c.desc() for c in ordered)))
            earlier = last.one_or_none()
            later = (await connection.execute(base.where(key > here).order_by(*ordered))).one_or_none()
        return (Place(*earlier) if earlier else None), (Place(*later) if later else None)

    async def _read(
        self, tenant: str, conversation: str, where: Sequence[sa.ColumnElement[bool]], most: int
    ) -> tuple[TalkTurn, ...]:
        t, m, d = turns.c, messages.c, deliveries.c
        query = sa.select(t.session, t.turn, t.seq, t.entry).where(*where)
        query = query.order_by(t.session.desc(), t.turn.desc(), t.seq.desc()).limit(most)
        async with self._database.reading() as connection:
            rows = [(Place(*row[:3]), orjson.loads(row[3])) for row in await connection.execute(query)][::-1]
            if not rows:
                return ()
            first, last = (sa.tuple_(*map(sa.literal, rows[end][0])) for end in (0, -1))
            where_said = sa.tuple_(m.session, m.turn, m.seq).between(first, last)
            said = sa.select(m.session, m.turn, m.seq, *(m[name] for name in LineRow._fields)).where(
                m.tenant == tenant, m.conversation == conversation, where_said
            )
            said = said.order_by(m.session, m.turn, m.seq, m.ordinal)
            lines: dict[Place, list[LineRow]] = {}
            for row in await connection.execute(said):
                lines.setdefault(Place(*row[:3]), []).append(LineRow(*row[3:]))
            parts = [line.part for found in lines.values() for line in found if line.part]
            news = sa.select(*(d[name] for name in DeliveryRow._fields)).where(
                d.tenant == tenant, d.conversation == conversation, d.part.in_(parts)
            )
            fates = {row.part: DeliveryRow(*row) for row in await connection.execute(news)} if parts else {}
        return tuple(_turns(rows, lines, fates))


def _turns(
    rows: Sequence[tuple[Place, Mapping[str, Any]]],
    lines: Mapping[Place, Sequence[LineRow]],
    fates: Mapping[str, DeliveryRow],
) -> list[TalkTurn]:
    found = []
    earlier: tuple[Place, Mapping[str, Any]] | None = None
    for place, entry in rows:
        mine = tuple(lines.get(place, ()))
        before = earlier[1] if earlier and earlier[0].session == place.session else {}
        news = {line.part: fates[line.part] for line in mine if line.part in fates}
        found.append(TalkTurn(place, entry, mine, news, before))
        earlier = place, entry
    return found
