"""What nobody could handle: out of the way, kept for a person, and back on demand.

Events that killed their turn lie in the hash `parked` until somebody looks after them, and so do requests of providers
that belong to nobody. Parts that a provider refused for good, or that were tried for too long, lie in the list
`refused`, the newest ones of each partition.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any
from zlib import crc32

from runtime.sessions.clients import Route
from runtime.sessions.commits import packed_part, read_part
from runtime.sessions.holdings import Holdings
from runtime.sessions.keys import PARTITIONS, SessionKey, named_key, parked_key, refused_key
from runtime.sessions.scripts import HEAD, Script
from runtime.sessions.shapes import Lease, LeaseLost, OutboxLease, OutboxPart, ParkedEvent

REFUSED_KEPT = 200
"""Of a partition: a customer who is gone must not fill Redis with what never reached them."""
_PART = "part"
_REQUEST = "request"
_SESSION = "session"
_WHOLE = (f"{_SESSION}-", f"{_REQUEST}-")
"""Of what lies in the hash: bodies that were never in a box."""

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

# ARGV: name, token, reason, what waits in the box instead, the state. Kept once, however often this is repeated; the
# session then begins anew, also when a write of it was under way: what became of that one stands in the ledger.
_ASIDE = Script("""
free()
local c = ARGV[1]
if redis.call('GET', p .. 'lease:' .. c) ~= ARGV[2] then return 0 end
if redis.call('GET', p .. 'state:' .. c) ~= ARGV[5] then return 1 end
local head = string.format('%.0f %d %d ', clock(), #c, #ARGV[3])
local id = 'session-' .. string.sub(redis.sha1hex(c .. ARGV[5]), 1, 12)
redis.call('HSET', p .. 'parked', id, head .. c .. ARGV[3] .. ARGV[5])
redis.call('DEL', p .. 'state:' .. c)
redis.call('HSET', p .. 'meta:' .. c, 'open', '0', 'tries', '0')
redis.call('LPUSH', p .. 'box:' .. c, boxed(clock(), '00000000000', ARGV[4]))
return 1
""")

# ARGV: id, "1" where a write of it was under way. It takes the place of what began since; not while somebody plays.
_RESTORE = Script("""
free()
local stored = redis.call('HGET', p .. 'parked', ARGV[1])
if not stored then return 0 end
local names, reasons, at = string.match(stored, '^%d+ (%d+) (%d+) ()')
local c = string.sub(stored, at, at + names - 1)
if redis.call('EXISTS', p .. 'lease:' .. c) == 1 then return 0 end
redis.call('SET', p .. 'state:' .. c, string.sub(stored, at + names + reasons), 'PX', KEEP)
redis.call('HSET', p .. 'meta:' .. c, 'open', ARGV[2])
redis.call('HDEL', p .. 'parked', ARGV[1])
local ready = redis.call('HGET', p .. 'meta:' .. c, 'ready')
if ARGV[2] == '1' and (not ready or ready == '') then wake(c, 0) end
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

# ARGV: name, token, reason, how many are kept, the part. It stays in the outbox, where `done` drops it: a part that is
# noted twice after a kill is found by its own id and noted once.
_REFUSE = Script("""
free()
local c = ARGV[1]
if redis.call('GET', p .. 'outlease:' .. c) ~= ARGV[2] then return 0 end
local last = redis.call('LINDEX', p .. 'refused', -1)
local tail = c .. ARGV[3] .. ARGV[5]
if last and string.sub(last, -#tail) == tail then return 1 end
redis.call('RPUSH', p .. 'refused', string.format('%.0f %d %d ', clock(), #c, #ARGV[3]) .. tail)
redis.call('LTRIM', p .. 'refused', -ARGV[4], -1)
return 1
""")

# ARGV: field, name, reason, body. A provider that sends it again changes nothing.
_KEEP_REQUEST = Script("""
local head = string.format('%.0f %d %d ', clock(), #ARGV[2], #ARGV[3])
return redis.call('HSETNX', p .. 'parked', ARGV[1], head .. ARGV[2] .. ARGV[3] .. ARGV[4])
""")

# ARGV: the entry as stored, the part for the outbox or "" to drop it, its conversation. Due at once, for any process.
_REFUSED_AGAIN = Script("""
free()
if redis.call('LREM', p .. 'refused', 1, ARGV[1]) == 0 then return 0 end
if ARGV[2] ~= '' then
  redis.call('RPUSH', p .. 'outbox:' .. ARGV[3], ARGV[2])
  redis.call('ZADD', p .. 'due', 'NX', clock(), ARGV[3])
end
return 1
""")


class Parking:
    """The lists of what nobody could handle."""

    def __init__(self, route: Route, holdings: Holdings) -> None:
        self._route = route
        self._holdings = holdings

    async def park(self, lease: Lease, count: int, reason: str, instead: bytes, tries: int) -> None:
        """Move the first `count` events out of the box, and put one in their place; the lease is kept."""
        arguments = lease.key.name, lease.token, lease.next_id(), count, f"{tries}|{reason}", instead
        if not await self._route.run_durable_again(_PARK, lease.key.partition, *arguments):
            self._holdings.drop(lease)
            raise LeaseLost(f"Conversation {lease.key.name} went to another worker; nothing was parked.")

    async def set_aside(self, lease: Lease, state: bytes, reason: str, instead: bytes) -> None:
        """Keep a state that this version cannot read, and begin a new session with this event; the lease is kept."""
        arguments = lease.key.name, lease.token, f"1|{reason}", instead, state
        if not await self._route.run_durable_again(_ASIDE, lease.key.partition, *arguments):
            self._holdings.drop(lease)
            raise LeaseLost(f"Conversation {lease.key.name} went to another worker; nothing was set aside.")

    async def restore(self, parked_id: str, *, under_way: bool) -> bool:
        """Put a session back in the place of what began since; False when there is none, or while somebody plays it."""
        number, _, field = parked_id.partition("-")
        return bool(await self._route.run_again(_RESTORE, int(number), field, int(under_way)))

    async def refuse(self, lease: OutboxLease, part: OutboxPart, reason: str, tries: int) -> None:
        """Keep a part that is about to be dropped from its outbox."""
        arguments = lease.key.name, lease.token, f"{tries}|{reason}", REFUSED_KEPT, packed_part(part)
        await self._route.run_again(_REFUSE, lease.key.partition, *arguments)

    async def keep_request(self, tenant: str, connector: str, body: bytes, reason: str) -> None:
        """Keep what a provider sent and nobody could take; once, also when it is sent again."""
        field = f"{_REQUEST}-{hashlib.blake2s(tenant.encode() + body, digest_size=10).hexdigest()}"
        key = SessionKey(tenant, connector)
        arguments = field, key.name, f"1|{reason}", body
        await self._route.run_durable_again(_KEEP_REQUEST, key.partition, *arguments)

    async def parked(self, tenant: str) -> list[ParkedEvent]:
        """A tenant's parked events and parts, oldest first; every tenant's for the empty name."""
        found = await asyncio.gather(*(self._of(number) for number in range(PARTITIONS)))
        mine = (one for several in found for one in several if tenant in ("", one.key.tenant))
        return sorted(mine, key=lambda one: one.at_ms)

    async def _of(self, number: int) -> list[ParkedEvent]:
        asked = self._route.call(number, "HGETALL", parked_key(number)), self._refused(number)
        flat, refused = await asyncio.gather(*asked)
        events = zip(flat[::2], flat[1::2], strict=True)
        found = [(field.decode(), stored) for field, stored in events]
        mine = [_read(number, field, stored, 0 if field.startswith(_WHOLE) else HEAD) for field, stored in found]
        return mine + [one for one, _ in refused]

    async def _refused(self, number: int) -> list[tuple[ParkedEvent, bytes]]:
        """A partition's parts, each with its bytes; they are numbered by their time and place in the list."""
        found: list[Any] = await self._route.call(number, "LRANGE", refused_key(number), 0, -1)
        return [(_read(number, f"{_PART}-{_name(stored)}", stored, 0), stored) for stored in found]

    async def requeue(self, parked_id: str) -> bool:
        """Put an event back into its box, a part back into its outbox; False when there is none of this id."""
        return await self._again(parked_id, keep=True)

    async def drop(self, parked_id: str) -> bool:
        """Forget it for good; False when there is none of this id."""
        return await self._again(parked_id, keep=False)

    async def _again(self, parked_id: str, *, keep: bool) -> bool:
        number, _, field = parked_id.partition("-")
        if not number.isdigit() or int(number) >= PARTITIONS:
            return False
        partition = int(number)
        if field.startswith(f"{_PART}-"):
            return await self._part_again(partition, parked_id, keep=keep)
        if not keep:
            return bool(await self._route.call(partition, "HDEL", parked_key(partition), field))
        return bool(await self._route.run_again(_REQUEUE, partition, field))

    async def _part_again(self, partition: int, parked_id: str, *, keep: bool) -> bool:
        for one, stored in await self._refused(partition):
            if one.id == parked_id:
                part = one.body if keep else b""
                return bool(await self._route.run_again(_REFUSED_AGAIN, partition, stored, part, one.key.name))
        return False


def _name(stored: bytes) -> str:
    """What tells a stored part from all others, in a few letters."""
    return f"{int(stored.split(b' ', 1)[0]):x}{crc32(stored):08x}"


def _read(partition: int, field: str, stored: bytes, head: int) -> ParkedEvent:
    at, names, reasons, rest = stored.split(b" ", 3)
    name, reason = rest[: int(names)], rest[int(names) :][: int(reasons)].decode()
    tries, told, why = reason.partition("|")
    if not (told and tries.isdigit()):
        tries, why = "0", reason
    body = rest[int(names) + int(reasons) + head :]
    return ParkedEvent(f"{partition}-{field}", named_key(name), why, int(at), body, int(tries))


def part_of(parked: ParkedEvent) -> OutboxPart | None:
    """The part, where it is one."""
    return read_part(parked.body) if parked.id.partition("-")[2].startswith(f"{_PART}-") else None


def is_request(parked: ParkedEvent) -> bool:
    """Whether it is what a provider sent; the key's conversation is then the connector."""
    return parked.id.partition("-")[2].startswith(f"{_REQUEST}-")


def is_session(parked: ParkedEvent) -> bool:
    """Whether it is a session of a newer version."""
    return parked.id.partition("-")[2].startswith(f"{_SESSION}-")
