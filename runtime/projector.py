"""The journal into the records, in batches and outside any customer's waiting time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import orjson

from runtime.errors import StorageUnavailable
from runtime.records.database import Database
from runtime.records.journal import project, retry_parked
from runtime.sessions.shapes import JournalEntry
from runtime.sessions.store import Sessions
from runtime.telemetry import count, observe
from runtime.tracing import Trail, listened_to

_log = logging.getLogger(__name__)
BATCH = 100
GATHER_S = 0.05
"""A short wait fills the batch: row by row costs three times as much."""
RETRY_S = 1.0
READ_MS = 500
PARKED_S = 10.0
_WITH_PEOPLE = (b'"phase":"queued"', b'"phase":"owned"', b'"kind":"handoff.')
"""What an entry holds when people have the conversation, or just gave it back: their pages hurry then."""
PARKED_SINCE = timedelta(minutes=5)
"""What we could not read ourselves will not get better: only what came in lately is tried again, and then no more."""


class Projector:
    """Each process has one; the consumer group shares the journal between them."""

    def __init__(self, sessions: Sessions, database: Database) -> None:
        self.sessions = sessions
        self.database = database
        self._down = False
        self._stopping = False
        self._looked = 0.0

    def stop(self) -> None:
        """End after the batch at hand: a transaction that is cut off in the middle would block the next one."""
        self._stopping = True

    async def run(self) -> None:
        """Until stopped; a database that is away is waited for, nothing is lost meanwhile."""
        await self._parked()
        while not self._stopping:
            try:
                if time.monotonic() - self._looked > PARKED_S:
                    await self._parked(datetime.now(UTC) - PARKED_SINCE)
                if not await self._batch(READ_MS):
                    continue
                self._report(None)
            except StorageUnavailable as error:
                self._report(error)
                await asyncio.sleep(RETRY_S)
                continue
            except Exception:
                # One of the three outermost loops: a bad entry is parked by `project`, this is a mistake of ours.
                count("projections_failed")
                _log.exception("The journal could not be projected")
                await asyncio.sleep(RETRY_S)
                continue
            await asyncio.sleep(GATHER_S)

    async def _parked(self, since: datetime | None = None) -> None:
        """What an older version could not read: all of it at the start; in an update such a one runs beside us."""
        self._looked = time.monotonic()
        try:
            done = await retry_parked(self.database, since=since)
        except StorageUnavailable:
            return
        if done:
            _log.info("%d parked journal entries are in the records now", done)

    async def catch_up(self) -> None:
        """What is left, before the process ends; the rest is another's."""
        try:
            while await self._batch(0):
                pass
        except StorageUnavailable as error:
            _log.warning("The journal goes on with the next start: %s", error)

    async def _batch(self, block_ms: int) -> int:
        entries = await self.sessions.read_journal(BATCH, block_ms)
        if entries:
            began = time.perf_counter()
            await project(self.database, [entry.body for entry in entries], [entry.committed_at for entry in entries])
            await self._tell_people(entries)
            await self.sessions.ack_journal(entries)
            count("turns_projected", len(entries))
            observe("projection", time.perf_counter() - began)
            lag_s = (datetime.now(UTC) - entries[0].committed_at).total_seconds()
            observe("stage", max(0.0, lag_s), stage="project")
            if listened_to():
                _tell_of(entries)
        return len(entries)

    async def _tell_people(self, entries: Sequence[JournalEntry]) -> None:
        """People's pages look at these conversations again; one that misses it looks by itself within a minute."""
        changed = {(entry.key.tenant, entry.key.conversation): False for entry in entries}
        for entry in entries:
            changed[entry.key.tenant, entry.key.conversation] |= any(mark in entry.body for mark in _WITH_PEOPLE)
        with contextlib.suppress(StorageUnavailable):
            await self.sessions.news.tell(orjson.dumps([[*key, urgent] for key, urgent in changed.items()]))

    def _report(self, error: StorageUnavailable | None) -> None:
        """Say once that SQL is away, once that it is back."""
        if error is not None and not self._down:
            _log.error("The records are behind until SQL is back: %s", error)
        if error is None and self._down:
            _log.warning("SQL is back, the records catch up.")
        self._down = error is not None


def _tell_of(entries: Sequence[JournalEntry]) -> None:
    """Each turn's own span of its way into the records: from the commit until now."""
    now = datetime.now(UTC)
    for entry in entries:
        found = orjson.loads(entry.body)
        if isinstance(found, dict) and found.get("trace") and found.get("kind") != "delivery":
            trail = Trail(str(found["trace"]), tenant=entry.key.tenant, conversation=entry.key.conversation)
            trail.began_ns = int(entry.committed_at.timestamp() * 1e9)
            trail.end("project", "recorded" if now > entry.committed_at else "")
