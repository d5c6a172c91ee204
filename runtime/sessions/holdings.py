"""What this process holds right now: leases of conversations and of outboxes, and their renewal.

Only weak references, and only for so long after the last touch: a lease that its worker forgot, or hangs with, is not
renewed for ever. It runs out, and somebody takes over.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable
from typing import Any
from weakref import WeakValueDictionary

from runtime.sessions.clients import Route
from runtime.sessions.scripts import Script
from runtime.sessions.shapes import Lease, OutboxLease, Timing

# ARGV: name, token, entry, process, lease ms. Claiming the ready entry anew keeps the sweepers away from it.
# Answers 0 when the lease is lost, else 1 and how many words of the customer came so far.
_RENEW = Script("""
free()
local lease = p .. 'lease:' .. ARGV[1]
if redis.call('GET', lease) ~= ARGV[2] then return 0 end
redis.call('PEXPIRE', lease, ARGV[5])
redis.pcall('XCLAIM', p .. 'ready', 'workers', ARGV[4], 0, ARGV[3], 'JUSTID')
return 1 + (redis.call('HGET', p .. 'meta:' .. ARGV[1], 'words') or 0)
""")

# ARGV: name, token, lease ms, ms until others look after this outbox.
_RENEW_OUTBOX = Script("""
free()
local lease = p .. 'outlease:' .. ARGV[1]
if redis.call('GET', lease) ~= ARGV[2] then return 0 end
redis.call('PEXPIRE', lease, ARGV[3])
redis.call('ZADD', p .. 'due', 'XX', clock() + ARGV[4], ARGV[1])
return 1
""")


class Holdings:
    """The process' leases by conversation."""

    def __init__(self, route: Route, process: str, timing: Timing) -> None:
        self._route = route
        self.process = process
        self.timing = timing
        self.leases: WeakValueDictionary[str, Lease] = WeakValueDictionary()
        self.outboxes: WeakValueDictionary[str, OutboxLease] = WeakValueDictionary()
        self.taking: set[str] = set()
        self._count = 0

    def until(self) -> float:
        """The monotonic end of a lease that is asked for now."""
        return time.monotonic() + self.timing.lease_ms / 1000

    def next_token(self) -> str:
        """A token nobody has had."""
        self._count += 1
        return f"{self.process}:o{self._count}"

    def has(self, name: str) -> bool:
        """Whether this process itself works on the conversation."""
        lease = self.leases.get(name)
        return name in self.taking or (lease is not None and not lease.lost)

    def keep(self, lease: Lease) -> None:
        """From now on renewed."""
        self.leases[lease.key.name] = lease

    def drop(self, lease: Lease) -> None:
        """No longer renewed."""
        lease.end()
        if self.leases.get(lease.key.name) is lease:
            del self.leases[lease.key.name]

    def keep_outbox(self, lease: OutboxLease) -> None:
        """From now on renewed."""
        self.outboxes[lease.token] = lease

    def drop_outbox(self, lease: OutboxLease) -> None:
        """No longer renewed."""
        lease.end()
        self.outboxes.pop(lease.token, None)

    async def renew(self) -> None:
        """Renew everything once; raises StorageUnavailable when Redis is away: leases then run out by the clock.

        Waits no longer than until the next time: a node that answers late must not cost the leases of the others.
        """
        since = time.monotonic() - self.timing.longest_ms / 1000
        work = [self._renew(lease) for lease in list(self.leases.values()) if lease.touched > since]
        work += [self._renew_outbox(lease) for lease in list(self.outboxes.values()) if lease.touched > since]
        await in_time(work, self.timing.renew_ms / 1000)

    async def _renew(self, lease: Lease) -> None:
        until = self.until()
        ours = await self._route.run(
            _RENEW, lease.key.partition, lease.key.name, lease.token, lease.entry_id, self.process, self.timing.lease_ms
        )
        if ours:
            lease.words = ours - 1
            lease.extend(until)
        else:
            self.drop(lease)

    async def _renew_outbox(self, lease: OutboxLease) -> None:
        until = self.until()
        times = self.timing.lease_ms, self.timing.claim_ms
        if await self._route.run(_RENEW_OUTBOX, lease.key.partition, lease.key.name, lease.token, *times):
            lease.extend(until)
        else:
            self.drop_outbox(lease)


async def in_time(work: Iterable[Coroutine[Any, Any, None]], within_s: float) -> None:
    """Do all of it side by side; what takes longer goes on unwatched. Raises the first trouble of what has ended."""
    tasks = [asyncio.create_task(one) for one in work]
    if not tasks:
        return
    done, late = await asyncio.wait(tasks, timeout=within_s)
    for task in late:
        _LATE.add(task)
        task.add_done_callback(_ended_late)
    trouble = next(filter(None, [task.exception() for task in done]), None)
    try:
        if trouble is not None:
            raise trouble
    finally:
        del trouble, tasks, done, late  # An error that its own frame holds would keep leases alive with it.


_LATE: set[asyncio.Task[None]] = set()


def _ended_late(task: asyncio.Task[None]) -> None:
    _LATE.discard(task)
    if not task.cancelled():
        task.exception()  # the next round meets it again and tells
