"""Situations K7, K9, K14, K15, F9: a person has the conversation; what they see; the ways back."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from typing import Any

import pytest

from runtime.core.commands import Affirm, Handoff, Set, Start
from runtime.core.effects import DropTimer, SetTimer
from runtime.core.events import OperatorJoined, OperatorSaid
from runtime.core.handoff import AWAY_TIMER, SLA_TIMER
from tests.core.desk import business
from tests.core.talk import BOOK, MOVE, TUESDAY, Reply, Talk, at, wish
from tests.core.test_people import owned, queued


def clock(reply: Reply, name: str) -> SetTimer:
    (found,) = (t for t in reply.timers if isinstance(t, SetTimer) and t.name == name)
    return found


def away(talk: Talk) -> int:
    """The number of the clock that takes it back."""
    assert talk.conversation.handoff is not None
    return talk.conversation.handoff.away


def with_policies(**policies: Any) -> Talk:
    talk = Talk()
    own = dataclasses.replace(business(), policies=dataclasses.replace(business().policies, **policies))
    talk.change_desk(own)
    talk.say(Handoff())
    talk.claim()
    return talk


# ---- K7


def test_k7_a_customer_who_waits_is_one_alert_and_no_word_of_the_bot() -> None:
    talk = owned()
    reply = talk.hear("Sind Sie noch da?")
    sla = clock(reply, SLA_TIMER)
    assert sla.at == talk.now + timedelta(minutes=5) and not reply.sends
    assert not [t for t in talk.later(minutes=1).hear("Hallo?").timers if t.name == SLA_TIMER], "the first words count"
    reply = talk.later(minutes=4).fire(sla.name, sla.generation)
    assert [r.facts["kind"] for r in reply.recorded("alert")] == ["handoff.sla"] and not reply.sends
    assert reply.recorded("alert")[0].facts["operator"] == "Linde"


def test_k7_an_answer_stops_the_clock_and_the_next_words_start_another() -> None:
    talk = owned()
    old = clock(talk.hear("Sind Sie noch da?"), SLA_TIMER)
    answered = talk.happen(OperatorSaid("Linde", "Ja.", "o1", talk.now))
    assert DropTimer(SLA_TIMER) in answered.timers
    assert not talk.fire(old.name, old.generation).records
    new = clock(talk.hear("Und jetzt?"), SLA_TIMER)
    assert new.generation != old.generation
    assert not talk.fire(old.name, old.generation).records
    assert talk.fire(new.name, new.generation).recorded("alert")


def test_k7_a_tenant_may_have_the_customer_told() -> None:
    talk = with_policies(sla_min=2, sla_notice=True)
    sla = clock(talk.hear("Sind Sie noch da?"), SLA_TIMER)
    assert sla.at == talk.now + timedelta(minutes=2)
    (send,) = talk.fire(sla.name, sla.generation).sends
    assert send.author == "system" and "Linde ist gleich zurück." in talk.replies[-1].text


# ---- a person goes away


def test_a_person_who_goes_away_leaves_no_customer_waiting() -> None:
    talk = owned()
    talk.hear("Geht auch 16 Uhr?")
    reply = talk.later(hours=12).fire(AWAY_TIMER, away(talk))
    assert talk.conversation.phase == "bot" and reply.recorded("handoff.closed")[0].facts["how"] == "away"
    assert reply.names == ["handoff.away", "ask.callback_offer"]
    assert [r.facts["kind"] for r in reply.recorded("alert")] == ["handoff.away"]


def test_a_person_who_goes_away_after_all_was_said_is_not_missed_aloud() -> None:
    talk = owned()
    talk.hear("Danke")
    talk.happen(OperatorSaid("Linde", "Gern.", "o1", talk.now))
    reply = talk.later(hours=12).fire(AWAY_TIMER, away(talk))
    assert talk.conversation.phase == "bot" and not reply.sends
    assert talk.say(Set("name", "", "Meier")).question is not None


def test_how_long_a_person_may_be_away_is_the_tenants_choice() -> None:
    talk = with_policies(away_min=30)
    said = talk.happen(OperatorSaid("Linde", "Moment", "o1", talk.now))
    assert clock(said, AWAY_TIMER).at == talk.now + timedelta(minutes=30)
    never = with_policies(away_min=0)
    assert not never.happen(OperatorSaid("Linde", "Moment", "o1", never.now)).timers


# ---- K14


@pytest.mark.parametrize("words", ["danke, das war's", "Vielen Dank!", "Tschüss", "Thanks, that's all"])
def test_k14_thanks_are_a_hint_and_no_more(words: str) -> None:
    talk = owned()
    reply = talk.hear(words)
    assert talk.conversation.phase == "owned" and not reply.sends
    assert bool(reply.recorded("note")) == (words != "Vielen Dank!")


@pytest.mark.parametrize("how", ["/end", "/Ende", "button"])
def test_k14_the_customer_ends_it_in_so_many_words(how: str) -> None:
    talk = owned()
    reply = talk.press("Gespräch beenden") if how == "button" else talk.hear(how)
    assert talk.conversation.phase == "bot" and reply.names[0] == "handoff.ended"
    assert reply.asks == ("slot", "name"), "the flow goes on where it was"
    assert reply.recorded("handoff.closed")[0].facts["how"] == "customer"
    refused = talk.happen(OperatorSaid("Linde", "Noch da?", "o9", talk.now))
    assert refused.recorded("reply.refused") and not refused.sends


# ---- K15


def test_k15_three_re_opens_are_one_line_for_the_customer_and_one_handoff() -> None:
    talk = Talk()
    talk.say(Handoff())
    lines = [*talk.claim().names]
    for _ in range(3):
        lines += talk.release("resume").names
        reply = talk.claim(takeover=True)
        lines += reply.names
        assert not reply.recorded("handoff.opened") and reply.recorded("handoff.claimed")[0].facts["again"]
        assert talk.conversation.phase == "owned"
    assert lines.count("handoff.joined") == 1 and len(lines) <= 3  # who is there; once: the desk is back, and its menu
    assert talk.conversation.handoff is not None and talk.conversation.handoff.reopened == 3


def test_k15_after_a_day_it_is_another_handoff() -> None:
    talk = owned()
    talk.release("close")
    talk.later(hours=25)
    reply = talk.claim(takeover=True)
    assert reply.recorded("handoff.opened") and reply.names == ["handoff.joined"]


def test_k15_reassigned_the_customer_hears_nothing_and_the_new_one_owns_it() -> None:
    talk = owned()
    reply = talk.happen(OperatorJoined("Petri", talk.now, reassign=True))
    assert talk.conversation.owner == "Petri" and not reply.sends and not reply.recorded("handoff.opened")
    assert talk.happen(OperatorSaid("Linde", "Ich", "o1", talk.now)).recorded("reply.refused")
    assert talk.happen(OperatorSaid("Petri", "Ich", "o2", talk.now)).sends
    assert Talk().happen(OperatorJoined("Petri", talk.now, reassign=True)).recorded("handoff.refused")


# ---- F9: the card


def card_of(reply: Reply) -> Any:
    return json.loads(str(reply.recorded("handoff.opened")[0].facts["card"]))


def test_f9_the_card_tells_where_the_flow_stands_and_what_lies_below() -> None:
    talk = Talk()
    for day in (25, 26):
        talk.diary.add("cut", talk.now.replace(day=day))
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 15)))
    talk.say(Start(MOVE))
    card = card_of(talk.say(Handoff(), text="Kann ich mit jemandem sprechen?"))
    assert card["reason"] == "asked" and card["since"] == talk.now.isoformat() and card["language"] == "de"
    (below,) = card["below"]
    assert below["flow"] == BOOK and below["slots"]["service"] == "cut"
    assert card["flow"] == MOVE and card["line"] == "choose appointment"
    assert card["last_words"][-1] == "Kann ich mit jemandem sprechen?" and card["promises"] == []


def test_f9_the_card_names_the_line_and_the_appointment() -> None:
    talk = Talk()
    talk.to_confirm()
    assert card_of(talk.say(Handoff()))["line"] == "confirm"
    done = Talk()
    done.to_confirm()
    done.say(Affirm())
    card = card_of(done.say(Handoff()))
    assert card["appointment"]["service"] == "cut" and card["appointment"]["id"] and card["flow"] == ""
    assert card["contact"] == {"name": "Meier", "phone": "+4915123456"}


def test_f9_nothing_sensitive_stands_on_the_card() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 15)))
    flow = talk.desk.flow(talk.conversation.stack[-1].hash)
    assert flow is not None
    secret = dataclasses.replace(
        flow, slots={**flow.slots, "name": dataclasses.replace(flow.slots["name"], sensitive=True)}
    )
    talk.desk = dataclasses.replace(talk.desk, pinned={**talk.desk.pinned, flow.hash: secret})
    talk.conversation = dataclasses.replace(talk.conversation, desk=talk.desk)
    talk.say(Set("name", "Rumpelstilz", "Rumpelstilz"), text="Ich heiße Rumpelstilz")
    reply = talk.say(Handoff(), text="Rumpelstilz will einen Menschen")
    assert "Rumpelstilz" not in str(reply.recorded("handoff.opened")[0].facts)


def test_f9_the_card_holds_what_was_promised() -> None:
    talk = queued()
    talk.say(Start("callback"))
    talk.say(Set("phone", "", "+4915123456"))
    talk.say(Set("call_time", "", at(TUESDAY, 15)))
    card = card_of(talk.say(Handoff()))
    assert [p["kind"] for p in card["promises"]] == ["callback"] and card["promises"][0]["due_at"]
