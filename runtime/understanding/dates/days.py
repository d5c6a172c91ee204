"""What rows of items say about days: dates, weekdays, distances, weeks, months, feasts.

Every builder gets the items of its match and the moment it was said. None says "no reading after all".
"""

from __future__ import annotations

import calendar
import re
from datetime import date, time, timedelta

from runtime.understanding.dates.clocks import clock, hour
from runtime.understanding.dates.language import MONTH, YEAR
from runtime.understanding.dates.lexicon import Item
from runtime.understanding.dates.pieces import PAST, Moment, Piece, count_of, first_of


def make_day(year: int, month: int, day: int) -> date | None:
    """The date, None where there is none."""
    if 1 <= month <= 12 and 1 <= year <= 9999 and 1 <= day <= calendar.monthrange(year, month)[1]:
        return date(year, month, day)
    return None


def coming_date(today: date, month: int, day: int, year: int | None = None) -> date | None:
    """The date in this or a coming year, the 29th of February too; with a year, as stated."""
    if year is not None:
        return make_day(year + 2000 if year < 100 else year, month, day)
    for later in range(9):
        found = make_day(today.year + later, month, day)
        if found is not None and found >= today:
            return found
    return None


def _day(found: date | None) -> Piece | None:
    return Piece(days=(found,)) if found else None


# days


def written_date(items: list[Item], moment: Moment) -> Piece | None:
    """2026-11-24, 24.11.2026, 24.11., 24/11 (11/24 where only that is a date)."""
    token = moment.tokens[items[0].first]
    numbers = [int(part) for part in re.findall(r"\d+", token.norm)]
    if token.kind == "iso":
        return _day(make_day(*numbers))
    day, month, *rest = numbers
    year = rest[0] if rest else None
    found = coming_date(moment.today, month, day, year)
    if found is None and token.kind == "slashed":
        found = coming_date(moment.today, day, month, year)
    return _day(found)


def pair_date(items: list[Item], moment: Moment) -> Piece | None:
    """ "am 24.11"."""
    pair = items[-1]
    return _day(coming_date(moment.today, abs(pair.second), pair.value))


def pair(items: list[Item], moment: Moment) -> Piece | None:
    """ "24.11" is a date, "15.30" a time; the first wins where it can be either."""
    as_date = _day(coming_date(moment.today, abs(items[0].second), items[0].value))
    if as_date is None and items[0].second >= 0:
        return clock(items, moment)
    return as_date


def day_of_month(items: list[Item], moment: Moment) -> Piece | None:
    """ "24. November", "November 24th, 2026"."""
    month, day, year = first_of(items, "m"), first_of(items, "Oon"), first_of(items, "Y")
    if month is None or day is None:
        return None
    return _day(coming_date(moment.today, month.value, day.value, year.value if year else None))


def day_number(items: list[Item], moment: Moment) -> Piece | None:
    """ "am 24.": of this month if it is still to come, else of the next that has it."""
    number = first_of(items, "Oon")
    if number is None:
        return None
    year, month = moment.today.year, moment.today.month
    for _ in range(13):
        found = make_day(year, month, number.value)
        if found is not None and found >= moment.today:
            return Piece(days=(found,))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def day_in_month(items: list[Item], moment: Moment) -> Piece | None:
    """ "the 20th of next month"."""
    if items[-1].value != MONTH:
        return None
    first = _added(moment.today.replace(day=1), _shift(items[-2:]), MONTH)
    found = make_day(first.year, first.month, items[0].value) if first else None
    return _day(found) if found and found >= moment.today else None


def next_weekday(today: date, weekday: int) -> date:
    """The first such day after today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def weekday(items: list[Item], moment: Moment) -> Piece | None:
    """ "Dienstag" is the coming one; "next" leaves this week where the language says so."""
    said = items[-1].value
    first = next_weekday(moment.today, said)
    match items[0].code:
        case "L":
            return PAST
        case "S" if said == moment.today.weekday():
            return Piece(days=(moment.today,), weekday=said)
        case "G":
            return Piece(days=(_monday(moment.today) + timedelta(days=14 + said),))
        case "N" if _skips_this_week(items, moment) and _monday(first) == _monday(moment.today):
            return Piece(days=(first + timedelta(days=7),))
    return Piece(days=(first,), weekday=said)


def _skips_this_week(items: list[Item], moment: Moment) -> bool:
    return moment.tokens[items[0].first].norm == "next"


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _added(day: date, count: int, minutes: int) -> date | None:
    """The day so many units later; months and years keep the day of the month, or its last."""
    if minutes in (MONTH, YEAR):
        months = day.month - 1 + count * (12 if minutes == YEAR else 1)
        year, month = day.year + months // 12, months % 12 + 1
        return make_day(year, month, min(day.day, calendar.monthrange(year, month)[1])) if year < 9999 else None
    days = count * minutes // 1_440
    return day + timedelta(days=days) if days < 36_500 else None


def day_and_more(items: list[Item], moment: Moment) -> Piece | None:
    """ "Dienstag in einer Woche", "a week on Tuesday", "Tuesday week"."""
    unit, base = first_of(items, "u"), first_of(items, "WRT")
    if unit is None or base is None or unit.value < 1_440 or (unit.value == 1_440 and base.code == "W"):
        return None
    day = next_weekday(moment.today, base.value) if base.code == "W" else _relative_day(base, moment)
    if base.code == "W" and base.value == moment.today.weekday():
        day = moment.today
    return _day(_added(day, count_of(items) if len(items) > 2 else 1, unit.value))


def _relative_day(item: Item, moment: Moment) -> date:
    return moment.today + timedelta(days=1 if item.code == "T" else item.value)


def recurring(items: list[Item], moment: Moment) -> Piece | None:
    """ "montags", "every Monday"."""
    return Piece(recurring=items[-1].value)


def relative(items: list[Item], moment: Moment) -> Piece | None:
    """ "heute", "übermorgen"."""
    return _day(_relative_day(items[0], moment)) if items[0].value >= 0 else PAST


def tomorrow(items: list[Item], moment: Moment) -> Piece | None:
    """ "morgen" on its own."""
    return _day(moment.today + timedelta(days=1))


def ahead(items: list[Item], moment: Moment) -> Piece | None:
    """ "in zwei Wochen", "in anderthalb Stunden", "in half an hour"."""
    unit = first_of(items, "u")
    if unit is None:
        return None
    if unit.value >= 1_440:
        return _day(_added(moment.today, count_of(items), unit.value))
    minutes = count_of(items) * unit.value
    if first_of(items, "B"):
        minutes = unit.value * 3 // 2
    elif first_of(items, "HJ"):
        minutes = unit.value // 2
    total = moment.clock.hour * 60 + moment.clock.minute + minutes
    days, rest = divmod(total, 1_440)
    return Piece(days=(moment.today + timedelta(days=days),), clocks=(time(rest // 60, rest % 60),))


def weekday_ahead(items: list[Item], moment: Moment) -> Piece | None:
    """ "in zwei Wochen am Dienstag": the Tuesday of that week."""
    unit = first_of(items, "u")
    base = _added(moment.today, count_of(items), unit.value) if unit and unit.value >= 10_080 else None
    if base is None:
        return None
    day = _monday(base) + timedelta(days=items[-1].value)
    return _day(day if day >= moment.today else day + timedelta(days=7))


def past(items: list[Item], moment: Moment) -> Piece | None:
    """What is over cannot be booked: found, so that nothing else reads it."""
    return PAST


def _easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar."""
    golden, century = year % 19, year // 100
    epact = (19 * golden + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    full_moon = epact - (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday_of_moon = (year + year // 4 + full_moon + 2 - century + century // 4) % 7
    days = full_moon - weekday_of_moon
    month_number = 3 + (days + 40) // 44
    return date(year, month_number, days + 28 - 31 * (month_number // 4))


def feast(items: list[Item], moment: Moment) -> Piece | None:
    """ "Heiligabend", "Ostermontag"."""
    month, day = items[0].value, items[0].second
    stated = first_of(items, "Y")
    if month:
        return _day(coming_date(moment.today, month, day, stated.value if stated else None))
    years = (stated.value,) if stated else (moment.today.year, moment.today.year + 1)
    found = [_easter(year) + timedelta(days=day) for year in years if 1583 <= year <= 9998]
    return _day(next((one for one in found if stated or one >= moment.today), None))


# stretches of days


def _stretch(start: date, end: date, moment: Moment) -> Piece | None:
    return Piece(start=max(start, moment.today), end=end) if end >= moment.today else PAST


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _shift(items: list[Item]) -> int:
    return {"N": 1, "G": 2}.get(items[0].code, 0)


def _week(items: list[Item], moment: Moment) -> date:
    return _monday(moment.today) + timedelta(days=7 * _shift(items))


def period(items: list[Item], moment: Moment) -> Piece | None:
    """ "nächste Woche", "diesen Monat"."""
    match items[-1].value:
        case 10_080:
            return _stretch(_week(items, moment), _week(items, moment) + timedelta(days=6), moment)
        case 1_440:
            return _day(moment.today + timedelta(days=_shift(items))) if _shift(items) else None
        case minutes if minutes in (MONTH, YEAR):
            first = moment.today.replace(day=1) if minutes == MONTH else date(moment.today.year, 1, 1)
            start = _added(first, _shift(items), minutes)
            if start is None:
                return None
            return _stretch(start, _month_end(start) if minutes == MONTH else date(start.year, 12, 31), moment)
    return None


def section(items: list[Item], moment: Moment) -> Piece | None:
    """ "Anfang nächster Woche", "Ende Dezember", "middle of the month"."""
    third = "sMe".index(items[0].code)
    rest = [item for item in items[1:] if item.code != "d"]
    whole = month(rest, moment) if first_of(rest, "m") else period(rest, moment) if first_of(rest, "u") else None
    if whole is None or whole.end is None or (first_of(rest, "u") and rest[-1].value < 10_080):
        return None
    if first_of(rest, "u") and rest[-1].value == 10_080:
        monday = _monday(whole.end)
        start, end = ((0, 1), (1, 3), (3, 4))[third]
        return _stretch(monday + timedelta(days=start), monday + timedelta(days=end), moment)
    if rest[-1].value == YEAR and not first_of(rest, "m"):
        return _stretch(
            date(whole.end.year, third * 4 + 1, 1), _month_end(date(whole.end.year, third * 4 + 4, 1)), moment
        )
    first = whole.end.replace(day=third * 10 + 1)
    return _stretch(first, _month_end(first) if third == 2 else first + timedelta(days=9), moment)


def week_of_month(items: list[Item], moment: Moment) -> Piece | None:
    """ "erste Dezemberwoche", "last week of November": seven days each, counted from the first or from the end."""
    unit = first_of(items, "u")
    whole = month([item for item in items if item.code in "mY"], moment)
    if whole is None or whole.end is None or unit is None or unit.value != 10_080:
        return None
    if items[0].code == "L":
        return _stretch(whole.end - timedelta(days=6), whole.end, moment)
    first = make_day(whole.end.year, whole.end.month, 7 * (items[0].value - 1) + 1)
    return _stretch(first, min(first + timedelta(days=6), whole.end), moment) if first else None


def coming(items: list[Item], moment: Moment) -> Piece | None:
    """ "in den nächsten Tagen", "the next two weeks"."""
    unit = items[-1].value
    if unit < 1_440:
        return None
    count = count_of(items) if first_of(items, "n") else (7 if unit == 1_440 else 3)
    end = _added(moment.today, count, unit)
    return Piece(start=moment.today, end=end) if end else None


def month(items: list[Item], moment: Moment) -> Piece | None:
    """ "im Dezember", "next March": the one that is not over yet."""
    said, year = first_of(items, "m"), first_of(items, "Y")
    if said is None:
        return None
    number = moment.today.year + (said.value < moment.today.month) if year is None else year.value
    if items[0].code == "N" and said.value == moment.today.month:
        number += 1
    first = make_day(number, said.value, 1)
    return _stretch(first, _month_end(first), moment) if first else None


def weekend(items: list[Item], moment: Moment) -> Piece | None:
    """ "am Wochenende", "next weekend"."""
    saturday = _monday(moment.today) + timedelta(days=5 + 7 * _shift(items))
    return _stretch(saturday, saturday + timedelta(days=1), moment)


# numbers that may be an hour or a day of the month


def daytime_hour(items: list[Item], moment: Moment) -> Piece | None:
    """ "morgen 10": an hour of the day, but the 24th in "Tuesday 24" when that is a Tuesday."""
    return hour(items, moment) if 1 <= items[-1].value <= 21 else day_number(items, moment)


def bare_number(items: list[Item], moment: Moment) -> Piece | None:
    """A number alone, where a time is expected: an hour, or the day of the month when that is still open."""
    if 1 <= items[0].value <= (24 if moment.day_known else 20):
        return hour(items, moment)
    return None if moment.day_known else day_number(items, moment)
