"""Events into their boxes. After this returns, an event survives every crash."""

from __future__ import annotations

from hashlib import blake2b

from runtime.sessions.clients import Route
from runtime.sessions.keys import SessionKey
from runtime.sessions.scripts import Script
from runtime.sessions.shapes import BoxEvent

# ARGV: name, hash of the event's id, flags, wait, body, whether the customer did it.
# SET comes first: on a full Redis it is refused, and with it the whole append. A duplicate touches its mark, so that
# WAIT on this connection has something to wait for.
_APPEND = Script("""
local c = ARGV[1]
local seen = p .. 'seen:' .. c .. ':' .. ARGV[2]
if not redis.call('SET', seen, '1', 'NX', 'PX', KEEP) then
  redis.call('PEXPIRE', seen, KEEP)
  return 0
end
local meta = p .. 'meta:' .. c
redis.call('RPUSH', p .. 'box:' .. c, boxed(clock(), ARGV[3], ARGV[5]))
if string.sub(ARGV[3], 11, 11) == '1' then redis.call('HINCRBY', meta, 'words', 1) end
if ARGV[6] == '1' then
  redis.call('HSET', meta, 'heard', clock())
  if redis.call('EXISTS', p .. 'kept:' .. c) == 1 then redis.call('ZADD', p .. 'due', 'NX', clock(), c) end
end
local ready = redis.call('HGET', meta, 'ready')
if not ready or ready == '' then wake(c, ARGV[4]) end
return 1
""")


def flags(event: BoxEvent) -> str:
    """What the scripts must know of an event, in fixed columns (see scripts.HEAD)."""
    return f"{min(event.gather_ms, 99999):05d}{min(event.gather_max_ms, 99999):05d}{event.words:d}"


class Intake:
    """The write side of the edge; all appends of a process share one connection and so keep their order."""

    def __init__(self, route: Route) -> None:
        self._route = route

    async def append(self, key: SessionKey, event: BoxEvent) -> bool:
        """True when it is new, False when its id was seen within 8 days."""
        mark = blake2b(event.id.encode(), digest_size=12).hexdigest()
        new = await self._route.run_durable(
            _APPEND, key.partition, key.name, mark, flags(event), min(event.gather_ms, event.gather_max_ms), event.body,
            int(event.heard),
        )  # fmt: skip
        return bool(new)
