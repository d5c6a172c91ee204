"""Values that a slot can hold, and what customers wish for a time. Standard library only, no clock."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

ANY = "*"
"""The value of a slot whose words mean "egal": the machine picks, and says what it picked."""


@dataclass(frozen=True, slots=True)
class When:
    """A wished time in the business's local time, as exact or as open as the customer said it.

    Several `days`, `weekdays` or `clock` times mean "any of these", the likeliest first ("um drei" is 15:00, 03:00).
    `until_*` are exclusive for clock times and inclusive for days. `anything` is a wish without a limit ("egal").
    """

    days: tuple[date, ...] = ()
    from_day: date | None = None
    until_day: date | None = None
    weekdays: tuple[int, ...] = ()
    """0 is Monday."""
    not_days: tuple[date, ...] = ()
    not_weekdays: tuple[int, ...] = ()
    clock: tuple[time, ...] = ()
    from_clock: time | None = None
    until_clock: time | None = None
    anything: bool = False

    @property
    def names_day(self) -> bool:
        """Whether the wish limits the day at all."""
        return bool(self.days or self.from_day or self.until_day or self.weekdays or self.not_days or self.not_weekdays)

    @property
    def names_clock(self) -> bool:
        """Whether the wish limits the time of day at all."""
        return bool(self.clock or self.from_clock or self.until_clock)

    @property
    def exact(self) -> bool:
        """Whether it names one day and at least one clock time."""
        return len(self.days) == 1 and bool(self.clock)

    def merged(self, newer: When) -> When:
        """This wish with the newer one on top: a named day replaces the day, a named time of day the time of day."""
        if newer.anything and not newer.names_day and not newer.names_clock:
            return newer
        day = newer if newer.names_day else self
        clock = newer if newer.names_clock else self
        return When(
            days=day.days,
            from_day=day.from_day,
            until_day=day.until_day,
            weekdays=day.weekdays,
            not_days=day.not_days,
            not_weekdays=day.not_weekdays,
            clock=clock.clock,
            from_clock=clock.from_clock,
            until_clock=clock.until_clock,
        )


Value = str | int | bool | When
"""What a filled slot holds: an option's id, a name, an E.164 phone number, a count, a wished time, or ANY."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One of the things shown to choose from; picking it sets `values` and may show `facts` (label data)."""

    id: str
    values: Mapping[str, Value]
    facts: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """A choice that the business configured: a service, a person of the staff."""

    id: str
    names: Mapping[str, str]
    """Language code -> name as shown."""
    synonyms: tuple[str, ...] = ()
    facts: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def name(self, language: str) -> str:
        """The name in this language, else in any."""
        return self.names.get(language) or next(iter(self.names.values()), self.id)
