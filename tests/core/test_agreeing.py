"""Situations F6, H7 and P7: leaving with something open, questions passed on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from runtime.core.commands import (
    Affirm,
    Ask,
    Deny,
    Smalltalk,
    Start,
)
from tests.core.talk import BOOK, MOVE, WEDNESDAY, Talk, at, wish
from tests.core.test_leaving import STEPS, bring_to

MINE = "my_appointments"


def flows(talk: Talk) -> list[str]:
    return [frame.flow for frame in talk.conversation.stack]


# ---- F6, H7: leaving with something open


def test_h7_a_goodbye_at_the_confirm_is_held_on_once_and_then_parked() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.say(Smalltalk("bye"))
    assert reply.asks == ("agree", "leaving") and reply.text.count("?") == 1
    assert "noch nicht gebucht" in reply.text
    reply = talk.say(Smalltalk("bye"))
    assert reply.asks == ("", "") and "?" not in reply.text and "Wiedersehen" in reply.text
    assert flows(talk) == [BOOK] and not talk.booked


@pytest.mark.parametrize("place", [p for p in STEPS if p != "resume"])
@pytest.mark.parametrize("answer", ["yes", "no", "button yes", "button no"])
def test_h7_yes_goes_on_and_no_lets_go(place: str, answer: str) -> None:
    talk = Talk()
    bring_to(talk, place)
    talk.say(Smalltalk("bye"))
    stack = flows(talk)
    yes = "yes" in answer
    if answer.startswith("button"):
        reply = talk.press("Ja, fertig machen" if yes else "Nein, später")
    else:
        reply = talk.say(Affirm() if yes else Deny())
    assert flows(talk) == stack and not reply.writes
    assert (reply.asks[0] != "") == yes and reply.sends


def test_h7_what_was_let_go_is_found_again() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Smalltalk("bye"))
    talk.say(Deny())
    reply = talk.later(hours=20).say(Smalltalk("greeting"))
    assert reply.asks[0] == "resume"
    assert talk.say(Affirm()).asks == ("confirm", "")


def test_h7_a_goodbye_with_nothing_open_is_only_a_goodbye() -> None:
    reply = Talk().say(Smalltalk("bye"))
    assert reply.asks == ("", "") and "?" not in reply.text


def test_f6_the_parked_flow_is_offered_once_after_the_second_task() -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 27, 14, 0, tzinfo=UTC))
    bring_to(talk, "phone")
    talk.say(Start(MOVE), wish(at(WEDNESDAY, 10)))
    talk.say(Affirm())
    reply = talk.say(Smalltalk("bye"))
    assert reply.asks == ("agree", "leaving")
    assert talk.say(Deny()).asks == ("", "")
    assert talk.conversation.stack[0].slots["name"].value == "Meier"


# ---- P7: questions that nobody here can answer


def test_p7_an_unknown_answer_is_offered_to_be_passed_on() -> None:
    talk = Talk(answer="")
    reply = talk.say(Ask("Habt ihr einen Pool?"))
    assert reply.asks == ("agree", "pass_on") and reply.recorded("gap") and reply.text.count("?") == 1
    reply = talk.say(Affirm())
    ticket = reply.recorded("ticket.opened")[0].facts
    assert ticket["kind"] == "question" and ticket["summary"] == "Habt ihr einen Pool?"
    assert "bis Samstag, 21. November, 10 Uhr" in reply.text and not talk.conversation.sentence


def test_p7_a_no_leaves_it() -> None:
    talk = Talk(answer="")
    talk.say(Ask("Habt ihr einen Pool?"))
    reply = talk.press("Nein, danke")
    assert not reply.recorded("ticket.opened") and reply.asks == ("", "")


def test_p7_whoever_goes_on_is_not_asked_again() -> None:
    talk = Talk(answer="")
    talk.say(Ask("Habt ihr einen Pool?"))
    assert talk.say(Start(BOOK)).asks == ("slot", "service")
