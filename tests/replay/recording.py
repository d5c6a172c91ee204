"""Replays what a desk has recorded, for this folder's tests and for those that record much on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa

from runtime.app import action_kinds
from runtime.desks import DeskBook
from runtime.flow_files import read_flows, sound
from runtime.ports import Understanding
from runtime.records.conversations import Conversations
from runtime.records.database import Database
from runtime.records.tables import turns
from runtime.records.tenants import Tenants
from runtime.replay.past import PastDesks
from runtime.replay.replaying import Replay, Replayer
from runtime.settings import CONFIGS
from runtime.wording import Entry, Wording


def replayer(
    database: Database, *, wording: Wording | None = None, understanding: Understanding | None = None
) -> Replayer:
    """As `frontdesk replay` makes one."""
    book = DeskBook(Tenants(database), sound(read_flows(CONFIGS / "flows", action_kinds())), action_kinds(), {})
    return Replayer(
        Conversations(database), PastDesks(book), wording or Wording.read(CONFIGS / "replies"), understanding
    )


def reworded(language: str, name: str, entry: Entry) -> Wording:
    """The replies with one text changed."""
    replies = {code: dict(texts) for code, texts in Wording.read(CONFIGS / "replies").replies.items()}
    assert name in replies[language]
    replies[language][name] = entry
    return Wording(replies)


async def replay_all(database: Database, **how: object) -> list[Replay]:
    """Every conversation of every tenant."""
    player = replayer(database, **how)  # type: ignore[arg-type]  # handed on as it is
    found = []
    for tenant in await Tenants(database).all():
        for conversation in await player.conversations.since(tenant):
            found.append(await player.replay(tenant, conversation))
    return found


async def recorded(database: Database, count: int) -> None:
    """Wait until so many turns stand in SQL."""
    query = sa.select(sa.func.count()).select_from(turns)
    for _ in range(400):
        async with database.reading() as connection:
            if (await connection.execute(query)).scalar_one() >= count:
                return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{count} turns did not come to the records")


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Records that a desk has left behind."""
    database = await Database.open(url)
    try:
        yield database
    finally:
        await database.close()


def told(replays: list[Replay]) -> str:
    """What differs, for an assertion's message."""
    return "\n".join(
        f"{one.conversation} {d.place} {d.what}: {d.was!r} -> {d.now!r}" for one in replays for d in one.differences
    )
