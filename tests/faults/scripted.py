"""An understanding of a few fixed phrases in German and English, so that a fault test fails for faults alone.

The phrases are such that the offline rules read them the same way; `POISON` in a text makes it raise, always.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time

from runtime.core import commands as c
from runtime.core.effects import Expectation, Understand
from runtime.core.events import Understood
from runtime.core.values import When
from runtime.ports import Patience

POISON = "☠"
_START = re.compile(r"(einen termin|an appointment)", re.I)
_WHEN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\D+(\d{1,2}):(\d\d)|(\d{4})-(\d\d)-(\d\d)\D+(\d{1,2}):(\d\d)")
_CLOCK = re.compile(r"(?:um|at) (\d{1,2}):(\d\d)", re.I)
_DAYS = {"montag": 0, "dienstag": 1, "mittwoch": 2, "wednesday": 2, "donnerstag": 3, "freitag": 4}
_FIXED: dict[str, c.Command] = {
    "ja": c.Affirm(),
    "yes": c.Affirm(),
    "nein": c.Deny(),
    "no": c.Deny(),
    "danke": c.Smalltalk("thanks"),
    "thank you": c.Smalltalk("thanks"),
    "mensch": c.Handoff(),
    "a person please": c.Handoff(),
    "haben sie parkplätze?": c.Ask("Haben Sie Parkplätze?", "parking"),
    "do you have parking?": c.Ask("Do you have parking?", "parking"),
    "das erste": c.Pick("first"),
}


class Poisoned(Exception):
    """What a bug in our own code would look like."""


class ScriptedUnderstanding:
    """`Understanding` over a table."""

    async def understand(self, request: Understand, now: datetime, patience: Patience | None = None) -> Understood:
        """Commands of all texts, in order."""
        text = "\n".join(request.texts)
        if POISON in text:
            raise Poisoned("this text kills every turn that reads it")
        found = [command for one in request.texts for command in _read(one, request.expectation)]
        return Understood(tuple(found) or (c.Unclear(),), _language(text, request.expectation), now, ("scripted",))


def _language(text: str, expectation: Expectation) -> str:
    words = set(re.findall(r"\w+", text.casefold()))
    if words & {"i", "would", "like", "yes", "please", "do", "you"}:
        return "en"
    return "de" if words & {"ich", "hätte", "ja", "bitte", "danke"} else expectation.language


def _read(text: str, expectation: Expectation) -> list[c.Command]:
    fixed = _FIXED.get(text.strip().casefold())
    if isinstance(fixed, c.Pick):
        return [c.Pick(expectation.offers[0].id, text)] if expectation.offers else []
    if fixed is not None:
        return [fixed]
    found = [command for reader in _READERS for command in reader(text)]
    return found or _for_slot(text, expectation)


def _starts(text: str) -> list[c.Command]:
    return [c.Start("book_appointment", text)] if _START.search(text) else []


def _whens(text: str) -> list[c.Command]:
    if (match := _WHEN.search(text)) is not None:
        german, english = match.groups()[:5], match.groups()[5:]
        day = date(int(german[2]), int(german[1]), int(german[0])) if german[0] else date(*map(int, english[:3]))
        clock = german[3:] if german[0] else english[3:]
        return [_start(text, When(days=(day,), clock=(time(int(clock[0]), int(clock[1])),)))]
    if (hour := _CLOCK.search(text)) is not None:
        return [_start(text, When(clock=(time(int(hour[1]), int(hour[2])),)))]
    days = [number for name, number in _DAYS.items() if name in text.casefold()]
    return [c.Deny(text), _start(text, When(weekdays=tuple(days)))] if days else []


def _start(text: str, when: When) -> c.Command:
    return c.Set("start", text, when)


def _services(text: str) -> list[c.Command]:
    named = {"haarschnitt": "haircut", "haircut": "haircut", "färben": "color", "colouring": "color"}
    found: list[c.Command] = [c.Set("service", text, named[word]) for word in named if word in text.casefold()]
    return found[:1]


def _phones(text: str) -> list[c.Command]:
    digits = re.sub(r"\D", "", text)
    return [c.Set("phone", text, f"+49{digits[1:]}")] if re.fullmatch(r"[\d ]{9,}", text) else []


def _for_slot(text: str, expectation: Expectation) -> list[c.Command]:
    expecting = expectation.expecting
    return [c.Set("name", text, text)] if expecting is not None and expecting.slot == "name" else []


_READERS: tuple[Callable[[str], list[c.Command]], ...] = (_starts, _services, _whens, _phones)
