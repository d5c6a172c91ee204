"""Quiet hours: when what the desk has to tell on its own waits for the morning (situation L5). Pure.

They are wall-clock hours of the customer's zone, over midnight or not. Instants are compared in UTC, so that the nights
of 23 and 25 hours need no special case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end` on the wall clock; the same time twice means never."""

    start: time = time(21)
    end: time = time(8)


def is_quiet(moment: datetime, zone: str, quiet: QuietHours) -> bool:
    """Whether nobody is to be written to at this instant."""
    return _night(moment, zone, quiet) is not None


def told_at(due: datetime, deadline: datetime, zone: str, quiet: QuietHours) -> datetime:
    """When to tell something that is due at `due`: in the morning, or the evening before where that is too late."""
    night = _night(due, zone, quiet)
    if night is None:
        return due.astimezone(UTC)
    evening, morning = night
    return morning if morning < deadline.astimezone(UTC) else evening - timedelta(minutes=1)


def _night(moment: datetime, zone: str, quiet: QuietHours) -> tuple[datetime, datetime] | None:
    """The quiet stretch that this instant lies in, UTC."""
    if quiet.start == quiet.end:
        return None
    there, instant = ZoneInfo(zone), moment.astimezone(UTC)
    today = moment.astimezone(there).date()
    over_midnight = quiet.end <= quiet.start
    for day in (today - timedelta(days=1), today):
        begin = datetime.combine(day, quiet.start, there).astimezone(UTC)
        last = day + timedelta(days=1) if over_midnight else day
        end = datetime.combine(last, quiet.end, there).astimezone(UTC)
        if begin <= instant < end:
            return begin, end
    return None
