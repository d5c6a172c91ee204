"""What a language must bring to read dates in it: words in tables, no code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Phrases = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DateWords:
    """The words of one language, folded; a phrase may have several words."""

    code: str
    weekdays: tuple[Phrases, ...]
    """Monday first; the abbreviations stand in `short_weekdays`."""
    short_weekdays: tuple[Phrases, ...]
    recurring: tuple[Phrases, ...]
    """ "montags": every one of them."""
    months: tuple[Phrases, ...]
    short_months: tuple[Phrases, ...]
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    ordinal_endings: Phrases
    """What makes a digit an ordinal: "24th", "24ten"."""
    parts: Mapping[tuple[int, int], Phrases]
    """Parts of the day, from hour to hour."""
    relative_days: Mapping[int, Phrases]
    units: Mapping[int, Phrases]
    """By their length in minutes; a month is MONTH, a year is YEAR."""
    signs: Mapping[str, Phrases]
    """Small words by the name of their sign in `grammar.SIGNS`."""
    feasts: Mapping[tuple[int, int], Phrases]
    """Month and day; (0, n) is n days from Easter Sunday."""
    anything: Phrases
    counted: Phrases
    """Nouns that take a number away from the clock: euros, persons."""
    silent: Phrases
    """Phrases that look like a time and are none: greetings."""
    refusing: Phrases
    """Words that may stand between a day and a "not" after it: "Dienstag kann ich leider nicht"."""
    never_misspelt: Phrases
    """Words near a date word that are meant as they stand."""


MONTH = 43_200
YEAR = 525_600
