"""Which conversations have something to do: sixteen blocking readers feed one short queue.

The queue is short on purpose: what this process cannot start soon is better left to another one. An entry carries
its gather window; it is held back here, without a worker, until the window has passed.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from runtime.errors import StorageUnavailable
from runtime.sessions.clients import Routes
from runtime.sessions.keys import PARTITIONS, WORKERS, named_key, ready_key
from runtime.sessions.scripts import Script
from runtime.sessions.shapes import ReadyEntry, Timing
from runtime.sessions.wire import Refused

_log = logging.getLogger(__name__)

QUEUE = 32
AT_ONCE = 4
MOST_DEFERRED = 4096

# Groups, made by script so that it also works on a full Redis; idle consumers of dead processes are forgotten.
_GROUPS = Script("""
free()
for stream, group in pairs({ready = 'workers', journal = 'projector'}) do
  local made = redis.pcall('XGROUP', 'CREATE', p .. stream, group, '0', 'MKSTREAM')
  if made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then return made end
  for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', p .. stream, group)) do
    local of = {}
    for i = 1, #row, 2 do of[row[i]] = row[i + 1] end
    if of.pending == 0 and of.idle > 3600000 then redis.call('XGROUP', 'DELCONSUMER', p .. stream, group, of.name) end
  end
end
return 1
""")

# ARGV: process. A consumer with pending entries stays, or they would be lost.
_LEAVE = Script("""
free()
for stream, group in pairs({ready = 'workers', journal = 'projector'}) do
  for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', p .. stream, group)) do
    local of = {}
    for i = 1, #row, 2 do of[row[i]] = row[i + 1] end
    if of.name == ARGV[1] and of.pending == 0 then redis.call('XGROUP', 'DELCONSUMER', p .. stream, group, of.name) end
  end
end
return 1
""")

# ARGV: name, entry. Handed back as a new entry, which another process' blocked reader gets at once.
_HAND_BACK = Script("""
free()
local c, entry = ARGV[1], ARGV[2]
if redis.call('HGET', p .. 'meta:' .. c, 'ready') ~= entry then return 0 end
if redis.call('EXISTS', p .. 'lease:' .. c) == 1 then return 0 end
done(entry)
wake(c, 0)
return 1
""")


class Ready:
    """The queue of conversations for this process' workers."""

    def __init__(self, routes: Routes, process: str, timing: Timing) -> None:
        self._routes = routes
        self._process = process
        self._block_ms = timing.block_ms
        self._longest_wait = timing.claim_ms // 2
        self._queue: asyncio.Queue[ReadyEntry] = asyncio.Queue()
        self._deferred: dict[ReadyEntry, asyncio.TimerHandle] = {}
        self._known: set[ReadyEntry] = set()
        self._space = asyncio.Event()
        self._space.set()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopped = True

    @property
    def stopped(self) -> bool:
        """Whether this process takes no turns, not yet or not any more."""
        return self._stopped

    @property
    def ended(self) -> int:
        """How many readers have ended although nobody stopped them."""
        return 0 if self._stopped else sum(task.done() for task in self._tasks)

    async def make_groups(self) -> None:
        """Make the consumer groups where they are missing; a node of a cluster that is away gets its own when read."""
        asked = (self._routes.work.run_again(_GROUPS, number) for number in range(PARTITIONS))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        troubles = [answer for answer in answers if isinstance(answer, BaseException)]
        if troubles and (self._routes.cluster is None or len(troubles) == len(answers)):
            raise troubles[0]

    def start(self) -> None:
        """Begin to read."""
        self._stopped = False
        self._tasks = [asyncio.create_task(self._read(number)) for number in range(PARTITIONS)]
        for task in self._tasks:
            task.add_done_callback(report_end)

    async def next(self) -> ReadyEntry:
        """The next conversation; waits for one."""
        entry = await self._queue.get()
        self._known.discard(entry)
        self._make_space()
        return entry

    def _make_space(self) -> None:
        if self._queue.qsize() < QUEUE and len(self._deferred) < MOST_DEFERRED:
            self._space.set()

    def room(self) -> int:
        """How many claimed entries the queue can take."""
        return 0 if self._stopped else max(0, QUEUE - self._queue.qsize())

    def put(self, entry: ReadyEntry, wait_ms: int = 0) -> None:
        """Queue an entry, now or in `wait_ms`; one that is queued already is left as it is."""
        if entry in self._known:
            return
        self._known.add(entry)
        if wait_ms <= 0:
            self._queue.put_nowait(entry)
        else:
            delay_s = min(wait_ms, self._longest_wait) / 1000
            handle = asyncio.get_running_loop().call_later(delay_s, self._due, entry)
            self._deferred[entry] = handle
        if self._queue.qsize() >= QUEUE or len(self._deferred) >= MOST_DEFERRED:
            self._space.clear()

    def _due(self, entry: ReadyEntry) -> None:
        self._deferred.pop(entry, None)
        self._queue.put_nowait(entry)
        self._make_space()

    async def _read(self, partition: int) -> None:
        command = ("XREADGROUP", "GROUP", WORKERS, self._process, "COUNT", AT_ONCE, "BLOCK", self._block_ms)
        while not self._stopped:
            await self._space.wait()
            if self._stopped:
                return
            try:
                reply = await self._routes.reads.call(partition, *command, "STREAMS", ready_key(partition), ">")
            except StorageUnavailable as error:
                await self._recover(partition, error)
                continue
            for entry_id, fields in reply[0][1] if reply else ():
                self.put(read_entry(entry_id, fields[1]), int(fields[3]))

    async def _recover(self, partition: int, error: StorageUnavailable) -> None:
        """After a failed read: a lost group is made anew, a lost Redis is waited for (the sweep reports it)."""
        try:
            if isinstance(error, Refused) and error.code == "NOGROUP":
                await self._routes.work.run(_GROUPS, partition)
                return
            await self._routes.reads.rediscover()
        except StorageUnavailable:
            _log.debug("partition %d cannot be read yet", partition)
        await asyncio.sleep(0.2)

    async def stop(self) -> None:
        """Read no more and hand back what was fetched and not yet taken."""
        self._stopped = True
        self._space.set()
        while pending := [task for task in self._tasks if not task.done()]:
            await asyncio.gather(*map(self._unblock, range(PARTITIONS)), return_exceptions=True)
            await asyncio.wait(pending, timeout=0.05)
        left = [self._queue.get_nowait() for _ in range(self._queue.qsize())]
        for entry, handle in self._deferred.items():
            handle.cancel()
            left.append(entry)
        self._deferred.clear()
        self._known.clear()
        await asyncio.gather(*map(self._hand_back, left), return_exceptions=True)

    async def _unblock(self, partition: int) -> None:
        client_id = self._routes.reads.wire(partition).client_id
        if client_id:
            await self._routes.work.call(partition, "CLIENT", "UNBLOCK", client_id)

    async def _hand_back(self, entry: ReadyEntry) -> None:
        await self._routes.work.run_again(_HAND_BACK, entry.key.partition, entry.key.name, entry.entry_id)

    async def leave_groups(self) -> None:
        """Forget this consumer where nothing of it is pending."""
        asked = (self._routes.work.run(_LEAVE, number, self._process) for number in range(PARTITIONS))
        await asyncio.gather(*asked, return_exceptions=True)

    async def depth(self) -> int:
        """How many conversations wait or are being worked on, over all processes."""
        asked = (self._routes.work.call(number, "XLEN", ready_key(number)) for number in range(PARTITIONS))
        return int(sum(await asyncio.gather(*asked)))

    async def oldest_wait_s(self) -> float:
        """How long the oldest of them waits, by Redis' clock."""
        work = self._routes.work
        asked = (work.call(number, "XRANGE", ready_key(number), "-", "+", "COUNT", 1) for number in range(PARTITIONS))
        time, *firsts = await asyncio.gather(work.call(0, "TIME"), *asked)
        now_ms = int(time[0]) * 1000 + int(time[1]) // 1000
        return max((now_ms - _born_ms(first[0][0]) for first in firsts if first), default=0) / 1000


def report_end(task: asyncio.Task[None]) -> None:
    """Background work that ends by an error is a bug: say so, or turns would stand still in silence."""
    if not task.cancelled() and task.exception() is not None:
        _log.critical("background work of the session store has ended", exc_info=task.exception())


def read_entry(entry_id: bytes, name: bytes) -> ReadyEntry:
    """An entry of the ready stream."""
    return ReadyEntry(named_key(name), entry_id.decode())


def _born_ms(entry_id: Any) -> int:
    return int(entry_id.partition(b"-")[0])
