"""Dates and clock times as people write and say them, in German and English."""

from runtime.understanding.dates.engine import Found, find_times

__all__ = ["Found", "find_times"]
