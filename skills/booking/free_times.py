"""Which times are free: opening hours, staff hours, holidays, notice, horizon and what is taken. Pure, knows no SQL.

A resource is a person ("staff:anna"), a room ("room:1"), a piece of equipment ("equipment:laser") or, where a business
names no staff, its one "desk". Of what there is more than one, each unit is a resource of its own ("room:1#2").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import islice, product

from runtime.core.business import Business, Opening, Service
from runtime.core.values import ANY
from skills.booking.day_plans import Start, plans_of
from skills.booking.local_time import SLICE_S, slice_of, slices_for

DESK = "desk"
MOST_CHOICES = 4
"""So many combinations of rooms and equipment are tried when somebody is faster."""
Busy = Mapping[str, frozenset[int]]
_NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time that can be booked: with whom, and what it would occupy."""

    number: int
    """The slice that it starts in."""
    start: datetime
    """Local, with offset."""
    duration_min: int
    blocked_min: int
    """The duration with its buffer, in whole slices."""
    staff: str
    resources: tuple[str, ...]
    others: tuple[tuple[str, ...], ...] = ()
    """Other rooms and units that would do as well, should somebody be faster with these."""

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


def units_of(business: Business, name: str) -> tuple[str, ...]:
    """The units of a room or a piece of equipment. The first one bears the plain name, as if it were the only one."""
    return (name, *(f"{name}#{number}" for number in range(2, business.units.get(name, 1) + 1)))


def needs_of(business: Business, service: Service) -> tuple[tuple[str, ...], ...]:
    """What it needs besides a person: of each tuple, one unit."""
    rooms = tuple(unit for room in service.rooms for unit in units_of(business, f"room:{room}"))
    pieces = tuple(units_of(business, f"equipment:{piece}") for piece in service.equipment)
    return (rooms, *pieces) if rooms else pieces


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
        self._plans = plans_of(business)
        self.zone = self._plans.zone
        self.now = now
        self.today = now.astimezone(self.zone).date()
        self.last_day = self.today + timedelta(days=business.policies.horizon_days)
        self.earliest = now + timedelta(minutes=business.policies.lead_min)
        self.needs = needs_of(business, service)
        self._step = max(1, slices_for(business.policies.slot_step_min))
        self._length = slices_for(service.duration_min)
        self._blocked = self._length + slices_for(service.buffer_min)

    @cached_property
    def resources(self) -> tuple[str, ...]:
        """Everything whose occupied slices `free_on` wants to know."""
        units = dict.fromkeys(unit for need in self.needs for unit in need)
        return (*(resource_of(person) for person in self.staff), *units)

    def openings_on(self, day: date) -> tuple[Opening, ...]:
        """When the business is open, or, if it says nothing about that, when anybody works."""
        return self._plans.openings(day)

    def is_open(self, day: date, clock: time | None = None) -> bool:
        """Whether the business is open on this day, or at this time of it."""
        if clock is None:
            return bool(self.openings_on(day))
        return any(opening.start <= clock < opening.end for opening in self.openings_on(day))

    def works_on(self, staff: str, day: date) -> bool:
        """Whether this person is in at all on this day."""
        return bool(self._plans.spans(staff, day))

    def is_in(self, staff: str, wall: datetime) -> bool:
        """Whether this person works at this local time."""
        clock = wall.hour * 60 + wall.minute
        return any(start <= clock < end for start, end in self._plans.spans(staff, wall.date()))

    def starts(self, staff: str, day: date) -> tuple[Start, ...]:
        """Every start that hours allow for this person, taken or not."""
        return self._plans.starts(staff, day, self._length, self._step)

    def free_on(self, day: date, busy: Busy) -> tuple[FreeTime, ...]:
        """The free times of a day by start; of several people free at one time, whom to book: the least busy one."""
        if not self.today <= day <= self.last_day:
            return ()
        earliest = -(-int(self.earliest.timestamp()) // SLICE_S)
        found: dict[int, FreeTime] = {}
        for person in self._order(day, busy):
            for start in self.starts(person, day):
                if start.number >= earliest and start.number not in found:
                    free = self._free(start, person, busy)
                    if free is not None:
                        found[start.number] = free
        return tuple(found[number] for number in sorted(found))

    def at(self, start: datetime, staff: str, busy: Busy) -> FreeTime | None:
        """The free time at this very moment with this person, notice and horizon aside; None if it is not allowed."""
        allowed = self._allowed(start, staff)
        return None if allowed is None else self._free(allowed, staff, busy)

    def allowed(self, start: datetime, staff: str) -> bool:
        """Whether hours allow this start, taken or not."""
        return self._allowed(start, staff) is not None

    def _allowed(self, start: datetime, staff: str) -> Start | None:
        number, day = slice_of(start), start.astimezone(self.zone).date()
        return next((one for one in self.starts(staff, day) if one.number == number), None)

    def _free(self, start: Start, staff: str, busy: Busy) -> FreeTime | None:
        if start.local.fold:
            return None  # The second 02:30 of that night: nobody could tell it from the first.
        needed = range(start.number, start.number + self._blocked)
        person = resource_of(staff)
        if not busy.get(person, _NOTHING).isdisjoint(needed):
            return None
        taken, others = self._units(needed, busy) if self.needs else ((), ())
        if taken is None:
            return None
        return FreeTime(
            number=start.number,
            start=start.local,
            duration_min=self.service.duration_min,
            blocked_min=self._blocked * 5,
            staff=staff,
            resources=(person, *taken),
            others=tuple((person, *other) for other in others),
        )

    def _units(self, needed: range, busy: Busy) -> tuple[tuple[str, ...] | None, tuple[tuple[str, ...], ...]]:
        """A free unit of everything that is needed, None if there is none; and a few other choices."""
        free = [[unit for unit in need if busy.get(unit, _NOTHING).isdisjoint(needed)] for need in self.needs]
        choices = (units for units in product(*free) if len(set(units)) == len(units))
        found = [*islice(choices, MOST_CHOICES)]
        return (found[0], tuple(found[1:])) if found else (None, ())

    def _order(self, day: date, busy: Busy) -> Sequence[str]:
        """Whom to ask first: the one who is preferred, then who has least to do that day."""
        if len(self.staff) < 2:
            return self.staff
        begin, end = self._plans.bounds(day)

        def load(person: str) -> tuple[bool, int]:
            taken = busy.get(resource_of(person), _NOTHING)
            return person != self.prefer, sum([begin <= number < end for number in taken])

        return sorted(self.staff, key=load)
