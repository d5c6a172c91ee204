"""Once a second, by every process: due timers into their boxes, overdue outboxes, work of the dead, and repair."""

from __future__ import annotations

import asyncio
from typing import Any

from runtime.sessions.clients import Route
from runtime.sessions.gauges import nodes
from runtime.sessions.holdings import Holdings, in_time
from runtime.sessions.keys import PARTITIONS, named_key
from runtime.sessions.ready import Ready, read_entry
from runtime.sessions.scripts import Script
from runtime.sessions.shapes import OutboxLease

OUTBOXES_AT_ONCE = 8
MOST_OUTBOXES = 64
SCAN_COUNT = 1000

# ARGV: process, idle ms before a claim, how many entries, claim's cursor, how many outboxes, token, lease ms.
# Answers: the cursor, claimed entries, outboxes taken over (name, token's number).
_SWEEP = Script("""
free()
local now = clock()
for _, member in ipairs(redis.call('ZRANGEBYSCORE', p .. 'timers', '-inf', now, 'LIMIT', 0, 200)) do
  local c, name = string.match(member, '^([^\\n]*)\\n(.*)$')
  local body = redis.call('HGET', p .. 'named:' .. c, name)
  redis.call('ZREM', p .. 'timers', member)
  if body then
    redis.call('HDEL', p .. 'named:' .. c, name)
    redis.call('RPUSH', p .. 'box:' .. c, boxed(now, '00000000000', body))
    local ready = redis.call('HGET', p .. 'meta:' .. c, 'ready')
    if not ready or ready == '' then wake(c, 0) end
  end
end
local cursor, claimed, missing = '0-0', {}, 0
if ARGV[3] ~= '0' then
  local found = redis.pcall('XAUTOCLAIM', p .. 'ready', 'workers', ARGV[1], ARGV[2], ARGV[4], 'COUNT', ARGV[3])
  if found.err then missing = 1 else
    cursor = found[1]
    for _, entry in ipairs(found[2]) do if entry and entry[2] then claimed[#claimed + 1] = entry end end
  end
end
local outboxes = {}
if ARGV[5] ~= '0' then
  for i, c in ipairs(redis.call('ZRANGEBYSCORE', p .. 'due', '-inf', now, 'LIMIT', 0, ARGV[5])) do
    local lease = p .. 'outlease:' .. c
    if redis.call('EXISTS', p .. 'outbox:' .. c, p .. 'kept:' .. c) == 0 then
      redis.call('ZREM', p .. 'due', c)
    elseif redis.call('EXISTS', lease) == 0 then
      redis.call('SET', lease, ARGV[6] .. i, 'PX', ARGV[7])
      redis.call('ZADD', p .. 'due', now + ARGV[2], c)
      outboxes[#outboxes + 1] = {c, i}
    end
  end
end
return {cursor, claimed, outboxes, missing}
""")

# ARGV: name. A box that nobody was told of: cannot happen by our scripts, but keys can be deleted by hand.
_REPAIR = Script("""
free()
local c = ARGV[1]
if redis.call('EXISTS', p .. 'box:' .. c) == 0 then return 0 end
local ready = redis.call('HGET', p .. 'meta:' .. c, 'ready')
if ready and ready ~= '' and #redis.call('XRANGE', p .. 'ready', ready, ready) > 0 then return 0 end
wake(c, 0)
return 1
""")


class Sweep:
    """One process' share of the sweeping; several do no harm."""

    def __init__(self, route: Route, holdings: Holdings, ready: Ready) -> None:
        self._route = route
        self._holdings = holdings
        self._ready = ready
        self._cursors: list[Any] = ["0-0"] * PARTITIONS
        self._scans: dict[int, bytes] = {}
        self._under_way: set[int] = set()
        self.due: asyncio.Queue[OutboxLease] = asyncio.Queue()

    async def once(self) -> None:
        """Sweep all partitions once and a piece of the boxes; raises StorageUnavailable.

        A partition whose node has not answered yet is passed over, so that the others are swept in time.
        """
        free = [number for number in range(PARTITIONS) if number not in self._under_way]
        await in_time(map(self._sweep, free), self._holdings.timing.sweep_ms / 1000)
        if not self._under_way:
            await self._repair()

    async def _sweep(self, partition: int) -> None:
        self._under_way.add(partition)
        try:
            await self._sweep_one(partition)
        finally:
            self._under_way.discard(partition)

    async def _sweep_one(self, partition: int) -> None:
        holdings, timing = self._holdings, self._holdings.timing
        until, token = holdings.until(), f"{holdings.next_token()}:"
        outboxes = OUTBOXES_AT_ONCE if not self._ready.stopped and self.due.qsize() < MOST_OUTBOXES else 0
        room = self._ready.room()
        cursor, claimed, overdue, missing = await self._route.run(
            _SWEEP, partition, holdings.process, timing.claim_ms, room, self._cursors[partition],
            outboxes, token, timing.lease_ms,
        )  # fmt: skip
        self._cursors[partition] = cursor
        for entry_id, fields in claimed:
            entry = read_entry(entry_id, fields[1])
            if not holdings.has(entry.key.name):  # else our own renewal was late
                self._ready.put(entry)
        for name, number in overdue:
            lease = OutboxLease(named_key(name), f"{token}{number}", until)
            holdings.keep_outbox(lease)
            self.due.put_nowait(lease)
        if missing:
            await self._ready.make_groups()

    async def _repair(self) -> None:
        for number, wire_partition in enumerate(nodes(self._route)):
            cursor = self._scans.get(number, b"0")
            scan = ("SCAN", cursor, "MATCH", "fd:{p[0-9][0-9]}:box:*", "COUNT", SCAN_COUNT)
            self._scans[number], found = await self._route.call(wire_partition, *scan)
            await asyncio.gather(*map(self._repair_box, found))

    async def _repair_box(self, box: bytes) -> None:
        name = box.split(b":", 3)[3]
        await self._route.run(_REPAIR, named_key(name).partition, name)
