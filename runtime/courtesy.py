"""Whoever knocks is answered first: while posts and chat messages wait to be taken in, this process begins no turn.

A turn computes for a millisecond or two, a webhook for half of one. When more arrives than both together fit into a
core, only one of them may wait, and it must be the turn: what was taken in is safe, while a provider that gets no
answer sends everything again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

FEW = 4
"""So many at once are no queue."""
MOST_S = 0.25
"""No turn waits longer than that for its beginning: a flood slows the desk down, it does not stop it."""
_LOOK_S = 0.002


class Courtesy:
    """How many are at the door of this process just now."""

    __slots__ = ("waiting",)

    def __init__(self) -> None:
        self.waiting = 0

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While one of them is taken in."""
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1

    async def after_you(self) -> None:
        """Wait until the door is clear, or long enough."""
        if self.waiting <= FEW:
            return
        end = time.monotonic() + MOST_S
        while self.waiting > FEW and time.monotonic() < end:  # noqa: ASYNC110  # a change every few microseconds
            await asyncio.sleep(_LOOK_S)
