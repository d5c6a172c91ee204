"""When a business is open, as its file says: a day's hours with holidays taken in. Pure, local wall time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from runtime.core.business import Business, Holiday, Opening


def holiday_on(business: Business, day: date) -> Holiday | None:
    """The holiday on this day; one with its own hours wins over one that closes."""
    found = [holiday for holiday in business.holidays if holiday.day == day]
    return next((holiday for holiday in found if holiday.opening), found[0] if found else None)


def openings_on(business: Business, day: date) -> tuple[Opening, ...]:
    """The opening hours of this day in order; empty means closed."""
    holiday = holiday_on(business, day)
    if holiday is not None:
        return holiday.opening
    return openings_of_weekday(business.hours, day.weekday())


def openings_of_weekday(hours: Iterable[Opening], weekday: int) -> tuple[Opening, ...]:
    """The hours of a weekday in order, whatever the date."""
    return tuple(sorted((o for o in hours if o.weekday == weekday), key=lambda o: o.start))


def minutes(clock: time) -> int:
    """Minutes since midnight; time.max stands for 24:00."""
    return 24 * 60 if clock == time.max else clock.hour * 60 + clock.minute


LOOK_AHEAD_DAYS = 14


def opens_next(business: Business, now: datetime) -> datetime | None:
    """When somebody is in again; None while it is open, and when nothing is known of the hours."""
    local = now.astimezone(ZoneInfo(business.timezone))
    for number in range(LOOK_AHEAD_DAYS):
        day = local.date() + timedelta(days=number)
        for opening in openings_on(business, day):
            start = datetime.combine(day, opening.start, local.tzinfo)
            if number == 0 and opening.start <= local.time() < opening.end:
                return None
            if start > local:
                return start
    return None
