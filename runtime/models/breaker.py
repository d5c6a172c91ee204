"""A breaker per model: after failures in a row nothing is asked for a while, then one call tries. One per process.

Its state is a process's own: a few calls of each process are cheaper than a round trip to Redis for every call.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from runtime.telemetry import count

_log = logging.getLogger(__name__)
FAILURES = 4
OPEN_S = 15.0
LONGEST_S = 120.0


class Breaker:
    """Closed, open, or half open with one call on its way."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._clock = clock
        self._failures = 0
        self._open_s = OPEN_S
        self._until = 0.0
        self._trying = False

    @property
    def open(self) -> bool:
        """Whether a call now would be turned away."""
        return self._failures >= FAILURES and (self._trying or self._clock() < self._until)

    def begin(self) -> bool:
        """Whether a call may go; the one that tries a half-open breaker is the only one."""
        if self.open:
            return False
        self._trying = self._failures >= FAILURES
        return True

    def worked(self) -> None:
        """A call came back well."""
        if self._failures >= FAILURES:
            _log.warning("The model %s answers again", self.name)
        self._failures, self._trying, self._open_s = 0, False, OPEN_S

    def failed(self) -> None:
        """A call failed. Only one that tried an open breaker makes it wait longer: others began before it opened."""
        tried, self._trying = self._trying, False
        self._failures += 1
        if self._failures == FAILURES:
            count("model_breaker_opened")
            _log.error("The model %s fails; the rules read alone, and it is tried again from time to time", self.name)
        elif tried:
            self._open_s = min(LONGEST_S, self._open_s * 2)
        if tried or self._failures == FAILURES:
            self._until = self._clock() + self._open_s

    def left(self) -> None:
        """A call was given up by us: that says nothing about the model, but the next may try."""
        self._trying = False
