"""Business time: real, or moved to a start for demos and tests. Leases and gather windows never look here.

An event carries how far the process that took it in had moved its time: whoever plays the turn goes by that. A chat
with `--now` beside a running server would otherwise get half its answers for another day, and customers of the server
answers for a day that somebody only plays.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from runtime.errors import ConfigurationError
from runtime.ports import Clock

_turn_shift: ContextVar[timedelta | None] = ContextVar("turn_shift", default=None)


class SystemClock:
    """The time it is."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)


class MovedClock:
    """Begins at `start` and runs on at the usual pace; `move` is for tests."""

    def __init__(self, start: datetime) -> None:
        self._start = start.astimezone(UTC)
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Aware, UTC."""
        return self._start + timedelta(seconds=time.monotonic() - self._began)

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self._start += by


class TurnClock:
    """The time of the turn that this task plays; outside of turns, the time of this process."""

    def __init__(self, own: Clock) -> None:
        self._own = own

    def now(self) -> datetime:
        """Aware, UTC."""
        shift = _turn_shift.get()
        return self._own.now() if shift is None else datetime.now(UTC) + shift


def shift_of(clock: Clock) -> int:
    """How many milliseconds this clock is moved against the real time; 0 for the real one."""
    shift = clock.now() - datetime.now(UTC)
    return 0 if abs(shift) < timedelta(seconds=1) else round(shift / timedelta(milliseconds=1))


def play_at(shift_ms: int | None) -> None:
    """The turn of this task goes by a time that is moved so far; None is this process's own."""
    _turn_shift.set(None if shift_ms is None else timedelta(milliseconds=shift_ms))


def read_moment(text: str, timezone: str) -> datetime:
    """An ISO time; without an offset it is in the business's own zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"`{text}` is no time: write it like 2026-11-20T10:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))
