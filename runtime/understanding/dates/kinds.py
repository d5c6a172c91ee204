"""What kind of time a wish is, and how finely it was said."""

from __future__ import annotations

from datetime import time

from runtime.core.values import When


def kind_of(when: When) -> str:
    """date, time, datetime, daterange, timerange, datetimerange; set for what is repeated, "" for no limit."""
    if when.weekdays and not (when.days or when.from_day or when.until_day):
        return "set"
    day = "date" if when.names_day else ""
    clock = "time" if when.names_clock else ""
    ranged = when.from_day or when.until_day or (not when.clock and (when.from_clock or when.until_clock))
    return day + clock + ("range" if ranged else "")


def grain_of(when: When) -> str:
    """second, minute, hour, day, week, month or year; "" for no limit."""
    clocks = [at for at in (*when.clock, when.from_clock, when.until_clock) if at is not None]
    if clocks:
        return _clock_grain(clocks)
    if when.from_day and when.until_day:
        span = (when.until_day - when.from_day).days + 1
        return {7: "week", 28: "month", 29: "month", 30: "month", 31: "month", 365: "year", 366: "year"}.get(
            span, "day"
        )
    return "day" if when.names_day else ""


def _clock_grain(clocks: list[time]) -> str:
    if any(at.second for at in clocks):
        return "second"
    return "minute" if any(at.minute for at in clocks) else "hour"
