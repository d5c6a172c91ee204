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
    sections: Mapping[tuple[str, int], Phrases]
    """ "Monatsende": the sign of the part, and the unit."""
    relative_days: Mapping[int, Phrases]
    units: Mapping[int, Phrases]
    """By their length in minutes; a month is MONTH, a year is YEAR."""
    plural_units: Phrases
    """ "die nächsten Tage" are several."""
    signs: Mapping[str, Phrases]
    """Small words by the name of their sign in `grammar.SIGNS`."""
    years: Mapping[str, int]
    """Years spoken as one word."""
    halves: Mapping[str, int]
    """ "zweieinhalb" by what is in front of the half."""
    seasons: Mapping[int, Phrases]
    """By the month on whose 21st they begin."""
    feasts: Mapping[tuple[int, int], Phrases]
    """Month and day; (EASTER, n) is n days from Easter Sunday, (ADVENT, n) from the first Sunday of Advent, and
    `nth(month, n, weekday)` the n-th such weekday."""
    anything: Phrases
    counted: Phrases
    """Nouns that take a number away from the clock: euros, persons."""
    labels: Phrases
    """Nouns that a number after them names: "Zimmer 15", "Version 2.10"."""
    titles: Phrases
    """What stands before a name: "Frau Sommer"."""
    naming: Phrases
    """Words with which people tell their name; a first name may follow: "ich heiße August Berger"."""
    silent: Phrases
    """Phrases that look like a time and are none: greetings."""
    refusing: Phrases
    """Words that may stand between a day and a "not" after it: "Dienstag kann ich leider nicht"."""
    never_misspelt: Phrases
    """Words near a date word that are meant as they stand."""


SECOND = -1
"""The unit that is shorter than a minute."""
MONTH = 43_200
QUARTER = 129_600
YEAR = 525_600
EASTER = 0
ADVENT = -1
LAST_OF_MONTH = 9
MONDAY, THURSDAY, SUNDAY = 0, 3, 6


_MONTH_FIRST = frozenset({"", "US", "PH", "FM", "PW", "MH"})


def writes_month_first(language: str, country: str) -> bool:
    """Whether 5/12 is in May there: English in these countries, and English alone, which the CLDR calls American."""
    return language == "en" and country.upper() in _MONTH_FIRST


def nth(month: int, number: int, weekday: int) -> tuple[int, int]:
    """The key of a feast on the n-th such weekday of a month; LAST_OF_MONTH is the last one."""
    return month * 100 + number, weekday
