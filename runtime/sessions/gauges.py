"""What lies in Redis right now, for whoever watches: one reading script a partition, bounded however much waits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from runtime.errors import StorageUnavailable
from runtime.sessions.clients import Route
from runtime.sessions.keys import PARTITIONS
from runtime.sessions.scripts import Script
from runtime.sessions.wire import Refused

LOOKED_AT = 100
"""Outboxes of a partition whose parts are counted; of what waits beyond them only the conversations are."""

# ARGV: how many outboxes to look into. Only reads, so it also runs on a full Redis.
# A part's own time stands in its JSON; inside a customer's text the quotes around the name would be escaped.
_GAUGES = Script("""
local now = clock()
local function born(stream)
  local first = redis.call('XRANGE', p .. stream, '-', '+', 'COUNT', 1)[1]
  return first and tonumber(string.match(first[1], '^%d+')) or now
end
local parts, oldest = 0, now
for _, c in ipairs(redis.call('ZRANGE', p .. 'due', 0, ARGV[1] - 1)) do
  parts = parts + redis.call('LLEN', p .. 'outbox:' .. c)
  local at = tonumber(string.match(redis.call('LINDEX', p .. 'outbox:' .. c, 0) or '', '"at_ms":(%d+)') or 0)
  if at > 0 and at < oldest then oldest = at end
end
return {
  redis.call('XLEN', p .. 'ready'), now - born('ready'), redis.call('XLEN', p .. 'journal'), now - born('journal'),
  redis.call('HLEN', p .. 'parked'), redis.call('LLEN', p .. 'refused'), redis.call('ZCARD', p .. 'timers'),
  redis.call('ZCARD', p .. 'due'), parts, now - oldest,
}
""")

# A write that leaves nothing: a full Redis and a replica refuse it, as they would refuse a message.
_PROBE = Script("""
redis.call('SET', p .. 'probe', '1', 'PX', 1000)
return redis.call('GET', p .. 'partitions') or ''
""")

_CODES = {"OOM": "full", "READONLY": "read_only", "MISCONF": "cannot_write"}


@dataclass(frozen=True, slots=True)
class Gauges:
    """Everything at one moment, over all partitions and processes. Ages are in seconds, 0 where nothing waits."""

    ready: int
    oldest_wait_s: float
    journal: int
    journal_age_s: float
    parked: int
    refused: int
    timers: int
    outboxes: int
    outbox_parts: int
    outbox_age_s: float
    memory_bytes: int
    memory_limit_bytes: int
    """0 where Redis has none."""


async def read_gauges(route: Route) -> Gauges:
    """Look everywhere at once; raises StorageUnavailable."""
    asked = (route.run(_GAUGES, number, LOOKED_AT) for number in range(PARTITIONS))
    rows, memory = await asyncio.gather(asyncio.gather(*asked), _memory(route))
    columns = list(zip(*rows, strict=True))
    ready, wait, journal, lag, parked, refused, timers, outboxes, parts, age = columns
    return Gauges(
        ready=sum(ready),
        oldest_wait_s=max(0, *wait) / 1000,
        journal=sum(journal),
        journal_age_s=max(0, *lag) / 1000,
        parked=sum(parked),
        refused=sum(refused),
        timers=sum(timers),
        outboxes=sum(outboxes),
        outbox_parts=sum(parts),
        outbox_age_s=max(0, *age) / 1000,
        memory_bytes=memory[0],
        memory_limit_bytes=memory[1],
    )


async def probe(route: Route) -> str:
    """Why no message could be taken in now, in a word; empty when one could, by one node of a cluster at least."""
    asked = (route.run(_PROBE, number) for number in nodes(route))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    counts = [answer for answer in answers if not isinstance(answer, BaseException)]
    troubles = [answer for answer in answers if isinstance(answer, BaseException)]
    if not counts:
        return _reason(troubles[0])
    count = next(filter(None, counts), None)
    return "" if int(count or PARTITIONS) == PARTITIONS else "partitions_differ"


def _reason(trouble: BaseException) -> str:
    """A word for why a node took nothing. Redis 6.2 puts a script's own trouble in front."""
    if isinstance(trouble, Refused):
        return next((word for code, word in _CODES.items() if f"{code} " in f"{trouble} "), "refuses")
    if isinstance(trouble, StorageUnavailable):
        return "unavailable"
    raise trouble


def nodes(route: Route) -> list[int]:
    """One partition of each node."""
    first: dict[int, int] = {}
    for partition in range(PARTITIONS):
        first.setdefault(id(route.wire(partition)), partition)
    return list(first.values())


async def _memory(route: Route) -> tuple[int, int]:
    """Used and allowed bytes of all nodes together."""
    texts: Sequence[Any] = await asyncio.gather(*(route.call(number, "INFO", "memory") for number in nodes(route)))
    rows = [dict(line.split(":", 1) for line in text.decode().splitlines() if ":" in line) for text in texts]
    return sum(int(row.get("used_memory", 0)) for row in rows), sum(int(row.get("maxmemory", 0)) for row in rows)
