"""From a wish to one time that is free, or to up to three offers and why the wish itself could not be had."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from typing import Literal

from skills.booking.free_times import Calendar, FreeTime
from skills.booking.local_time import SLICE_S, exists
from skills.booking.wish import Wish

MOST_OFFERS = 3
APART_MIN = 60
"""Offers on one day lie this far apart, where there is room."""
NEAR_APART_MIN = 30
"""Alternatives to one wished time may lie closer."""

Notice = Literal["", "taken", "closed", "past", "too_soon", "too_far", "staff_off", "nothing_then", "no_more"]
FreeOn = Callable[[date], Awaitable[tuple[FreeTime, ...]]]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search ends in; `exact` means that the one offer is just what was wished."""

    offers: tuple[FreeTime, ...]
    notice: Notice = ""
    closed_day: date | None = None
    exact: bool = False


async def search(calendar: Calendar, wish: Wish, free_on: FreeOn) -> Found:
    """Look for the wish, then inside its limits, then around it."""
    if wish.exact:
        return await _exactly(calendar, wish, free_on)
    inside = await _inside(calendar, wish, free_on)
    if inside:
        return Found(inside)
    notice, closed_day = await _why_nothing(calendar, wish, free_on)
    return Found(await _around(calendar, wish, free_on), notice, closed_day)


async def _exactly(calendar: Calendar, wish: Wish, free_on: FreeOn) -> Found:
    day = wish.when.days[0]
    clock = next((clock for clock in wish.when.clock if calendar.is_open(day, clock)), wish.when.clock[0])
    wish = dataclasses.replace(wish, when=dataclasses.replace(wish.when, clock=(clock,)))
    wall = datetime.combine(day, clock, calendar.zone)
    free = [f for f in await free_on(day) if f.start == wall]
    if free and wish.allows(free[0].start):
        return Found((free[0],), exact=True)
    notice = _why_not(calendar, wish, wall, free)
    closed_day = _closed_all_day(calendar, day) if notice == "closed" else None
    return Found(await _around(calendar, wish, free_on), notice, closed_day)


def _why_not(calendar: Calendar, wish: Wish, wall: datetime, free: Sequence[FreeTime]) -> Notice:
    """Why exactly this time cannot be had, the plainest reason first."""
    day = wall.date()
    if wall <= calendar.now:
        return "past"
    if day > calendar.last_day:
        return "too_far"
    if not exists(wall):
        return "nothing_then"
    if not calendar.is_open(day, wall.time()):
        return "closed"
    if wall < calendar.earliest:
        return "too_soon"
    if not any(calendar.is_in(person, wall) for person in calendar.staff):
        return "staff_off" if wish.staff else "nothing_then"
    if not any(calendar.allowed(wall, person) for person in calendar.staff):
        return "nothing_then"
    if free:
        return "" if wall == wish.not_start else "no_more"
    return "taken"


async def _inside(calendar: Calendar, wish: Wish, free_on: FreeOn) -> tuple[FreeTime, ...]:
    """Offers within the wish: of one day spread over it, of more days one a day."""
    days: list[list[FreeTime]] = []
    for day in _days(calendar, wish):
        free = [f for f in await free_on(day) if wish.allows_start(f.start)]
        if free:
            days.append(free)
        if len(days) == MOST_OFFERS:
            break
    return _in_order(_of_days(days, wish))


def _of_days(days: list[list[FreeTime]], wish: Wish) -> list[FreeTime]:
    if wish.before is not None:
        return _next_to([one for day in reversed(days) for one in reversed(day)], MOST_OFFERS)
    if wish.after is not None:
        return _next_to([one for day in days for one in day], MOST_OFFERS)
    target = wish.target()
    if len(days) == 1:
        return _near(days[0], target, MOST_OFFERS) if target else _spread(days[0], MOST_OFFERS)
    firsts = [_of_day(day, number, target) for number, day in enumerate(days)]
    rest = [one for day, first in zip(days, firsts, strict=True) for one in day if _apart(one, [first], APART_MIN)]
    return firsts + _next_to(rest, MOST_OFFERS - len(firsts))


def _of_day(free: list[FreeTime], number: int, target: time | None) -> FreeTime:
    """The earliest time of the first day, an afternoon of the second, a late morning of the third."""
    wished = target or (None, time(15), time(11))[number % 3]
    return free[0] if wished is None else min(free, key=lambda found: _distance(found.start.time(), wished))


async def _around(calendar: Calendar, wish: Wish, free_on: FreeOn) -> tuple[FreeTime, ...]:
    """The nearest times outside the wish: first on its own days, then on the days after, then before."""
    target = wish.target()
    loose = wish.anywhere()
    asked = list(islice(_days(calendar, wish), 7)) if wish.when.names_day else []
    found: list[FreeTime] = []
    for day in asked:
        if wish.after is None or day >= wish.after.date():
            free = await _all_of(day, loose, free_on)
            found += (
                _near(free, target, MOST_OFFERS - len(found)) if target else _spread(free, MOST_OFFERS - len(found))
            )
    for day in _other_days(calendar, wish, asked):
        if len(found) >= MOST_OFFERS:
            break
        free = await _all_of(day, loose, free_on)
        if free:
            wished = target or wish.when.from_clock
            found.append(min(free, key=lambda f: _distance(f.start.time(), wished)) if wished else free[0])
    return _in_order(found[:MOST_OFFERS])


def _other_days(calendar: Calendar, wish: Wish, asked: Sequence[date]) -> Iterable[date]:
    """Days after the wished ones, and, when those run out, the ones before."""
    wished = wish.when
    first = min(asked or wished.days or ((wished.from_day,) if wished.from_day else ()), default=calendar.today)
    first = min(max(first, calendar.today), calendar.last_day)
    later = _range(first, calendar.last_day)
    before = (first - calendar.today).days
    earlier = (first - timedelta(days=number) for number in range(1, before + 1))
    return (day for day in chain(later, earlier) if day not in asked)


async def _why_nothing(calendar: Calendar, wish: Wish, free_on: FreeOn) -> tuple[Notice, date | None]:
    """Why the wish has nothing in it, the plainest reason first."""
    when = wish.when
    last_wished = max(when.days, default=when.until_day)
    first_wished = min(when.days, default=when.from_day)
    if last_wished is not None and last_wished < calendar.today:
        return "past", None
    if first_wished is not None and first_wished > calendar.last_day:
        return "too_far", None
    days = list(_days(calendar, wish)) if when.names_day else []
    if days:
        if not any(_open_then(calendar, wish, day) for day in days):
            return "closed", _closed_all_day(calendar, days[0])
        if wish.staff and not any(calendar.works_on(person, day) for person in calendar.staff for day in days):
            return "staff_off", None
    if wish.shown:
        fresh = dataclasses.replace(wish, shown=frozenset(), not_clocks=frozenset(), after=None, before=None)
        if await _inside(calendar, fresh, free_on):
            return "no_more", None
    return "nothing_then", None


def _closed_all_day(calendar: Calendar, day: date) -> date | None:
    """The day when nobody is in at any hour of it; None when only the hour was wrong."""
    return None if calendar.openings_on(day) else day


def _open_then(calendar: Calendar, wish: Wish, day: date) -> bool:
    """Whether the business is open at any of the wished times of this day."""
    return any(
        wish.fits_clock(time(minute // 60, minute % 60))
        for opening in calendar.openings_on(day)
        for minute in range(opening.start.hour * 60 + opening.start.minute, _end(opening.end), 5)
    )


def _end(clock: time) -> int:
    return 1440 if clock == time.max else clock.hour * 60 + clock.minute


def _days(calendar: Calendar, wish: Wish) -> Iterator[date]:
    """The days of the wish that can be booked at all; likeliest first when it names them."""
    if wish.when.days:
        named = dict.fromkeys(wish.when.days)
        return (day for day in named if calendar.today <= day <= calendar.last_day and wish.fits_day(day))
    return (day for day in _range(calendar.today, calendar.last_day) if wish.fits_day(day))


def _range(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


async def _all_of(day: date, wish: Wish, free_on: FreeOn) -> list[FreeTime]:
    return [f for f in await free_on(day) if wish.allows_start(f.start)] if wish.fits_day(day) else []


def _in_order(found: Sequence[FreeTime]) -> tuple[FreeTime, ...]:
    return tuple(sorted(found, key=lambda one: one.number))


def _spread(free: list[FreeTime], most: int) -> list[FreeTime]:
    """The earliest, one from the middle and the latest; not neighbours where there is room."""
    return _next_to([free[0], free[len(free) // 2], free[-1], *free], most) if free and most > 0 else []


def _near(free: list[FreeTime], target: time | None, most: int) -> list[FreeTime]:
    """The times closest to the one wished for."""
    if target is None or most <= 0:
        return free[: max(most, 0)]
    return _next_to(sorted(free, key=lambda one: _distance(one.start.time(), target)), most, NEAR_APART_MIN)


def _next_to(free: Iterable[FreeTime], most: int, apart_min: int = APART_MIN) -> list[FreeTime]:
    """The first ones that lie apart from each other, closer together where there is no room for that."""
    ranked = list({one.number: one for one in free}.values())
    picked: list[FreeTime] = []
    for minutes in range(apart_min, -1, -15):
        picked = []
        for one in ranked:
            if len(picked) < most and _apart(one, picked, minutes):
                picked.append(one)
        if len(picked) == most:
            break
    return picked


def _apart(one: FreeTime, picked: Sequence[FreeTime], minutes: int) -> bool:
    return all(abs(one.number - other.number) * SLICE_S >= minutes * 60 for other in picked)


def _distance(clock: time, wished: time) -> int:
    return abs(clock.hour * 60 + clock.minute - wished.hour * 60 - wished.minute)
