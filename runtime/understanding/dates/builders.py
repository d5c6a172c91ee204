"""What a matched row of items means: a piece that names days, clock times or a part of the day.

Every builder gets the items of its match and the moment it was said. None says "no reading after all".
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, time, timedelta

from runtime.understanding.dates.language import MONTH, YEAR
from runtime.understanding.dates.lexicon import Item
from runtime.understanding.tokens import Token


@dataclass(frozen=True, slots=True)
class Moment:
    """When, where and in which language a text was said. `opens` and `closes` rank the readings of "um drei"."""

    today: date
    clock: time
    tokens: tuple[Token, ...]
    language: str
    opens: int = 7
    closes: int = 20
    day_known: bool = True
    """Whether a bare number can only be a clock time, because the day is settled."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing said about a time. Fields that it does not speak of are empty."""

    days: tuple[date, ...] = ()
    weekday: int = -1
    recurring: int = -1
    start: date | None = None
    end: date | None = None
    clocks: tuple[time, ...] = ()
    from_clock: time | None = None
    until_clock: time | None = None
    anything: bool = False
    past: bool = False

    @property
    def names_day(self) -> bool:
        """Whether it speaks of days."""
        return bool(self.days or self.weekday >= 0 or self.recurring >= 0 or self.start)

    @property
    def names_clock(self) -> bool:
        """Whether it speaks of the time of day."""
        return bool(self.clocks or self.from_clock or self.until_clock)


PAST = Piece(past=True)


def _of(items: list[Item], codes: str) -> Item | None:
    return next((item for item in items if item.code in codes), None)


def _all(items: list[Item], codes: str) -> list[Item]:
    return [item for item in items if item.code in codes]


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
    month, day, year = _of(items, "m"), _of(items, "Oon"), _of(items, "Y")
    if month is None or day is None:
        return None
    return _day(coming_date(moment.today, month.value, day.value, year.value if year else None))


def day_number(items: list[Item], moment: Moment) -> Piece | None:
    """ "am 24.": of this month if it is still to come, else of the next that has it."""
    number = _of(items, "Oon")
    if number is None:
        return None
    year, month = moment.today.year, moment.today.month
    for _ in range(13):
        found = make_day(year, month, number.value)
        if found is not None and found >= moment.today:
            return Piece(days=(found,))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


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
    return moment.tokens[items[0].first].norm.startswith(("next", "naechst"))


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


def _count(items: list[Item]) -> int:
    number = _of(items, "n")
    return number.value if number else 1


def day_and_more(items: list[Item], moment: Moment) -> Piece | None:
    """ "Dienstag in einer Woche", "a week on Tuesday", "Tuesday week"."""
    unit, base = _of(items, "u"), _of(items, "WRT")
    if unit is None or base is None or unit.value < 1_440 or (unit.value == 1_440 and base.code == "W"):
        return None
    day = next_weekday(moment.today, base.value) if base.code == "W" else _relative_day(base, moment)
    return _day(_added(day, _count(items) if len(items) > 2 else 1, unit.value))


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
    unit = _of(items, "u")
    if unit is None:
        return None
    if unit.value >= 1_440:
        return _day(_added(moment.today, _count(items), unit.value))
    minutes = _count(items) * unit.value
    if _of(items, "B"):
        minutes = unit.value * 3 // 2
    elif _of(items, "HJ"):
        minutes = unit.value // 2
    total = moment.clock.hour * 60 + moment.clock.minute + minutes
    days, rest = divmod(total, 1_440)
    return Piece(days=(moment.today + timedelta(days=days),), clocks=(time(rest // 60, rest % 60),))


def past(items: list[Item], moment: Moment) -> Piece | None:
    """What is over cannot be booked: found, so that nothing else reads it."""
    return PAST


def _easter(year: int) -> date:
    """Easter Sunday by the anonymous Gregorian rule."""
    golden, century, rest = year % 19, *divmod(year, 100)
    moon = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon -= (moon // 28) * (1 - (moon // 28) * (29 // (moon + 1)) * ((21 - golden) // 11))
    weekday_of_moon = (year + year // 4 + moon + 2 - century + century // 4) % 7
    shift = moon - weekday_of_moon
    month = 3 + (shift + 40) // 44
    return date(year, month, shift + 28 - 31 * (month // 4))


def feast(items: list[Item], moment: Moment) -> Piece | None:
    """ "Heiligabend", "Ostermontag"."""
    month, day = items[0].value, items[0].second
    stated = _of(items, "Y")
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
    whole = month(rest, moment) if _of(rest, "m") else period(rest, moment) if _of(rest, "u") else None
    if whole is None or whole.end is None or _of(rest, "u") and rest[-1].value < 10_080:
        return None
    if _of(rest, "u") and rest[-1].value == 10_080:
        monday = _monday(whole.end)
        start, end = ((0, 1), (1, 3), (3, 4))[third]
        return _stretch(monday + timedelta(days=start), monday + timedelta(days=end), moment)
    if rest[-1].value == YEAR and not _of(rest, "m"):
        return _stretch(date(whole.end.year, third * 4 + 1, 1), _month_end(date(whole.end.year, third * 4 + 4, 1)), moment)
    first = whole.end.replace(day=third * 10 + 1)
    return _stretch(first, _month_end(first) if third == 2 else first + timedelta(days=9), moment)


def coming(items: list[Item], moment: Moment) -> Piece | None:
    """ "in den nächsten Tagen", "the next two weeks"."""
    unit = items[-1].value
    if unit < 1_440:
        return None
    count = _count(items) if _of(items, "n") else (7 if unit == 1_440 else 3)
    end = _added(moment.today, count, unit)
    return Piece(start=moment.today, end=end) if end else None


def month(items: list[Item], moment: Moment) -> Piece | None:
    """ "im Dezember", "next March": the one that is not over yet."""
    said, year = _of(items, "m"), _of(items, "Y")
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


# clock times


def readings(hour: int, minute: int, moment: Moment, sure: bool = False) -> tuple[time, ...]:
    """The clock times that an hour may mean, the one in business hours first."""
    if hour == 24:
        hour = 0
        sure = True
    if not (0 <= hour < 24 and 0 <= minute < 60):
        return ()
    said = time(hour, minute)
    if sure or hour >= 12 or hour == 0:
        return (said,)
    other = time(hour + 12, minute)
    inside = moment.opens <= hour < moment.closes
    return (said, other) if inside or not moment.opens <= hour + 12 < moment.closes else (other, said)


def _clock(hour: int, minute: int, items: list[Item], moment: Moment, sure: bool = False) -> Piece | None:
    half = _of(items, "aA")
    if half is not None and hour <= 12:
        hour, sure = hour % 12 + (12 if half.code == "A" else 0), True
    found = readings(hour, minute, moment, sure)
    return Piece(clocks=found) if found else None


def clock(items: list[Item], moment: Moment) -> Piece | None:
    """ "15:30", "15.30 Uhr", "3:30 pm"; a leading zero leaves no doubt."""
    said = items[0]
    sure = moment.tokens[said.first].norm.startswith("0")
    return _clock(said.value, said.second, items, moment, sure)


def hour(items: list[Item], moment: Moment) -> Piece | None:
    """ "15 Uhr", "drei Uhr dreißig", "3 pm", "um drei"."""
    numbers = _all(items, "n")
    minute = numbers[1].value if len(numbers) > 1 else 0
    sure = moment.tokens[numbers[0].first].norm.startswith("0")
    if len(numbers) > 1 and minute < 10 and _of(items, "h") is None:
        return None
    return _clock(numbers[0].value, minute, items, moment, sure)


def four_digits(items: list[Item], moment: Moment) -> Piece | None:
    """ "1530 Uhr"."""
    return _clock(*divmod(items[0].value, 100), items, moment)


def hour_before_part(items: list[Item], moment: Moment) -> Piece | None:
    """ "3 in the afternoon": the part decides."""
    return hour(items, moment) if items[0].value <= 12 else None


def daytime_hour(items: list[Item], moment: Moment) -> Piece | None:
    """ "morgen 10": an hour of the day, but the 24th in "Tuesday 24" when that is a Tuesday."""
    return hour(items, moment) if 1 <= items[-1].value <= 21 else day_number(items, moment)


def bare_number(items: list[Item], moment: Moment) -> Piece | None:
    """A number alone, where a time is expected: an hour, or the day of the month when that is still open."""
    if 1 <= items[0].value <= (24 if moment.day_known else 20):
        return hour(items, moment)
    return None if moment.day_known else day_number(items, moment)


def half_before(items: list[Item], moment: Moment) -> Piece | None:
    """ "halb drei" is half an hour before three."""
    return _before(_count(items), 30, items, moment)


def _before(hour_said: int, minutes: int, items: list[Item], moment: Moment) -> Piece | None:
    return _clock(*_minutes_from(hour_said, -minutes), items, moment)


def _minutes_from(hour_said: int, minutes: int) -> tuple[int, int]:
    """Minutes before or after an hour; in the twelve hours' clock one comes after twelve."""
    found, minute = divmod(hour_said * 60 + minutes, 60)
    return (12 if found == 0 and hour_said == 1 else found % 24), minute


def half_past(items: list[Item], moment: Moment) -> Piece | None:
    """ "half past three", "half three"."""
    return _clock(_count(items), 30, items, moment)


def quarter(items: list[Item], moment: Moment) -> Piece | None:
    """ "Viertel vor drei", "viertel drei" (a quarter of the third hour), "dreiviertel acht"."""
    number = _count(items)
    if _of(items, ">P"):
        return _clock(number, 15, items, moment)
    if items[0].code == "Z" or _of(items, "<-"):
        return _before(number, 15, items, moment)
    return _before(number, 45, items, moment)


def minutes_off(items: list[Item], moment: Moment) -> Piece | None:
    """ "zehn nach drei", "fünf vor halb drei", "twenty to four"."""
    minutes, number = _all(items, "n")[:2]
    if not 0 < minutes.value < 30 or number.value > 24:
        return None
    off = minutes.value if _of(items, ">P") else -minutes.value
    return _clock(*_minutes_from(number.value, off - (30 if _of(items, "H") else 0)), items, moment)


# parts of the day, and no limit


def _at(hour_said: int) -> time | None:
    return time(hour_said) if hour_said < 24 else None


def part(items: list[Item], moment: Moment) -> Piece | None:
    """ "nachmittags"; "tonight" is today's."""
    said = items[-1]
    word = moment.tokens[said.first].norm
    if word in ("noon", "midnight", "mitternacht"):
        return Piece(clocks=(_at(said.value) or time(0),))
    days = (moment.today,) if word == "tonight" else ()
    return Piece(days=days, from_clock=_at(said.value), until_clock=_at(said.second))


def morning(items: list[Item], moment: Moment) -> Piece | None:
    """ "am Morgen", "Dienstag Morgen"."""
    return Piece(from_clock=time(6), until_clock=time(12))


def anything(items: list[Item], moment: Moment) -> Piece | None:
    """ "egal wann", "asap"."""
    return Piece(anything=True)


def now(items: list[Item], moment: Moment) -> Piece | None:
    """ "jetzt" as soon as possible, which is no limit."""
    return Piece(anything=True)
