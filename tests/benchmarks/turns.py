"""What a turn costs, the whole way, beside a bare floor in the same run.

    python -m tests.benchmarks.turns [--turns 1000] [--rounds 3] [--in-flight 50] [--redis URL]

Each row is the least of several short runs: other work on the machine only ever adds. Ours is `desk.say` with the
offline rules, from the append to the delivered reply; `floor.py` says what the floor is, `fleet.py` what two processes
are. The journal is projected in the row that says so, and stands still in the others.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from runtime.app import FrontDesk, start
from runtime.clocks import MovedClock
from runtime.sessions.clients import Route
from runtime.sessions.scripts import Script
from runtime.settings import Settings
from tests.benchmarks.crowds import (
    ASKING,
    MOST_BOOKINGS,
    NOW,
    OPENING,
    PLAIN,
    SEARCHING,
    TO_THE_CONFIRM,
    Figures,
    cpu_s,
    crowd,
    say_all,
    whole_bookings,
)
from tests.benchmarks.fleet import fleet
from tests.benchmarks.floor import floor

Talk = dict[int, tuple[float, int]]
SETTLED = 25
"""Turns that are averaged around turn 10 and turn 400."""


async def least(rounds: int, run: Callable[[int], Awaitable[Figures]]) -> Figures:
    """The run that cost least CPU."""
    return min([await run(number) for number in range(rounds)], key=lambda figures: figures.cpu_ms)


async def long_talk(desk: FrontDesk) -> Talk:
    """CPU and stored bytes of one conversation around turn 10 and turn 400, in the plain middle of a booking."""
    connection = await desk.door.connection("demo", "api")
    assert connection is not None  # every tenant has this one
    key = desk.door.key(connection, "long")
    await say_all(desk, "long", TO_THE_CONFIRM)
    seen: Talk = {}
    turn = len(TO_THE_CONFIRM)
    for goal in (10, 400):
        await say_all(desk, "long", PLAIN * ((goal - turn) // len(PLAIN)))
        spent = []
        for _ in range(3):
            used = cpu_s()
            await say_all(desk, "long", PLAIN * (SETTLED // len(PLAIN)))
            spent.append((cpu_s() - used) / SETTLED * 1000)
        turn = goal + 3 * SETTLED
        seen[goal] = min(spent), len(await desk.sessions.read_state(key) or b"")
    return seen


@contextlib.contextmanager
def counted_round_trips() -> Iterator[Counter[str]]:
    """How many scripts were run, by name."""
    calls: Counter[str] = Counter()
    names = _script_names()
    plain = Route.run

    async def run(self: Route, script: object, partition: int, *arguments: object) -> object:
        calls[names.get(id(script), "?")] += 1
        return await plain(self, script, partition, *arguments)  # type: ignore[arg-type]  # passed on as it came

    Route.run = run  # type: ignore[method-assign]  # for this measurement only
    try:
        yield calls
    finally:
        Route.run = plain  # type: ignore[method-assign]  # as it was


def _script_names() -> dict[int, str]:
    """What the modules of the sessions call their scripts."""
    modules = [module for name, module in sys.modules.items() if name.startswith("runtime.sessions.")]
    found = {id(value): name for module in modules for name, value in vars(module).items() if isinstance(value, Script)}
    return {script: name.strip("_").lower() for script, name in found.items()}


# ---- the table


async def measure(turns: int, rounds: int, in_flight: int, url: str) -> None:
    """Run everything and print row after row."""
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        bare = await least(rounds, lambda n: floor(Path(folder) / f"floor{n}", url, turns, in_flight))
    row("floor: aiohttp and the scripts", bare)
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        async with start(Settings(data=Path(folder), redis_url=url), clock=MovedClock(NOW)) as desk:
            await alone(desk, turns, rounds, in_flight, bare)
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        both = await least(rounds, lambda n: fleet(Path(folder) / f"fleet{n}", url, 2 * turns, in_flight))
    row("plain turn, two processes, projected", both, bare, budget="1200 turns/s")


async def alone(desk: FrontDesk, turns: int, rounds: int, in_flight: int, bare: Figures) -> None:
    """The rows of one process."""

    async def plain(name: str) -> Figures:
        return await crowd(desk, turns, in_flight, name, PLAIN, TO_THE_CONFIRM)

    await plain("warm")
    projected = await least(rounds, lambda n: plain(f"p{n}-"))
    desk.projector.stop()
    await desk.projector.catch_up()
    middle = await least(rounds, lambda n: plain(f"m{n}-"))
    row("plain turn in the middle of a booking", middle, bare, budget="0.8 ms")
    row("  the same, projected meanwhile", projected, bare, budget=f"+0.35 ms; it is +{_above(projected, middle):.2f}")
    most = min(turns // 5, MOST_BOOKINGS // rounds)
    whole = await least(rounds, lambda n: whole_bookings(desk, most, in_flight, f"w{n}-", first=n * most))
    row("whole bookings, first word to the yes", whole, bare)
    searching = await least(rounds, lambda n: crowd(desk, turns, in_flight, f"s{n}-", SEARCHING))
    row("reads in 3 of 5 turns, facts in 2", searching, bare)
    asking = await least(rounds, lambda n: crowd(desk, turns, in_flight, f"a{n}-", ASKING))
    row("questions and small talk", asking, bare)
    await scripts(desk, in_flight)
    talk_row(await long_talk(desk))


async def scripts(desk: FrontDesk, in_flight: int) -> None:
    """The row of round trips."""
    with counted_round_trips() as calls:
        figures = await crowd(desk, in_flight * 10, in_flight, "d", SEARCHING)
    turns = figures.turns + in_flight * len(OPENING)
    print(f"scripts a turn                          {sum(calls.values()) / turns:6.2f}   {_shares(calls, turns)}")


def row(name: str, figures: Figures, bare: Figures | None = None, budget: str = "") -> None:
    """One line of the table: turns a second, CPU, what that is beside the floor, the budget."""
    ratio = f"   {figures.cpu_ms / bare.cpu_ms:5.2f} x floor" if bare else ""
    print(f"{name:38} {figures}{ratio}" + (f"   budget {budget}" if budget else ""), flush=True)


def talk_row(talk: Talk) -> None:
    """The row of a conversation that lasts."""
    (ten, small), (late, large) = talk[10], talk[400]
    print(f"state at turn 10 / 400                  {small} / {large} bytes   budget 16384")
    print(f"CPU at turn 10 / 400, one at a time     {ten:.3f} / {late:.3f} ms = {late / ten:.2f} x   budget 1.2 x")


def _above(projected: Figures, plain: Figures) -> float:
    return projected.cpu_ms - plain.cpu_ms


def _shares(calls: Counter[str], turns: int) -> str:
    return ", ".join(f"{name} {number / turns:.2f}" for name, number in calls.most_common(6))


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--in-flight", type=int, default=50)
    parser.add_argument("--redis", default="")
    options = parser.parse_args()
    asyncio.run(measure(options.turns, options.rounds, options.in_flight, options.redis))


if __name__ == "__main__":
    main()
