"""What several laws look at a desk with."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runtime.app import FrontDesk
from runtime.core.effects import Understand
from runtime.core.events import Understood
from runtime.ports import Patience, Understanding
from runtime.records.tables import turns as turn_rows


class Watched:
    """An understanding that counts how many turns read words at the same time, and may fail at first."""

    def __init__(self, behind: Understanding, *, failures: int = 0) -> None:
        self.behind = behind
        self.failures = failures
        self.inside = 0
        self.most = 0

    async def understand(self, request: Understand, now: datetime, patience: Patience | None = None) -> Understood:
        """A little slow, so that two would meet."""
        if self.failures:
            self.failures -= 1
            raise RuntimeError("a mistake of ours")
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0.02)
        self.inside -= 1
        return await self.behind.understand(request, now)


def watch(desk: FrontDesk, *, failures: int = 0) -> Watched:
    """Put a watch around this desk's understanding."""
    watched = Watched(desk.player.performer.understanding, failures=failures)
    desk.player.performer.understanding = watched
    return watched


async def journal(desk: FrontDesk, count: int) -> list[dict[str, Any]]:
    """The entries in SQL, as soon as there are so many."""
    query = sa.select(turn_rows.c.entry).order_by(turn_rows.c.turn)
    for _ in range(200):
        async with desk.database.reading() as connection:
            rows = list((await connection.execute(query)).scalars())
        if len(rows) >= count:
            break
        await asyncio.sleep(0.05)
    return [json.loads(row) for row in rows]
