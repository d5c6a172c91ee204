"""Days that are written or spoken as numbers: 24.11., 2026-11-24, the 24th, twelfth of the fifth, "November 24th"."""

from __future__ import annotations

import calendar
import re
from datetime import date
from itertools import pairwise

from runtime.understanding.dates.clocks import clock
from runtime.understanding.dates.lexicon import Item
from runtime.understanding.dates.pieces import Moment, Piece, all_of, first_of

YEARS_AHEAD = 30
"""A year of two digits further ahead than this is one of the last century."""


def make_day(year: int, month: int, day: int) -> date | None:
    """The date, None where there is none."""
    if 1 <= month <= 12 and 1 <= year <= 9999 and 1 <= day <= calendar.monthrange(year, month)[1]:
        return date(year, month, day)
    return None


def full_year(year: int, today: date) -> int:
    """ "26" is 2026 and "74" is 1974."""
    if year >= 100:
        return year
    return 2000 + year if 2000 + year <= today.year + YEARS_AHEAD else 1900 + year


def coming_date(today: date, month: int, day: int, year: int | None = None) -> date | None:
    """The date in this or a coming year, the 29th of February too; with a year, as stated."""
    if year is not None:
        return make_day(full_year(year, today), month, day)
    for later in range(9):
        found = make_day(today.year + later, month, day)
        if found is not None and found >= today:
            return found
    return None


def one_day(found: date | None) -> Piece | None:
    """A piece of this day, if there is one."""
    return Piece(days=(found,)) if found else None


def _numbers(day: int, month: int, year: int | None, moment: Moment, swaps: bool) -> Piece | None:
    """Two numbers in the order of the place; the other order where only that is a date, or as the less likely day."""
    orders = [(month, day), (day, month)] if swaps else [(month, day)]
    if swaps and moment.month_first:
        orders.reverse()
    found = [one for order in orders if (one := coming_date(moment.today, *order, year)) is not None]
    if not found:
        return None
    if moment.language != "en":
        del found[1:]
    return Piece(days=(found[0],), others=tuple(found[1:]), open_part="" if year is not None else "year")


def written_date(items: list[Item], moment: Moment) -> Piece | None:
    """2026-11-24, 24.11.2026, 24.11., 24/11 (11/24 where only that is a date)."""
    token = moment.tokens[items[0].first]
    numbers = [int(part) for part in re.findall(r"\d+", token.norm)]
    if token.kind == "iso":
        return one_day(make_day(*numbers))
    first, second, *rest = numbers
    return _numbers(first, second, rest[0] if rest else None, moment, token.kind == "slashed" or bool(rest))


def slashed_apart(items: list[Item], moment: Moment) -> Piece | None:
    """ "2 / 15" and nothing else."""
    return _numbers(items[0].value, items[2].value, None, moment, True)


def dashed_apart(items: list[Item], moment: Moment) -> Piece | None:
    """ "15 - 2" and nothing else, where it is no row of hours."""
    first, second = items[0].value, items[2].value
    return _numbers(first, second, None, moment, False) if first > 12 >= second else None


def dashed_date(items: list[Item], moment: Moment) -> Piece | None:
    """21-04-2016, 3-7-07: written without a space."""
    if any(moment.tokens[a.last].end != moment.tokens[b.first].start for a, b in pairwise(items)):
        return None
    first, second = items[0].value, items[2].value
    return _numbers(first, second, items[4].value, moment, True)


def year_first(items: list[Item], moment: Moment) -> Piece | None:
    """2015.5.13, 2020/Sep/23, September-2020-23, Sep-23-2020."""
    year, named, pair = first_of(items, "Y"), first_of(items, "m"), first_of(items, "X")
    numbers = all_of(items, "nO")
    if year is None:
        return None
    if pair is not None:
        return one_day(make_day(year.value, pair.value, abs(pair.second)))
    if named is None:
        return one_day(make_day(year.value, numbers[0].value, numbers[1].value)) if len(numbers) > 1 else None
    return one_day(make_day(year.value, named.value, numbers[0].value)) if numbers else None


def pair_date(items: list[Item], moment: Moment) -> Piece | None:
    """ "am 24.11"."""
    found = items[-1]
    return _numbers(found.value, abs(found.second), None, moment, moment.month_first)


def pair(items: list[Item], moment: Moment) -> Piece | None:
    """ "24.11" is a date, "15.30" a time; the first wins where it can be either."""
    found = pair_date(items, moment)
    if found is None and items[0].second >= 0:
        return clock(items, moment)
    return found


def day_of_month(items: list[Item], moment: Moment) -> Piece | None:
    """ "24. November", "November 24th, 2026", "14th April 15"."""
    named, day, year = first_of(items, "m"), first_of(items, "Oon"), first_of(items, "Y")
    numbers = all_of(items, "Oon")
    if named is None or day is None:
        return None
    short = numbers[1].value if len(numbers) > 1 else None
    found = coming_date(moment.today, named.value, day.value, year.value if year else short)
    return Piece(days=(found,), open_part="" if year or short else "year") if found else None


def dated_clock(items: list[Item], moment: Moment) -> Piece | None:
    """ "Oct 26 15:50:06 2016", as machines write it."""
    named, day, at, year = (first_of(items, code) for code in ("m", "n", "C", "Y"))
    if named is None or day is None or at is None or year is None:
        return None
    found, said = make_day(year.value, named.value, day.value), clock([at], moment)
    return Piece(days=(found,), clocks=said.clocks) if found and said else None


def days_between(items: list[Item], moment: Moment) -> Piece | None:
    """ "3.-5.12.", "vom 3. bis zum 12. September", "July 13 - 15", "am 3. oder 4. Dezember"."""
    numbers, dated = all_of(items, "Oon"), first_of(items, "DX")
    last = written_date([dated], moment) if dated and dated.code == "D" else None
    if dated and dated.code == "X":
        last = pair_date([dated], moment)
    if dated is None:
        rest = [item for item in items if item is not numbers[0]] if items[0].code != "m" else [items[0], numbers[1]]
        last = day_of_month(rest, moment)
    end = last.days[0] if last and last.days else None
    start = make_day(end.year, end.month, numbers[0].value) if end else None
    if start is None or end is None or start >= end:
        return None
    if first_of(items, "|"):
        return Piece(days=(start, end))
    return Piece(start=max(start, moment.today) if not moment.mentions else start, end=end)


def spoken_numbers_date(items: list[Item], moment: Moment) -> Piece | None:
    """ "der zwölfte fünfte": day and month, both as ordinals."""
    numbers = all_of(items, "Oo")
    found = coming_date(moment.today, numbers[1].value, numbers[0].value)
    return Piece(days=(found,), open_part="year") if found else None


def day_number(items: list[Item], moment: Moment) -> Piece | None:
    """ "am 24.": of this month if it is still to come, else of the next that has it."""
    number = first_of(items, "Oon")
    if number is None:
        return None
    year, month = moment.today.year, moment.today.month
    for _ in range(13):
        found = make_day(year, month, number.value)
        if found is not None and found >= moment.today:
            return Piece(days=(found,), open_part="month")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def with_weekday(day: date, open_part: str, weekday: int, today: date) -> list[date]:
    """The days that this number and this weekday fit: "Fri 14th" is the next 14th that is a Friday, or this month's."""
    steps = {"month": range(-1, 25), "year": range(9)}.get(open_part, range(0))
    candidates = []
    for step in steps:
        months = day.month - 1 + (step if open_part == "month" else 12 * step)
        found = make_day(day.year + months // 12, months % 12 + 1, day.day)
        if found is not None and found.weekday() == weekday:
            candidates.append(found)
    this_month = [one for one in candidates if (one.year, one.month) == (today.year, today.month)]
    ahead = [one for one in candidates if one >= today]
    return list(dict.fromkeys([*ahead[:1], *this_month]))
