"""Dates and clock times as people write and say them, in German and English; `engine.find_times` is the way in."""
