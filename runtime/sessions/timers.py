"""Timers that are set from outside a turn, and the epoch: the name of this Redis' memory, gone when it forgets."""

from __future__ import annotations

import secrets

from runtime.sessions.clients import Route
from runtime.sessions.keys import TAGS, SessionKey
from runtime.sessions.scripts import Script
from runtime.sessions.shapes import TimerSet

EPOCH_KEY = f"{TAGS[0]}:epoch"

# ARGV: name, timer's name, when, body. May be repeated: the same timer is the same entry.
_SET = Script("""
redis.call('ZADD', p .. 'timers', ARGV[3], ARGV[1] .. '\\n' .. ARGV[2])
redis.call('HSET', p .. 'named:' .. ARGV[1], ARGV[2], ARGV[4])
return 1
""")


class Timers:
    """Sets timers of conversations that nobody is taking a turn of, also of those whose session is long over."""

    def __init__(self, route: Route) -> None:
        self._route = route

    async def set(self, key: SessionKey, timer: TimerSet) -> None:
        """The timer's body goes into the conversation's box at its time."""
        await self._route.run_durable_again(_SET, key.partition, key.name, timer.name, timer.at_ms, timer.body)

    async def once(self, name: str, span_ms: int) -> bool:
        """Whether nobody asked this within the span, over all processes."""
        return await self._route.call(0, "SET", f"{TAGS[0]}:once:{name}", "1", "NX", "PX", span_ms) is not None

    async def epoch(self) -> str:
        """The same for as long as this Redis remembers."""
        known = await self._route.call(0, "GET", EPOCH_KEY)
        if known is None:
            await self._route.call(0, "SET", EPOCH_KEY, secrets.token_hex(8), "NX")
            known = await self._route.call(0, "GET", EPOCH_KEY)
        return bytes(known or b"").decode()
