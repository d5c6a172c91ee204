"""Tickets: things that a person owes the customer, or the business has to do, beside the talk. Pure.

A ticket is recorded with the turn (`ticket.opened`); the records make a row of it. The conversation remembers what it
promised, so that nothing is promised twice and a colleague finds it on the card.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from runtime.core.card import summary
from runtime.core.changing import replace
from runtime.core.conversation import Conversation, Frame, Promise, fingerprint, saying
from runtime.core.effects import Effect, Record
from runtime.core.flows import TicketKind, TicketLine
from runtime.core.office import due_by
from runtime.core.values import Value, When

Step = tuple[Conversation, tuple[Effect, ...]]
Priority = Literal["low", "normal", "high", "urgent"]
PROMISES = 4
"""As many are remembered in the session; the records have them all."""
LONGEST_SUMMARY = 600


def open_ticket(
    conversation: Conversation,
    kind: TicketKind,
    reason: str,
    now: datetime,
    *,
    text: str = "",
    due_at: datetime | None = None,
    priority: Priority = "normal",
) -> Step:
    """A ticket for the people behind the desk. The same kind and reason twice in one turn is one ticket.

    `text` is what it is about, in place of the summary of the talk. `due_at` is what the customer was promised.
    """
    ticket = fingerprint(
        conversation.tenant, conversation.id, conversation.session, conversation.turn, kind, reason, text
    )
    if any(promise.ticket == ticket for promise in conversation.promises):
        return conversation, ()
    promises = (*conversation.promises, Promise(ticket, kind, now, due_at))[-PROMISES:]
    facts: dict[str, Value] = {
        "ticket": ticket,
        "kind": kind,
        "reason": reason,
        "priority": priority,
        "summary": (text or summary(conversation))[:LONGEST_SUMMARY],
        "opened_at": now.isoformat(),
    }
    if due_at is not None:
        facts["due_at"] = due_at.isoformat()
    return replace(conversation, promises=promises), (Record("ticket.opened", facts),)


def ticket_of_line(conversation: Conversation, frame: Frame, line: TicketLine, now: datetime) -> Step:
    """What a flow's `ticket:` line does: the ticket, and the promise said aloud."""
    due: datetime | None = None
    if conversation.desk is not None:
        wish = next((f.value for f in frame.slots.values() if isinstance(f.value, When)), None)
        due = due_by(conversation.desk.business, now, wish)
    conversation, effects = open_ticket(conversation, line.kind, line.reason, now, due_at=due)
    values: dict[str, Value] = {name: filled.value for name, filled in frame.slots.items()}
    if due is not None:
        values["due"] = due.isoformat()
    return saying(conversation, "answer", f"ticket.{line.kind}", **values), effects


def promised(conversation: Conversation, kind: TicketKind, since: datetime) -> Promise | None:
    """The newest promise of this kind that is not older than `since`."""
    found = [promise for promise in conversation.promises if promise.kind == kind and promise.at >= since]
    return found[-1] if found else None
