"""Tickets as the machine opens them."""

from __future__ import annotations

from datetime import timedelta

from runtime.core.commands import Set, Start
from runtime.core.effects import Record
from runtime.core.tickets import PROMISES, open_ticket, promised
from tests.core.talk import BOOK, Talk


def test_a_ticket_is_a_record_and_a_promise() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), text="Haarschnitt bitte")
    due = talk.now + timedelta(hours=2)
    conversation, (record,) = open_ticket(talk.conversation, "callback", "asked", talk.now, due_at=due, priority="high")
    assert isinstance(record, Record) and record.kind == "ticket.opened"
    assert record.facts["kind"] == "callback" and record.facts["priority"] == "high"
    assert record.facts["due_at"] == due.isoformat() and "cut" in str(record.facts["summary"])
    promise = promised(conversation, "callback", talk.now)
    assert promise is not None and promise.ticket == record.facts["ticket"] and promise.due_at == due
    assert promised(conversation, "question", talk.now) is None
    assert promised(conversation, "callback", talk.now + timedelta(seconds=1)) is None


def test_the_same_ticket_twice_in_a_turn_is_one() -> None:
    talk = Talk()
    conversation, first = open_ticket(talk.conversation, "question", "gap", talk.now, text="Parken?")
    again, none = open_ticket(conversation, "question", "gap", talk.now, text="Parken?")
    assert first and again == conversation and not none
    _, other = open_ticket(conversation, "question", "gap", talk.now, text="Hunde?")
    assert other


def test_the_session_remembers_a_few_promises_only() -> None:
    talk = Talk()
    conversation, ids = talk.conversation, set()
    for number in range(PROMISES + 3):
        conversation, (record,) = open_ticket(conversation, "request", "asked", talk.now, text=f"Wunsch {number}")
        assert isinstance(record, Record)
        ids.add(record.facts["ticket"])
    assert len(ids) == PROMISES + 3 and len(conversation.promises) == PROMISES
