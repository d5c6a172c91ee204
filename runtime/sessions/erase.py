"""Forgetting a conversation on request."""

from __future__ import annotations

from runtime.sessions.clients import Route
from runtime.sessions.keys import SessionKey
from runtime.sessions.scripts import Script

# ARGV: name. What stays: seen marks (hashes, 8 days) and the chat's counter, which must never restart.
# A worker in the middle of a turn loses its lease and writes nothing; the fence goes on counting.
_ERASE = Script("""
local c = ARGV[1]
local meta = p .. 'meta:' .. c
local ready = redis.call('HGET', meta, 'ready')
if ready and ready ~= '' then done(ready) end
for _, name in ipairs(redis.call('HKEYS', p .. 'named:' .. c)) do
  redis.call('ZREM', p .. 'timers', c .. '\\n' .. name)
end
local fence = redis.call('HGET', meta, 'fence')
for _, what in ipairs({'box', 'meta', 'state', 'lease', 'outbox', 'outlease', 'named', 'chat', 'sent', 'early', 'kept',
  'bodies', 'same'}) do
  redis.call('DEL', p .. what .. ':' .. c)
end
if fence then
  redis.call('HSET', meta, 'fence', fence)
  redis.call('PEXPIRE', meta, KEEP)
end
redis.call('ZREM', p .. 'due', c)
local parked = redis.call('HGETALL', p .. 'parked')
for i = 1, #parked, 2 do
  local names, at = string.match(parked[i + 1], '^%d+ (%d+) %d+ ()')
  if string.sub(parked[i + 1], at, at + names - 1) == c then redis.call('HDEL', p .. 'parked', parked[i]) end
end
for _, stored in ipairs(redis.call('LRANGE', p .. 'refused', 0, -1)) do
  local names, at = string.match(stored, '^%d+ (%d+) %d+ ()')
  if string.sub(stored, at, at + names - 1) == c then redis.call('LREM', p .. 'refused', 0, stored) end
end
return 1
""")


async def erase(route: Route, key: SessionKey) -> None:
    """Delete everything of this conversation but the marks against duplicates."""
    await route.run_again(_ERASE, key.partition, key.name)
