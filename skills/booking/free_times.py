"""Which times are free: opening hours, staff hours, holidays, notice, horizon and what is taken. Pure, knows no SQL.

A resource is a person ("staff:anna"), a room ("room:1") or, where a business names no staff, its one "desk".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from runtime.core.business import Business, Holiday, Opening, Service
from runtime.core.opening import minutes, openings_of_weekday
from runtime.core.values import ANY
from skills.booking.local_time import SLICE_S, instant_of, slice_of, slices_for, spans_in_slices

DESK = "desk"
Busy = Mapping[str, frozenset[int]]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time that can be booked: with whom, and what it would occupy."""

    start: datetime
    """Local, with offset."""
    duration_min: int
    blocked_min: int
    """The duration with its buffer, in whole slices."""
    staff: str
    resources: tuple[str, ...]

    @property
    def id(self) -> str:
        """The offer's id."""
        return f"{self.start.astimezone(UTC):%Y%m%dT%H%M}-{self.staff}"

    @property
    def end(self) -> datetime:
        """When the service ends, local: in UTC first, for nights that are an hour shorter or longer."""
        return (self.start.astimezone(UTC) + timedelta(minutes=self.duration_min)).astimezone(self.start.tzinfo)

    @property
    def busy_end(self) -> datetime:
        """When the next one can begin, local."""
        return (self.start.astimezone(UTC) + timedelta(minutes=self.blocked_min)).astimezone(self.start.tzinfo)


def resource_of(staff: str) -> str:
    """The resource that a member of staff is."""
    return DESK if staff == DESK else f"staff:{staff}"


def staff_of(business: Business, service: Service, wished: str = ANY) -> tuple[str, ...]:
    """Who may do it: the one wished for, or everybody who does this service."""
    everybody = tuple(person.id for person in business.staff) or (DESK,)
    able = tuple(person for person in service.staff if person in everybody) or everybody
    return able if wished in (ANY, "") else tuple(person for person in able if person == wished)


class Calendar:
    """The free times of one service in one business, from `now` on. Build one for each search."""

    def __init__(
        self, business: Business, service: Service, staff: tuple[str, ...], now: datetime, prefer: str = ""
    ) -> None:
        self.business = business
        self.service = service
        self.staff = staff
        self.prefer = prefer
        self.zone = ZoneInfo(business.timezone)
        self.now = now
        self.today = now.astimezone(self.zone).date()
        self.last_day = self.today + timedelta(days=business.policies.horizon_days)
        self.earliest = now + timedelta(minutes=business.policies.lead_min)
        self.rooms = tuple(f"room:{room}" for room in service.rooms)
        self._step = max(1, slices_for(business.policies.slot_step_min))
        self._length = slices_for(service.duration_min)
        self._blocked = self._length + slices_for(service.buffer_min)
        self._locals: dict[int, datetime] = {}
        self._holidays = _holidays_by_day(business)

    @cached_property
    def resources(self) -> tuple[str, ...]:
        """Everything whose occupied slices `free_on` wants to know."""
        return (*(resource_of(person) for person in self.staff), *self.rooms)

    def openings_on(self, day: date) -> tuple[Opening, ...]:
        """When the business is open, or, if it says nothing about that, when anybody works."""
        holiday = self._holidays.get(day)
        if holiday is not None:
            return holiday.opening
        if self.business.hours:
            return openings_of_weekday(self.business.hours, day.weekday())
        return tuple(o for person in self.business.staff for o in openings_of_weekday(person.hours, day.weekday()))

    def is_open(self, day: date, clock: time | None = None) -> bool:
        """Whether the business is open on this day, or at this time of it."""
        if clock is None:
            return bool(self.openings_on(day))
        return any(opening.start <= clock < opening.end for opening in self.openings_on(day))

    def works_on(self, staff: str, day: date) -> bool:
        """Whether this person is in at all on this day."""
        return bool(self._spans(staff, day))

    def is_in(self, staff: str, wall: datetime) -> bool:
        """Whether this person works at this local time."""
        clock = wall.hour * 60 + wall.minute
        return any(start <= clock < end for start, end in self._spans(staff, wall.date()))

    def starts(self, staff: str, day: date) -> Iterator[int]:
        """Every start that hours allow for this person, taken or not, in slices."""
        grids = spans_in_slices(self.zone, day, _joined([_minutes(o) for o in self.openings_on(day)]))
        for first, last in spans_in_slices(self.zone, day, self._spans(staff, day)):
            origin = next((begin for begin, end in grids if begin <= first < end), first)
            start = first + (origin - first) % self._step
            while start + self._length <= last:
                yield start
                start += self._step

    def free_on(self, day: date, busy: Busy) -> tuple[FreeTime, ...]:
        """Every free time of the day by start; of several people free at once, the least busy one comes first."""
        if not self.today <= day <= self.last_day:
            return ()
        earliest = -(-int(self.earliest.timestamp()) // SLICE_S)
        order = {
            person: (person != self.prefer, self._load(person, day, busy), index)
            for index, person in enumerate(self.staff)
        }
        found = [
            (start, order[person], free)
            for person in self.staff
            for start in self.starts(person, day)
            if start >= earliest and (free := self._free(start, person, busy)) is not None
        ]
        return tuple(free for _, _, free in sorted(found, key=lambda entry: entry[:2]))

    def at(self, start: datetime, staff: str, busy: Busy) -> FreeTime | None:
        """The free time at this very moment with this person, notice and horizon aside; None if it is not allowed."""
        number = slice_of(start)
        day = start.astimezone(self.zone).date()
        return self._free(number, staff, busy) if number in set(self.starts(staff, day)) else None

    def allowed(self, start: datetime, staff: str) -> bool:
        """Whether hours allow this start, taken or not."""
        return slice_of(start) in set(self.starts(staff, start.astimezone(self.zone).date()))

    def _free(self, start: int, staff: str, busy: Busy) -> FreeTime | None:
        needed = range(start, start + self._blocked)
        person = resource_of(staff)
        if not busy.get(person, frozenset()).isdisjoint(needed):
            return None
        room = next((room for room in self.rooms if busy.get(room, frozenset()).isdisjoint(needed)), "")
        if self.rooms and not room:
            return None
        begin = self._local(start)
        if begin.fold:
            return None  # The second 02:30 of that night: nobody could tell it from the first.
        resources = (person, room) if room else (person,)
        return FreeTime(begin, self.service.duration_min, self._blocked * 5, staff, resources)

    def _local(self, start: int) -> datetime:
        """A slice's local time; several people share their starts."""
        if start not in self._locals:
            self._locals[start] = instant_of(start).astimezone(self.zone)
        return self._locals[start]

    def _spans(self, staff: str, day: date) -> list[Span]:
        """Minutes of the day that are within both the business's and the person's hours."""
        open_spans = _joined([_minutes(o) for o in self.openings_on(day)])
        person = self.business.person(staff)
        if person is None or not person.hours:
            return open_spans
        own = [_minutes(o) for o in openings_of_weekday(person.hours, day.weekday())]
        both = [(max(a, c), min(b, d)) for a, b in open_spans for c, d in own]
        return _joined([span for span in both if span[0] < span[1]])

    def _load(self, staff: str, day: date, busy: Busy) -> int:
        begin, end = spans_in_slices(self.zone, day, [(0, 1440)])[0]
        return sum(begin <= number < end for number in busy.get(resource_of(staff), ()))


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
