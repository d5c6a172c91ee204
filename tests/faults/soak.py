"""`make soak`: the fuzzers, then a long fault run with samples, then every recorded conversation played again.

    python -m tests.faults.soak --turns 20000 --minutes 30

Ends by itself, prints a table, and with exit code 1 if anything was lost, doubled, grew, or is replayed otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import logging
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from runtime.faults.kill_points import POINTS
from tests.faults.checker import recovery
from tests.faults.play import Run, Trouble
from tests.faults.run import Report, evidence, faults, percentile
from tests.faults.sampling import IDLE_S, KEPT, Sample, Sampler, slope
from tests.faults.servers import folder, postgresql_binaries, private_postgresql, private_redis
from tests.replay.recording import opened, replay_all, told

FUZZERS = (
    "tests/core/test_properties.py",
    "tests/understanding/test_properties.py",
    "tests/understanding/test_dates.py",
    "tests/channels",
    "tests/test_codec.py",
    "tests/records/test_appointments.py",
    "tests/skills",
)
_HEAD = (
    f"{'turns':>7} {'a s':>5} {'RSS MB':>9} {'Redis MB':>8} {'keys':>6} {'endless':>7} "
    f"{'waited':>6} {'p50 s':>6} {'p99 s':>6}  waiting"
)
MOST_GROWTH = 0.2
"""Of a median in the second half of the run against the first: more is not flat."""


@dataclasses.dataclass(slots=True)
class Soak:
    """A long run and what was seen of it."""

    report: Report
    samples: list[Sample]
    replays: int = 0
    replayed_otherwise: str = ""

    def problems(self) -> list[str]:
        """Everything that must not be."""
        found = self.report.problems()
        if self.replayed_otherwise:
            found.append(f"replayed otherwise: {self.replayed_otherwise[:600]}")
        return found + [f"{name} grew by {grown:.0%}" for name, grown in self.growth().items() if grown > MOST_GROWTH]

    def growth(self) -> dict[str, float]:
        """The second half against the first, once caches are full and keys as many as eight days' worth."""
        steady = self.report.run.began_at + 1.5 * IDLE_S
        samples = [one for one in self.samples[KEPT + 1 :] if one.at > steady]
        if len(samples) < 4:
            return {}
        oldest = [max(one.rss_mb) for one in samples]
        return {
            "the workers' memory": slope(oldest),
            "Redis' memory": slope([one.used_mb for one in samples]),
            "Redis' keys": slope([float(one.keys) for one in samples]),
        }

    def table(self) -> Iterator[str]:
        """For people."""
        yield _HEAD
        before = Sample(self.report.run.began_at, 0, (), 0.0, 0, Counter(), Counter(), Counter())
        for one in self.samples:
            yield self._line(before, one)
            before = one

    def _line(self, before: Sample, one: Sample) -> str:
        waits = self._waits(before.at, one.at)
        speed = (one.turns - before.turns) / (one.at - before.at)
        left = " ".join(f"{name} {count}" for name, count in one.waiting.items()) or "-"
        rss = "/".join(f"{mb:.0f}" for mb in one.rss_mb)
        return (
            f"{one.turns:>7} {speed:>5.1f} {rss:>9} {one.used_mb:>8.1f} {one.keys:>6} {one.endless.total():>7} "
            f"{len(waits):>6} {percentile(waits, 0.5):>6.1f} {percentile(waits, 0.99):>6.1f}  {left}"
        )

    def _waits(self, after: float, until: float) -> list[float]:
        """How long those waited who were hit by a death of this stretch."""
        deaths = [death.at for death in self.report.run.fleet.deaths if after < death.at <= until]
        accepted, sent, _ = evidence(self.report.run)
        return recovery(deaths, accepted, sent)


async def soak(redis_url: str, database_url: str, home: Path, options: argparse.Namespace) -> Soak:
    """The fault run with samples, and all of it played again."""
    turns = options.turns
    kills = options.kills or max(len(POINTS), turns // 200)
    points = (POINTS * (kills // len(POINTS) // 2 + 1))[:kills]
    trouble = Trouble(kills, points, turns // 2500 + 1, turns // 2000 + 1, turns // 2000 + 1, spare_one=True)
    samplers: list[Sampler] = []

    async def watch(run: Run) -> None:
        samplers.append(Sampler(run, redis_url, every=options.every))
        await samplers[0].sample()

    report = await faults(
        redis_url, database_url, home, turns=turns, trouble=trouble, at_once=options.at_once, seed=options.seed,
        understanding=options.understanding, within_s=60 * options.minutes, beside=watch, poisoned=48,
    )  # fmt: skip
    done = Soak(report, samplers[0].samples)
    async with opened(database_url) as database:
        replays = await replay_all(database)
    done.replays, done.replayed_otherwise = len(replays), told(replays)
    return done


def fuzz(minutes: float) -> int:
    """The tests by chance with many examples each, for at most so long; their exit code."""
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "thorough"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "not faults and not browser", *FUZZERS]
    try:
        return subprocess.run(command, check=False, env=environment, timeout=60 * minutes).returncode
    except subprocess.TimeoutExpired:
        sys.stdout.write(f"The fuzzers were stopped after {minutes:.0f} minutes; what they tried was right.\n")
        return 0


async def _by_hand(options: argparse.Namespace) -> int:
    with contextlib.ExitStack() as stack:
        home = stack.enter_context(folder())
        redis_url = options.redis or stack.enter_context(private_redis()).url
        sqlite = options.database == "sqlite" or (not options.database and postgresql_binaries() is None)
        if sqlite:
            database_url = f"sqlite+aiosqlite:///{home / 'frontdesk.db'}"
        else:
            database_url = options.database or stack.enter_context(private_postgresql())
        done = await soak(redis_url, database_url, home, options)
        problems = done.problems()
        sys.stdout.writelines(f"{line}\n" for line in _told(done, problems))
        if problems and options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            for log in home.glob("worker-*.log"):
                (options.keep / log.name).write_bytes(log.read_bytes())
    return 1 if problems else 0


def _told(done: Soak, problems: Sequence[str]) -> Iterator[str]:
    yield from done.table()
    yield ""
    yield done.report.table()
    yield f"{'conversations played again':40} {done.replays}, {'some' if done.replayed_otherwise else 'none'} otherwise"
    for name, grown in done.growth().items():
        yield f"{name + ', second half against first':40} {grown:+.1%}"
    yield f"\n{len(problems)} problems"
    yield from (f"  {problem}" for problem in problems[:40])


def main() -> int:
    """Run by hand."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--turns", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=40, help="no more faults after so long")
    parser.add_argument("--fuzz-minutes", type=float, default=15, help="0: no fuzzers")
    parser.add_argument("--kills", type=int, default=0, help="0: one for 200 turns")
    parser.add_argument("--at-once", type=int, default=32, help="customers at a time")
    parser.add_argument("--every", type=int, default=1000, help="turns between two samples")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--understanding", default="", choices=["", "rules"])
    parser.add_argument("--redis", default="", metavar="URL")
    parser.add_argument("--database", default="", metavar="URL", help="or `sqlite`")
    parser.add_argument("--keep", type=Path, help="where to put the workers' logs when something is wrong")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # servers of our own end with us
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    fuzzed = fuzz(options.fuzz_minutes) if options.fuzz_minutes else 0
    return asyncio.run(_by_hand(options)) or fuzzed


if __name__ == "__main__":
    sys.exit(main())
