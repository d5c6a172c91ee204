"""The beginning of a turn, and giving one up: take, retake, release. Its end is in `commits.py`."""

from __future__ import annotations

from typing import Any

from runtime.sessions.clients import Route
from runtime.sessions.holdings import Holdings
from runtime.sessions.keys import SessionKey, state_key
from runtime.sessions.scripts import HEAD, Script
from runtime.sessions.shapes import Empty, Held, Later, Lease, LeaseLost, ReadyEntry, Taken

_EMPTY, _HELD, _LATER, _TAKEN = range(4)

# ARGV: name, process, entry, lease ms, longest wait, "1" when a lease of this very process is a lost answer.
# Entry and meta.ready differ only after a repair or a very late reader: the one that exists wins.
# `open` is set between an intent's commit and the turn's end: such a turn is taken even when its box is empty.
_TAKE = Script("""
free()
local c, process, entry = ARGV[1], ARGV[2], ARGV[3]
local lease, meta = p .. 'lease:' .. c, p .. 'meta:' .. c
local holder = redis.call('GET', lease)
if holder and not (ARGV[6] == '1' and string.sub(holder, 1, #process + 1) == process .. ':') then return {1} end
local m = redis.call('HMGET', meta, 'ready', 'words', 'open')
local events = redis.call('LRANGE', p .. 'box:' .. c, 0, MOST)
if #events == 0 and m[3] ~= '1' then
  done(entry)
  if m[1] == entry then redis.call('HSET', meta, 'ready', '') end
  return {0}
end
if m[1] ~= entry then
  if m[1] and m[1] ~= '' and #redis.call('XRANGE', p .. 'ready', m[1], m[1]) > 0 then
    done(entry)
    return {0}
  end
  if #redis.call('XRANGE', p .. 'ready', entry, entry) == 0 then return {0} end
  redis.call('HSET', meta, 'ready', entry)
end
if m[3] ~= '1' then
  local wait = quiet(events, clock())
  if wait > 0 then
    redis.call('XCLAIM', p .. 'ready', 'workers', process, 0, entry, 'JUSTID')
    return {2, math.min(wait, tonumber(ARGV[5]))}
  end
end
local fence = redis.call('HINCRBY', meta, 'fence', 1)
local tries = redis.call('HINCRBY', meta, 'tries', 1)
redis.call('SET', lease, process .. ':' .. fence, 'PX', ARGV[4])
return {3, fence, tries, tonumber(m[2] or 0), redis.call('GET', p .. 'state:' .. c), events}
""")

# ARGV: name, token, longest wait.
_RETAKE = Script("""
free()
local c = ARGV[1]
if redis.call('GET', p .. 'lease:' .. c) ~= ARGV[2] then return {1} end
local m = redis.call('HMGET', p .. 'meta:' .. c, 'words', 'tries', 'open')
local events = redis.call('LRANGE', p .. 'box:' .. c, 0, MOST)
if #events > 0 and m[3] ~= '1' then
  local wait = quiet(events, clock())
  if wait > 0 then return {2, math.min(wait, tonumber(ARGV[3]))} end
end
return {3, 0, tonumber(m[2] or 0), tonumber(m[1] or 0), redis.call('GET', p .. 'state:' .. c), events}
""")

# ARGV: name, token, entry, wait before the next try, "1" when the try shall not count.
_RELEASE = Script("""
free()
local c = ARGV[1]
local lease, meta = p .. 'lease:' .. c, p .. 'meta:' .. c
if redis.call('GET', lease) ~= ARGV[2] then return 0 end
redis.call('DEL', lease)
done(ARGV[3])
if ARGV[5] == '1' then redis.call('HINCRBY', meta, 'tries', -1) end
redis.call('HSET', meta, 'ready', '')
if redis.call('LLEN', p .. 'box:' .. c) > 0 or redis.call('HGET', meta, 'open') == '1' then wake(c, ARGV[4]) end
return 1
""")


class Turns:
    """Takes turns for this process."""

    def __init__(self, route: Route, holdings: Holdings) -> None:
        self._route = route
        self._holdings = holdings
        self._process = holdings.process
        self._lease_ms = holdings.timing.lease_ms
        self._longest_wait = holdings.timing.claim_ms // 2

    async def take(self, entry: ReadyEntry) -> Taken | Later | Held | Empty:
        """The conversation's lease, state and all waiting events, or why not."""
        name, holdings = entry.key.name, self._holdings
        alone = not holdings.has(name)
        if alone:
            holdings.taking.add(name)
        try:
            until = holdings.until()
            reply = await self._ask(entry, name, alone)
        finally:
            if alone:
                holdings.taking.discard(name)
        if reply[0] == _TAKEN:
            lease = Lease(entry.key, f"{self._process}:{reply[1]}", entry.entry_id, reply[1], until)
            holdings.keep(lease)
            return _taken(lease, reply)
        if reply[0] == _LATER:
            return Later(reply[1])
        return Held() if reply[0] == _HELD else Empty()

    async def _ask(self, entry: ReadyEntry, name: str, alone: bool) -> list[Any]:
        arguments = name, self._process, entry.entry_id, self._lease_ms, self._longest_wait, int(alone)
        reply: list[Any] = await self._route.run_again(_TAKE, entry.key.partition, *arguments)
        return reply

    async def retake(self, lease: Lease) -> Taken | Later:
        """Everything that waits now, under the same lease; raises LeaseLost."""
        name = lease.key.name
        reply = await self._route.run_again(_RETAKE, lease.key.partition, name, lease.token, self._longest_wait)
        if reply[0] == _HELD:
            self._holdings.drop(lease)
            raise LeaseLost(f"Conversation {name} went to another worker.")
        lease.touch()
        return Later(reply[1]) if reply[0] == _LATER else _taken(lease, reply)

    async def release(self, lease: Lease, wait_ms: int, blame: bool) -> None:
        """Give the turn up; what waits is ready again after `wait_ms`."""
        arguments = lease.key.name, lease.token, lease.entry_id, wait_ms, int(not blame)
        try:
            await self._route.run_again(_RELEASE, lease.key.partition, *arguments)
        finally:
            self._holdings.drop(lease)

    async def read_state(self, key: SessionKey) -> bytes | None:
        """The state as last committed."""
        state: bytes | None = await self._route.call(key.partition, "GET", state_key(key))
        return state


def _taken(lease: Lease, reply: list[Any]) -> Taken:
    events = tuple([event[HEAD:] for event in reply[5]])
    came_ms = int(reply[5][0][:13]) if events else 0
    return Taken(lease=lease, state=reply[4], events=events, words=reply[3], tries=reply[2], came_ms=came_ms)
