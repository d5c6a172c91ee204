"""Feast days: fixed ones, those that go by Easter or by Advent, and those that are the n-th weekday of a month."""

from __future__ import annotations

from datetime import date, timedelta

from runtime.understanding.dates.language import ADVENT, EASTER, LAST_OF_MONTH, YEAR
from runtime.understanding.dates.lexicon import Item
from runtime.understanding.dates.pieces import Moment, Piece, first_of
from runtime.understanding.dates.written import make_day


def _easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar."""
    golden, century = year % 19, year // 100
    epact = (19 * golden + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    full_moon = epact - (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday_of_moon = (year + year // 4 + full_moon + 2 - century + century // 4) % 7
    days = full_moon - weekday_of_moon
    month_number = 3 + (days + 40) // 44
    return date(year, month_number, days + 28 - 31 * (month_number // 4))


def first_advent(year: int) -> date:
    """The fourth Sunday before Christmas Day."""
    eve = date(year, 12, 24)
    return eve - timedelta(days=(eve.weekday() + 1) % 7 + 21)


def nth_weekday(year: int, month: int, number: int, weekday: int) -> date | None:
    """The n-th such weekday of a month, the last one for LAST_OF_MONTH; None where there are fewer."""
    if number == LAST_OF_MONTH:
        end = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1) if year < 9999 else None
        return end - timedelta(days=(end.weekday() - weekday) % 7) if end else None
    first = date(year, month, 1)
    return make_day(year, month, 1 + (weekday - first.weekday()) % 7 + 7 * (number - 1))


def feast_day(key: int, second: int, year: int, later: int = 0) -> date | None:
    """The feast in a year, by its key in the tables of words, `later` days after its first."""
    if not 1583 <= year <= 9998:
        return None
    if key == EASTER:
        found: date | None = _easter(year) + timedelta(days=second)
    elif key == ADVENT:
        found = first_advent(year) + timedelta(days=second + (later * 6))
    elif key > 100:
        found = nth_weekday(year, key // 100, key % 100, second)
    else:
        found = make_day(year, key, second)
    return found + timedelta(days=later) if found else None


def feasts_around(item: Item, today: date, later: int = 0) -> list[date]:
    """The last one before today, and those of this year and the next that are still to come."""
    years = (today.year - 1, today.year, today.year + 1)
    found = [day for year in years if (day := feast_day(item.value, item.second, year, later)) is not None]
    return [day for day in found if day < today][-1:] + [day for day in found if day >= today]


def feast(items: list[Item], moment: Moment) -> Piece | None:
    """ "Heiligabend", "Ostermontag", "letztes Ostern", "3. Advent 2026", "Weihnachten letzten Jahres"."""
    said, stated, number = first_of(items, "F"), first_of(items, "Y"), first_of(items, "Oo")
    if said is None:
        return None
    later = number.value - 1 if number and number.value <= 4 else 0
    if stated or (first_of(items, "u") and items[-1].value == YEAR):
        year = stated.value if stated else moment.today.year + _turn(items)
        day = feast_day(said.value, said.second, year, later)
        return Piece(days=(day,), past=day < moment.today and not stated) if day else None
    around = feasts_around(said, moment.today, later)
    if items[0].code == "L":
        return Piece(days=tuple(around[:1]), past=True)
    ahead = [day for day in around if day >= moment.today]
    return Piece(days=tuple(ahead[:1])) if ahead else None


def _turn(items: list[Item]) -> int:
    return {"L": -1, "N": 1, "0": -2}.get(items[-2].code, 0)
