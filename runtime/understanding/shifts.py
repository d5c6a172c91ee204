"""Times told by another one: "eine Stunde später", "am Tag danach", "the following week, same time".

The other one is what was wished before, the appointment just made, or the one day that all offers share.
"""

from __future__ import annotations

import dataclasses
import re
from datetime import date, datetime, time, timedelta

from runtime.core.values import Value, When
from runtime.understanding.dates.days import next_weekday
from runtime.understanding.dates.engine import Found
from runtime.understanding.dates.spoken_numbers import english_numbers, german_numbers
from runtime.understanding.offers import start_of
from runtime.understanding.reading import Reading, zone
from runtime.understanding.tokens import fold

_COUNTS = {
    **german_numbers(), **english_numbers(), "ein": 1, "eine": 1, "einen": 1, "einer": 1, "a": 1, "an": 1, "ne": 1,
    "nen": 1,
}  # fmt: skip
_MINUTES = {
    "minute": 1, "minuten": 1, "minutes": 1, "min": 1, "stunde": 60, "stunden": 60, "hour": 60, "hours": 60,
    "viertelstunde": 15, "tag": 1440, "tage": 1440, "day": 1440, "days": 1440, "woche": 10080, "wochen": 10080,
    "week": 10080, "weeks": 10080,
}  # fmt: skip
_COUNT = r"(?P<count>\d{1,2}|[a-z]+)"
_UNIT = r"(?P<unit>" + "|".join(sorted(_MINUTES, key=len, reverse=True)) + ")"
_LATER = r"(?P<later>spaeter|danach|darauf|nachher|later|after)"
_SOONER = r"(?P<sooner>frueher|davor|vorher|zuvor|earlier|before|sooner)"
_SPAN = rf"(?:(?P<half>halbe|half)(?: an| eine)? |{_COUNT} (?:(?P<half2>halbe|half) )?)?{_UNIT}"
_IT = r"(?:it|the|my|appointment|booking|that| )*"
_SHIFTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_SPAN} (?:{_LATER}|{_SOONER})\b",
        r"\b(?:am |den |the )?(?:naechsten|folgenden|next|following) (?P<unit>tag|day)\b",
        r"\b(?:in der |die |the )(?:folgenden |folgende |following )(?P<unit>woche|week)\b",
        r"\b(?:tags|(?P<unit>tag)s?) darauf\b",
        rf"\bthe (?P<unit>day|week) (?:{_LATER}|{_SOONER})\b(?! tomorrow)",
        rf"\b(?:am|der|die|in der) (?P<unit>tag|woche) (?:{_LATER}|{_SOONER})\b",
        rf"\b(?:um|by) {_COUNT} {_UNIT} (?:verschieben|verlegen|schieben|nach hinten|back|later|to the back)\b",
        rf"\b(?:um|by) {_COUNT} {_UNIT} (?P<sooner>vorziehen|vorverlegen|nach vorne|forward|earlier)\b",
        rf"\b(?:push|postpone|move|shift) {_IT}(?:back )?(?:by )?{_COUNT} {_UNIT}\b",
    )
)
_SAME_DAY = re.compile(r"\b(?:am |an dem |on )?(?:the )?(?:selben|gleichen|same|that) (?:tag|day)\b")
_RIGHT_AFTER = re.compile(
    r"\b(?:gleich|direkt|unmittelbar) (?:danach|im anschluss|anschliessend)\b"
    r"|\b(?:right|straight|directly) after(?:wards| that)?\b"
)
_FOLLOWING = re.compile(r"\b(?:the following|der darauffolgende|am darauffolgenden) (?P<weekday>[a-z]+)\b")
_WEEKDAYS = {
    name: number
    for number, names in enumerate((
        ("monday", "montag"), ("tuesday", "dienstag"), ("wednesday", "mittwoch"), ("thursday", "donnerstag"),
        ("friday", "freitag"), ("saturday", "samstag"), ("sunday", "sonntag"),
    ))
    for name in names
}  # fmt: skip
DAY = 1440


@dataclasses.dataclass(frozen=True, slots=True)
class Base:
    """The time that another one is told by."""

    day: date | None
    clock: time | None


def shifted(reading: Reading) -> Found | None:
    """The wish that a shift makes of the time before; None where there is none, or nothing to shift."""
    base = _base(reading)
    if base is None:
        return None
    text, places = _joined(reading)
    for pattern in _SHIFTS:
        match = pattern.search(text)
        when = _moved(base, match) if match else None
        if match and when is not None:
            return _found(reading, places, match, when)
    match = _SAME_DAY.search(text) or _RIGHT_AFTER.search(text)
    if match and base.day is not None:
        after = base.clock if match.re is _RIGHT_AFTER else None
        return _found(reading, places, match, When(days=(base.day,), from_clock=after))
    match = _FOLLOWING.search(text)
    if match and match["weekday"] in _WEEKDAYS and base.day is not None:
        return _found(reading, places, match, When(days=(next_weekday(base.day, _WEEKDAYS[match["weekday"]]),)))
    return None


_BARE_WEEKDAY = re.compile(
    r"(?:(?:am|auf|den|on|to|for|dem|der|doch|lieber) )*(?P<weekday>[a-z]+)\b(?! (?:week|woche|in ))"
)


def in_that_week(reading: Reading, found: Found | None) -> Found | None:
    """ "Lieber Mittwoch" after a day was named means the Wednesday of that week, and not the very next one."""
    if found is None or len(found.when.days) != 1:
        return found
    match = _BARE_WEEKDAY.match(fold(found.words))
    week = _week(reading)
    if match is None or match["weekday"] not in _WEEKDAYS or week is None:
        return found
    day = week + timedelta(days=_WEEKDAYS[match["weekday"]])
    if day <= reading.local_now.date():
        return found
    return dataclasses.replace(found, when=dataclasses.replace(found.when, days=(day,)))


def _week(reading: Reading) -> date | None:
    """The Monday of the week that the talk is about."""
    base = _base(reading)
    days = {start.date() for start in _starts(reading)}
    if not days and base is not None and base.day is not None:
        days = {base.day}
    mondays = {day - timedelta(days=day.weekday()) for day in days}
    return mondays.pop() if len(mondays) == 1 else None


def _joined(reading: Reading) -> tuple[str, list[tuple[int, int]]]:
    """The free words in a row, and where each begins in that row."""
    text, places = "", []
    for at, token in enumerate(reading.tokens):
        word = token.norm if reading.free[at] and token.kind in ("word", "digits") else "|"
        places.append((len(text), at))
        text += word + " "
    return text, places


def _found(reading: Reading, places: list[tuple[int, int]], match: re.Match[str], when: When) -> Found:
    said = [at for begins, at in places if match.start() <= begins < match.end()]
    start, end = reading.tokens[said[0]].start, reading.tokens[said[-1]].end
    return Found(reading.text[start:end], when, (start, end))


def _moved(base: Base, match: re.Match[str]) -> When | None:
    named = match.groupdict()
    unit = _MINUTES[named["unit"] or "tag"]
    count = _count(named)
    if count is None:
        return None
    minutes = unit * count // (2 if named.get("half") or named.get("half2") else 1)
    minutes = -minutes if named.get("sooner") else minutes
    if unit < DAY:
        return _other_clock(base, minutes)
    if base.day is None:
        return None
    return When(days=(base.day + timedelta(days=minutes // DAY),), clock=(base.clock,) if base.clock else ())


def _count(named: dict[str, str | None]) -> int | None:
    word = named.get("count") or "1"
    return int(word) if word.isdigit() else _COUNTS.get(word)


def _other_clock(base: Base, minutes: int) -> When | None:
    if base.clock is None:
        return None
    then = datetime.combine(base.day or date(2000, 1, 2), base.clock) + timedelta(minutes=minutes)
    return When(days=(then.date(),) if base.day else (), clock=(then.time(),))


def _base(reading: Reading) -> Base | None:
    filled = reading.expectation.filled
    values = [filled[slot.name] for slot in reading.slots("datetime") if slot.name in filled]
    wished = next((base for value in values if (base := _of_value(value, reading)) is not None), None)
    offered = _of_offers(reading)
    if offered is None or wished is None or (wished.day and wished.clock):
        return wished or offered
    return Base(offered.day or wished.day, offered.clock or wished.clock)


def _of_value(value: Value, reading: Reading) -> Base | None:
    if isinstance(value, When):
        day = value.days[0] if len(value.days) == 1 else None
        clock = value.clock[0] if value.clock else None
        return Base(day, clock) if day or clock else None
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    local = moment.astimezone(zone(reading.expectation.desk.business.timezone)) if moment.tzinfo else moment
    return Base(local.date(), local.time().replace(tzinfo=None))


def _of_offers(reading: Reading) -> Base | None:
    """The one day, and the one time of day, that all offers share."""
    starts = _starts(reading)
    if not starts:
        return None
    days, clocks = {start.date() for start in starts}, {start.time() for start in starts}
    return Base(days.pop() if len(days) == 1 else None, clocks.pop() if len(clocks) == 1 else None)


def _starts(reading: Reading) -> list[datetime]:
    """When the offers shown begin."""
    offers = reading.expectation.offers if reading.kind == "offer" else ()
    return [start for offer in offers if (start := start_of(offer, reading)) is not None]
