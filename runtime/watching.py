"""What a running process tells whoever watches over it: figures, whether it lives, whether it can take messages in."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version

from runtime.errors import FrontdeskError
from runtime.loop import Loop
from runtime.records.database import Database
from runtime.records.gauges import read_record_gauges
from runtime.records.tenants import Tenants
from runtime.sessions.keys import PARTITIONS
from runtime.sessions.store import Sessions
from runtime.telemetry import Series, exposition

_log = logging.getLogger(__name__)
LOOK_S = 3.0
"""How long a scrape waits for Redis and for SQL; what does not answer by then is left out and marked as down."""
STUCK_S = 150.0
"""Longer than the longest time that a lease is renewed for a worker that hangs."""
BEAT_S = 1.0


def installed_version() -> str:
    """Of this program; empty in a checkout that is not installed."""
    try:
        return version("frontdesk")
    except PackageNotFoundError:
        return ""


class Watch:
    """One process' answers. `ended` names its background tasks that have ended although they should run for ever."""

    def __init__(self, sessions: Sessions, database: Database, loop: Loop, ended: Callable[[], Iterable[str]]) -> None:
        self.sessions = sessions
        self.database = database
        self.tenants = Tenants(database)
        self.loop = loop
        self.ended = ended
        self.version = installed_version()
        self._late_s = 0.0

    async def beat(self) -> None:
        """Notice how late this process' own turns come: a loop that is held up shows here."""
        while True:
            due = time.monotonic() + BEAT_S
            await asyncio.sleep(BEAT_S)
            self._late_s = max(self._late_s * 0.9, time.monotonic() - due)

    def ailments(self) -> dict[str, str]:
        """Why this process should be started anew, by part; empty when it lives."""
        wrong = dict.fromkeys(self.ended(), "ended")
        if self.sessions.stopped_work:
            wrong["sessions"] = "ended"
        if self.loop.stuck_s() > STUCK_S:
            wrong["loop"] = "stuck"
        return wrong

    def facts(self) -> dict[str, object]:
        """Who answers."""
        return {"version": self.version, "process": self.sessions.process, "late_s": round(self._late_s, 3)}

    async def troubles(self) -> dict[str, str]:
        """Why messages cannot be taken in or recorded now, by part, in a word; the log has the rest."""
        redis, sql = await asyncio.gather(self._redis(), self._sql())
        return {part: word for part, word in (("redis", redis), ("sql", sql)) if word}

    async def _redis(self) -> str:
        try:
            async with asyncio.timeout(LOOK_S):
                return await self.sessions.probe()
        except (FrontdeskError, TimeoutError) as error:
            _log.warning("Redis is unavailable: %s", error)
            return "unavailable"

    async def _sql(self) -> str:
        try:
            async with asyncio.timeout(LOOK_S):
                await self.tenants.stamp()
        except (FrontdeskError, TimeoutError) as error:
            _log.warning("SQL is unavailable: %s", error)
            return "unavailable"
        return ""

    @staticmethod
    def partitions() -> int:
        """As this version counts them; another number in Redis is a trouble."""
        return PARTITIONS

    async def metrics(self) -> bytes:
        """Prometheus' text: what this process counted, and what waits in Redis and SQL right now."""
        redis, sql = await asyncio.gather(self._in_redis(), self._in_sql())
        used, size = self.database.pool()
        own: dict[Series, float] = {
            ("sql_pool_in_use", ()): used,
            ("sql_pool_size", ()): size,
            ("event_loop_late_seconds", ()): self._late_s,
            ("build_info", (("version", self.version),)): 1,
        }
        return exposition({**own, **redis, **sql})

    async def _in_redis(self) -> Mapping[Series, float]:
        up: Series = ("up", (("part", "redis"),))
        try:
            async with asyncio.timeout(LOOK_S):
                gauges = await self.sessions.gauges()
        except (FrontdeskError, TimeoutError):
            return {up: 0}
        return {
            up: 1,
            ("ready_depth", ()): gauges.ready,
            ("oldest_wait_seconds", ()): gauges.oldest_wait_s,
            ("outbox_conversations", ()): gauges.outboxes,
            ("outbox_depth", ()): gauges.outbox_parts,
            ("outbox_oldest_seconds", ()): gauges.outbox_age_s,
            ("parked_events", ()): gauges.parked,
            ("refused_parts", ()): gauges.refused,
            ("timers", ()): gauges.timers,
            ("projector_lag_turns", ()): gauges.journal,
            ("projector_lag_seconds", ()): gauges.journal_age_s,
            ("redis_memory_bytes", ()): gauges.memory_bytes,
            ("redis_memory_limit_bytes", ()): gauges.memory_limit_bytes,
        }

    async def _in_sql(self) -> Mapping[Series, float]:
        up: Series = ("up", (("part", "sql"),))
        try:
            async with asyncio.timeout(LOOK_S):
                gauges = await read_record_gauges(self.database)
        except (FrontdeskError, TimeoutError):
            return {up: 0}
        found: dict[Series, float] = {up: 1, ("parked_entries", ()): gauges.parked_entries}
        for state, number in gauges.handoffs.items():
            found["handoffs", (("state", state),)] = number
            found["handoff_oldest_seconds", (("state", state),)] = gauges.oldest_s[state]
        return found
