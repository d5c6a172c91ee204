"""What a customer wishes of a time, out of the arguments of `booking.find_free_times`. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from runtime.core.values import Value, When


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish with what was turned down already taken out of it."""

    when: When = dataclasses.field(default_factory=When)
    after: datetime | None = None
    before: datetime | None = None
    not_days: frozenset[date] = frozenset()
    shown: frozenset[datetime] = frozenset()
    """Starts that were shown before, local."""
    not_clocks: frozenset[time] = frozenset()
    near: time | None = None
    """A time of day to stay close to: that of the appointment being moved."""
    not_start: datetime | None = None
    """The present time of the appointment being moved."""
    staff: str = ""
    """The person wished for, "" for anybody."""

    @property
    def exact(self) -> bool:
        """Whether it is one day and a clock, and nothing turned that down."""
        return self.when.exact and self.after is None and self.before is None

    def fits_day(self, day: date) -> bool:
        """Whether the wish allows this day."""
        when = self.when
        if (self.after and day < self.after.date()) or (self.before and day > self.before.date()):
            return False
        return not (
            (when.days and day not in when.days)
            or (when.from_day and day < when.from_day)
            or (when.until_day and day > when.until_day)
            or (when.weekdays and day.weekday() not in when.weekdays)
            or day in when.not_days
            or day.weekday() in when.not_weekdays
            or day in self.not_days
        )

    def fits_clock(self, clock: time) -> bool:
        """Whether the wish allows this time of day."""
        when = self.when
        if when.clock and clock not in when.clock:
            return False
        start, end = when.from_clock, when.until_clock
        if start is not None and end is not None and start > end:
            return clock >= start or clock < end
        return not ((start is not None and clock < start) or (end is not None and clock >= end))

    def allows(self, start: datetime) -> bool:
        """Whether this local start is inside the wish and was not turned down."""
        return self.fits_day(start.date()) and self.allows_start(start)

    def allows_start(self, start: datetime) -> bool:
        """The same for a start on a day that is known to fit."""
        return self.fits_clock(start.time()) and self.is_new(start)

    def is_new(self, start: datetime) -> bool:
        """Whether it was neither shown nor turned down by "later", "earlier" or "another time"."""
        return not (
            (self.after is not None and start <= self.after)
            or (self.before is not None and start >= self.before)
            or (self.not_start is not None and start == self.not_start)
            or (self.not_clocks and start.time() in self.not_clocks)
            or (self.not_days and start.date() in self.not_days)
            or (self.shown and start in self.shown)
        )

    def target(self) -> time | None:
        """The time of day that alternatives should lie close to."""
        return self.when.clock[0] if self.when.clock else self.near

    def anywhere(self) -> Wish:
        """The same wish without its limits, for alternatives: only what was turned down stays out."""
        never = When(not_days=self.when.not_days, not_weekdays=self.when.not_weekdays)
        return dataclasses.replace(self, when=never, near=self.target())


def read_wish(arguments: Mapping[str, Value], zone: ZoneInfo) -> Wish:
    """The wish in the arguments. What does not parse limits nothing."""
    shown = (_shown_start(part.split("-")[0], zone) for part in _parts(arguments.get("shown")))
    wish = Wish(
        when=_when(arguments.get("start"), zone),
        after=_moment(arguments.get("after"), zone),
        before=_moment(arguments.get("before"), zone),
        not_days=frozenset(day for part in _parts(arguments.get("not_days")) if (day := _day(part)) is not None),
        shown=frozenset(start for start in shown if start is not None),
    )
    return _without_turned_down(wish, zone, other_time=arguments.get("other_time") in (True, "yes", "true"))


def _without_turned_down(wish: Wish, zone: ZoneInfo, *, other_time: bool) -> Wish:
    """ "Later" and "another time" undo a named clock, "another day" undoes the days it names."""
    when = wish.when
    if other_time:
        starts = sorted(wish.shown)
        clocks = {start.time() for start in starts} | set(when.clock)
        days = when.days or (() if when.names_day else tuple(start.date() for start in starts))
        when = dataclasses.replace(when, clock=(), days=tuple(dict.fromkeys(days)))
        wish = dataclasses.replace(wish, not_clocks=frozenset(clocks))
    if (wish.after or wish.before) and when.clock:
        when = dataclasses.replace(when, clock=())
    if when.days and wish.not_days.issuperset(when.days):
        when = dataclasses.replace(when, days=())
    return dataclasses.replace(wish, when=when)


def _when(value: Value | None, zone: ZoneInfo) -> When:
    if isinstance(value, When):
        return value
    start = _moment(value, zone)
    return When() if start is None else When(days=(start.date(),), clock=(start.time(),))


def _moment(value: Value | None, zone: ZoneInfo) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _shown_start(text: str, zone: ZoneInfo) -> datetime | None:
    """From an offer's id: UTC, minutes."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(zone)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _parts(value: Value | None) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else []
