"""What a worker does about a session or an event that a newer version wrote: it is left to that version's workers.

In an update both versions run, and a newer worker takes the conversation within seconds. After a way back nobody does:
then the customer gets an apology and a person, and what cannot be read is kept for the newer version.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from runtime.codec import Boxed, NewerShape, Origin, box
from runtime.core.events import Parked
from runtime.sessions.shapes import Taken
from runtime.sessions.store import Sessions
from runtime.telemetry import count

_log = logging.getLogger(__name__)
FIRST_MS, LONGEST_MS = 100, 2000
"""Offered again soon at first, so that a newer worker has it at once; then seldom, so that it costs nobody anything."""
FORGET_S = 600.0
MOST = 10_000


class Newer:
    """What this process left to others, conversation by conversation."""

    def __init__(self, sessions: Sessions, wait_s: float) -> None:
        self.sessions = sessions
        self.wait_s = wait_s
        self._met: dict[str, tuple[float, float, int]] = {}
        """By conversation: when it was met first and last, and how often."""

    def put_off(self, taken: Taken, why: NewerShape) -> int:
        """In how many ms it is offered again. Said once, not at each try."""
        name, now = taken.lease.key.name, time.monotonic()
        first, last, times = self._met.get(name, (now, now, 0))
        if now - last > FORGET_S or len(self._met) > MOST:
            self._met.clear()
            first, times = now, 0
        if times == 0:
            count("turns_left_newer")
            _log.warning("A turn is put off: %s", why)
        self._met[name] = (first, now, times + 1)
        return int(min(LONGEST_MS, FIRST_MS * 2.0 ** min(times, 10)))

    def event_waited_enough(self, taken: Taken) -> bool:
        """Whether an event of a newer version has held its conversation so long that nobody seems to be left for it."""
        return time.time() * 1000 - taken.came_ms > self.wait_s * 1000

    def session_waited_enough(self, taken: Taken) -> bool:
        """The same for a session, by what we saw of it: to begin anew is a greater step than to put one event aside."""
        now = time.monotonic()
        first, _, _ = self._met.get(taken.lease.key.name, (now, now, 0))
        return now - first >= self.wait_s

    async def set_aside(self, taken: Taken, now: datetime) -> None:
        """Keep the session for the newer version; the news of it waits before the words, in a session that begins."""
        state = taken.state or b""
        news = Boxed(f"session:{taken.lease.key.conversation}", Parked("session", now), _origin(state))
        await self.sessions.set_aside(taken.lease, state, NewerShape.OF_A_SESSION, instead=box(news))
        count("sessions_set_aside")
        _log.error("A session of a newer version was set aside: no newer worker came for %.0f s. "
                   "A person is asked to look after the customer.", self.wait_s)  # fmt: skip
        self._met.pop(taken.lease.key.name, None)


def _origin(state: bytes) -> Origin:
    """Whose session it is, as far as every version says it the same way."""
    stored: Mapping[str, Any] = orjson.loads(state)["conversation"]
    extra = {str(name): str(value) for name, value in (stored.get("extra") or {}).items()}
    connection, channel, chat, contact, language = (
        str(stored[name]) for name in ("connection", "channel", "chat", "contact", "language")
    )
    return Origin(connection, channel, chat, contact, language=language, extra=extra)
