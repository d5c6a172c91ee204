"""Situations A and B: beginning, coming back, who it is for."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from runtime.core.commands import Affirm, Deny, Handoff, Pick, Set, Smalltalk, Start, Unclear
from runtime.core.values import When
from tests.core.desk import business
from tests.core.talk import BOOK, TUESDAY, Talk, at, wish


def test_a1_first_contact_greets_and_says_what_we_are_once() -> None:
    talk = Talk()
    reply = talk.say(Smalltalk("greeting"), text="Hallo")
    assert reply.names == ["disclosure", "menu"]
    assert "Studio Linde" in reply.text and "digitale" in reply.text
    assert [b.text for b in reply.buttons] == ["Termin buchen", "Termin verschieben", "Lieber ein Mensch"]
    assert talk.conversation.disclosed_at == talk.now
    assert "disclosure" not in talk.say(Smalltalk("greeting"), text="Hallo").names


@pytest.mark.parametrize("channel", ["webchat", "terminal", "telegram", "api"])
def test_a1_on_every_channel(channel: str) -> None:
    assert Talk(channel=channel).say(Unclear(), text="asdf").names.count("disclosure") == 1


def test_a2_the_whole_wish_at_once_asks_only_for_what_is_missing() -> None:
    talk = Talk()
    reply = talk.say(Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 15)), Set("staff", "", "anna"))
    assert reply.asks == ("slot", "name")
    assert reply.names[0] == "disclosure"
    assert "Haarschnitt" in reply.text and "Dienstag, 24. November, 15 Uhr" in reply.text and "Anna" in reply.text


def test_a3_back_within_half_an_hour_nobody_is_greeted_again() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    reply = talk.later(minutes=29).say(Smalltalk("greeting"), text="Hallo")
    assert reply.asks == ("slot", "service")
    assert reply.names == ["ask.book_appointment.service.short"]


def test_a4_back_after_hours_asks_whether_to_go_on_and_looks_everything_up_anew() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(TUESDAY,))))
    reads = len(talk.diary.reads)
    reply = talk.later(hours=5).say(Smalltalk("greeting"), text="Hallo?")
    assert reply.asks[0] == "resume"
    assert "Haarschnitt" in reply.text
    assert len(talk.diary.reads) == reads
    talk.diary.add("cut", datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
    reply = talk.say(Affirm())
    assert len(talk.diary.reads) == reads + 1
    assert reply.asks == ("offer", "start")


def test_a4_a_no_to_going_on_drops_the_flow() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"))
    talk.later(hours=5).say(Unclear(), text="…")
    reply = talk.say(Deny())
    assert not talk.conversation.stack
    assert reply.names[0] == "cancelled.book_appointment"


def test_a4_new_content_goes_on_at_once_with_fresh_offers() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(TUESDAY,))))
    reads = len(talk.diary.reads)
    talk.later(hours=5).say(Set("name", "", "Meier"))
    assert len(talk.diary.reads) == reads + 1


def test_a5_a_yes_of_the_next_day_confirms_nothing() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.later(days=1).say(Affirm(), text="ja")
    assert not reply.writes
    assert reply.asks == ("confirm", "")
    assert "confirm.expired" in reply.names
    assert len(talk.say(Affirm()).writes) == 1


def test_a6_after_a_week_the_request_is_gone_but_not_the_person() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    talk.say(Start(BOOK), Set("service", "", "colour"))
    reply = talk.later(days=8).say(Affirm(), text="ja")
    assert not talk.conversation.stack and not reply.writes
    assert "flow.expired" in reply.names
    assert talk.conversation.facts["name"] == "Meier"
    assert talk.conversation.facts["phone"] == "+4915123456"
    assert "disclosure" not in reply.names


def test_a10_a_booking_at_three_in_the_night() -> None:
    talk = Talk(now=datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    talk.to_confirm()
    assert talk.say(Affirm()).names == ["booked"]
    assert len(talk.booked) == 1


def test_a10_at_night_a_person_is_promised_for_the_morning() -> None:
    talk = Talk(now=datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    reply = talk.say(Handoff())
    assert "Dienstag, 24. November, 9 Uhr" in reply.text
    assert "Minuten" not in reply.text
    assert talk.conversation.phase == "bot" and reply.recorded("ticket.opened")


def test_a10_by_day_the_promise_is_minutes() -> None:
    assert "2 Minuten" in Talk().say(Handoff()).text


def test_a10_a_business_without_hours_promises_minutes_too() -> None:
    talk = Talk()
    talk.change_desk(dataclasses.replace(business(), hours=()))
    assert "2 Minuten" in talk.say(Handoff()).text


def test_b4_booking_for_the_mother_asks_for_her_name_and_keeps_the_callers_phone() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    reply = talk.say(
        Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 11)), Set("guest", "für meine Mutter", "mother")
    )
    assert reply.asks == ("slot", "name")
    assert "Ihre Mutter" in reply.text
    reply = talk.say(Set("name", "", "Erna Meier"))
    assert reply.asks == ("confirm", "")
    talk.say(Affirm())
    mother = talk.booked[0]
    assert (mother.name, mother.phone, mother.guest) == ("Erna Meier", "+4915123456", "mother")
    assert talk.conversation.facts["name"] == "Meier"


def test_b4_said_at_the_end_it_asks_for_the_name_after_all() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    reply = talk.say(Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 11)))
    assert reply.asks == ("confirm", "")
    reply = talk.say(Set("guest", "das ist für meine Mutter", "mother"))
    assert reply.asks == ("slot", "name")


def test_b4_the_phone_given_for_a_guests_appointment_is_the_callers() -> None:
    talk = Talk()
    talk.to_confirm(guest="mother", name="Erna")
    talk.say(Affirm())
    assert "name" not in talk.conversation.facts
    assert talk.conversation.facts["phone"] == "+4915123456"


def test_an_offer_of_yesterday_is_not_taken_blindly() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(TUESDAY,))))
    offer = talk.diary.reads and talk.conversation.stack[-1].results["free_times"].offers[0]
    assert offer
    talk.diary.add("cut", datetime.fromisoformat(str(offer.values["start"])))
    talk.diary.add("cut", datetime.fromisoformat(str(offer.values["start"])), "paul")
    reply = talk.later(hours=20).say(Pick(offer.id))
    talk.say(Set("name", "", "Meier"), Set("phone", "", "+4915123456"))
    talk.say(Affirm())
    assert len([a for a in talk.booked if a.name]) <= 1
    assert reply.asks != ("", "")
