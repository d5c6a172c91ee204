"""Business time: real, or moved to a start for demos and tests. Leases and gather windows never look here."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from runtime.errors import ConfigurationError


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


def read_moment(text: str, timezone: str) -> datetime:
    """An ISO time; without an offset it is in the business's own zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"`{text}` is no time: write it like 2026-11-20T10:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))
