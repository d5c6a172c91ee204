"""When people are there for customers, and until when something can be promised in their name. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from runtime.core.business import Business, Opening
from runtime.core.changing import replace
from runtime.core.opening import LOOK_AHEAD_DAYS, openings_on, opens_next
from runtime.core.values import When

LEAST_MIN = 60
"""Nothing is promised for an opening that ends sooner."""
CALL_MIN = 30
"""Who wants to be called at three is called by half past."""


def office(business: Business) -> Business:
    """The business with the hours in which its people take conversations over."""
    hours = business.policies.handoff_hours
    return replace(business, hours=hours) if hours else business


def people_from(business: Business, now: datetime) -> datetime | None:
    """When somebody is there again; None while somebody is, and where no hours are known."""
    return opens_next(office(business), now)


def closing(business: Business, now: datetime) -> datetime | None:
    """When the people go who are there now."""
    local = now.astimezone(ZoneInfo(business.timezone))
    for opening in openings_on(office(business), local.date()):
        if opening.start <= local.time() < opening.end:
            return datetime.combine(local.date(), opening.end, local.tzinfo)
    return None


def due_by(business: Business, now: datetime, wish: When | None = None) -> datetime:
    """Until when somebody can be expected to have called: within the wish if people are there then."""
    local = now.astimezone(ZoneInfo(business.timezone))
    for number in range(LOOK_AHEAD_DAYS):
        day = local.date() + timedelta(days=number)
        if wish is not None and not _fits(wish, day):
            continue
        ends = [_end(opening, day, local, wish) for opening in openings_on(office(business), day)]
        found = [end for end in ends if end is not None]
        if found:
            return min(found)
    return now + timedelta(days=1) if wish is None else due_by(business, now)


def _fits(wish: When, day: date) -> bool:
    if wish.days and day not in wish.days:
        return False
    if wish.weekdays and day.weekday() not in wish.weekdays:
        return False
    after, before = wish.from_day is None or day >= wish.from_day, wish.until_day is None or day <= wish.until_day
    return after and before and day not in wish.not_days and day.weekday() not in wish.not_weekdays


def _end(opening: Opening, day: date, local: datetime, wish: When | None) -> datetime | None:
    """The end of what this opening has for the wish; None when that is nothing, or over."""
    start = max(datetime.combine(day, opening.start, local.tzinfo), local)
    end = datetime.combine(day, opening.end, local.tzinfo)
    least = LEAST_MIN
    if wish is not None and wish.clock:
        at = next((clock for clock in wish.clock if opening.start <= clock < opening.end), None)
        if at is None:
            return None
        end, least = min(end, _at(day, at, local) + timedelta(minutes=CALL_MIN)), 1
    elif wish is not None and wish.names_clock:
        end = min(end, _at(day, wish.until_clock, local)) if wish.until_clock else end
        start = max(start, _at(day, wish.from_clock, local)) if wish.from_clock else start
        least = 1
    return end if end - start >= timedelta(minutes=least) else None


def _at(day: date, clock: time, local: datetime) -> datetime:
    return datetime.combine(day, clock, local.tzinfo)
