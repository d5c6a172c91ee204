"""Situations E: the yes before a write, and everything that is none."""

from __future__ import annotations

import dataclasses

import pytest

from runtime.core.commands import (
    Affirm,
    Ask,
    Back,
    Cancel,
    Command,
    Deny,
    Handoff,
    Help,
    Language,
    Refine,
    Repeat,
    Restart,
    Set,
    Smalltalk,
    Start,
    Unclear,
    Undo,
    Wait,
    Why,
)
from runtime.core.conversation import flow_of
from runtime.core.events import Settled
from runtime.core.facts import bound_facts
from runtime.core.step import step
from runtime.core.values import When
from tests.core.desk import business
from tests.core.talk import BOOK, MOVE, WEDNESDAY, Talk, at, wish


def test_e1_a_yes_writes_once_and_says_so_with_weekday_and_date() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.say(Affirm(), text="ja")
    assert [act.action for act in reply.writes] == ["booking.book"]
    assert reply.writes[0].key == "linde/conversation/01SESSION/2/1"
    assert reply.names == ["booked"] and reply.asks == ("", "")
    assert "Dienstag, 24. November, 15 Uhr" in reply.text
    assert len(talk.booked) == 1


def test_e1_the_write_is_given_just_the_facts_that_were_confirmed() -> None:
    talk = Talk()
    summed_up = talk.to_confirm(staff="paul")
    arguments = talk.say(Affirm()).writes[0].arguments
    assert {n: arguments[n] for n in ("service", "staff", "name", "phone", "price")} == {
        "service": "cut", "staff": "paul", "name": "Meier", "phone": "+4915123456", "price": "45.00",
    }  # fmt: skip
    assert str(arguments["start"]).startswith("2026-11-24T15:00")
    assert "Paul" in summed_up.text and "45" in summed_up.text


def test_e1_nothing_is_called_booked_before_it_is() -> None:
    talk = Talk()
    assert "Gebucht" not in talk.to_confirm().text


def test_e1_by_button() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.press("Ja, buchen")
    assert len(reply.writes) == 1 and reply.writes[0].pressed


def test_e2_a_no_asks_which_part_and_keeps_everything() -> None:
    talk = Talk()
    talk.to_confirm()
    slots = talk.conversation.stack[-1].slots
    reply = talk.say(Deny(), text="nein")
    assert reply.asks[0] == "change" and not reply.writes
    assert talk.conversation.stack[-1].slots == slots
    labels = [b.text for b in reply.buttons]
    assert "Tag" in labels and "Uhrzeit" in labels and "Leistung" in labels and "Abbrechen" in labels


@pytest.mark.parametrize(
    ("label", "asks"),
    [("Tag", ("offer", "start")), ("Uhrzeit", ("offer", "start")), ("Leistung", ("slot", "service")),
     ("Name", ("slot", "name")), ("Telefonnummer", ("slot", "phone")), ("Abbrechen", ("", ""))],
)  # fmt: skip
def test_e2_each_part_can_be_changed_by_button(label: str, asks: tuple[str, str]) -> None:
    talk = Talk()
    talk.to_confirm()
    talk.press("Ändern")
    reply = talk.press(label)
    assert reply.asks == asks
    assert not reply.writes


def test_e2_a_second_no_stops() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Deny())
    talk.say(Deny())
    assert not talk.conversation.stack and not talk.booked


@pytest.mark.parametrize(
    "extra",
    [wish(at(WEDNESDAY, 16)), Set("name", "", "Maier"), Refine("later"), Ask("Was kostet das?", "prices"), Why(),
     Deny(), Wait(), Cancel(), Undo(), Back(), Restart(), Repeat(), Help(), Handoff()],
)  # fmt: skip
@pytest.mark.parametrize("yes_first", [True, False])
def test_e3_a_yes_with_anything_that_takes_it_back_writes_nothing(extra: Command, yes_first: bool) -> None:
    talk = Talk()
    talk.to_confirm()
    commands = (Affirm(), extra) if yes_first else (extra, Affirm())
    assert not talk.say(*commands).writes
    # And it leaves no yes behind that would count later.
    assert not talk.say(Unclear()).writes
    assert not talk.say(Smalltalk("thanks")).writes
    assert not talk.booked


def test_e3_yes_but_at_four_is_checked_and_confirmed_anew() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.say(Affirm(), wish(at(WEDNESDAY, 16)), text="ja, aber Mittwoch um 16 Uhr")
    assert reply.asks == ("confirm", "") and "Mittwoch, 25. November, 16 Uhr" in reply.text
    talk.say(Affirm())
    assert [a.start.isoformat() for a in talk.booked] == ["2026-11-25T16:00:00+01:00"]


@pytest.mark.parametrize("extra", [Smalltalk("thanks"), Smalltalk("greeting"), Language("en"), Unclear()])
def test_e3_politeness_does_not_take_a_yes_back(extra: Command) -> None:
    talk = Talk()
    talk.to_confirm()
    assert len(talk.say(Affirm(), extra).writes) == 1


def test_e5_another_price_is_said_and_asked_again() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.change_desk(business(cut_price="48.00"))
    reply = talk.say(Affirm())
    assert not reply.writes
    assert reply.asks == ("confirm", "") and "confirm.changed" in reply.names and "48" in reply.text
    assert talk.say(Affirm()).writes[0].arguments["price"] == "48.00"


def test_e5_the_fingerprint_holds_price_and_flow_version() -> None:
    talk = Talk()
    talk.to_confirm()
    frame = talk.conversation.stack[-1]
    flow = flow_of(talk.conversation, frame)
    assert flow is not None
    facts = bound_facts(talk.conversation, frame, flow)
    talk.change_desk(business(cut_price="48.00"))
    assert bound_facts(talk.conversation, frame, flow) != facts
    talk.change_desk(business())
    assert bound_facts(talk.conversation, frame, flow) == facts
    assert bound_facts(talk.conversation, frame, dataclasses.replace(flow, hash="other")) != facts


def test_e7_two_yeses_are_one_booking() -> None:
    talk = Talk()
    talk.to_confirm()
    yes = talk.payload("Ja, buchen")
    assert len(talk.press_payload(yes).writes) == 1
    again = talk.press_payload(yes)
    assert not again.writes and again.names == ["already.book_appointment"]
    typed = talk.say(Affirm())
    assert not typed.writes and typed.names == ["already.book_appointment"]
    assert len(talk.booked) == 1


def test_e7_a_yes_twice_in_one_message() -> None:
    talk = Talk()
    talk.to_confirm()
    assert len(talk.say(Affirm(), Affirm(), text="ja, ja").writes) == 1


def test_e7_a_yes_of_an_older_confirm_is_none() -> None:
    talk = Talk()
    talk.to_confirm()
    old = talk.payload("Ja, buchen")
    talk.say(wish(When(days=(WEDNESDAY,))))
    assert not talk.press_payload(old).writes


@pytest.mark.parametrize("minutes", [29, 31])
def test_e7_a_confirm_lives_half_an_hour(minutes: int) -> None:
    talk = Talk()
    talk.to_confirm()
    assert bool(talk.later(minutes=minutes).press("Ja, buchen").writes) is (minutes == 29)


def test_e7_m15_a_confirm_that_never_arrived_cannot_be_answered() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.fail_delivery()
    reply = talk.say(Affirm())
    assert not reply.writes and reply.asks == ("confirm", "")


def test_e10_yes_and_a_second_appointment() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.say(Affirm(), Start(BOOK), Set("service", "", "colour"), text="ja, und noch einen zum Färben")
    assert len(reply.writes) == 1
    assert reply.names[0] == "booked" and reply.asks == ("slot", "start")
    assert talk.conversation.stack[-1].slots["service"].value == "colour"
    assert reply.text.count("?") == 1


def test_e10_yes_and_something_else() -> None:
    talk = Talk()
    talk.diary.add("beard", talk.now.replace(day=26))
    talk.to_confirm()
    reply = talk.say(Affirm(), Start(MOVE))
    assert len(reply.writes) == 1 and reply.asks[0] in ("slot", "offer")
    assert talk.conversation.stack[-1].flow == MOVE


def test_e10_the_second_wish_survives_a_yes_that_did_not_count() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.later(minutes=20).say(Affirm(), Start(BOOK), Set("service", "", "colour"))
    assert len(reply.writes) == 1
    talk = Talk()
    talk.to_confirm()
    talk.change_desk(business(cut_price="48.00"))
    reply = talk.say(Affirm(), Start(BOOK), Set("service", "", "colour"))
    assert not reply.writes and reply.asks == ("confirm", "")
    talk.say(Affirm())
    assert talk.conversation.stack[-1].slots["service"].value == "colour"


def test_e1_a_write_line_without_a_yes_goes_back_to_its_confirm() -> None:
    talk = Talk()
    talk.to_confirm()
    frame = talk.conversation.stack[-1]
    for confirmed in ("", "some other facts"):
        for at_line in (frame.at, frame.at + 1):
            ahead = dataclasses.replace(frame, at=at_line, confirmed=confirmed)
            talk.conversation = dataclasses.replace(talk.conversation, stack=(ahead,))
            reply = talk.say(Smalltalk("thanks"))
            assert not reply.writes and reply.asks == ("confirm", "")


def test_e1_a_yes_ends_with_its_turn() -> None:
    talk = Talk()
    talk.to_confirm()
    frame = dataclasses.replace(talk.conversation.stack[-1], confirmed="these facts")
    conversation, _ = step(dataclasses.replace(talk.conversation, stack=(frame,)), Settled(talk.now, "q"))
    assert conversation.stack[-1].confirmed == ""
