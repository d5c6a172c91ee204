"""Situations G6 and H1: going on after a cancel, a sentence that fitted two flows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from runtime.core.commands import (
    Affirm,
    Cancel,
    Clarify,
    Command,
    Set,
    Smalltalk,
    Start,
    Undo,
)
from tests.core.talk import BOOK, CANCEL, MOVE, TUESDAY, WEDNESDAY, Reply, Talk, at, wish
from tests.core.test_leaving import STEPS, bring_to

MINE = "my_appointments"


def two_deep() -> Talk:
    """A booking that waits below a move, each with values."""
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 25, 10, 0, tzinfo=UTC))
    talk.diary.add("beard", datetime(2026, 11, 26, 10, 0, tzinfo=UTC))
    bring_to(talk, "name")
    talk.say(Start(MOVE), wish(at(WEDNESDAY, 15)))
    return talk


def flows(talk: Talk) -> list[str]:
    return [frame.flow for frame in talk.conversation.stack]


# ---- G6: "doch" after a cancel


@pytest.mark.parametrize("place", [p for p in STEPS if p not in ("service", "clarify", "resume")])
def test_g6_a_cancelled_flow_goes_on_with_its_values(place: str) -> None:
    talk = Talk()
    bring_to(talk, place)
    frame = talk.conversation.stack[-1]
    talk.say(Cancel())
    assert not talk.conversation.stack
    reply = talk.later(minutes=10).say(Undo(), text="doch")
    assert flows(talk) == [frame.flow] and talk.conversation.stack[-1].slots == frame.slots
    assert "flow.gone_on" in reply.names and reply.asks[0] != "" and not reply.writes


def test_g6_after_a_quarter_of_an_hour_it_is_gone() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Cancel())
    reply = talk.later(minutes=16).say(Undo())
    assert not talk.conversation.stack and "nothing_to_undo" in reply.names


def test_g6_the_time_is_checked_again() -> None:
    talk = Talk()
    talk.to_confirm(service="colour")
    talk.say(Cancel())
    talk.diary.add("colour", datetime(2026, 11, 24, 14, 0, tzinfo=UTC))
    reply = talk.say(Undo())
    assert reply.asks == ("offer", "start") and not talk.say(Affirm()).writes


def test_g6_above_a_flow_that_goes_on_only_right_after() -> None:
    talk = two_deep()
    talk.say(Cancel())
    assert flows(talk) == [BOOK]
    talk.say(Undo())
    assert flows(talk) == [BOOK, MOVE]
    talk.say(Cancel())
    talk.say(Smalltalk("thanks"))
    talk.say(Undo(), text="doch nicht")
    assert flows(talk) == []


def test_g6_what_was_done_later_is_what_is_taken_back() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "colour"))
    talk.say(Cancel())
    talk.later(minutes=1).to_confirm()
    talk.say(Affirm())
    assert talk.say(Undo()).asks == ("confirm", "")
    assert flows(talk) == ["undo_last"]


# ---- H1: two flows fit


def test_h1_at_most_three_names_and_one_question() -> None:
    reply = Talk().say(Clarify((BOOK, MOVE, CANCEL, MINE), "Termin"))
    assert len(reply.buttons) == 3 and reply.text.count("?") == 1


def chosen(talk: Talk, pressed: bool, *values: Command) -> Reply:
    talk.reread = values
    return talk.press("Termin buchen") if pressed else talk.say(Start(BOOK))


@pytest.mark.parametrize("pressed", [True, False])
def test_h1_the_sentence_is_read_again_for_the_flow_that_was_chosen(pressed: bool) -> None:
    talk = Talk()
    reply = talk.say(Clarify((BOOK, MOVE), "Termin morgen 15 Uhr"), wish(at(TUESDAY, 15)))
    assert reply.asks == ("clarify", "")
    reply = chosen(talk, pressed, Start(BOOK), wish(at(TUESDAY, 15)))
    assert flows(talk) == [BOOK] and reply.asks == ("slot", "service")
    assert talk.conversation.stack[-1].slots["start"].value == at(TUESDAY, 15)
    assert not talk.conversation.sentence


def test_h1_newer_words_win_over_the_old_sentence() -> None:
    talk = Talk()
    talk.say(Clarify((BOOK, MOVE), "Termin morgen 15 Uhr"))
    talk.reread = (wish(at(TUESDAY, 15)),)
    talk.say(Start(BOOK), wish(at(TUESDAY, 16)))
    assert talk.conversation.stack[-1].slots["start"].value == at(TUESDAY, 16)
