"""Situations F3 to F9, G6, H1 and H7: several wishes, the way back, an end that is none."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from runtime.core.business import Business
from runtime.core.commands import (
    Affirm,
    Ask,
    Back,
    Cancel,
    Clarify,
    Command,
    Deny,
    Handoff,
    Set,
    Smalltalk,
    Start,
    Undo,
)
from runtime.core.revalidating import back_to_parked
from runtime.core.values import When
from tests.core.desk import business
from tests.core.talk import BOOK, CANCEL, MOVE, THURSDAY, TUESDAY, WEDNESDAY, Reply, Talk, at, wish
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


# ---- F5: what a parked flow rests on


def test_f5_a_moved_appointment_takes_the_time_of_the_parked_booking() -> None:
    talk = Talk()
    talk.diary.add("colour", datetime(2026, 11, 25, 14, 0, tzinfo=UTC))
    talk.to_confirm(service="colour")
    talk.say(Start(MOVE), wish(at(TUESDAY, 15)))
    reply = talk.say(Affirm())
    assert {"moved", "flow.back", "flow.no_longer"} <= set(reply.names)
    assert "Dienstag, 24. November, 15 Uhr, ist inzwischen leider nicht mehr frei." in reply.text
    assert reply.asks == ("offer", "start") and not any(s.stood for s in talk.conversation.stack)


def test_f5_what_still_holds_is_not_mentioned() -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 27, 14, 0, tzinfo=UTC))
    talk.to_confirm()
    talk.say(Start(MOVE), wish(at(WEDNESDAY, 10)))
    reply = talk.say(Affirm())
    assert "flow.no_longer" not in reply.names and reply.asks == ("confirm", "")


def test_f5_a_new_phone_number_holds_for_the_parked_flow_too() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.conversation = dataclasses.replace(talk.conversation, todo=())
    parked = talk.conversation.stack[0]
    talk.say(Start(MINE))
    finished = dataclasses.replace(
        parked, slots={"phone": dataclasses.replace(parked.slots["phone"], value="+49221999", turn=9)}
    )
    after = back_to_parked(talk.conversation, finished)
    assert after.stack[-1].slots["phone"].value == "+49221999"
    assert any(say.name == "taken_over.phone" for _, say in after.draft.sayings)


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


# ---- P9: an option that is gone


def without_beard() -> Business:
    """The business without its beard trims."""
    own = business()
    return dataclasses.replace(own, services=tuple(s for s in own.services if s.id != "beard"))


def test_p9_only_what_fell_is_asked_again() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "Bart", "beard"), wish(at(WEDNESDAY, 10)), Set("name", "", "Meier"))
    talk.change_desk(without_beard())
    reply = talk.say(Set("phone", "", "+4915123456"))
    assert "„Bart“ gibt es hier leider nicht mehr." in reply.text and reply.asks == ("slot", "service")
    assert set(talk.conversation.stack[-1].slots) == {"start", "name", "phone"}
    assert talk.say(Set("service", "", "cut")).asks == ("confirm", "")


def test_p9_a_yes_after_the_option_fell_writes_nothing() -> None:
    talk = Talk()
    talk.to_confirm(service="beard")
    talk.change_desk(without_beard())
    reply = talk.say(Affirm())
    assert not reply.writes and reply.asks == ("slot", "service")


def test_p9_in_a_flow_that_waited_it_is_said_on_the_way_back() -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 27, 14, 0, tzinfo=UTC))
    talk.to_confirm(service="beard")
    talk.say(Start(MOVE), wish(at(WEDNESDAY, 10)))
    talk.change_desk(without_beard())
    reply = talk.say(Affirm())
    assert {"moved", "option_gone"} <= set(reply.names) and reply.asks == ("slot", "service")
