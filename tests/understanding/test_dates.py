"""Dates and clock times as customers write them: what is read, and what is left alone."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.core.values import When
from runtime.understanding.dates.engine import find_times
from runtime.understanding.dates.wishes import NO_WISH

FRIDAY = datetime(2026, 11, 20, 10, 0)  # noqa: DTZ001  # the wall clock of the business
"""Friday, 20 November 2026."""


def _wish(text: str, language: str, bare: bool = False) -> When:
    wish = NO_WISH
    for found in find_times(text, language, FRIDAY, bare=bare):
        wish = wish.merged(found.when)
    return wish


def _day(day: int, month: int = 11, year: int = 2026) -> date:
    return date(year, month, day)


DAYS: list[tuple[str, str, tuple[date, ...]]] = [
    ("de", "Dienstag", (_day(24),)),
    ("de", "am kommenden Dienstag", (_day(24),)),
    ("de", "diesen Samstag", (_day(21),)),
    ("de", "Freitag", (_day(27),)),
    ("de", "übernächsten Montag", (_day(30),)),
    ("de", "Dienstag in einer Woche", (_day(1, 12),)),
    ("de", "Dienstag nächster Woche", (_day(24),)),
    ("de", "nächste Woche Donnerstag", (_day(26),)),
    ("de", "heute", (_day(20),)),
    ("de", "morgen", (_day(21),)),
    ("de", "uebermorgen", (_day(22),)),
    ("de", "in drei Tagen", (_day(23),)),
    ("de", "in 14 Tagen", (_day(4, 12),)),
    ("de", "heute in einer Woche", (_day(27),)),
    ("de", "am 24.", (_day(24),)),
    ("de", "der 3.", (_day(3, 12),)),
    ("de", "am 24.11.", (_day(24),)),
    ("de", "24.11.2026", (_day(24),)),
    ("de", "am 5.1.", (_day(5, 1, 2027),)),
    ("de", "24. November", (_day(24),)),
    ("de", "am vierundzwanzigsten November", (_day(24),)),
    ("de", "ersten Dezember", (_day(1, 12),)),
    ("de", "Dienstag, den 24. November", (_day(24),)),
    ("de", "2026-12-01", (_day(1, 12),)),
    ("de", "Dientsag", (_day(24),)),
    ("de", "Mitwoch", (_day(25),)),
    ("de", "Dienstag oder Donnerstag", (_day(24), _day(26))),
    ("de", "Di oder Do", (_day(24), _day(26))),
    ("de", "am Dienstag, ne, Mittwoch", (_day(25),)),
    ("de", "nicht Dienstag, Mittwoch", (_day(25),)),
    ("de", "Dienstag kann ich nicht, lieber Mittwoch", (_day(25),)),
    ("de", "Heiligabend", (_day(24, 12),)),
    ("de", "Ostermontag", (_day(29, 3, 2027),)),
    ("en", "Tuesday", (_day(24),)),
    ("en", "next Tuesday", (_day(24),)),
    ("en", "this coming Monday", (_day(23),)),
    ("en", "tomorrow", (_day(21),)),
    ("en", "the day after tomorrow", (_day(22),)),
    ("en", "in two weeks", (_day(4, 12),)),
    ("en", "in a fortnight", (_day(4, 12),)),
    ("en", "three days from now", (_day(23),)),
    ("en", "a week on Tuesday", (_day(1, 12),)),
    ("en", "November 24th", (_day(24),)),
    ("en", "the 24th", (_day(24),)),
    ("en", "on the 24th of November", (_day(24),)),
    ("en", "24/11", (_day(24),)),
    ("en", "3/12/2026", (_day(3, 12),)),
    ("en", "Wensday", (_day(25),)),
    ("en", "Tue or Thu", (_day(24), _day(26))),
    ("en", "Tuesday, no wait, Wednesday", (_day(25),)),
    ("en", "not Tuesday, Wednesday", (_day(25),)),
    ("en", "Tuesday doesn't work for me, Thursday", (_day(26),)),
    ("en", "Boxing Day", (_day(26, 12),)),
    ("en", "first of December", (_day(1, 12),)),
    ("de", "Termin next Tuesday", (_day(24),)),
]


@pytest.mark.parametrize(("language", "text", "days"), DAYS)
def test_days(language: str, text: str, days: tuple[date, ...]) -> None:
    assert _wish(text, language).days == days


CLOCKS: list[tuple[str, str, str]] = [
    ("de", "um 15 Uhr", "15:00"),
    ("de", "15:30", "15:30"),
    ("de", "um 15.30 Uhr", "15:30"),
    ("de", "15 Uhr 30", "15:30"),
    ("de", "fünfzehn Uhr dreißig", "15:30"),
    ("de", "um drei", "15:00 03:00"),
    ("de", "um neun", "09:00 21:00"),
    ("de", "um halb drei", "14:30 02:30"),
    ("de", "halb eins", "12:30"),
    ("de", "Viertel vor vier", "15:45 03:45"),
    ("de", "viertel nach zehn", "10:15 22:15"),
    ("de", "dreiviertel acht", "07:45 19:45"),
    ("de", "fünf vor halb drei", "14:25 02:25"),
    ("de", "zehn nach vier", "16:10 04:10"),
    ("de", "gegen 16 Uhr", "16:00"),
    ("de", "so um vier rum", "16:00 04:00"),
    ("de", "nachmittags um drei", "15:00"),
    ("de", "abends um sieben", "19:00"),
    ("de", "morgen früh um 8", "08:00"),
    ("de", "um 9 oder 10", "09:00 10:00 21:00 22:00"),
    ("de", "12 Uhr mittags", "12:00"),
    ("de", "um 1530 Uhr", "15:30"),
    ("en", "at 3pm", "15:00"),
    ("en", "3:30 pm", "15:30"),
    ("en", "at 3 p.m.", "15:00"),
    ("en", "half past three", "15:30 03:30"),
    ("en", "quarter to four", "15:45 03:45"),
    ("en", "a quarter past ten", "10:15 22:15"),
    ("en", "ten to five", "16:50 04:50"),
    ("en", "twenty past two", "14:20 02:20"),
    ("en", "noon", "12:00"),
    ("en", "at 10 in the morning", "10:00"),
    ("en", "3 in the afternoon", "15:00"),
    ("en", "at four o'clock", "16:00 04:00"),
    ("en", "around 5", "17:00 05:00"),
    ("en", "three thirty pm", "15:30"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "clock"), CLOCKS)
def test_clock_times(language: str, text: str, clock: str) -> None:
    assert " ".join(f"{one:%H:%M}" for one in _wish(text, language).clock) == clock


BOUNDS: list[tuple[str, str, str | None, str | None]] = [
    ("de", "ab 15 Uhr", "15:00", None),
    ("de", "nach 17 Uhr", "17:00", None),
    ("de", "vor 12", None, "12:00"),
    ("de", "bis 16 Uhr", None, "16:00"),
    ("de", "zwischen 10 und 12", "10:00", "12:00"),
    ("de", "von 10 bis 12 Uhr", "10:00", "12:00"),
    ("de", "10-12 Uhr", "10:00", "12:00"),
    ("de", "nicht vor neun", "09:00", None),
    ("de", "nicht nach 18 Uhr", None, "18:00"),
    ("de", "später als 16 Uhr", "16:00", None),
    ("de", "frühestens um 10", "10:00", None),
    ("de", "vormittags", "06:00", "12:00"),
    ("de", "am Nachmittag", "12:00", "18:00"),
    ("de", "Dienstag Morgen", "06:00", "12:00"),
    ("de", "nach Feierabend", "17:00", None),
    ("de", "nachmittags ab 3", "15:00", "18:00"),
    ("en", "after 5", "17:00", None),
    ("en", "before noon", None, "12:00"),
    ("en", "not before 9", "09:00", None),
    ("en", "no later than 4pm", None, "16:00"),
    ("en", "between 2 and 4", "14:00", "16:00"),
    ("en", "from 10 to 12", "10:00", "12:00"),
    ("en", "in the morning", "06:00", "12:00"),
    ("en", "tomorrow afternoon", "12:00", "18:00"),
    ("en", "after work", "17:00", None),
]


@pytest.mark.parametrize(("language", "text", "start", "end"), BOUNDS)
def test_bounds(language: str, text: str, start: str | None, end: str | None) -> None:
    wish = _wish(text, language)
    assert wish.from_clock == (time.fromisoformat(start) if start else None)
    assert wish.until_clock == (time.fromisoformat(end) if end else None)


WISHES: list[tuple[str, str, When]] = [
    ("de", "nächste Woche", When(from_day=_day(23), until_day=_day(29))),
    ("de", "diese Woche", When(from_day=_day(20), until_day=_day(22))),
    ("de", "Anfang nächster Woche", When(from_day=_day(23), until_day=_day(24))),
    ("de", "im Dezember", When(from_day=_day(1, 12), until_day=_day(31, 12))),
    ("de", "Mitte Dezember", When(from_day=_day(11, 12), until_day=_day(20, 12))),
    ("de", "am Wochenende", When(from_day=_day(21), until_day=_day(22))),
    ("de", "ab Dienstag", When(from_day=_day(24))),
    ("de", "bis Freitag", When(until_day=_day(27))),
    ("de", "nach dem 24.", When(from_day=_day(25))),
    ("de", "von Montag bis Mittwoch", When(from_day=_day(23), until_day=_day(25))),
    ("de", "immer montags", When(weekdays=(0,))),
    ("de", "nicht montags", When(not_weekdays=(0,))),
    ("de", "außer Freitag", When(not_weekdays=(4,))),
    ("de", "nächste Woche, aber nicht Dienstag",
     When(from_day=_day(23), until_day=_day(29), not_weekdays=(1,))),
    ("de", "morgen kann ich nicht", When(not_days=(_day(21),))),
    ("de", "so bald wie möglich", When(anything=True)),
    ("de", "egal wann", When(anything=True)),
    ("en", "next week", When(from_day=_day(23), until_day=_day(29))),
    ("en", "this weekend", When(from_day=_day(21), until_day=_day(22))),
    ("en", "Monday to Wednesday", When(from_day=_day(23), until_day=_day(25))),
    ("en", "every Monday", When(weekdays=(0,))),
    ("en", "any day but Monday", When(not_weekdays=(0,))),
    ("en", "early December", When(from_day=_day(1, 12), until_day=_day(10, 12))),
    ("en", "asap", When(anything=True)),
    ("en", "next available", When(anything=True)),
    ("en", "whenever", When(anything=True)),
    ("en", "Tue or Thu after 5", When(days=(_day(24), _day(26)), from_clock=time(17))),
    ("de", "Dienstag um 3, nein lieber um 4", When(days=(_day(24),), clock=(time(16), time(4)))),
    ("de", "Dienstagnachmittag", When(days=(_day(24),), from_clock=time(12), until_clock=time(18))),
    ("de", "ein Dienstag im Dezember", When(weekdays=(1,), from_day=_day(1, 12), until_day=_day(31, 12))),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "wish"), WISHES)
def test_wishes(language: str, text: str, wish: When) -> None:
    assert _wish(text, language) == wish


NONE = [
    ("de", "wir sind 2 Personen"), ("de", "Zimmer 15"), ("de", "Guten Morgen"), ("de", "Schönen Abend noch"),
    ("de", "Das kostet 45,50 Euro"), ("de", "Ich wohne in der Hauptstraße 12"), ("de", "Ich habe drei Fragen"),
    ("de", "mit zwei Kindern"), ("de", "Vor Ort bezahlen"), ("de", "So ein Mist"), ("de", "Ich sorge mich"),
    ("de", "Das ist mir zu viel"), ("de", "Der erste Eindruck war gut"), ("de", "Haben Sie eine Nummer?"),
    ("de", "letzten Dienstag war ich da"), ("de", "Ein paar Sachen noch"), ("de", "Die Montage dauert"),
    ("en", "there are 2 of us"), ("en", "room 15"), ("en", "good morning"), ("en", "have a nice day"),
    ("en", "I may be late"), ("en", "I sat down"), ("en", "one moment please"), ("en", "it costs 45 pounds"),
    ("en", "that is the second time"), ("en", "I have two questions"), ("en", "you are the sun of my life"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), NONE)
def test_nothing_is_found_in_other_numbers_and_greetings(language: str, text: str) -> None:
    assert find_times(text, language, FRIDAY) == []


@pytest.mark.parametrize(
    ("text", "clock", "days"),
    [("15", "15:00", ()), ("drei", "15:00 03:00", ()), ("halb vier", "15:30 03:30", ()), ("31", "", ())],
)
def test_a_bare_number_counts_only_where_a_time_is_expected(text: str, clock: str, days: tuple[date, ...]) -> None:
    wish = _wish(text, "de", bare=True)
    assert (" ".join(f"{one:%H:%M}" for one in wish.clock), wish.days) == (clock, days)
    assert text == "halb vier" or _wish(text, "de") == NO_WISH


def test_a_weekday_named_today_is_next_weeks_unless_today_is_said() -> None:
    assert _wish("Freitag", "de").days == (_day(27),)
    assert _wish("heute, Freitag", "de").days == (_day(20),)


def test_words_and_span_are_the_customers_own() -> None:
    found = find_times("Geht das am Dienstag um halb drei bei Anna?", "de", FRIDAY)
    assert [(one.words, one.span) for one in found] == [("am Dienstag um halb drei", (9, 33))]


WORDS = (
    "am um ab bis vor nach nicht oder und Dienstag Mittwoch nächste Woche morgen heute 24. 15 Uhr halb drei in zwei "
    "Tagen Dezember vormittags on at next Friday 3pm half past the 24th of March not before , . - 24.12. "
    "31.2. 0 99 Ostern"
)
PIECES = st.sampled_from(sorted(set(WORDS.split())))


@given(st.lists(PIECES, max_size=9).map(" ".join), st.sampled_from(["de", "en"]))
@example("29. Februar", "de")
@example("31.", "de")
def test_days_are_never_over(text: str, language: str) -> None:
    for found in find_times(text, language, FRIDAY, bare=True):
        when = found.when
        assert all(day >= FRIDAY.date() for day in when.days)
        assert when.until_day is None or when.from_day is None or when.until_day >= when.from_day
        assert 0 <= found.span[0] < found.span[1] <= len(text)


@given(st.text(max_size=120), st.sampled_from(["de", "en", "fr"]), st.booleans())
def test_no_text_makes_it_raise(text: str, language: str, bare: bool) -> None:
    find_times(text, language, FRIDAY, bare=bare)
