"""The session store: everything of a running conversation that several processes share, behind one class.

Each method hands on to the part that holds its script; the parts are in the files beside this one. This file owns
the connections and the background work. Every Redis trouble leaves here as StorageUnavailable.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from typing import Any

from runtime.errors import ConfigurationError, StorageUnavailable
from runtime.outlasting import patiently
from runtime.sessions.aliases import Aliases
from runtime.sessions.checks import check_redis
from runtime.sessions.clients import Routes, open_routes
from runtime.sessions.commits import Commits
from runtime.sessions.erase import erase
from runtime.sessions.gauges import Gauges, probe, read_gauges
from runtime.sessions.holdings import Holdings
from runtime.sessions.intake import Intake
from runtime.sessions.journal import Journal
from runtime.sessions.keeping import KeptParts
from runtime.sessions.keys import SessionKey
from runtime.sessions.limits import Limits
from runtime.sessions.live import Live, LiveSeat
from runtime.sessions.news import News
from runtime.sessions.outbox import Outboxes
from runtime.sessions.parking import Parking
from runtime.sessions.portable import states
from runtime.sessions.ready import Ready, report_end
from runtime.sessions.sent import SentParts, Tell, untold
from runtime.sessions.server import EmbeddedServer, start_server
from runtime.sessions.shapes import (
    BoxEvent,
    Commit,
    Committed,
    Empty,
    Fate,
    Held,
    JournalEntry,
    Later,
    Lease,
    OutboxLease,
    OutboxPart,
    OutboxView,
    ParkedEvent,
    ReadyEntry,
    SentPart,
    Stale,
    Taken,
    TimerSet,
    Timing,
    Withheld,
)
from runtime.sessions.spending import Spending
from runtime.sessions.sweep import Sweep
from runtime.sessions.timers import Timers
from runtime.sessions.turns import Turns
from runtime.settings import Settings

_log = logging.getLogger(__name__)


class Sessions:
    """The session store of one process."""

    def __init__(self, routes: Routes, process: str, timing: Timing, server: EmbeddedServer | None) -> None:
        self.process = process
        self.timing = timing
        self._routes = routes
        self._server = server
        self._holdings = Holdings(routes.work, process, timing)
        self._intake = Intake(routes.ingest)
        self._ready = Ready(routes, process, timing)
        self._turns = Turns(routes.work, self._holdings)
        self._commits = Commits(routes.work, self._holdings)
        self._outboxes = Outboxes(routes.work, self._holdings)
        self.sent = SentParts(routes.work)
        self.aliases = Aliases(routes.work)
        self.kept = KeptParts(routes.work, self._holdings)
        self._parking = Parking(routes.work, self._holdings)
        self._live = Live(routes.subscriber_address, routes.work, process, timing)
        self.news = News(routes.work)
        self.limits = Limits(routes.work)
        self._journal = Journal(routes, process, timing)
        self._sweep = Sweep(routes.work, self._holdings, self._ready)
        self._timers = Timers(routes.work)
        self.spending = Spending(routes.work)
        """What businesses may spend on models."""
        self._tasks: list[asyncio.Task[None]] = []
        self._down = False

    @classmethod
    async def open(
        cls, settings: Settings, *, process: str = "", timing: Timing | None = None, works: bool = True
    ) -> Sessions:
        """Connect, check that this Redis fits, and begin to read. Starts the embedded server where no URL is set.

        `works=False`: a process that only appends and asks; it is given no turns and no outboxes.
        """
        timing = timing or Timing()
        process = process or secrets.token_hex(6)
        server = None if settings.redis_url else start_server(settings.data, durability=settings.durability)
        strict = server is None and settings.durability == "strict"
        url = settings.redis_url if server is None else server.url
        times = timing.answer_ms / 1000, timing.block_ms / 1000
        routes = await open_routes(url, process, *times, cluster=settings.redis_cluster, strict=strict)
        sessions = cls(routes, process, timing, server)
        try:
            if server is not None and not server.ours:
                # Whoever ran it may end right now; then it is ours to start again.
                await patiently(lambda: _reached(routes, server))
            await sessions._begin(works)
        except BaseException:
            await sessions.close()
            raise
        return sessions

    async def _begin(self, works: bool) -> None:
        await check_redis(self._routes.work)
        await self._ready.make_groups()
        self._tasks.append(_in_background(self._live.listen()))
        await self._live.subscribed(within_s=5)
        if works:
            self._ready.start()
        self._tasks.append(_in_background(self._sweep_on()))
        self._tasks.append(_in_background(_repeat(self._holdings.renew, self.timing.renew_ms)))
        self._tasks.append(_in_background(_repeat(self._live.renew, self.timing.live_ms // 3)))

    async def _sweep_on(self) -> None:
        while True:
            await asyncio.sleep(self.timing.sweep_ms / 1000)
            try:
                await self._sweep.once()
            except StorageUnavailable as error:
                self._report(error)
                with contextlib.suppress(StorageUnavailable):
                    await self._routes.rediscover()
            else:
                self._report(None)

    def _report(self, error: StorageUnavailable | None) -> None:
        """Say once that Redis is away, and once that it is back; revive it when it is ours."""
        if error is None:
            if self._down:
                _log.warning("Redis is back.")
            self._down = False
            return
        if not self._down:
            _log.error("Redis is unavailable, messages are refused until it is back: %s", error)
        self._down = True
        if self._server is not None:
            try:
                self._server.revive()
            except (OSError, ConfigurationError):
                _log.exception("The embedded Redis cannot be started again.")

    async def stop_intake(self) -> None:
        """Take no more turns; what was fetched and not taken goes to other processes."""
        await self._ready.stop()

    async def close(self) -> None:
        """Stop everything and let go of the server if it is ours."""
        with contextlib.suppress(StorageUnavailable):
            await self._ready.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        leases = [self._sweep.due.get_nowait() for _ in range(self._sweep.due.qsize())]
        await asyncio.gather(*(self._outboxes.later(lease, 0) for lease in leases), return_exceptions=True)
        await self._ready.leave_groups()
        await self._routes.close()
        if self._server is not None:
            self._server.stop()

    async def append(self, key: SessionKey, event: BoxEvent) -> bool:
        """Put an event into its box: True when new, False when it was there already."""
        return await self._intake.append(key, event)

    async def set_timer(self, key: SessionKey, timer: TimerSet) -> None:
        """Wake a conversation later, from outside a turn; the same name again replaces it."""
        await self._timers.set(key, timer)

    async def once(self, name: str, span_ms: int) -> bool:
        """Whether nobody asked this within the span, over all processes."""
        return await self._timers.once(name, span_ms)

    async def epoch(self) -> str:
        """The name of this Redis' memory: another one means that it has forgotten."""
        return await self._timers.epoch()

    async def next_ready(self) -> ReadyEntry:
        """The next conversation with something to do."""
        return await self._ready.next()

    def defer(self, entry: ReadyEntry, wait_ms: int) -> None:
        """After `Later`: `next_ready` gives the entry again in `wait_ms`. No worker needs to sleep for it."""
        self._ready.put(entry, max(1, wait_ms))

    async def take(self, entry: ReadyEntry) -> Taken | Later | Held | Empty:
        """The turn with its lease, or why there is none now."""
        return await self._turns.take(entry)

    async def wait_and_take(self, entry: ReadyEntry) -> Taken | Held | Empty:
        """As `take`, sleeping through the gather window."""
        taken = await self._turns.take(entry)
        if not isinstance(taken, Later):
            return taken
        await asyncio.sleep(taken.wait_ms / 1000)
        return await self.wait_and_take(entry)

    async def retake(self, lease: Lease) -> Taken | Later:
        """After `Stale`: everything that waits now, under the same lease."""
        return await self._turns.retake(lease)

    async def commit(self, lease: Lease, commit: Commit) -> Committed | Stale:
        """Write the turn, all or nothing; raises LeaseLost."""
        return await self._commits.commit(lease, commit)

    async def release(self, lease: Lease, *, wait_ms: int = 0, blame: bool = True) -> None:
        """Give the turn up; it is ready again in `wait_ms`. `blame=False`: this try does not count."""
        await self._turns.release(lease, wait_ms, blame)

    async def park(self, lease: Lease, count: int, reason: str, *, instead: bytes = b"", tries: int = 1) -> None:
        """Move the first `count` events to the tenant's parked list; the lease is kept. Raises LeaseLost.

        `instead` waits in the box in their place: what must still happen about them cannot get lost in between.
        """
        await self._parking.park(lease, count, reason, instead, tries)

    async def set_aside(self, lease: Lease, state: bytes, reason: str, *, instead: bytes) -> None:
        """Keep a state that this version cannot read, and begin anew with the event `instead`. Raises LeaseLost."""
        await self._parking.set_aside(lease, state, reason, instead)

    async def restore(self, parked_id: str, *, under_way: bool) -> bool:
        """Put a session that was set aside back in its place; `under_way` says that it waits for a write of its own."""
        return await self._parking.restore(parked_id, under_way=under_way)

    async def refuse_part(self, lease: OutboxLease, part: OutboxPart, reason: str, tries: int) -> None:
        """Keep a part that nobody can deliver; it still stands in its outbox."""
        await self._parking.refuse(lease, part, reason, tries)

    async def keep_request(self, tenant: str, connector: str, body: bytes, reason: str) -> None:
        """Keep for a person what a provider sent and nobody could take. Raises StorageUnavailable."""
        await self._parking.keep_request(tenant, connector, body, reason)

    async def parked(self, tenant: str = "") -> list[ParkedEvent]:
        """A tenant's parked events and refused parts, oldest first ("": everybody's)."""
        return await self._parking.parked(tenant)

    async def requeue(self, parked_id: str) -> bool:
        """Put a parked event back into its box, a refused part back into its outbox."""
        return await self._parking.requeue(parked_id)

    async def drop_parked(self, parked_id: str) -> bool:
        """Forget a parked event or a refused part."""
        return await self._parking.drop(parked_id)

    def states(self) -> AsyncIterator[bytes]:
        """The state of every session, one after the other; raises StorageUnavailable."""
        return states(self._routes.work)

    async def gauges(self) -> Gauges:
        """What waits where, over all processes; raises StorageUnavailable."""
        return await read_gauges(self._routes.work)

    async def probe(self) -> str:
        """Why no message can be taken in, in a word; empty when one can."""
        return await probe(self._routes.work)

    @property
    def stopped_work(self) -> int:
        """How many of our background tasks have ended, which none should."""
        return sum(task.done() for task in self._tasks) + self._ready.ended

    async def outbox(self, lease: OutboxLease) -> OutboxView:
        """Up to 10 parts to send; none when this delivery is over."""
        return await self._outboxes.view(lease)

    async def outbox_done(self, lease: OutboxLease, count: int, note: bytes = b"", asked: str = "") -> bool:
        """Drop the first `count` parts, which are sent; False when the lease was lost. `note` is for the journal.

        `asked` is a question's id with the provider's ids of its messages: a reaction and a quote tell only those.
        """
        return (await self._outboxes.done(lease, count, note, asked))[0]

    async def outbox_sent(
        self, lease: OutboxLease, note: bytes, asked: str, sent: SentPart, tell: Tell = untold
    ) -> tuple[bool, tuple[Fate, ...]]:
        """As `outbox_done` for the first part, whose messages the provider will tell of; also early news of it."""
        return await self._outboxes.done(lease, 1, note, asked, sent, tell)

    async def asked(self, key: SessionKey) -> tuple[tuple[str, ...], ...]:
        """The questions sent last, the newest first: each its id and the provider's ids of its messages."""
        return await self._outboxes.asked(key)

    async def outbox_cut(self, lease: OutboxLease, part: OutboxPart, pieces: Sequence[OutboxPart]) -> None:
        """Pieces in the place of the first part: from now on each is sent and dropped by itself."""
        await self._outboxes.cut(lease, part, pieces)

    async def outbox_later(self, lease: OutboxLease, wait_ms: int) -> None:
        """Stop delivering; any process goes on in `wait_ms`."""
        await self._outboxes.later(lease, wait_ms)

    async def deliver_local(self, lease: OutboxLease) -> Withheld:
        """Everything to the chat that we show ourselves, and a nudge to whoever shows it."""
        return await self._outboxes.deliver_local(lease)

    async def next_due_outbox(self) -> OutboxLease:
        """The next outbox whose deliverer died or whose wait is over."""
        while True:
            lease = await self._sweep.due.get()
            if not lease.lost:
                return lease

    async def read_chat(self, key: SessionKey, after: int) -> list[tuple[int, bytes]]:
        """The chat's lines with a number above `after`."""
        return await self._outboxes.read_chat(key, after)

    def live(self, key: SessionKey) -> LiveSeat:
        """A live end of this conversation, to be entered."""
        return LiveSeat(key, self._live)

    def on_notice(self, handler: Callable[[bytes], None]) -> None:
        """Call `handler` with each payload that a commit addressed to this process."""
        self._live.on_notice(handler)

    def on_people_news(self, handler: Callable[[], None]) -> None:
        """Call `handler` when `news` may have more, and after each gap in hearing."""
        self._live.on_people_news(handler)

    async def read_state(self, key: SessionKey) -> bytes | None:
        """The state as last committed."""
        return await self._turns.read_state(key)

    async def read_journal(self, count: int, block_ms: int) -> list[JournalEntry]:
        """The next finished turns, at least once each."""
        return await self._journal.read(count, block_ms)

    async def ack_journal(self, entries: Sequence[JournalEntry]) -> None:
        """These stand in SQL."""
        await self._journal.ack(entries)

    async def journal_depth(self) -> int:
        """How many turns are not in SQL yet."""
        return await self._journal.depth()

    async def ready_depth(self) -> int:
        """How many conversations wait or are being worked on."""
        return await self._ready.depth()

    async def oldest_wait_s(self) -> float:
        """How long the oldest of them waits."""
        return await self._ready.oldest_wait_s()

    async def delete_session(self, key: SessionKey) -> None:
        """Forget the conversation: box, state, outbox, timers, chat and parked events."""
        await erase(self._routes.work, key)


def _in_background(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A task whose unexpected end is not silent."""
    task = asyncio.create_task(work)
    task.add_done_callback(report_end)
    return task


async def _repeat(work: Callable[[], Awaitable[None]], every_ms: int) -> None:
    """Again and again; what Redis' absence prevents is tried again next time (the sweep reports it)."""
    while True:
        await asyncio.sleep(every_ms / 1000)
        with contextlib.suppress(StorageUnavailable):
            await work()


async def _reached(routes: Routes, server: EmbeddedServer) -> None:
    """Ask an adopted server for a sign of life; start it where there is none. Raises StorageUnavailable then."""
    try:
        await check_redis(routes.work)
    except StorageUnavailable:
        server.revive()
        raise
