"""Situation K13: a person has the desk book or cancel."""

from __future__ import annotations

from runtime.core.commands import Affirm
from runtime.core.events import OperatorAsked
from tests.core.talk import BOOK, Reply, Talk
from tests.core.test_people import owned

WANTED = {
    "service": "cut",
    "start": "2026-11-24T16:00:00+01:00",
    "staff": "anna",
    "name": "Meier",
    "phone": "+4915123456",
}


def ask(talk: Talk, what: str = "book", operator: str = "Linde", **arguments: str) -> Reply:
    return talk.happen(OperatorAsked(operator, what, talk.now, arguments))


def test_k13_booked_in_the_operators_name_and_the_customer_told_once() -> None:
    talk = owned()
    reply = ask(talk, **WANTED)
    (act,) = reply.writes
    assert act.action == "booking.book" and act.key.startswith(f"{talk.conversation.tenant}/")
    (record,) = reply.recorded("action")
    assert (record.facts["actor"], record.facts["outcome"], record.facts["key"]) == ("Linde", "done", act.key)
    (send,) = reply.sends
    assert send.author == "system" and "Linde hat gebucht: Haarschnitt, Dienstag, 24. November, 16 Uhr." in reply.text
    assert talk.conversation.phase == "owned" and len(talk.booked) == 1


def test_k13_given_back_the_flow_does_not_ask_for_it_again() -> None:
    talk = owned("confirm")
    ask(talk, **WANTED)
    assert all(frame.flow != BOOK for frame in talk.conversation.stack)
    assert not talk.release("resume").writes and not talk.say(Affirm()).writes


def test_k13_what_is_known_need_not_be_said_again() -> None:
    talk = owned("confirm")
    (act,) = ask(talk, start="2026-11-24T16:00:00+01:00", staff="anna").writes
    assert (act.arguments["service"], act.arguments["name"]) == ("cut", "Meier")


def test_k13_cancelled_is_what_was_booked() -> None:
    talk = owned()
    ask(talk, **WANTED)
    reply = ask(talk, "cancel")
    assert [act.action for act in reply.writes] == ["booking.cancel"] and not talk.booked
    assert "Linde hat den Termin abgesagt" in reply.text


def test_k13_a_time_that_is_taken_is_refused_and_the_customer_hears_nothing() -> None:
    talk = owned()
    for staff in ("anna", "paul"):
        talk.diary.add("cut", talk.now.replace(day=24, hour=15), staff)
    reply = ask(talk, **WANTED)
    assert reply.recorded("act.refused")[0].facts["why"] == "taken" and not reply.sends


def test_k13_only_whoever_has_the_conversation() -> None:
    talk = owned()
    for reply in (ask(talk, operator="Petri", **WANTED), ask(Talk(), **WANTED)):
        assert reply.recorded("act.refused")[0].facts["why"] == "not_yours" and not reply.writes
