"""What operators and the API read: whose a conversation is, what was said, which handoffs wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from runtime.errors import Conflict
from runtime.records.database import Database
from runtime.records.tables import audit, conversations, deliveries, handoffs, messages, turns


class ConversationRow(NamedTuple):
    """A conversation as of its last turn that was projected."""

    tenant: str
    id: str
    connection: str
    channel: str
    chat: str
    contact: str
    phase: str
    owner: str
    language: str
    opened_at: datetime
    last_at: datetime
    session: str
    last_turn: int


class TranscriptRow(NamedTuple):
    """One bubble, of the customer (`in`) or of ours (`out`). `status`: what became of one of ours, and `why`."""

    session: str
    turn: int
    direction: str
    author: str
    message_id: str
    text: str
    kind: str
    at: datetime
    part: str
    status: str
    why: str


class HappenedRow(NamedTuple):
    """What was recorded beside the words: notes, changes of hands, tickets, alerts, what actions did."""

    session: str
    turn: int
    kind: str
    facts: Mapping[str, Any]
    at: datetime


class HandoffRow(NamedTuple):
    """A handoff: queued until somebody claims it, owned until it is closed."""

    tenant: str
    id: str
    conversation: str
    generation: int
    reason: str
    summary: str
    opened_at: datetime
    claimed_at: datetime | None
    operator: str
    closed_at: datetime | None
    state: str
    card: str
    """JSON; empty for an older one."""


class Conversations:
    """Reads; the projector in `journal.py` is who writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, conversation: str, tenant: str = "") -> ConversationRow | None:
        """The conversation of this id. Without a tenant it must be one tenant's alone, else Conflict."""
        query = sa.select(*(conversations.c[name] for name in ConversationRow._fields))
        where = [conversations.c.id == conversation]
        if tenant:
            where.append(conversations.c.tenant == tenant)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.where(*where).limit(2))).all()
        if len(rows) > 1:
            raise Conflict(f"conversation {conversation} exists for more than one tenant: name the tenant")
        return ConversationRow(*rows[0]) if rows else None

    async def latest(self, tenant: str = "", most: int = 20) -> tuple[ConversationRow, ...]:
        """The conversations with the newest turns, of one tenant or of all, the newest first."""
        c = conversations.c
        query = sa.select(*(c[name] for name in ConversationRow._fields)).order_by(c.last_at.desc(), c.id).limit(most)
        if tenant:
            query = query.where(c.tenant == tenant)
        async with self._database.reading() as connection:
            return tuple(ConversationRow(*row) for row in await connection.execute(query))

    async def transcript(self, tenant: str, conversation: str, session: str = "") -> tuple[TranscriptRow, ...]:
        """All that was said, in order; of one session or of all."""
        m, d = messages.c, deliveries.c
        on = (d.tenant == m.tenant) & (d.conversation == m.conversation) & (d.part == m.part)
        columns = [m[name] for name in TranscriptRow._fields[:-2]]
        fate = [sa.func.coalesce(d[name], "").label(name) for name in ("status", "why")]
        query = (
            sa.select(*columns, *fate)
            .select_from(messages.outerjoin(deliveries, on))
            .where(m.tenant == tenant, m.conversation == conversation)
            .order_by(m.session, m.turn, m.seq, m.ordinal)
        )
        if session:
            query = query.where(m.session == session)
        async with self._database.reading() as connection:
            return tuple(TranscriptRow(**row._asdict()) for row in await connection.execute(query))

    async def entries(self, tenant: str, conversation: str, session: str = "") -> tuple[str, ...]:
        """The journal entries of a conversation, or of one of its sessions, in order."""
        t = turns.c
        where = [t.tenant == tenant, t.conversation == conversation]
        if session:
            where.append(t.session == session)
        query = sa.select(t.entry).where(*where).order_by(t.session, t.turn, t.seq)
        async with self._database.reading() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def since(self, tenant: str, moment: datetime | None = None) -> tuple[str, ...]:
        """The ids of a tenant's conversations, or of those with a turn since then, the oldest first."""
        c = conversations.c
        where = [c.tenant == tenant]
        if moment is not None:
            where.append(c.last_at >= moment)
        query = sa.select(c.id).where(*where).order_by(c.opened_at, c.id)
        async with self._database.reading() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def happened(self, tenant: str, conversation: str, session: str) -> tuple[HappenedRow, ...]:
        """What a session recorded beside the words, in order."""
        a = audit.c
        query = (
            sa.select(*(a[name] for name in HappenedRow._fields))
            .where(a.tenant == tenant, a.conversation == conversation, a.session == session)
            .order_by(a.turn, a.seq, a.ordinal)
        )
        async with self._database.reading() as connection:
            return tuple(HappenedRow(**row._asdict()) for row in await connection.execute(query))

    async def open_handoffs(self, tenant: str = "") -> tuple[HandoffRow, ...]:
        """Handoffs that wait for a person or are with one, of one tenant or of all, newest first.

        One of an expired session is over, though nobody closed it: the conversation began again without it.
        """
        h, c = handoffs.c, conversations.c
        same_session = (c.tenant == h.tenant) & (c.id == h.conversation) & (c.session == h.session)
        query = sa.select(*(h[name] for name in HandoffRow._fields)).join(conversations, same_session)
        where: list[sa.ColumnElement[bool]] = [h.state.in_(("queued", "owned"))]
        if tenant:
            where.append(h.tenant == tenant)
        async with self._database.reading() as connection:
            rows = await connection.execute(query.where(*where).order_by(h.opened_at.desc(), h.id))
            return tuple(HandoffRow(*row) for row in rows)
