"""Situations K2 to K6: waiting for a person, nobody there, nobody free; callbacks."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from runtime.core.business import Opening
from runtime.core.commands import Affirm, Ask, Cancel, Deny, Handoff, Set, Skip, Start, Unclear, Wait
from runtime.core.effects import Record, SetTimer
from runtime.core.handoff import PROMISE_TIMER, TIMER
from runtime.core.values import When
from tests.core.desk import business
from tests.core.talk import BOOK, NOW, TUESDAY, Reply, Talk, at, wish
from tests.core.test_leaving import bring_to
from tests.core.test_people import queued

NIGHT = datetime(2026, 11, 20, 22, 0, tzinfo=ZoneInfo("Europe/Berlin"))
CALLBACK = "callback"


def ticket_of(reply: Reply) -> Record:
    (record,) = reply.recorded("ticket.opened")
    return record


def timer(reply: Reply, name: str) -> SetTimer:
    (found,) = (t for t in reply.timers if isinstance(t, SetTimer) and t.name == name)
    return found


# ---- K2


def test_k2_the_promised_time_over_there_is_one_notice_with_a_choice() -> None:
    talk = Talk()
    promise = timer(talk.say(Handoff()), PROMISE_TIMER)
    assert promise.at == talk.now + timedelta(minutes=2)
    reply = talk.later(minutes=2).fire(promise.name, promise.generation)
    assert reply.names == ["ask.handoff.overdue"] and talk.conversation.phase == "queued"
    assert [b.text for b in reply.buttons] == ["Ich warte", "Rückruf", "Doch mit dem Assistenten weiter"]
    assert [r.facts["kind"] for r in reply.recorded("alert")] == ["handoff.overdue"]
    assert not talk.fire(promise.name, promise.generation).sends, "once per promise"


@pytest.mark.parametrize("how", ["claimed", "called off", "handed over anew"])
def test_k2_an_old_promise_says_nothing(how: str) -> None:
    talk = Talk()
    promise = timer(talk.say(Handoff()), PROMISE_TIMER)
    if how == "claimed":
        talk.claim()
    else:
        talk.say(Cancel())
    if how == "handed over anew":
        talk.say(Handoff())
    assert not talk.fire(promise.name, promise.generation).sends


def overdue(place: str = "name") -> Talk:
    talk = queued(place)
    talk.fire(PROMISE_TIMER, talk.conversation.generation)
    return talk


def test_k2_to_wait_is_a_choice() -> None:
    talk = overdue()
    assert talk.press("Ich warte").names == ["handoff.stays"] and talk.conversation.phase == "queued"
    assert talk.say(Wait(), text="Ich warte").names == ["handoff.stays"] and talk.conversation.phase == "queued"


@pytest.mark.parametrize("by", ["button", "words"])
def test_k2_a_callback_is_a_choice(by: str) -> None:
    talk = overdue()
    reply = talk.press("Rückruf") if by == "button" else talk.say(Start(CALLBACK), text="Dann bitte ein Rückruf")
    assert talk.conversation.phase == "bot" and reply.asks == ("slot", "phone")
    assert reply.recorded("handoff.closed")[0].facts["how"] == "callback"
    talk.say(Set("phone", "", "+4915123456"))
    reply = talk.say(Set("call_time", "", When(clock=(at(TUESDAY, 15).clock))))
    assert ticket_of(reply).facts["kind"] == "callback"
    assert reply.asks == ("slot", "name"), "and the flow goes on"


def test_k2_to_go_on_with_the_bot_is_a_choice() -> None:
    talk = overdue()
    assert talk.press("Doch mit dem Assistenten weiter").asks == ("slot", "name")
    assert talk.conversation.phase == "bot"


# ---- K3


def test_k3_at_night_there_is_a_ticket_with_the_slots_and_the_bot_stays() -> None:
    talk = Talk(now=NIGHT)
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 15)))
    reply = talk.say(Handoff(), text="Ich möchte einen Menschen sprechen")
    assert talk.conversation.phase == "bot" and not reply.recorded("handoff.opened")
    facts = ticket_of(reply).facts
    assert facts["kind"] == "request" and "cut" in str(facts["summary"]) and "2026-11-24 15:00" in str(facts["summary"])
    assert facts["due_at"] == "2026-11-21T18:00:00+01:00"
    assert "Samstag, 21. November, 9 Uhr" in reply.text and "Minuten" not in reply.text
    assert reply.asks == ("clarify", "") and reply.text.count("?") == 1
    assert not reply.timers, "nobody is queued into the night"


def test_k3_the_callback_is_noted_and_the_flow_goes_on() -> None:
    talk = Talk(now=NIGHT)
    bring_to(talk, "name")
    talk.say(Handoff())
    assert talk.say(Affirm(), text="ja bitte").asks == ("slot", "phone")
    reply = talk.say(Set("phone", "", "+4915123456"))
    assert reply.asks == ("slot", "call_time")
    reply = talk.say(Set("call_time", "", When(days=(TUESDAY,))))
    facts = ticket_of(reply).facts
    assert facts["due_at"] == "2026-11-24T18:00:00+01:00" and "+4915123456" in str(facts["summary"])
    assert "Dienstag, 24. November, 18 Uhr" in reply.text and "…56" in reply.text
    assert reply.asks == ("slot", "name")


def test_k3_no_callback_wanted_the_bot_goes_on() -> None:
    talk = Talk(now=NIGHT)
    bring_to(talk, "name")
    talk.say(Handoff())
    assert talk.say(Deny()).asks == ("slot", "name")


def test_k3_asking_again_opens_no_second_ticket() -> None:
    talk = Talk(now=NIGHT)
    talk.say(Handoff())
    reply = talk.say(Handoff())
    assert not reply.recorded("ticket.opened") and "handoff.asked.closed" in reply.names


def test_k3_people_may_have_hours_of_their_own() -> None:
    policies = dataclasses.replace(
        business().policies, handoff_hours=(Opening(0, at(TUESDAY, 14).clock[0], at(TUESDAY, 16).clock[0]),)
    )
    talk = Talk()
    talk.change_desk(dataclasses.replace(business(), policies=policies))
    reply = talk.say(Handoff())
    assert talk.conversation.phase == "bot" and "Montag, 23. November, 14 Uhr" in reply.text


def test_k3_danger_waits_for_nobodys_hours() -> None:
    talk = Talk(now=NIGHT)
    talk.hear("Hilfe, er atmet nicht mehr!")
    assert talk.conversation.phase == "queued" and talk.conversation.handoff is not None


def test_k3_in_english() -> None:
    talk = Talk(now=NIGHT)
    reply = talk.say(Handoff(), language="en")
    assert "Someone is in again from Saturday 21 November, 9 am" in reply.text
    assert reply.text.endswith("Shall someone call you back?")


def test_k3_a_flow_that_cannot_go_on_does_not_ask_for_a_person_for_ever() -> None:
    talk = Talk(now=NIGHT)
    talk.say(Start(BOOK), Set("service", "", "cut"))
    talk.diary.business = dataclasses.replace(talk.diary.business, services=())  # every search fails now
    first = talk.say(wish(at(TUESDAY, 15)))
    assert "handoff.calendar_down.closed" in first.names and len(first.reads) == 1
    assert ticket_of(first).facts["reason"] == "calendar_down"
    again = talk.say(Deny())
    assert not again.recorded("ticket.opened")


# ---- K4


def test_k4_nobody_came_one_message_with_a_callback_offered_and_the_operators_are_told() -> None:
    talk = Talk()
    end = timer(talk.say(Handoff()), TIMER)
    assert end.at == talk.now + timedelta(minutes=30)
    reply = talk.later(minutes=30).fire(end.name, end.generation)
    assert talk.conversation.phase == "bot" and len(reply.sends) == 1
    assert reply.names == ["handoff.nobody", "ask.callback_offer"]
    assert [r.facts["kind"] for r in reply.recorded("alert")] == ["handoff.unclaimed"]
    assert [b.text for b in reply.buttons] == ["Rückruf"]
    assert talk.press("Rückruf").asks == ("slot", "phone")


def test_k4_a_handoff_does_not_wait_beyond_closing() -> None:
    talk = Talk(now=NOW.replace(hour=16, minute=50))
    assert timer(talk.say(Handoff()), TIMER).at == NOW.replace(hour=17)


def test_k4_how_long_is_the_tenants_choice() -> None:
    talk = Talk()
    policies = dataclasses.replace(business().policies, handoff_wait_min=5, handoff_minutes=10)
    talk.change_desk(dataclasses.replace(business(), policies=policies))
    (only,) = talk.say(Handoff()).timers
    assert isinstance(only, SetTimer) and only.at == talk.now + timedelta(minutes=5)


# ---- K6


def test_k6_a_fact_is_told_beside_the_queue() -> None:
    talk = queued()
    talk.answer = "Bar und mit Karte."
    reply = talk.say(Ask("Kann ich mit Karte zahlen?", "payment"))
    assert reply.names == ["known_answer"] and talk.conversation.phase == "queued"


def test_k6_what_we_do_not_know_is_noted_for_the_person() -> None:
    talk = queued()
    talk.answer = ""
    reply = talk.say(Ask("Haben Sie Parkplätze?", "parking"))
    assert reply.names == ["handoff.noted"] and reply.recorded("gap")
    assert not talk.say(Unclear()).sends


# ---- a callback without a handoff


def test_a_callback_asks_for_number_and_time_when_they_are_not_known() -> None:
    talk = Talk()
    assert talk.say(Start(CALLBACK), text="Können Sie mich zurückrufen?").asks == ("slot", "phone")
    assert talk.say(Set("phone", "", "+4915123456")).asks == ("slot", "call_time")
    reply = talk.say(Skip("unknown"))
    assert ticket_of(reply).facts["due_at"] == "2026-11-20T18:00:00+01:00"
    assert talk.conversation.facts["phone"] == "+4915123456" and not talk.conversation.stack
    known = Talk()
    known.conversation = dataclasses.replace(known.conversation, facts={"phone": "+4915123456"})
    assert known.say(Start(CALLBACK)).asks == ("slot", "call_time")


def test_a_callback_without_a_number_is_an_answer_in_the_chat() -> None:
    talk = Talk()
    talk.say(Start(CALLBACK))
    assert "why.phone" in talk.say(Skip("refused")).names
    talk.say(Skip("refused"))
    reply = talk.say(Skip("unknown"))
    assert "meldet sich hier" in reply.text and ticket_of(reply).facts["kind"] == "callback"
