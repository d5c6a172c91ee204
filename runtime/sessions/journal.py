"""The journal's way out: finished turns, read in batches by the projector and dropped once they stand in SQL."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from runtime.sessions.clients import Routes
from runtime.sessions.keys import PARTITIONS, PROJECTOR, journal_key, named_key
from runtime.sessions.shapes import JournalEntry, Timing

CLUSTER_PAUSE_S = 0.1


class Journal:
    """Reads for one process; entries of a reader that died, or that were never acknowledged, come again."""

    def __init__(self, routes: Routes, process: str, timing: Timing) -> None:
        self._routes = routes
        self._process = process
        self._claim_ms = timing.journal_claim_ms
        self._block_ms = timing.block_ms
        self._fetched: deque[JournalEntry] = deque()
        self._next_claim = 0.0

    async def read(self, count: int, block_ms: int) -> list[JournalEntry]:
        """Up to `count` entries, waiting up to `block_ms` for the first."""
        if not self._fetched:
            await self._claim(count)
        if not self._fetched:
            await self._fetch(count, min(block_ms, self._block_ms))
        return [self._fetched.popleft() for _ in range(min(count, len(self._fetched)))]

    async def _claim(self, count: int) -> None:
        now = time.monotonic()
        if now < self._next_claim:
            return
        self._next_claim = now + self._claim_ms / 2000
        claim = (PROJECTOR, self._process, self._claim_ms, "0-0", "COUNT", count)
        work = self._routes.work
        asked = (work.call(number, "XAUTOCLAIM", journal_key(number), *claim) for number in range(PARTITIONS))
        for reply in self._answered(await asyncio.gather(*asked, return_exceptions=True)):
            self._fetched.extend(_entries(reply[1]))

    async def _fetch(self, count: int, block_ms: int) -> None:
        """One read over all partitions; a cluster refuses that, there each partition is asked in turn."""
        if self._routes.cluster is not None:
            await self._fetch_apart(count, block_ms)
            return
        keys = [journal_key(number) for number in range(PARTITIONS)]
        block = ("BLOCK", block_ms) if block_ms > 0 else ()
        self._add(await self._routes.journal.call(0, *self._read(count), *block, "STREAMS", *keys, *[">"] * PARTITIONS))

    async def _fetch_apart(self, count: int, block_ms: int) -> None:
        end = time.monotonic() + block_ms / 1000
        while True:
            asked = (
                self._routes.work.call(number, *self._read(count), "STREAMS", journal_key(number), ">")
                for number in range(PARTITIONS)
            )
            for reply in self._answered(await asyncio.gather(*asked, return_exceptions=True)):
                self._add(reply)
            if self._fetched or time.monotonic() >= end:
                return
            await asyncio.sleep(CLUSTER_PAUSE_S)

    def _answered(self, replies: Sequence[Any]) -> list[Any]:
        """What came back. One node of a cluster that is away keeps nobody else's turns waiting; all away raise."""
        answered = [reply for reply in replies if not isinstance(reply, BaseException)]
        troubles = [reply for reply in replies if isinstance(reply, BaseException)]
        if troubles and (not answered or self._routes.cluster is None):
            raise troubles[0]
        return answered

    def _read(self, count: int) -> tuple[Any, ...]:
        return "XREADGROUP", "GROUP", PROJECTOR, self._process, "COUNT", count

    def _add(self, reply: Any) -> None:
        for _, entries in reply or ():
            self._fetched.extend(_entries(entries))

    async def ack(self, entries: Sequence[JournalEntry]) -> None:
        """They stand in SQL: drop them."""
        by_partition: dict[int, list[str]] = {}
        for entry in entries:
            by_partition.setdefault(entry.key.partition, []).append(entry.entry_id)
        work = self._routes.work
        asked = []
        for number, ids in by_partition.items():
            asked.append(work.call(number, "XACK", journal_key(number), PROJECTOR, *ids))
            asked.append(work.call(number, "XDEL", journal_key(number), *ids))
        await asyncio.gather(*asked)

    async def depth(self) -> int:
        """How many turns are not in SQL yet."""
        asked = (self._routes.work.call(number, "XLEN", journal_key(number)) for number in range(PARTITIONS))
        return int(sum(await asyncio.gather(*asked)))


def _entries(found: Any) -> list[JournalEntry]:
    # Redis 6.2 claims entries that were deleted meanwhile as nil, or with nil for their fields.
    return [
        JournalEntry(named_key(fields[1]), entry_id.decode(), fields[3])
        for entry_id, fields in (entry for entry in found if entry)
        if fields
    ]
