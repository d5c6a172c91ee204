"""What all workers together may do in a time: so many requests a second, so many at once.

One number a key in Redis: the time until which everything allowed so far is used up. It moves on with each request and
may run ahead of the clock by a burst; how far it is further ahead is how long to wait. Whoever is told to wait no
longer than it is patient has its place already, so that many who wait do not ask again and again.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from runtime.ports import Allowance
from runtime.sessions.clients import Route
from runtime.sessions.keys import PARTITIONS
from runtime.sessions.scripts import Script

# ARGV: patience in us, then for each allowance its key, us a request, us that may be run ahead.
# Answers: us to wait; with more than the patience nothing was taken. A repetition only takes one place too many.
_TAKE = Script("""
free()
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local wait, until_then = 0, {}
for i = 2, #ARGV, 3 do
  local used = math.max(tonumber(redis.call('GET', p .. 'limit:' .. ARGV[i]) or 0), now)
  until_then[i] = used + ARGV[i + 1]
  wait = math.max(wait, used - now - ARGV[i + 2])
end
if wait > tonumber(ARGV[1]) then return wait end
for i, used in pairs(until_then) do
  redis.call('SET', p .. 'limit:' .. ARGV[i], string.format('%.0f', used), 'PX', math.ceil((used - now) / 1000) + 1000)
end
return wait
""")


class Limits:
    """`SharedLimits` over all workers of an installation."""

    def __init__(self, route: Route) -> None:
        self._route = route

    async def wait_s(self, key: str, allowances: Sequence[Allowance] = (), patience_s: float = 0.0) -> float:
        """One round trip for all allowances of a key, none without any."""
        if not allowances:
            return 0.0
        arguments: list[str | int] = [int(patience_s * 1e6)]
        for one in allowances:
            step = round(1e6 / one.per_s)
            arguments += [f"{key}/{one.name}", step, step * (one.burst - 1)]
        return float(await self._route.run_again(_TAKE, crc32(key.encode()) % PARTITIONS, *arguments)) / 1e6
