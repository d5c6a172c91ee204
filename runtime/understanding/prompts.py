"""Answers to what the desk told on its own: "passt", "kann leider nicht", "bis morgen"."""

from __future__ import annotations

from datetime import date, datetime

from runtime.core.commands import Ask, Handoff, Language, Pick, Set, Start
from runtime.core.prompts import ANSWERS, CANNOT
from runtime.core.values import When
from runtime.understanding.reading import Reading

STAGE = "rules:prompt"
_KEPT = (Ask, Handoff, Language)


def answer(reading: Reading) -> None:
    """Read a text that answers a prompt once more: its words mean that appointment (A7)."""
    expecting = reading.expectation.expecting
    if expecting is None or expecting.kind != "prompt" or not expecting.slot.startswith("reminder"):
        return
    if reading.found(Start) and not _only_calls_off(reading):
        return
    _without_its_own_day(reading)
    if _says(reading, "cannot_come") and not _wants_it_off(reading):
        if not reading.found(Set):
            _answered(reading, CANNOT)
    elif _says(reading, "will_come") and "fine" in ANSWERS[expecting.slot]:
        _answered(reading, "fine")


def _says(reading: Reading, label: str) -> bool:
    """Also over words that are claimed already: "kann morgen nicht" names a day in between."""
    return any(segment.has(label) for segment in reading.segments)


def _only_calls_off(reading: Reading) -> bool:
    return all(c.flow == "cancel_appointment" for c, _ in reading.commands if isinstance(c, Start))


def _wants_it_off(reading: Reading) -> bool:
    """Whether it says in so many words that the appointment is to be called off."""
    words = {token.norm for token in reading.tokens}
    return bool(words & _OFF) or _says(reading, "call_off")


_OFF = frozenset(
    {"absagen", "absage", "ab", "stornieren", "storno", "storniere", "streichen", "cancel", "canceln", "off"}
)


def _without_its_own_day(reading: Reading) -> None:
    """ "Kann am Dienstag nicht", "bis morgen": the day is the appointment's own and no wish for another time."""
    own = reading.expectation.filled.get("start")
    if not isinstance(own, str):
        return
    day = datetime.fromisoformat(own).date()
    coming = _says(reading, "will_come")
    reading.commands = [e for e in reading.commands if not (isinstance(e[0], Set) and _is_day(e[0].value, day, coming))]


def _is_day(value: object, day: date, coming: bool) -> bool:
    if not isinstance(value, When) or value.names_clock:
        return False
    return coming or value.days == (day,) or day in value.not_days or day.weekday() in value.not_weekdays


def _answered(reading: Reading, meant: str) -> None:
    reading.commands = [entry for entry in reading.commands if isinstance(entry[0], _KEPT)]
    reading.add(Pick(meant, reading.text.strip()), STAGE)
