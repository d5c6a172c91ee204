"""Law 7 with every field full: a customer, an operator and prompts that all say as much as they can."""

from __future__ import annotations

import dataclasses

from runtime.codec import State, dump_state
from runtime.core.commands import Ask, Cancel, Further, Handoff, Restart, Set, Start
from runtime.core.events import OperatorAsked, OperatorSaid
from tests.core.talk import BOOK, CANCEL, MOVE, TUESDAY, Talk, at
from tests.core.test_prompts import remind

LONG = "ä" * 4000
WORDS = "wort " * 400
OPERATOR = "O" * 100


def size(talk: Talk) -> int:
    return len(dump_state(State(dataclasses.replace(talk.conversation, desk=None))))


def a_day(talk: Talk) -> int:
    """Everything that can happen, at length; the largest that the session became."""
    talk.later(hours=3)
    remind(talk, name="M" * 200)
    who, when = Set("name", WORDS, "N" * 400), Set("start", WORDS, at(TUESDAY, 11))
    number = Set("phone", WORDS, "+4915123456")
    talk.say(Start(BOOK), who, number, Set("service", WORDS, "cut"), when, text=LONG)
    talk.say(Ask(WORDS * 3, "prices"), text=LONG)
    wishes = [Further(flow, (who, when, number)) for flow in (MOVE, BOOK, "callback")]
    talk.say(*wishes, text=LONG)
    talk.say(Start("callback"), number, Set("topic", WORDS, WORDS), text=LONG)
    talk.say(Start(CANCEL), text=LONG)
    largest = size(talk)
    talk.say(Cancel(), text=LONG)
    talk.say(Restart())
    talk.say(Handoff(), text=LONG)
    talk.claim(OPERATOR)
    talk.hear(LONG)
    talk.happen(OperatorSaid(OPERATOR, "T" * 4000, "x" * 64, talk.now))
    more = {f"x{number}": "y" * 200 for number in range(6)}
    slot = {"service": "cut", "staff": "anna", "start": "2026-11-24T10:00+01:00", "name": "N" * 200, "phone": "P" * 200}
    talk.happen(OperatorAsked(OPERATOR, "book", talk.now, {**slot, **more}))
    largest = max(largest, size(talk))
    talk.release(operator=OPERATOR)
    return max(largest, size(talk))


def test_law_7_a_session_with_every_field_full_stays_small() -> None:
    talk = Talk()
    days = []
    for _ in range(8):
        days.append(a_day(talk))
        talk.diary.appointments.clear()
    assert max(days) < 16_000
    assert days[-1] <= 1.1 * days[2], "and does not grow"
