"""Situations F3, F4, F7 to F9: several wishes, one at a time, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from runtime.core.commands import (
    Affirm,
    Ask,
    Back,
    Handoff,
    Set,
    Start,
)
from runtime.core.values import When
from tests.core.talk import BOOK, CANCEL, MOVE, THURSDAY, WEDNESDAY, Talk, at, wish
from tests.core.test_leaving import bring_to

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


# ---- F3: the third level


def test_f3_the_third_wish_asks_which_comes_first() -> None:
    talk = two_deep()
    reply = talk.say(Start(CANCEL))
    assert reply.asks == ("clarify", "first") and reply.text.count("?") == 1
    assert "Das sind drei Dinge: Termin absagen, Termin verschieben und Termin buchen." in reply.text
    assert [b.text for b in reply.buttons] == ["Termin absagen", "Termin verschieben", "Termin buchen"]
    assert flows(talk) == [BOOK, MOVE] and [t.flow for t in talk.conversation.todo] == [CANCEL]


@pytest.mark.parametrize("first", [CANCEL, MOVE, BOOK])
@pytest.mark.parametrize("pressed", [True, False])
def test_f3_the_one_that_was_named_comes_first_and_none_is_forgotten(first: str, pressed: bool) -> None:
    talk = two_deep()
    talk.say(Start(CANCEL))
    names = {CANCEL: "Termin absagen", MOVE: "Termin verschieben", BOOK: "Termin buchen"}
    reply = talk.press(names[first]) if pressed else talk.say(Start(first))
    assert flows(talk)[-1] == first and reply.asks[0] in ("slot", "offer", "confirm")
    waiting = {*flows(talk), *(t.flow for t in talk.conversation.todo)}
    assert waiting == {BOOK, MOVE, CANCEL}
    assert next(f for f in talk.conversation.stack if f.flow == BOOK).slots["service"].value == "cut"


def test_f3_whoever_just_goes_on_is_not_asked_again() -> None:
    talk = two_deep()
    talk.say(Start(CANCEL))
    reply = talk.say(Set("when", "", When(days=(WEDNESDAY,))))
    assert flows(talk)[-1] == MOVE and reply.asks[0] != "clarify"


def test_f3_a_fourth_push_is_refused_politely() -> None:
    talk = two_deep()
    talk.say(Start(CANCEL))
    talk.say(Start(CANCEL))
    assert flows(talk) == [BOOK, MOVE, CANCEL]
    stack = talk.conversation.stack
    for _ in range(3):
        reply = talk.say(Start(MINE))
        assert "flow.too_many" in reply.names and reply.text.count("?") == 1
    assert talk.conversation.stack == stack and not talk.conversation.todo


# ---- F4: the same flow inside itself


def test_f4_the_same_flow_again_is_queued_with_its_values() -> None:
    talk = Talk()
    talk.to_confirm()
    second = (Start(BOOK, another=True), Set("service", "", "beard"), wish(at(WEDNESDAY, 10)))
    reply = talk.say(*second, text="und noch einen Termin: Bart am Mittwoch um 10")
    assert "flow.later" in reply.names and reply.asks == ("confirm", "") and not reply.writes
    assert talk.conversation.stack[-1].slots["service"].value == "cut"
    reply = talk.say(Affirm())
    assert reply.asks == ("confirm", "") and "Bartpflege" in reply.text
    talk.say(Affirm())
    assert [(a.service, a.start.day) for a in talk.booked] == [("cut", 24), ("beard", 25)]


def test_f4_the_flows_own_name_alone_starts_nothing() -> None:
    talk = Talk()
    bring_to(talk, "name")
    reply = talk.say(Start(BOOK))
    assert not talk.conversation.todo and reply.asks == ("slot", "name")


# ---- F7: several wishes in one message


def test_f7_three_wishes_in_one_message_have_three_outcomes() -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 25, 10, 0, tzinfo=UTC))
    second = Start(BOOK, sets=(Set("service", "", "beard"), wish(at(THURSDAY, 10))))
    reply = talk.say(Start(MOVE), wish(at(WEDNESDAY, 15)), second, Ask("Was kostet Färben?", "prices"))
    assert "Eins nach dem anderen: erst Termin verschieben, dann Termin buchen." in reply.text
    assert "Ab 45 Euro." in reply.text and reply.asks == ("confirm", "") and reply.text.count("?") == 1
    reply = talk.say(Affirm())
    assert {"moved", "flow.next"} <= set(reply.names) and "Bartpflege" in reply.text
    talk.say(Set("name", "", "Meier"), Set("phone", "", "+4915123456"))
    talk.say(Affirm())
    assert [(a.service, a.start.day) for a in talk.booked] == [("cut", 25), ("beard", 26)]
    assert not talk.conversation.stack and not talk.conversation.todo


def test_f7_more_than_three_wishes_are_too_many() -> None:
    talk = Talk()
    reply = talk.say(
        Start(BOOK), *(Start(BOOK, another=True, sets=(Set("service", "", s),)) for s in ("cut", "beard", "colour"))
    )
    assert "flow.too_many" in reply.names and len(talk.conversation.todo) == 2


# ---- F8: back


def test_f8_back_twice_takes_back_two_answers() -> None:
    talk = Talk()
    bring_to(talk, "phone")
    assert talk.say(Back()).asks == ("slot", "name")
    assert talk.say(Back()).asks == ("slot", "start")
    assert set(talk.conversation.stack[-1].slots) == {"service"}
    assert talk.say(Back()).asks == ("slot", "service")
    assert talk.say(Back()).asks == ("slot", "service")


def test_f8_back_passes_by_what_was_known_of_the_contact() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    talk.say(Start(BOOK), Set("service", "", "beard"), wish(at(WEDNESDAY, 10)))
    assert talk.say(Back()).asks == ("slot", "start")


# ---- F9: a way without a return


@pytest.mark.parametrize("reason", ["asked", "emergency"])
def test_f9_the_operator_sees_what_was_open(reason: str) -> None:
    talk = two_deep()
    talk.say(Start(BOOK, another=True), Set("service", "", "colour"))
    reply = talk.say(Handoff(reason))
    summary = str(reply.recorded("handoff.opened")[0].facts["summary"])
    assert BOOK in summary and MOVE in summary and "cut" in summary and "colour" in summary
    assert flows(talk) == [BOOK, MOVE]
