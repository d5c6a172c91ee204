"""Everything that a text says about times: kinds, grains, readings, what is over; and texts that say nothing of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.understanding.dates import engine
from runtime.understanding.dates.engine import find_durations, find_mentions, find_times
from runtime.understanding.dates.feasts import feast_day, first_advent
from runtime.understanding.dates.grammar import AFTER_CLOCK, RULES, by_first_sign
from runtime.understanding.dates.language import writes_month_first
from runtime.understood import mentioned
from tests.support.chance import tries

FRIDAY = datetime(2026, 11, 20, 10, 0)  # noqa: DTZ001  # the wall clock of the business
"""Friday, 20 November 2026."""
BERLIN = ZoneInfo("Europe/Berlin")
LOCAL = st.integers(0, 5 * 365 * 1_440).map(lambda minutes: FRIDAY + timedelta(minutes=minutes))
HERE = Path(__file__).parent
SPOKEN = [
    tuple(part.strip() for part in line.split("|"))
    for line in (HERE / "spoken_times.txt").read_text("utf-8").splitlines()
]
"""Language, words, kind and readings, as people say it on that Friday."""
DATELESS = (HERE / "dateless_de.txt").read_text("utf-8").splitlines()


def _shown(language: str, text: str) -> tuple[str, str]:
    found = mentioned(text, language, FRIDAY)
    values = [value for one in found for value in one["values"]]
    texts = [v if isinstance(v, str) else f"{v.get('start', '')}..{v.get('end', '')}" for v in values]
    return " & ".join(one["kind"] for one in found), ", ".join(texts[:4])


@pytest.mark.parametrize(("language", "text", "kind", "values"), SPOKEN)
def test_what_people_say(language: str, text: str, kind: str, values: str) -> None:
    assert _shown(language, text) == (kind, values)


ALSO = (
    ("de", "der vierundzwanzigste Dezember ist mir lieber"), ("de", "24.12. um 18"), ("de", "jeden Montag"),
    ("de", "egal wann"), ("de", "montags"), ("de", "im Dezember"), ("de", "den nächsten"), ("en", "every Friday"),
    ("de", "10, oder 11"), ("de", "10 nachmittags"), ("de", "um 1530"), ("de", "zehn Minuten vor Mitternacht"),
    ("de", "fünf vor drei"), ("de", "die nächsten drei Tage"), ("de", "am dritten"), ("en", "this evening"),
    ("de", "24.11 wäre gut"), ("de", "24. oder 25."), ("de", "24. bitte"), ("de", "Weihnachten nächstes Jahr"),
    ("de", "um 10.11"), ("de", "zwischen 10 und 12:30"), ("de", "so die 10 rum"), ("de", "drei dreißig"),
)  # fmt: skip
"""Said beside the list where a rule is only seen in what a booking takes of it."""


def _everything(language: str, text: str) -> str:
    moments = (find_mentions(text, language, FRIDAY), find_times(text, language, FRIDAY, bare=True))
    return repr(moments)


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_every_rule_of_the_grammar_is_needed(rule: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, what somebody says is read otherwise, so a broken rule fails a test above."""
    sentences = [(language, text) for language, text, *_ in SPOKEN] + list(ALSO)
    before = _EVERYTHING or _EVERYTHING.update({one: _everything(*one) for one in sentences}) or _EVERYTHING
    monkeypatch.setattr(engine, "STARTS", by_first_sign(tuple(one for one in RULES if one is not rule)))
    assert any(_everything(*one) != before[one] for one in sentences)


_EVERYTHING: dict[tuple[str, str], str] = {}


def test_a_second_hour_needs_its_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    assert AFTER_CLOCK
    whole = _everything("de", "um 10 oder 11")
    monkeypatch.setattr(engine, "AFTER_CLOCK", ())
    assert _everything("de", "um 10 oder 11") != whole


def test_german_texts_without_a_date_are_left_alone() -> None:
    touched = [text for text in DATELESS if mentioned(text, "de", FRIDAY)]
    assert len(DATELESS) >= 200
    assert len(touched) <= len(DATELESS) * 0.03, touched
    assert sum(bool(find_times(text, "de", FRIDAY)) for text in DATELESS) <= len(DATELESS) * 0.03


@pytest.mark.parametrize(
    ("text", "language", "seconds"),
    [
        ("Das dauert anderthalb Stunden", "de", [5_400]), ("eine Viertelstunde", "de", [900]),
        ("Dauert das 30 Minuten oder eine Stunde?", "de", [1_800, 3_600]), ("in zwei Stunden", "de", []),
        ("vor zwei Tagen", "de", []), ("It took two and a half hours", "en", [9_000]),
        ("circa 3,5 Tage", "de", [345_600]),
        ("zwei Stunden und 15 Minuten", "de", [8_100]), ("wir sind drei", "de", []),
    ],
)  # fmt: skip
def test_lengths_of_time(text: str, language: str, seconds: list[int]) -> None:
    assert [one.seconds for one in find_durations(text, language)] == seconds


@pytest.mark.parametrize(
    ("text", "grain"),
    [
        ("um 8:00:25", "second"), ("halb drei", "minute"), ("um 15 Uhr", "hour"), ("am 24.", "day"),
        ("nächste Woche", "week"), ("im Dezember", "month"), ("nächstes Jahr", "year"),
    ],
)  # fmt: skip
def test_the_grain_is_what_was_said(text: str, grain: str) -> None:
    assert [one.grain for one in find_mentions(text, "de", FRIDAY)] == [grain]


# calendars and clocks


@pytest.mark.parametrize(
    ("locale", "first"),
    [("en-GB", "2026-12-05"), ("en-DE", "2026-12-05"), ("en-US", "2027-05-12"), ("en", "2027-05-12")],
)
def test_the_country_says_which_number_is_the_month(locale: str, first: str) -> None:
    found = mentioned("5/12", locale, FRIDAY)[0]["values"]
    assert found[0] == first
    assert set(found) == {"2026-12-05", "2027-05-12"}


def test_german_dates_are_never_american() -> None:
    assert not writes_month_first("de", "US")
    assert mentioned("5.12.2026", "de-DE", FRIDAY)[0]["values"] == ["2026-12-05"]


@pytest.mark.parametrize(
    ("now", "text", "reading"),
    [
        (datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN), "in einer Stunde", "2026-03-29T03:30"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=BERLIN), "in zwei Stunden", "2026-10-25T02:30"),
        (datetime(2026, 10, 24, 12, 0, tzinfo=BERLIN), "in einem Tag", "2026-10-25"),
        (datetime(2026, 3, 29, 4, 0, tzinfo=BERLIN), "vor zwei Stunden", "2026-03-29T01:00"),
    ],
)
def test_hours_count_truly_where_the_clocks_change(now: datetime, text: str, reading: str) -> None:
    assert mentioned(text, "de", now)[0]["values"][0] == reading


@given(LOCAL, st.integers(1, 5_900))
def test_minutes_ahead_are_as_many_on_the_worlds_clock(naive: datetime, minutes: int) -> None:
    now = naive.replace(second=0, microsecond=0, tzinfo=UTC).astimezone(BERLIN)
    found = find_mentions(f"in {minutes} Minuten" if minutes < 100 else f"in {minutes // 60} Stunden", "de", now)
    ahead = timedelta(minutes=minutes if minutes < 100 else minutes // 60 * 60)
    then = (now.astimezone(UTC) + ahead).astimezone(BERLIN)
    assert (found[0].when.days, found[0].when.clock) == ((then.date(),), (then.time(),))


def test_feasts_that_move() -> None:
    assert first_advent(2026) == date(2026, 11, 29)
    assert [feast_day(0, 0, year) for year in (2024, 2025, 2026)] == [
        date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5),
    ]  # fmt: skip
    assert all(first_advent(year).weekday() == 6 and 27 <= (first_advent(year) - date(year, 10, 31)).days <= 33
               for year in range(1990, 2090))  # fmt: skip


# any day, any clock time, said in many ways

ONES = [
    "null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf",
    "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn",
]  # fmt: skip
TENS = ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig"]
MONTHS_DE = [
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember",
]  # fmt: skip
MONTHS_EN = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]  # fmt: skip
DAYS_DE = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]


def _word(number: int) -> str:
    if number < 20:
        return ONES[number]
    unit = {0: "", 1: "einund"}.get(number % 10, f"{ONES[number % 10]}und")
    return unit + TENS[number // 10]


def _ordinal(number: int) -> str:
    irregular = {1: "ersten", 3: "dritten", 7: "siebten", 8: "achten"}
    return irregular.get(number) or _word(number) + ("ten" if number < 20 else "sten")


def _said_days(day: date) -> list[tuple[str, str]]:
    month, english = MONTHS_DE[day.month - 1], MONTHS_EN[day.month - 1]
    return [
        ("de", f"am {day.day}.{day.month}.{day.year}"), ("de", f"am {day:%d.%m.%Y}"), ("de", day.isoformat()),
        ("de", f"am {day.day}. {month} {day.year}"),
        ("de", f"{DAYS_DE[day.weekday()]}, den {day.day}. {month} {day.year}"),
        ("de", f"am {_ordinal(day.day)} {month} {day.year}"), ("en", f"on {day.day} {english} {day.year}"),
        ("en", f"{english} {day.day}, {day.year}"), ("en", f"the {day.day}th of {english} {day.year}"),
        ("en", f"{day.year}-{day.month:02}-{day.day:02}"), ("de", f"am {day.day}-{day.month}-{day.year}"),
    ]  # fmt: skip


@settings(max_examples=tries(60), deadline=None)
@given(st.dates(date(2026, 1, 1), date(2040, 12, 31)))
def test_a_day_comes_back_from_every_way_to_say_it(day: date) -> None:
    for language, text in _said_days(day):
        for sentence in (text, f"Passt es Ihnen {text}?" if language == "de" else f"Could I come {text}, please"):
            found = find_mentions(sentence, language, FRIDAY)
            assert [one.when.days[:1] for one in found] == [(day,)], sentence


def _said_clocks(at: time) -> list[str]:
    hour, minute = at.hour, at.minute
    said = [
        f"um {hour}:{minute:02} Uhr",
        f"um {hour}.{minute:02} Uhr",
        f"gegen {hour} Uhr {minute}" if minute else f"{hour} Uhr",
    ]
    said.append(f"{_word(hour)} Uhr {_word(minute)}" if minute else f"{_word(hour)} Uhr")
    before, after = _word(hour % 12 or 12), _word((hour + 1) % 12 or 12)
    short = {
        30: f"halb {after}", 15: f"Viertel nach {before}", 45: f"Viertel vor {after}", 25: f"fünf vor halb {after}",
        35: f"fünf nach halb {after}", 10: f"zehn nach {before}", 50: f"zehn vor {after}",
    }  # fmt: skip
    return said + ([f"um {short[minute]}"] if minute in short and hour else [])


@settings(max_examples=tries(80), deadline=None)
@given(st.builds(time, st.integers(0, 23), st.integers(0, 59)))
def test_a_clock_time_comes_back_from_every_way_to_say_it(at: time) -> None:
    for text in _said_clocks(at):
        found = find_mentions(f"morgen {text}", "de", FRIDAY)
        assert len(found) == 1 and at in found[0].when.clock, text
        assert found[0].when.days == (date(2026, 11, 21),)


@settings(max_examples=tries(80), deadline=None)
@given(LOCAL, st.sampled_from(SPOKEN))
def test_what_is_to_come_stands_first_unless_the_past_was_said(now: datetime, spoken: tuple[str, ...]) -> None:
    language, text = spoken[:2]
    booked = find_times(text, language, now)
    stated = any(char.isdigit() for char in text) and any(str(year) in text for year in (2026, 2027, "26", "27"))
    assert stated or all(day >= now.date() for one in booked for day in one.when.days)
