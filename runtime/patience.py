"""How long a turn may wait for a model: the customer's patience, the lease, and newer words that make it pointless.

A customer reads something within three seconds of their last words, also when a burst was gathered first. Newer words
(law 4) are heard of when the lease is renewed: no round trip is spent on asking.
"""

from __future__ import annotations

import dataclasses
import time

from runtime.core.events import Spent, Understood
from runtime.sessions.shapes import Lease

REPLY_S = 2.85
"""From the customer's last words until the rules must do."""
LEAST_S, MOST_S = 1.0, 2.5
RESERVE_S = 1.0
"""What is kept of the lease for the rest of the turn."""


class Purse:
    """What a turn spends on models, over all its runs: one that newer words made stale was paid for, too."""

    __slots__ = ("_told", "_wasted")

    def __init__(self) -> None:
        self._wasted: Spent | None = None
        self._told: Spent | None = None

    @property
    def calls(self) -> int:
        """Calls of runs that came to nothing."""
        return self._wasted.calls if self._wasted is not None else 0

    def again(self) -> None:
        """The turn runs again: what it told is lost, what it spent is not."""
        self._wasted, self._told = _both(self._wasted, self._told), None

    def all_told(self, understood: Understood) -> Understood:
        """The same, with what stale runs spent before it."""
        spent = _both(self._wasted, understood.spent)
        self._wasted, self._told = None, _both(self._told, spent)
        return understood if spent is understood.spent else dataclasses.replace(understood, spent=spent)


def _both(one: Spent | None, other: Spent | None) -> Spent | None:
    return other if one is None else one if other is None else one.plus(other)


class TurnPatience:
    """The patience of one turn."""

    __slots__ = ("_lease", "_until", "_words", "calls")

    def __init__(self, lease: Lease, words_seen: int | None, came_ms: int, purse: Purse) -> None:
        self.calls = purse.calls
        waited_s = max(0.0, time.time() - came_ms / 1000) if came_ms else 0.0
        self._until = time.monotonic() + min(MOST_S, max(LEAST_S, REPLY_S - waited_s))
        self._lease = lease
        self._words = words_seen

    def left_s(self) -> float:
        """Seconds that are left; 0 when the turn cannot be won any more."""
        if self._words is not None and self._lease.words > self._words:
            return 0.0
        return max(0.0, min(self._until - time.monotonic(), self._lease.left_s() - RESERVE_S))
