"""What a turn costs, the whole way, beside a bare floor in the same run.

    python -m tests.benchmarks.turns [--turns 4000] [--in-flight 50] [--redis URL]

Ours: `desk.say` with the offline rules, from the append to the delivered reply, a customer in the middle of a booking.
Floor: aiohttp takes a POST and runs append, take, commit and deliver with fixed bytes; nothing is understood or stored
in SQL. Printed: turns a second, CPU a turn with and without the projector, round trips, stored bytes at turn 10 and
400, and what turn 400 costs against turn 10.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from runtime.app import FrontDesk, start
from runtime.clocks import MovedClock
from runtime.sessions.clients import Route
from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import BoxEvent, Commit, Committed, OutboxPart, Taken
from runtime.sessions.store import Sessions
from runtime.settings import Settings

OPENING = "Ich hätte gern einen Herrenhaarschnitt"
MIDDLE = ("am Dienstag nachmittag", "Was kostet das?", "lieber Mittwoch", "Haben Sie Parkplätze?", "egal wann")
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Figures:
    """One measurement."""

    turns: int
    seconds: float
    cpu_s: float

    def __str__(self) -> str:
        each = 1000 * self.cpu_s / self.turns
        return f"{self.turns / self.seconds:7.0f} turns/s   {each:6.3f} ms CPU a turn"


def cpu_s() -> float:
    """CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def timed(turns: int, work: Callable[[], Awaitable[object]]) -> Figures:
    """Wall and CPU time of some work."""
    began, used = time.perf_counter(), cpu_s()
    await work()
    return Figures(turns, time.perf_counter() - began, cpu_s() - used)


# ---- ours


async def customer(desk: FrontDesk, name: str, turns: int, script: tuple[str, ...] = MIDDLE) -> None:
    """One customer in the middle of a booking, who writes again as soon as the answer is there."""
    for turn in range(turns):
        await desk.say(tenant="demo", contact=name, text=script[turn % len(script)])


async def opened(desk: FrontDesk, names: list[str]) -> None:
    """All of them have begun a booking."""
    await asyncio.gather(*(desk.say(tenant="demo", contact=name, text=OPENING) for name in names))


async def crowd(desk: FrontDesk, turns: int, in_flight: int, name: str, script: tuple[str, ...] = MIDDLE) -> Figures:
    """Many customers at once."""
    names = [f"{name}{number}" for number in range(in_flight)]
    await opened(desk, names)

    async def work() -> None:
        await asyncio.gather(*(customer(desk, each, turns // in_flight, script) for each in names))

    return await timed(turns, work)


async def long_talk(desk: FrontDesk) -> dict[int, tuple[float, int]]:
    """CPU and stored bytes of one conversation around turn 10 and turn 400."""
    await opened(desk, ["long"])
    connection = await desk.door.connection("demo", "api")
    assert connection is not None
    key = desk.door.key(connection, "long")
    seen: dict[int, tuple[float, int]] = {}
    turn = 1
    for goal in (10, 400):
        await customer(desk, "long", goal - turn - 5)
        used = cpu_s()
        await customer(desk, "long", 25)
        turn = goal + 20
        state = await desk.sessions.read_state(key) or b""
        seen[goal] = ((cpu_s() - used) / 25 * 1000, len(state))
    return seen


@contextlib.contextmanager
def counted_round_trips() -> Iterator[Counter[str]]:
    """How many scripts were run, by name."""
    calls: Counter[str] = Counter()
    plain = Route.run

    async def run(self: Route, script: object, partition: int, *arguments: object) -> object:
        calls[getattr(script, "name", "") or str(id(script))] += 1
        return await plain(self, script, partition, *arguments)  # type: ignore[arg-type]  # passed on as it came

    Route.run = run  # type: ignore[method-assign]  # for this measurement only
    try:
        yield calls
    finally:
        Route.run = plain  # type: ignore[method-assign]  # as it was


# ---- the floor


async def floor(folder: Path, url: str, turns: int, in_flight: int) -> Figures:
    """aiohttp and the scripts, nothing else."""
    sessions = await Sessions.open(Settings(data=folder, redis_url=url))
    answered: dict[str, asyncio.Event] = {}
    workers = [asyncio.create_task(bare_worker(sessions, answered)) for _ in range(in_flight)]
    app = web.Application()

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        chat = request.match_info["chat"]
        answered[chat] = waiting = asyncio.Event()
        key = SessionKey("floor", chat)
        await sessions.append(key, BoxEvent(f"{time.monotonic_ns()}", body, words=True, gather_ms=0))
        await waiting.wait()
        return web.json_response({"ok": True})

    app.router.add_post("/{chat}", receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with aiohttp.ClientSession() as client:

            async def caller(number: int) -> None:
                for _ in range(turns // in_flight):
                    async with client.post(f"http://127.0.0.1:{port}/c{number:019d}", data=b"e" * 300) as answer:
                        await answer.read()

            async def work() -> None:
                await asyncio.gather(*(caller(number) for number in range(in_flight)))

            return await timed(turns, work)
    finally:
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        await runner.cleanup()
        await sessions.close()


async def bare_worker(sessions: Sessions, answered: dict[str, asyncio.Event]) -> None:
    """Take, commit, deliver, with bytes of the usual length."""
    part = OutboxPart("bot", 0, b"p" * 600)
    while True:
        entry = await sessions.next_ready()
        taken = await sessions.take(entry)
        if isinstance(taken, Taken):
            commit = Commit(len(taken.events), taken.words, b"s" * 2500, parts=(part,))
            done = await sessions.commit(taken.lease, commit)
            if isinstance(done, Committed) and done.outbox is not None:
                await sessions.deliver_local(done.outbox)
            answered[entry.key.conversation].set()


# ---- the table


async def measure(turns: int, in_flight: int, url: str) -> None:
    """Run everything and print the table."""
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        bare = await floor(Path(folder) / "floor", url, turns, in_flight)
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        settings = Settings(data=Path(folder), redis_url=url)
        async with start(settings, clock=MovedClock(NOW)) as desk:
            await crowd(desk, in_flight * 4, in_flight, "warm")
            whole = await crowd(desk, turns, in_flight, "a")
            slots = await crowd(desk, turns, in_flight, "b", ("Was kostet das?", "Danke"))
            desk.projector.stop()
            await desk.projector.catch_up()
            alone = await crowd(desk, turns, in_flight, "c")
            with counted_round_trips() as calls:
                await crowd(desk, in_flight * 10, in_flight, "d")
            talk = await long_talk(desk)
    report(bare, whole, slots, alone, calls, in_flight * 11, talk)


def report(
    bare: Figures, whole: Figures, small: Figures, alone: Figures, calls: Counter[str], trips: int,
    talk: dict[int, tuple[float, int]],
) -> None:  # fmt: skip
    """The table, with the budgets of the design beside it."""
    print(f"floor (aiohttp + scripts)            {bare}")
    print(f"whole way, with projector            {whole}")
    print(f"  questions and small talk only      {small}")
    print(f"whole way, projector aside           {alone}      budget 0.8 ms, 1200 turns/s")
    print(f"ratio to the floor, CPU              {alone.cpu_s / alone.turns / (bare.cpu_s / bare.turns):6.2f} x")
    print(f"scripts a turn                       {sum(calls.values()) / trips:6.2f}      " + _shares(calls, trips))
    (ten, small_bytes), (late, late_bytes) = talk[10], talk[400]
    print(f"state at turn 10 / 400               {small_bytes} / {late_bytes} bytes      budget 16384")
    print(f"CPU at turn 10 / 400, one at a time  {ten:.3f} / {late:.3f} ms = {late / ten:.2f} x      budget 1.2 x")


def _shares(calls: Counter[str], turns: int) -> str:
    return ", ".join(f"{name} {number / turns:.2f}" for name, number in calls.most_common(6))


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=4000)
    parser.add_argument("--in-flight", type=int, default=50)
    parser.add_argument("--redis", default="")
    options = parser.parse_args()
    asyncio.run(measure(options.turns, options.in_flight, options.redis))


if __name__ == "__main__":
    main()
