"""Two readings of one text, and the answer to a question that names two things or several persons (B3, C12)."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from runtime.core.commands import Command, Either, Pick, Set
from runtime.core.effects import Expectation
from runtime.core.values import Value, When
from runtime.understanding.choices import ChoiceIndex
from runtime.understanding.dates.engine import Found
from runtime.understanding.desks import STAFF, index_of
from runtime.understanding.reading import Reading
from runtime.understanding.relations import SELF
from runtime.understanding.routing import BOOK
from runtime.understanding.tokens import tokenise, word_set

STAGE = "rules:slot"
ASKED = "rules:question"
"""What a question named."""
OTHER = "other"
START = "start"
"""The slot of a new time; that of an appointment to be found is no ambiguity worth a question."""
_WEEKDAYS = (
    word_set("montag montags monday mo mon"), word_set("dienstag dienstags tuesday di tue tues"),
    word_set("mittwoch mittwochs wednesday mi wed"), word_set("donnerstag donnerstags thursday do thu thurs"),
    word_set("freitag freitags friday fr fri"), word_set("samstag samstags sonnabend saturday sa sat"),
    word_set("sonntag sonntags sunday so sun"),
)  # fmt: skip
_BESIDE = word_set("am an on den der dem the this kommenden")
_PLACES = (("first",), ("second", "last"))


def two_days(reading: Reading, found: Found) -> tuple[When, When] | None:
    """ "Mittwoch", said on a Wednesday while we are still open: today, or in a week?"""
    today = reading.local_now.date()
    if reading.kind not in ("", "slot") or START in reading.expectation.filled or reading.expectation.has_appointment:
        return None  # a weekday goes by the day that was talked about
    if found.when != When(days=(today + timedelta(days=7),)) or not _open_later(reading):
        return None
    words = [token.norm for token in reading.tokens if found.span[0] <= token.start < found.span[1]]
    if not words or any(word not in _BESIDE and word not in _WEEKDAYS[today.weekday()] for word in words):
        return None
    return dataclasses.replace(found.when, days=(today,)), found.when


def set_two_days(reading: Reading, found: Found) -> bool:
    """Both days as the readings of a new time; whether there are two."""
    days = two_days(reading, found)
    slots = [slot for slot in reading.slots("datetime")[:1] if slot.name == START]
    if days is None or not slots or reading.flow is None or reading.flow.id != BOOK:
        return False
    reading.add(Either(START, found.words, days), STAGE)
    reading.claim_text(*found.span)
    return True


def _open_later(reading: Reading) -> bool:
    """Whether anything can still happen today."""
    now = reading.local_now
    business = reading.expectation.desk.business
    if any(holiday.day == now.date() for holiday in business.holidays):
        return False
    last = now + timedelta(minutes=business.policies.lead_min)
    return last.date() == now.date() and any(
        opening.weekday == now.weekday() and opening.end > last.time() for opening in business.hours
    )


def two_services(reading: Reading) -> None:
    """Two services that the words fit alike are asked about together, rather than all of them listed."""
    for slot in reading.slots("choice"):
        index = reading.index.choices.get(slot.options)
        if slot.options == STAFF or index is None or any(_fills(command, slot.name) for command, _ in reading.commands):
            continue
        places = [
            at for at, token in enumerate(reading.tokens) if reading.free[at] and token.kind in ("word", "digits")
        ]
        found = index.rivals([reading.tokens[place].norm for place in places], places)
        if len(found) == 2:
            words = sorted({place for chosen in found for place in chosen.words})
            options = tuple(sorted(chosen.option for chosen in found))
            reading.add(Either(slot.name, reading.words(words[0], words[-1] + 1), options), STAGE)
            for place in words:
                reading.claim(place, place + 1)


def two_people(reading: Reading) -> None:
    """ "Bei Anna", where two of them work here."""
    slots = [slot for slot in reading.slots("choice") if slot.options == STAFF]
    if not slots or any(_fills(command, slots[0].name) for command, _ in reading.commands):
        return
    for at, token in enumerate(reading.tokens):
        owners = reading.index.people.get(token.norm, ()) if reading.free[at] else ()
        led = (at > 0 and reading.tokens[at - 1].norm in _LED) or reading.asked is slots[0]
        if len(owners) == 2 and led:
            reading.add(Either(slots[0].name, token.text, owners), STAGE)
            reading.claim(at - 1 if at and reading.tokens[at - 1].norm in _LED else at, at + 1)
            return


_LED = word_set("bei mit zu with by see frau herr herrn mr mrs ms dr")


def without_renamed(
    entries: list[tuple[Command, str]], text: str, newer: list[tuple[Command, str]], expectation: Expectation
) -> list[tuple[Command, str]]:
    """What a question was about is not what is booked, where the next words name something else ("a haircut")."""
    asked_about = {command.slot: command for command, stage in entries if isinstance(command, Set) and stage == ASKED}
    words = [token.norm for token in tokenise(text) if token.kind == "word"]
    named = {
        slot.name
        for flow in expectation.desk.flows.values()
        for slot in flow.slots.values()
        if slot.name in asked_about and not any(_fills(command, slot.name) for command, _ in newer)
        and _names_another(words, index_of(expectation.desk).choices.get(slot.options), asked_about[slot.name].value)
    }  # fmt: skip
    return [entry for entry in entries if entry[0] not in [asked_about[name] for name in named]]


def _names_another(words: list[str], index: ChoiceIndex | None, option: Value) -> bool:
    found = index.ranked(words, range(len(words))) if index is not None else []
    return any(chosen.option != option for chosen in found)


def _fills(command: object, slot: str) -> bool:
    return isinstance(command, Set | Either) and command.slot == slot


def answers_which(reading: Reading) -> bool:
    """ "Das zweite", "für mich", "jemand anderen": one of what the question named; whether that was all."""
    expecting, asked = reading.expectation.expecting, reading.asked
    if expecting is None or asked is None or not expecting.choices:
        return False
    words = [token.norm for token in reading.tokens if token.kind == "word"]
    if asked.type == "person":
        if reading.says("somebody_else"):
            reading.add(Pick(OTHER, reading.text.strip()), STAGE)
            return True
        if len(words) <= 3 and set(words) & SELF:
            reading.add(Set(asked.name, reading.text.strip(), expecting.choices[0]), STAGE)
            return True
    if len(words) > 4:
        return False
    for place, labels in enumerate(_PLACES):
        if place < len(expecting.choices) and reading.says(*labels):
            reading.add(Set(asked.name, reading.text.strip(), expecting.choices[place]), STAGE)
            return True
    return False
