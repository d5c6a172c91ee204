"""Live ends: browsers, terminals and calls that this process holds, and how others reach them.

A seat writes `live:<tenant>:<conversation>` with this process' id; whoever has news publishes to the process' channel.
A lost nudge costs nothing: readers read on from their last number, and after a reconnect every seat is nudged once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from runtime.errors import StorageUnavailable
from runtime.sessions.clients import Address, Route, connect
from runtime.sessions.keys import PEOPLE_CHANNEL, SessionKey, live_channel
from runtime.sessions.scripts import Script
from runtime.sessions.shapes import Timing
from runtime.sessions.wire import Link, pack

_log = logging.getLogger(__name__)

PING_S = 10.0

# ARGV: name, process, ms. Whoever did not renew its seat is dead: a chat that stays open outlives many processes.
_SEAT = Script("""
free()
local live, now = p .. 'live:' .. ARGV[1], clock()
redis.call('ZREMRANGEBYSCORE', live, '-inf', now)
redis.call('ZADD', live, now + ARGV[3], ARGV[2])
redis.call('PEXPIRE', live, ARGV[3])
return 1
""")

_LEAVE = Script("""return redis.call('ZREM', p .. 'live:' .. ARGV[1], ARGV[2])""")


class LiveSeat:
    """One live end of a conversation. Use it as an async context manager."""

    def __init__(self, key: SessionKey, live: Live) -> None:
        self.key = key
        self._live = live
        self._news = asyncio.Event()

    async def __aenter__(self) -> LiveSeat:
        """Register; from here on nothing is missed."""
        await self._live.sit(self)
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Let go."""
        await self._live.leave(self)

    def nudge(self) -> None:
        """There may be news."""
        self._news.set()

    async def wait(self, timeout_s: float) -> bool:
        """Until there may be news (True) or the time is over (False). News between two waits are not lost."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), timeout_s)
        found = self._news.is_set()
        self._news.clear()
        return found


class Live:
    """The seats of this process and its subscription."""

    def __init__(self, address: Callable[[], Address], route: Route, process: str, timing: Timing) -> None:
        self._address = address
        self._route = route
        self._process = process
        self._live_ms = timing.live_ms
        self._seats: dict[str, set[LiveSeat]] = {}
        self._handlers: list[Callable[[bytes], None]] = []
        self._pages: list[Callable[[], None]] = []
        self._subscribed = asyncio.Event()
        self._link: Link | None = None

    def on_notice(self, handler: Callable[[bytes], None]) -> None:
        """Call this with every payload that a commit sends to this process."""
        self._handlers.append(handler)

    def on_people_news(self, handler: Callable[[], None]) -> None:
        """Call this when people's pages may have something to look at; also after each gap."""
        self._pages.append(handler)

    async def sit(self, seat: LiveSeat) -> None:
        """Register a seat."""
        self._seats.setdefault(seat.key.name, set()).add(seat)
        try:
            await self._register(seat.key)
        except StorageUnavailable:
            self._stand(seat)
            raise

    async def _register(self, key: SessionKey) -> None:
        await self._route.run_again(_SEAT, key.partition, key.name, self._process, self._live_ms)

    def _stand(self, seat: LiveSeat) -> bool:
        seats = self._seats.get(seat.key.name, set())
        seats.discard(seat)
        if not seats:
            self._seats.pop(seat.key.name, None)
        return not seats

    async def leave(self, seat: LiveSeat) -> None:
        """Let a seat go; when Redis is away its registration simply runs out."""
        if self._stand(seat):
            with contextlib.suppress(StorageUnavailable):
                await self._route.run(_LEAVE, seat.key.partition, seat.key.name, self._process)

    async def renew(self) -> None:
        """Register all seats anew."""
        keys = [next(iter(seats)).key for seats in self._seats.values() if seats]
        await asyncio.gather(*(self._register(key) for key in keys))

    async def subscribed(self, within_s: float) -> None:
        """Wait for the first subscription."""
        try:
            await asyncio.wait_for(self._subscribed.wait(), within_s)
        except TimeoutError as error:
            raise StorageUnavailable("Redis does not let us subscribe.") from error

    async def listen(self) -> None:
        """Subscribe, and again after each loss, for ever."""
        while True:
            with contextlib.suppress(StorageUnavailable, OSError, TimeoutError):
                await self._subscription()
            await asyncio.sleep(0.2)

    async def _subscription(self) -> None:
        link = await connect(self._address(), f"fd-{self._process}-live", with_scripts=False)
        link.on_push = self._hear
        link.send(pack(("SUBSCRIBE", live_channel(self._process), PEOPLE_CHANNEL)), [])
        self._link = link
        loop = asyncio.get_running_loop()
        try:
            while not link.closed.done():
                await asyncio.wait((link.closed,), timeout=PING_S)
                if loop.time() - link.progress > 2.5 * PING_S:
                    return  # half open: no answer even to our pings
                link.send(pack(("PING",)), [])
        finally:
            link.abort()

    def _hear(self, message: list[bytes]) -> None:
        kind = message[0]
        if kind == b"subscribe":
            self._subscribed.set()
            for seats in self._seats.values():
                for seat in seats:
                    seat.nudge()
            self._nudge_pages()
        elif kind == b"message" and message[1] == PEOPLE_CHANNEL.encode():
            self._nudge_pages()
        elif kind == b"message":
            self._deliver(message[2])

    def _nudge_pages(self) -> None:
        for page in self._pages:
            page()

    def _deliver(self, payload: bytes) -> None:
        if payload[:1] == b"l":
            for seat in self._seats.get(payload[1:].decode(), ()):
                seat.nudge()
            return
        loop = asyncio.get_running_loop()
        for handler in self._handlers:
            loop.call_soon(handler, payload[1:])
