"""What people's pages of this process listen to: news of conversations, read once for all of them.

The truth is the stream in Redis, which all processes share: a page that comes back, here or at another process, reads
on from its last number. What is older than the stream is a gap, and the page looks at everything once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from runtime.sessions.news import AT_ONCE, FIRST, KEPT, NewsItem
from runtime.sessions.store import Sessions


@dataclass(frozen=True, slots=True)
class Changed:
    """What came after a number: conversations as (tenant, id, whether people have it). `last` is the newest number."""

    last: str
    conversations: tuple[tuple[str, str, bool], ...]
    gap: bool = False


class PeopleNews:
    """One process's ear."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._kept: deque[NewsItem] = deque(maxlen=KEPT)
        self._behind = True
        self._reading = asyncio.Lock()
        self._seats: set[asyncio.Event] = set()
        sessions.on_people_news(self._nudged)

    @property
    def listening(self) -> int:
        """How many pages listen."""
        return len(self._seats)

    def _nudged(self) -> None:
        self._behind = True
        self.wake()

    def wake(self) -> None:
        """Have all pages look whether they should go on."""
        for seat in self._seats:
            seat.set()

    @contextlib.contextmanager
    def seat(self) -> Iterator[asyncio.Event]:
        """Something that is set whenever there may be news."""
        seat = asyncio.Event()
        self._seats.add(seat)
        try:
            yield seat
        finally:
            self._seats.discard(seat)

    async def last(self) -> str:
        """The newest number. Raises StorageUnavailable."""
        await self._catch_up()
        return self._kept[-1].id if self._kept else FIRST

    async def since(self, after: str) -> Changed:
        """What came after this number. Raises StorageUnavailable."""
        await self._catch_up()
        from_here = _number(after)
        newer = [item for item in self._kept if _number(item.id) > from_here]
        gap = bool(self._kept) and len(newer) == len(self._kept) >= KEPT
        found: dict[tuple[str, str], bool] = {}
        for item in newer:
            for tenant, conversation, urgent in _read(item.body):
                found[tenant, conversation] = found.get((tenant, conversation), False) or urgent
        last = self._kept[-1].id if newer else after
        return Changed(last, tuple((*key, urgent) for key, urgent in found.items()), gap)

    async def _catch_up(self) -> None:
        """One read for all pages, and none when nobody told of anything."""
        async with self._reading:
            while self._behind:
                self._behind = False
                items = await self._fetch()
                self._kept.extend(items)
                self._behind = self._behind or len(items) >= AT_ONCE

    async def _fetch(self) -> list[NewsItem]:
        try:
            return await self._sessions.news.since(self._kept[-1].id if self._kept else FIRST)
        except BaseException:
            self._behind = True
            raise


def _number(text: str) -> tuple[int, int]:
    """A stream's number; what is none stands before all."""
    ms, _, count = text.partition("-")
    return (int(ms), int(count or 0)) if ms.isdecimal() and (count or "0").isdecimal() else (0, 0)


def _read(body: bytes) -> Iterator[tuple[str, str, bool]]:
    """An item's conversations; a newer version may say more of each."""
    told: Any = orjson.loads(body)
    for one in told if isinstance(told, list) else ():
        yield str(one[0]), str(one[1]), bool(one[2])
