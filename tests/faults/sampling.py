"""What grows while a fault run goes on: looked at every thousand turns, from outside, by `/proc` and Redis alone."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import redis

from tests.faults.play import Run, waiting

DAYS_MS = 8 * 24 * 3600 * 1000
"""How long sessions and marks live after they were last touched."""
IDLE_S = 60.0
KEPT = 4
"""Samples' worth of turns after which a key that nobody touched counts as eight days old."""
LOOK_S = 0.2
_KIND = re.compile(r"fd:(?:\{p\d\d\}:)?([a-z]+)")


@dataclass(frozen=True, slots=True)
class Sample:
    """One look."""

    at: float
    turns: int
    rss_mb: tuple[float, ...]
    used_mb: float
    keys: int
    kinds: Counter[str]
    endless: Counter[str]
    """Keys that no time-out takes away, by kind."""
    waiting: Counter[str]
    """Journal entries, ready conversations and due outboxes."""


@dataclass(slots=True)
class Sampler:
    """Takes a sample every so many parts sent, and lets idle keys expire as if their eight days were over.

    A run of minutes has as many customers as a desk in days. What Redis would have forgotten by then must go here too,
    or nobody could tell what is kept on purpose from what is never taken away.
    """

    run: Run
    redis_url: str
    every: int = 1000
    samples: list[Sample] = field(default_factory=list)

    async def sample(self) -> None:
        """Until cancelled."""
        due = self.every
        while True:
            await asyncio.sleep(LOOK_S)
            if self.run.provider.taken >= due:
                due += self.every
                self.samples.append(await asyncio.to_thread(self.look))

    def look(self) -> Sample:
        """One sample, after idle keys have gone."""
        with redis.Redis.from_url(self.redis_url, protocol=2) as client:
            kinds, endless = _keys(client, self._idle_ms())
            used = float(client.info("memory")["used_memory"]) / 1e6
        return Sample(
            time.time(), self.run.provider.taken, tuple(self._rss()), used, sum(kinds.values()), kinds, endless,
            waiting(self.redis_url),
        )  # fmt: skip

    def _idle_ms(self) -> int:
        """So long that what is left belongs to as many turns each time, and nobody who still talks is forgotten."""
        at = self.run.provider.taken_at
        if len(at) <= KEPT * self.every:
            return DAYS_MS
        return int(1000 * max(IDLE_S, time.time() - at[-KEPT * self.every]))

    def _rss(self) -> Iterator[float]:
        for worker in self.run.fleet.workers:
            yield _rss_mb(worker.process.pid) if worker.process is not None else 0.0


def _rss_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:  # it has just died
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def _keys(client: redis.Redis, idle_ms: int) -> tuple[Counter[str], Counter[str]]:
    """What is left by kind, and what of it never ends; the rest that was idle for long is gone."""
    kinds: Counter[str] = Counter()
    endless: Counter[str] = Counter()
    for names in _chunks(client):
        pipe = client.pipeline(transaction=False)
        for name in names:
            pipe.pttl(name)
        lives = pipe.execute()
        old = [name for name, left in zip(names, lives, strict=True) if 0 < left < DAYS_MS - idle_ms and _is_long(name)]
        if old:
            client.delete(*old)
        gone = set(old)
        for name, left in zip(names, lives, strict=True):
            if name not in gone and left != -2:
                kinds[kind(name)] += 1
                endless[kind(name)] += left == -1
    return kinds, +endless


def _is_long(name: bytes) -> bool:
    """Leases and seats live for seconds anyway: their time-outs are not eight days."""
    return kind(name) in ("seen", "state", "meta", "box", "outbox", "chat", "named")


def _chunks(client: redis.Redis) -> Iterator[list[bytes]]:
    cursor = 0
    while True:
        cursor, names = client.scan(cursor, count=1000)
        if names:
            yield [name if isinstance(name, bytes) else name.encode() for name in names]
        if cursor == 0:
            return


def kind(name: bytes) -> str:
    """A key's first word."""
    found = _KIND.match(name.decode(errors="replace"))
    return found[1] if found else "other"


def slope(values: Sequence[float]) -> float:
    """How much a value grows from the first half's middle to the second half's, as a share of the first."""
    half = len(values) // 2
    if half == 0:
        return 0.0
    first, second = sorted(values[:half])[half // 2], sorted(values[-half:])[half // 2]
    return (second - first) / first if first else 0.0
