"""Kills the workers, one at a time and at every point that a turn passes, while dialogs are played."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence

from runtime.faults.edges import Edges
from runtime.faults.fleet import Fleet
from runtime.faults.kill_points import POINTS

ELSEWHERE = frozenset({"after_append", "after_send", "after_park"})
"""Passed by web processes, by channels of a provider, and by events that fail: no dialog's turn in a worker does."""
AT_POINTS = tuple(point for point in POINTS if point not in ELSEWHERE)
POINT_S = 20.0
LOOK_S = 0.05


class Reaper:
    """Arms one worker after another. The next one only dies when everybody has got over the last death:
    an event that meets three deaths in a row is put aside, and that is right, but no test of the dialog.
    """

    def __init__(self, fleet: Fleet, edges: Sequence[Edges], seed: int, kills: int) -> None:
        self.fleet = fleet
        self.edges = edges
        self.random = random.Random(seed)
        self.left = self._orders(kills)
        self.killed: Counter[str] = Counter()
        self.missed: list[str] = []
        """Points that no turn passed."""

    def _orders(self, kills: int) -> list[str]:
        orders: list[str] = []
        while len(orders) < kills:
            orders += self.random.sample(AT_POINTS, len(AT_POINTS))
        return orders[:kills]

    async def reap(self) -> None:
        """Until every kill is done. A point that nobody passes in time is tried again at the end, once."""
        again: list[str] = []
        for orders in (self.left, again):
            while orders:
                point = orders.pop(0)
                if not await self._kill(point):
                    (self.missed if orders is again else again).append(point)

    async def _kill(self, point: str) -> bool:
        await self.fleet.all_ready()
        before = len(self.fleet.deaths)
        self.fleet.arm(self.random.randrange(len(self.fleet.workers)), point)
        if not await _until(lambda: len(self.fleet.deaths) > before, POINT_S):
            return False
        self.killed[point] += 1
        counts = [one.answered for one in self.edges]
        # One more reply to each: none of those who were hit waits any longer.
        await _until(lambda: all(now.answered > was for now, was in zip(self.edges, counts, strict=True)), POINT_S)
        return True


async def _until(holds: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(LOOK_S)
    return True
