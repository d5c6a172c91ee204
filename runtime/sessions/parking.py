"""Events that killed their turn three times: out of the box, kept for a person, and back on demand."""

from __future__ import annotations

import asyncio

from runtime.sessions.clients import Route
from runtime.sessions.holdings import Holdings
from runtime.sessions.keys import PARTITIONS, named_key, parked_key
from runtime.sessions.scripts import HEAD, Script
from runtime.sessions.shapes import Lease, LeaseLost, ParkedEvent

# ARGV: name, token, this write's id, count, reason, what waits in the box instead or "".
# Stored: time, length of name, length of reason, then name, reason, the event as it stood in the box.
_PARK = Script("""
free()
local c = ARGV[1]
local meta = p .. 'meta:' .. c
if redis.call('HGET', meta, 'commit') == ARGV[3] then return 1 end
if redis.call('GET', p .. 'lease:' .. c) ~= ARGV[2] then return 0 end
local now = clock()
for i = 1, tonumber(ARGV[4]) do
  local event = redis.call('LPOP', p .. 'box:' .. c)
  if not event then break end
  local head = string.format('%.0f %d %d ', now, #c, #ARGV[5])
  redis.call('HSET', p .. 'parked', string.gsub(ARGV[3], '[^%w]', '-') .. '-' .. i, head .. c .. ARGV[5] .. event)
end
if ARGV[6] ~= '' then redis.call('LPUSH', p .. 'box:' .. c, boxed(now, '00000000000', ARGV[6])) end
redis.call('HSET', meta, 'commit', ARGV[3], 'tries', '0')
return 1
""")

# ARGV: id. The event goes to the end of its box and starts a turn at once.
_REQUEUE = Script("""
free()
local stored = redis.call('HGET', p .. 'parked', ARGV[1])
if not stored then return 0 end
local names, reasons, at = string.match(stored, '^%d+ (%d+) (%d+) ()')
local c = string.sub(stored, at, at + names - 1)
local event = string.sub(stored, at + names + reasons)
redis.call('HDEL', p .. 'parked', ARGV[1])
redis.call('RPUSH', p .. 'box:' .. c, boxed(clock(), '00000000000', string.sub(event, 26)))
local ready = redis.call('HGET', p .. 'meta:' .. c, 'ready')
if not ready or ready == '' then wake(c, 0) end
return 1
""")


class Parking:
    """The tenant's list of events that nobody could handle."""

    def __init__(self, route: Route, holdings: Holdings) -> None:
        self._route = route
        self._holdings = holdings

    async def park(self, lease: Lease, count: int, reason: str, instead: bytes) -> None:
        """Move the first `count` events out of the box, and put one in their place; the lease is kept."""
        arguments = lease.key.name, lease.token, lease.next_id(), count, reason, instead
        if not await self._route.run_durable_again(_PARK, lease.key.partition, *arguments):
            self._holdings.drop(lease)
            raise LeaseLost(f"Conversation {lease.key.name} went to another worker; nothing was parked.")

    async def parked(self, tenant: str) -> list[ParkedEvent]:
        """A tenant's parked events, oldest first; every tenant's for the empty name."""
        asked = (self._route.call(number, "HGETALL", parked_key(number)) for number in range(PARTITIONS))
        found: list[ParkedEvent] = []
        for number, flat in enumerate(await asyncio.gather(*asked)):
            found += [_read(number, name, stored) for name, stored in zip(flat[::2], flat[1::2], strict=True)]
        return sorted((e for e in found if tenant in ("", e.key.tenant)), key=lambda event: event.at_ms)

    async def requeue(self, parked_id: str) -> bool:
        """Put an event back into its box; False when there is none of this id."""
        number, _, field = parked_id.partition("-")
        if not number.isdigit() or int(number) >= PARTITIONS:
            return False
        return bool(await self._route.run_again(_REQUEUE, int(number), field))


def _read(partition: int, field: bytes, stored: bytes) -> ParkedEvent:
    at, names, reasons, rest = stored.split(b" ", 3)
    name, reason = rest[: int(names)], rest[int(names) :][: int(reasons)]
    body = rest[int(names) + int(reasons) + HEAD :]
    return ParkedEvent(f"{partition}-{field.decode()}", named_key(name), reason.decode(), int(at), body)
