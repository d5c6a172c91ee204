"""Whoever knocks is answered first: while messages come in, turns of this process wait for them and for each other.

A turn computes for a millisecond or two, a webhook for half of one. When more arrives than both together fit into a
core, only one of them may wait, and it must be the turn: what was taken in is safe, while a provider that gets no
answer sends everything again. An answer takes some rounds of the event loop, so a round must be short: no turn begins
while there is a queue at the door, and of those that have begun one computes in each round.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

FEW = 4
"""So many at once are no queue."""
PROMPT_S = 0.004
"""A loop that comes so late to a timer has enough to do."""
MOST_S = 0.25
"""No turn waits longer than that for its beginning: a flood slows the desk down, it does not stop it."""
QUIET_S = 1.0
"""When nobody has knocked for so long, turns need not go one by one."""
_LOOK_S = 0.002


class Courtesy:
    """How many are at the door of this process just now, and the turns that wait for a round of their own."""

    __slots__ = ("_knocked", "_line", "_moving", "waiting")

    def __init__(self) -> None:
        self.waiting = 0
        self._knocked = float("-inf")
        self._line: deque[asyncio.Future[None]] = deque()
        self._moving = False

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While one of them is taken in."""
        self.waiting += 1
        self._knocked = time.monotonic()
        try:
            yield
        finally:
            self.waiting -= 1

    async def after_you(self) -> None:
        """Wait until the door is clear and the event loop prompt again, or long enough.

        Who knocks but was not heard yet stands in no list; that the loop comes late to a timer tells of them.
        """
        began = now = time.monotonic()
        if now - self._knocked > QUIET_S and self.waiting <= FEW:
            return
        while now - began < MOST_S:
            await asyncio.sleep(_LOOK_S)
            late_s, now = time.monotonic() - now - _LOOK_S, time.monotonic()
            if late_s <= PROMPT_S and self.waiting <= FEW:
                return

    async def one_by_one(self) -> None:
        """Wait for a round of the event loop in which no other turn begins to compute."""
        if not self._moving and time.monotonic() - self._knocked > QUIET_S:
            return
        loop = asyncio.get_running_loop()
        if not self._moving:
            self._moving = True
            loop.call_soon(self._next, loop)
            return
        mine = loop.create_future()
        self._line.append(mine)
        await mine

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        """Once a round: the first in line that is still there."""
        while self._line:
            if not (first := self._line.popleft()).done():
                first.set_result(None)
                loop.call_soon(self._next, loop)
                return
        self._moving = False
