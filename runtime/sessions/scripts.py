"""What all Lua scripts share. Each script stands beside the method that calls it, in the file of its group.

Rules: the tag is KEYS[1] and every other key is made from it; time is Redis' own; a script that must work on a full
Redis begins with `free()`, because the memory check looks only at a script's first write; Redis 6.2 commands only.
"""

from __future__ import annotations

import hashlib
from typing import Any

from runtime.sessions.keys import TAGS
from runtime.sessions.wire import pack

SESSION_MS = 8 * 24 * 3600 * 1000

MOST_EVENTS = 1000
"""Bound of one take; what waits behind them is the next turn."""

HEAD = 25
"""Bytes before an event's body in the box: arrival in ms (13), gather (5), gather limit (5), words (1), a blank."""

_PRELUDE = f"""
local KEEP = {SESSION_MS}
local MOST = {MOST_EVENTS - 1}
local p = KEYS[1] .. ':'
local function free() redis.call('DEL', KEYS[1]) end
local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function boxed(now, flags, body) return string.format('%013.0f', now) .. flags .. ' ' .. body end
local function wake(c, wait)
  local id = redis.call('XADD', p .. 'ready', '*', 'c', c, 'w', wait)
  redis.call('HSET', p .. 'meta:' .. c, 'ready', id)
  redis.call('PEXPIRE', p .. 'meta:' .. c, KEEP)
end
local function done(entry)
  redis.call('XACK', p .. 'ready', 'workers', entry)
  redis.call('XDEL', p .. 'ready', entry)
end
local function num(text, from, to) return tonumber(string.sub(text, from, to)) end
local function quiet(events, now)
  local first = events[1]
  local gather = num(first, 14, 18)
  if gather == 0 then return 0 end
  local over = num(first, 1, 13) + gather
  for i = #events, 1, -1 do
    if string.sub(events[i], 24, 24) == '1' then
      over = num(events[i], 1, 13) + num(events[i], 14, 18)
      break
    end
  end
  return math.max(0, math.min(over, num(first, 1, 13) + num(first, 19, 23)) - now)
end
"""

ALL: list[Script] = []


class Script:
    """A Lua script under its SHA. Made at import, loaded on every new connection."""

    __slots__ = ("sha", "text")

    def __init__(self, text: str) -> None:
        self.text = (_PRELUDE + text).encode()
        self.sha = hashlib.sha1(self.text, usedforsecurity=False).hexdigest()
        ALL.append(self)

    def packed(self, partition: int, *arguments: Any) -> bytes:
        """The call as bytes."""
        return pack(("EVALSHA", self.sha, 1, TAGS[partition], *arguments))

    def packed_whole(self, partition: int, *arguments: Any) -> bytes:
        """The call with the script itself, for a Redis that has forgotten it."""
        return pack(("EVAL", self.text, 1, TAGS[partition], *arguments))
