"""`frontdesk test DIR --faults`: dialogs at worker processes that die, compared with the same dialogs in peace.

Each file is played once in peace. Then two workers serve, messages come late, twice and out of order, and the workers
are killed while all files are played, again and again until every kill is done. Each time a file must end as in peace:
the same replies, the same calendar, the same state.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime.app import FrontDesk, database_url, start
from runtime.clocks import MovedClock, read_moment
from runtime.codec import load_state
from runtime.dialogs import Dialog, Played, dialog_files, play_one, read_dialog
from runtime.errors import FrontdeskError
from runtime.faults.edges import Edges
from runtime.faults.fleet import Fleet
from runtime.faults.killing import Reaper
from runtime.faults.state import essence
from runtime.records.database import Database
from runtime.sessions.store import Sessions
from runtime.settings import Settings

AT_ONCE = 4
_ENVIRONMENT = {"FRONTDESK_DEMO": "false", "FRONTDESK_PROMPT_SCAN_S": "0", "FRONTDESK_LOG_LEVEL": "ERROR"}


@dataclass(frozen=True, slots=True)
class Faults:
    """What the command line asked for."""

    seed: int = 1
    kills: int = 13
    minutes: float = 10.0


@dataclass(frozen=True, slots=True)
class Ending:
    """How a dialog went, as far as it must always go the same way."""

    shown: tuple[str, ...]
    booked: tuple[Mapping[str, Any], ...]
    state: Mapping[str, Any]
    complaints: tuple[str, ...]


@dataclass(slots=True)
class FaultRun:
    """Everything that a run found."""

    complaints: dict[Path, list[str]] = field(default_factory=lambda: defaultdict(list))
    plays: Counter[Path] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    longest_s: float = 0.0
    seconds: float = 0.0


Script = tuple[Path, Dialog]


async def run_with_faults(path: Path, faults: Faults) -> FaultRun:
    """Play a file or a folder in peace, then under fire."""
    read = [(file, read_dialog(file)) for file in dialog_files(path)]
    every = [(file, dialog) for file, dialog in read if not dialog.model]  # its workers are other processes
    # The clocks of customers differ here, and a look for what is due would tell all of them.
    scripts = [(file, dialog) for file, dialog in every if not any(line.prompted for line in dialog.dialog)]
    began = time.monotonic()
    run = FaultRun()
    with tempfile.TemporaryDirectory(prefix="fd-faults-") as quiet:
        peace = await _in_peace(scripts, Path(quiet))
    with tempfile.TemporaryDirectory(prefix="fd-faults-") as loud:
        async with asyncio.timeout(60 * faults.minutes):
            await _under_fire(scripts, peace, Path(loud), faults, run)
    run.seconds = time.monotonic() - began
    return run


async def _in_peace(scripts: Sequence[Script], home: Path) -> dict[Path, Ending]:
    clock = _clock()
    endings: dict[Path, Ending] = {}
    async with start(Settings(data=home, prompt_scan_s=0, demo=False), clock=clock) as desk:
        for number, (file, dialog) in enumerate(scripts, 1):
            endings[file] = await _ending(desk, await play_one(desk, clock, file, dialog, number))
    return endings


async def _under_fire(
    scripts: Sequence[Script], peace: Mapping[Path, Ending], home: Path, faults: Faults, run: FaultRun
) -> None:
    async with _doors(home, faults.seed) as seats, Fleet(home, _ENVIRONMENT) as fleet:
        edges = [one for one, _ in seats]
        reaper = Reaper(fleet, edges, faults.seed, faults.kills)
        reaping = asyncio.create_task(reaper.reap())
        waiting = _waiting(scripts, reaping)
        numbers = itertools.count(1)
        await asyncio.gather(*(_play_on(seat, waiting, numbers, peace, run) for seat in seats))
        await reaping
        run.crashes += [*fleet.crashes, *(f"a worker ended with {code}" for code in await fleet.stop() if code)]
        run.killed, run.missed = reaper.killed, reaper.missed
        for one in edges:
            run.seen += one.seen
            run.longest_s = max(run.longest_s, one.longest_s)


def _waiting(scripts: Sequence[Script], reaping: asyncio.Task[None]) -> Iterator[Script]:
    """Every file once, and on and on until every kill is done."""
    yield from scripts
    for script in itertools.cycle(scripts):
        if reaping.done():
            return
        yield script


async def _play_on(
    seat: tuple[Edges, MovedClock], waiting: Iterator[Script], numbers: Iterator[int],
    peace: Mapping[Path, Ending], run: FaultRun,
) -> None:  # fmt: skip
    """One customer after another, each with a business of their own."""
    edges, clock = seat
    for file, dialog in waiting:
        edges.begin()
        run.plays[file] += 1
        try:
            played = await play_one(edges, clock, file, dialog, next(numbers))
            ending = await _ending(edges.doors[0], played)
        except FrontdeskError as error:
            run.complaints[file].append(f"play {run.plays[file]}: {error}")
            continue
        wrong = compared(peace[file], ending)
        run.complaints[file] += [f"play {run.plays[file]}: {text}" for text in wrong]
    edges.answered = 1 << 30  # nobody waits for this one's next reply any more


@contextlib.asynccontextmanager
async def _doors(home: Path, seed: int) -> AsyncIterator[list[tuple[Edges, MovedClock]]]:
    """Pairs of doors on one Redis and one database, which outlive every worker."""
    settings = Settings(data=home, prompt_scan_s=0, demo=False)
    sessions = await Sessions.open(settings, works=False)
    try:
        database = await Database.open(database_url(settings))
        try:
            seats = []
            for number in range(AT_ONCE):
                clock = _clock()
                doors = tuple(FrontDesk(settings, clock, sessions, database) for _ in range(2))
                seats.append((Edges((doors[0], doors[1]), random.Random(f"{seed}-{number}")), clock))
            await seats[0][0].doors[0].desks.publish_defaults()
            yield seats
        finally:
            await database.close()
    finally:
        await sessions.close()


def _clock() -> MovedClock:
    return MovedClock(read_moment("2026-11-20T10:00", "UTC"))


async def _ending(desk: FrontDesk, played: Played) -> Ending:
    connection = await desk.door.connection(played.tenant, "api")
    state = None if connection is None else await desk.sessions.read_state(desk.door.key(connection, "dialog"))
    left = essence(load_state(state).conversation) if state else {}
    booked = tuple({name: value for name, value in one.items() if name != "id"} for one in played.booked)
    return Ending(played.shown, booked, left, played.complaints)


def compared(peace: Ending, fire: Ending) -> Iterator[str]:
    """What went another way than in peace; what the file itself complains of in peace, too, is no fault."""
    yield from (text for text in fire.complaints if text not in peace.complaints)
    for number, (was, now) in enumerate(itertools.zip_longest(peace.shown, fire.shown), 1):
        if was != now:
            yield f"line {number} was answered otherwise: {now!r} instead of {was!r}"
    if peace.booked != fire.booked:
        yield f"the calendar: {list(fire.booked)} instead of {list(peace.booked)}"
    for name in peace.state.keys() | fire.state.keys():
        if peace.state.get(name) != fire.state.get(name):
            yield f"{name} in the end: {fire.state.get(name)!r} instead of {peace.state.get(name)!r}"
