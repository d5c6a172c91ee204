"""What hours allow on a day, whatever is taken: opening hours, holidays, people's own hours, possible starts. Pure.

The same days come with every search, so they are worked out once for each snapshot of a business and then kept. Inside,
times are whole slices of five minutes; a start's local time stands beside it, for what is said about it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from runtime.core.business import Business, Holiday, Opening
from runtime.core.opening import minutes, openings_of_weekday
from skills.booking.local_time import instant_of, spans_in_slices

MOST_BUSINESSES = 256
MOST_DAYS = 4096
"""So many entries of a kind are kept for a business; then it starts anew."""
Span = tuple[int, int]
Kept = TypeVar("Kept")
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Start:
    """A moment that a booking may begin at."""

    number: int
    """Its slice."""
    local: datetime


class DayPlans:
    """One business's days."""

    def __init__(self, business: Business) -> None:
        self.business = business
        self.zone = ZoneInfo(business.timezone)
        self._holidays = _holidays_by_day(business)
        self._openings: dict[date, tuple[Opening, ...]] = {}
        self._spans: dict[tuple[str, date], list[Span]] = {}
        self._starts: dict[tuple[str, date, int, int], tuple[Start, ...]] = {}
        self._bounds: dict[date, Span] = {}

    def openings(self, day: date) -> tuple[Opening, ...]:
        """When the business is open, or, if it says nothing about that, when anybody works."""
        if (known := self._openings.get(day)) is None:
            known = _keep(self._openings, day, self._openings_on(day))
        return known

    def spans(self, staff: str, day: date) -> list[Span]:
        """Minutes of the day that are within both the business's and the person's hours."""
        if (known := self._spans.get((staff, day))) is None:
            known = _keep(self._spans, (staff, day), self._spans_of(staff, day))
        return known

    def starts(self, staff: str, day: date, length: int, step: int) -> tuple[Start, ...]:
        """Every start that leaves `length` slices before closing, `step` slices apart, taken or not."""
        key = (staff, day, length, step)
        if (known := self._starts.get(key)) is None:
            known = _keep(self._starts, key, self._starts_of(staff, day, length, step))
        return known

    def bounds(self, day: date) -> Span:
        """The first slice of the day and that of the next one."""
        if (known := self._bounds.get(day)) is None:
            known = _keep(self._bounds, day, spans_in_slices(self.zone, day, [(0, 1440)])[0])
        return known

    def _openings_on(self, day: date) -> tuple[Opening, ...]:
        holiday = self._holidays.get(day)
        if holiday is not None:
            return holiday.opening
        if self.business.hours:
            return openings_of_weekday(self.business.hours, day.weekday())
        return tuple(o for person in self.business.staff for o in openings_of_weekday(person.hours, day.weekday()))

    def _spans_of(self, staff: str, day: date) -> list[Span]:
        open_spans = _joined([_minutes(o) for o in self.openings(day)])
        person = self.business.person(staff)
        if person is not None and day in person.absent:
            return []
        if person is None or not person.hours:
            return open_spans
        own = [_minutes(o) for o in openings_of_weekday(person.hours, day.weekday())]
        both = [(max(a, c), min(b, d)) for a, b in open_spans for c, d in own]
        return _joined([span for span in both if span[0] < span[1]])

    def _starts_of(self, staff: str, day: date, length: int, step: int) -> tuple[Start, ...]:
        """Counted from the hour the business opens, so that everybody's starts fall together."""
        grids = spans_in_slices(self.zone, day, _joined([_minutes(o) for o in self.openings(day)]))
        found: list[Start] = []
        for first, last in spans_in_slices(self.zone, day, self.spans(staff, day)):
            origin = next((begin for begin, end in grids if begin <= first < end), first)
            numbers = range(first + (origin - first) % step, last - length + 1, step)
            found += (Start(number, instant_of(number).astimezone(self.zone)) for number in numbers)
        return tuple(found)


_PLANS: OrderedDict[int, DayPlans] = OrderedDict()


def plans_of(business: Business) -> DayPlans:
    """The days of this snapshot; a newly published one is another object and has days of its own."""
    found = _PLANS.get(id(business))
    if found is None or found.business is not business:
        found = _PLANS[id(business)] = DayPlans(business)
        if len(_PLANS) > MOST_BUSINESSES:
            _PLANS.popitem(last=False)
    return found


def _keep(kept: dict[Key, Kept], key: Key, value: Kept) -> Kept:
    if len(kept) >= MOST_DAYS:
        kept.clear()
    kept[key] = value
    return value


def _minutes(opening: Opening) -> Span:
    return minutes(opening.start), minutes(opening.end)


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _holidays_by_day(business: Business) -> dict[date, Holiday]:
    found: dict[date, Holiday] = {}
    for holiday in business.holidays:
        if holiday.day not in found or holiday.opening:
            found[holiday.day] = holiday
    return found
