"""Parts that may not go out now, because the customer wrote too long ago: kept until they write again (M14).

List `kept:`, the newest 20 for a week. `meta.heard` is when the customer wrote last, `meta.kept_at` the same as it was
known to whoever kept something: words that came meanwhile count as written again. `meta.told` says that the customer,
or the operators, know. Who views the outbox after the customer wrote again finds what was kept in front of it; only
whoever holds the outbox's lease moves anything.
"""

from __future__ import annotations

from runtime.sessions.clients import Route
from runtime.sessions.holdings import Holdings
from runtime.sessions.scripts import Script
from runtime.sessions.shapes import OutboxLease

KEPT_MS = 7 * 24 * 3600 * 1000
MOST_KEPT = 20

RELEASING = """
local function released(c)
  local m = redis.call('HMGET', p .. 'meta:' .. c, 'heard', 'kept_at')
  if not m[1] or tonumber(m[1]) <= tonumber(m[2] or 0) then return end
  local kept = redis.call('LRANGE', p .. 'kept:' .. c, 0, -1)
  if #kept == 0 then return end
  free()
  for i = #kept, 1, -1 do redis.call('LPUSH', p .. 'outbox:' .. c, kept[i]) end
  redis.call('DEL', p .. 'kept:' .. c)
  redis.call('HDEL', p .. 'meta:' .. c, 'told', 'kept_at')
end
local function untold(c)
  if redis.call('HGET', p .. 'meta:' .. c, 'told') then return '' end
  return redis.call('LINDEX', p .. 'kept:' .. c, 0) or ''
end
local function keep(c, part, heard)
  redis.call('RPUSH', p .. 'kept:' .. c, part)
  redis.call('LTRIM', p .. 'kept:' .. c, -%d, -1)
  redis.call('PEXPIRE', p .. 'kept:' .. c, '%d')
  local before = tonumber(redis.call('HGET', p .. 'meta:' .. c, 'kept_at') or 0)
  redis.call('HSET', p .. 'meta:' .. c, 'kept_at', math.max(before, tonumber(heard)))
  redis.call('PEXPIRE', p .. 'meta:' .. c, KEEP)
end
local function go_on(c, lease_ms, claim_ms)
  local lease = p .. 'outlease:' .. c
  if redis.call('EXISTS', p .. 'outbox:' .. c) == 0 and untold(c) == '' then
    redis.call('ZREM', p .. 'due', c)
    redis.call('DEL', lease)
    return 2
  end
  redis.call('PEXPIRE', lease, lease_ms)
  redis.call('ZADD', p .. 'due', clock() + claim_ms, c)
  return 1
end
""" % (MOST_KEPT, KEPT_MS)  # noqa: UP031  # Lua is full of braces
"""Lua that the scripts of delivery share."""

# ARGV: name, token, head as the deliverer knows it, lease ms, ms until others look after it, the journal's note, when
# the customer had written last as the deliverer knew it.
# Answers: 0 lost, 1 kept, 2 kept and nothing is left to do.
_KEEP = Script(
    RELEASING
    + """
free()
local c = ARGV[1]
local outbox, meta = p .. 'outbox:' .. c, p .. 'meta:' .. c
if redis.call('GET', p .. 'outlease:' .. c) ~= ARGV[2] then return 0 end
if tonumber(redis.call('HGET', meta, 'head') or 0) == tonumber(ARGV[3]) then
  local part = redis.call('LPOP', outbox)
  redis.call('HINCRBY', meta, 'head', 1)
  if part then keep(c, part, ARGV[7]) end
  redis.call('XADD', p .. 'journal', '*', 'c', c, 'b', ARGV[6])
  released(c)
end
return go_on(c, ARGV[4], ARGV[5])
"""
)

# ARGV: name, token, lease ms, ms until others look after it.
_TOLD = Script(
    RELEASING
    + """
free()
local c = ARGV[1]
if redis.call('GET', p .. 'outlease:' .. c) ~= ARGV[2] then return 0 end
redis.call('HSET', p .. 'meta:' .. c, 'told', '1')
return go_on(c, ARGV[3], ARGV[4])
"""
)


class KeptParts:
    """Delivery's other way out of an outbox."""

    def __init__(self, route: Route, holdings: Holdings) -> None:
        self._route = route
        self._holdings = holdings

    async def keep(self, lease: OutboxLease, note: bytes) -> bool:
        """The first part waits until the customer writes again; False when the lease was lost."""
        if lease.ended:
            return False
        timing = self._holdings.timing
        left = await self._asked(lease, _KEEP, lease.head, timing.lease_ms, timing.claim_ms, note, lease.heard_ms)
        lease.head += 1
        return left

    async def told(self, lease: OutboxLease) -> bool:
        """The customer, or somebody, knows that something waits; False when the lease was lost."""
        if lease.ended:
            return False
        return await self._asked(lease, _TOLD, self._holdings.timing.lease_ms, self._holdings.timing.claim_ms)

    async def _asked(self, lease: OutboxLease, script: Script, *arguments: object) -> bool:
        lease.touch()
        until = self._holdings.until()
        reply = await self._route.run_again(script, lease.key.partition, lease.key.name, lease.token, *arguments)
        if reply == 1:
            lease.extend(until)
        else:
            self._holdings.drop_outbox(lease)
        return bool(reply)
