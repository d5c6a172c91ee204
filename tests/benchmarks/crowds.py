"""Customers of the demo studio for the benchmarks: what they say, many at once, and what they cost."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from runtime.app import FrontDesk

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
OPENING = ("Ich hätte gern einen Herrenhaarschnitt",)
SEARCHING = ("am Dienstag nachmittag", "Was kostet das?", "lieber Mittwoch", "Haben Sie Parkplätze?", "egal wann")
"""Three of five turns look into the calendar, two ask for facts."""
ASKING = ("Was kostet das?", "Danke")
TO_THE_CONFIRM = (*OPENING, "am Dienstag um 15 Uhr", "Jana Weber", "0171 2345678")
PLAIN = ("Nein", "Den Namen", "Jana Weber", "Der Name ist Anna Berg", "Meine Nummer ist 0171 2345679")
"""In the middle of a booking, nothing looked up: a no, what to change, a name, a correction, a phone number."""
_CLOCKS = (540, 585, 630, 675, 810, 855, 900, 945, 990)
"""Starts that do not overlap, in minutes of the day: half an hour and its buffer, nobody at lunch."""
MOST_BOOKINGS = 240


@dataclass(frozen=True, slots=True)
class Figures:
    """One measurement."""

    turns: int
    seconds: float
    cpu_s: float
    server_s: float = 0.0

    @property
    def cpu_ms(self) -> float:
        """CPU of the measuring processes, a turn."""
        return 1000 * self.cpu_s / self.turns

    def __str__(self) -> str:
        server = f"   + {1000 * self.server_s / self.turns:.3f} ms in Valkey" if self.server_s else ""
        return f"{self.turns / self.seconds:7.0f} turns/s   {self.cpu_ms:6.3f} ms CPU a turn{server}"


def cpu_s() -> float:
    """CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def timed(turns: int, work: Callable[[], Awaitable[object]]) -> Figures:
    """Wall and CPU time of some work."""
    began, used = time.perf_counter(), cpu_s()
    await work()
    return Figures(turns, time.perf_counter() - began, cpu_s() - used)


async def say_all(desk: FrontDesk, name: str, lines: Sequence[str]) -> str:
    """One customer who writes again as soon as the answer is there; returns the last answer."""
    last = ""
    for line in lines:
        last = " ".join(await desk.say(tenant="demo", contact=name, text=line))
    return last


async def crowd(
    desk: FrontDesk,
    turns: int,
    in_flight: int,
    name: str,
    script: Sequence[str],
    before: Sequence[str] = OPENING,
    *,
    at_the_start: Callable[[], Awaitable[None]] | None = None,
) -> Figures:
    """Many customers at once, each in the middle of a booking; the way there is not measured."""
    names = [f"{name}{number}" for number in range(in_flight)]
    await asyncio.gather(*(say_all(desk, each, before) for each in names))
    if at_the_start is not None:
        await at_the_start()
    lines = [script[turn % len(script)] for turn in range(turns // in_flight)]

    async def work() -> None:
        await asyncio.gather(*(say_all(desk, each, lines) for each in names))

    return await timed(in_flight * len(lines), work)


def bookings(count: int, first: int = 0) -> list[tuple[str, ...]]:
    """Whole dialogues from the first word to the yes, each with a time of its own that is free."""
    days = [day for day in _days(date(2026, 11, 24), 86) if day.weekday() in (1, 2, 4) and not _near_holidays(day)]
    slots = [(day, clock) for day in days for clock in _CLOCKS]
    return [
        (
            *OPENING,
            f"am {day.day}.{day.month}. um {clock // 60}:{clock % 60:02d} Uhr",
            "Jana Weber",
            "0171 2345678",
            "Ja",
        )
        for day, clock in slots[first : first + count]
    ]


def _days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def _near_holidays(day: date) -> bool:
    return date(2026, 12, 22) <= day <= date(2027, 1, 7)


async def whole_bookings(desk: FrontDesk, count: int, in_flight: int, name: str, first: int = 0) -> Figures:
    """Customers who book from beginning to end, each once; every one must hear that it is booked."""
    waiting = list(enumerate(bookings(count, first)))
    turns = sum(len(lines) for _, lines in waiting)

    async def customer() -> None:
        while waiting:
            number, lines = waiting.pop()
            last = await say_all(desk, f"{name}{number}", lines)
            if not last.startswith("Gebucht"):
                raise RuntimeError(f"{lines[1]} was not booked: {last}")

    async def work() -> None:
        await asyncio.gather(*(customer() for _ in range(in_flight)))

    return await timed(turns, work)
