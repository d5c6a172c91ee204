"""Days and moments told by their distance: "in anderthalb Stunden", "vor zwei Wochen", "3 days after Easter"."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from runtime.understanding.dates.days import added, monday, next_weekday
from runtime.understanding.dates.feasts import feasts_around
from runtime.understanding.dates.language import MONTH, SECOND, YEAR
from runtime.understanding.dates.lexicon import Item
from runtime.understanding.dates.pieces import PAST, Moment, Piece, first_of
from runtime.understanding.dates.written import day_of_month, one_day, written_date

DAY = 1_440
MOST_MONTHS = 12_000


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time. `few` is one that was not counted ("ein paar Wochen")."""

    months: int = 0
    days: int = 0
    seconds: float = 0
    few: bool = False
    unit: int = 0
    """The last unit said."""

    @property
    def total_seconds(self) -> float:
        """Its length, a month being 30 days and a year 365."""
        years, months = divmod(self.months, 12)
        return (years * 365 + months * 30 + self.days) * 86_400 + self.seconds

    def plus(self, count: float, unit: int, few: bool) -> Span:
        """With so many units more; half of a long unit becomes whole days."""
        few = few or self.few
        if unit == SECOND:
            return Span(self.months, self.days, self.seconds + count, few, unit)
        if unit >= MONTH:
            months = count * (12 if unit == YEAR else unit // MONTH)
            whole = int(months)
            return Span(self.months + whole, self.days + round((months - whole) * 30), self.seconds, few, unit)
        if unit >= DAY:
            return Span(self.months, self.days + math.ceil(count * unit / DAY), self.seconds, few, unit)
        return Span(self.months, self.days, self.seconds + count * unit * 60, few, unit)


def span_of(items: list[Item], moment: Moment) -> Span | None:
    """The length that a row of numbers and units says: "2 Stunden und 30 Minuten", "an hour and a half"."""
    span, count, few, unit = Span(), 0.0, False, 0
    for at, item in enumerate(items):
        if item.code == "u":
            span, unit = span.plus(count or 1, item.value, few), item.value
            count, few = 0.0, False
        elif item.code in "Jq" and unit and at + 1 == len(items):
            return span.plus(0.5, unit, False) if item.code == "J" else span
        else:
            count, few = _counted(item, items[at - 1].code if at else "", count, moment), few or item.code == "j"
    usable = unit and span.months <= MOST_MONTHS and span.days <= 36_500 and span.seconds <= 10**8
    return span if usable else None


def _counted(item: Item, before: str, count: float, moment: Moment) -> float:
    match item.code:
        case "n" | "Y":
            said = moment.tokens[item.first].text
            return count + item.value / 10 ** len(said) if before in tuple(",.") and count else float(item.value)
        case "B":
            return max(item.value, 1) + 0.5
        case "j":
            return 2.0
        case "H" | "J" | "I":
            return count + 0.5
        case "X":
            return float(moment.tokens[item.first].norm)
        case "D":
            above, _, below = moment.tokens[item.first].norm.partition("/")
            return count + int(above) / int(below) if above.isdigit() and below.isdigit() and int(below) else 0.0
        case "Q":
            return 0.25
        case "Z":
            return 0.75
    return count


def moved(moment: Moment, span: Span, sign: int = 1, start: date | None = None) -> tuple[date, time | None] | None:
    """The day, and the clock time where hours were said; hours count truly over a change of the clocks."""
    day = added(start or moment.today, sign * span.months, MONTH) if span.months else start or moment.today
    day = added(day, sign * span.days, DAY) if day else None
    if day is None or not span.seconds:
        return (day, None) if day else None
    begun = datetime.combine(day, moment.clock, moment.now.tzinfo)
    delta = timedelta(seconds=sign * span.seconds)
    try:
        ended = (begun.astimezone(UTC) + delta).astimezone(begun.tzinfo) if begun.tzinfo else begun + delta
    except OverflowError:
        return None
    at = ended.time().replace(microsecond=0)
    return ended.date(), at if span.unit == SECOND else at.replace(second=0)


def _piece(found: tuple[date, time | None] | None, past: bool = False) -> Piece | None:
    if found is None:
        return None
    day, at = found
    return Piece(days=(day,), clocks=(at,) if at else (), past=past)


def ahead(items: list[Item], moment: Moment) -> Piece | None:
    """ "in zwei Wochen", "in anderthalb Stunden", "in half an hour", "three days from now"."""
    span = span_of([item for item in items if item.code not in "i<rg1~"], moment)
    if span is None:
        return None
    if span.few and not span.seconds:
        start, end = moved(moment, span), added(moment.today, 5, span.unit)
        return Piece(start=start[0], end=end) if start and end else None
    return _piece(moved(moment, span))


def between_counts(items: list[Item], moment: Moment) -> Piece | None:
    """ "in ein bis zwei Wochen", "in zwei, drei Tagen"."""
    unit, counts = items[-1].value, [item.value if item.code == "n" else 1 for item in items[:-1] if item.code in "nq"]
    if unit < DAY or counts[0] >= counts[1]:
        return None
    start, end = added(moment.today, counts[0], unit), added(moment.today, counts[1], unit)
    return Piece(start=start, end=end) if start and end else None


def within(items: list[Item], moment: Moment) -> Piece | None:
    """ "innerhalb von drei Tagen"."""
    span = span_of([item for item in items if item.code not in "+vd"], moment)
    found = moved(moment, span) if span else None
    return Piece(start=moment.today, end=found[0]) if found and found[1] is None else None


def past(items: list[Item], moment: Moment) -> Piece | None:
    """ "vor zwei Tagen", "two weeks ago": cannot be booked; found, so that nothing else reads it."""
    span = span_of([item for item in items if item.code not in "<g"], moment)
    return (_piece(moved(moment, span, -1), past=True) if span else None) or PAST


def past_stretch(items: list[Item], moment: Moment) -> Piece | None:
    """ "die letzten drei Wochen"."""
    span = span_of(items[1:], moment)
    start = moved(moment, span, -1) if span else None
    return Piece(start=start[0], end=moment.today, past=True) if start and start[0] < moment.today else PAST


_ANCHORS = "WRTFDx"


def anchored(items: list[Item], moment: Moment) -> Piece | None:
    """ "2 weeks before Christmas", "drei Tage nach Ostern", "two days after tomorrow"."""
    base = items[-1]
    mark = next((at for at, item in enumerate(items) if item.code in "<>f@"), 0)
    span = span_of(items[:mark], moment)
    if span is None or span.seconds or span.few:
        return None
    sign = -1 if items[mark].code == "<" else 1
    found = [moved(moment, span, sign, day) for day in _anchor_days(base, moment)]
    days = [one[0] for one in found if one is not None]
    coming = [day for day in days if day >= moment.today]
    return one_day(coming[0]) if coming else Piece(days=tuple(days[-1:]), past=True) if days else None


def _anchor_days(base: Item, moment: Moment) -> list[date]:
    match base.code:
        case "W":
            return [next_weekday(moment.today, base.value)]
        case "F":
            return feasts_around(base, moment.today)
        case "D":
            piece = written_date([base], moment)
            return list(piece.days) if piece else []
        case "T":
            return [moment.today + timedelta(days=1)]
    return [moment.today + timedelta(days=base.value)]


def weekday_ahead(items: list[Item], moment: Moment) -> Piece | None:
    """ "in zwei Wochen am Dienstag": the Tuesday of that week, or the next one after so many months."""
    return _weekday_away(items, moment, 1)


def weekday_ago(items: list[Item], moment: Moment) -> Piece | None:
    """ "Mittwoch vor zwei Wochen"."""
    return _weekday_away(items, moment, -1) or PAST


def _weekday_away(items: list[Item], moment: Moment, sign: int) -> Piece | None:
    named = first_of(items, "W")
    span = span_of([item for item in items if item.code not in "W,@i<rgN"], moment)
    base = moved(moment, span, sign) if span and not span.seconds else None
    if named is None or span is None or base is None or (span.days and span.days < 7):
        return None
    if span.months:
        return one_day(base[0] + timedelta(days=(named.value - base[0].weekday()) % 7))
    day = monday(base[0]) + timedelta(days=named.value)
    if sign < 0:
        return Piece(days=(day,), past=True)
    return one_day(day if day >= moment.today else day + timedelta(days=7))


def weekdays_later(items: list[Item], moment: Moment) -> Piece | None:
    """ "2 Sundays from now", "two Mondays later"."""
    named, count = first_of(items, "WV"), first_of(items, "n")
    if named is None or count is None or not 0 < count.value < 60:
        return None
    first = next_weekday(moment.today, named.value)
    if items[-1].code == "g":
        first -= timedelta(days=14 if named.value == moment.today.weekday() else 7)
        return Piece(days=(first - timedelta(days=7 * (count.value - 1)),), past=True)
    return one_day(first + timedelta(days=7 * (count.value - 1)))


def closest(items: list[Item], moment: Moment) -> Piece | None:
    """ "the Monday closest to October 5th", "the second closest"."""
    named, number = first_of(items, "W"), items[0] if items[0].code in "Oo" else None
    base = first_of(items, "FD")
    target = day_of_month(items[items.index(named) + 1 :], moment) if named and not base else None
    days = list(target.days) if target else _anchor_days(base, moment)[-1:] if base else []
    if named is None or not days:
        return None
    around = [days[0] + timedelta(days=step) for step in range(-17, 18)]
    fitting = sorted((abs((day - days[0]).days), day) for day in around if day.weekday() == named.value)
    rank = number.value - 1 if number else 0
    return one_day(fitting[rank][1]) if rank < len(fitting) else None


def day_and_more(items: list[Item], moment: Moment) -> Piece | None:
    """ "Dienstag in einer Woche", "a week on Tuesday", "Tuesday week"."""
    unit, base = first_of(items, "u"), first_of(items, "WRT")
    if unit is None or base is None or unit.value < DAY:
        return None
    day = _anchor_days(base, moment)[0]
    if base.code == "W" and base.value == moment.today.weekday():
        day = moment.today
    number = first_of(items, "n")
    count = number.value if number and len(items) > 2 else 1
    if base.code == "W" and unit.value == DAY:
        if count not in (7, 8, 14, 15):
            return None
        count -= count % 7  # "Montag in acht Tagen" is in a week
    return one_day(added(day, count, unit.value))


def relative_ago(items: list[Item], moment: Moment) -> Piece | None:
    """ "heute vor einer Woche", "gestern vor zwei Jahren"."""
    span = span_of([item for item in items if item.code not in "RT<g"], moment)
    found = moved(moment, span, -1, _anchor_days(items[0], moment)[0]) if span and not span.seconds else None
    return _piece(found, past=True) or PAST
