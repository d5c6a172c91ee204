"""A yes or a no to something beside the task: finishing quickly before leaving, passing a question on. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from runtime.core.changing import replace
from runtime.core.consent import consent_record, given
from runtime.core.conversation import Ask, Conversation, asking, drafted, on_top, saying
from runtime.core.effects import Effect
from runtime.core.handoff import open_handoff
from runtime.core.joining import WAITING_LIST, joined
from runtime.core.opening import opens_next
from runtime.core.tickets import open_ticket

Step = tuple[Conversation, tuple[Effect, ...]]
LEAVING, PASS_ON = "leaving", "pass_on"
REPLY_HOURS = 24
"""Within so many hours a colleague answers, unless the business is closed then."""


def leaving(conversation: Conversation) -> Conversation:
    """A goodbye with something open: named once; whoever says it again, or no, is let go and finds it later (H7)."""
    frame = conversation.top
    if frame is None:
        return saying(conversation, "answer", "smalltalk.bye")
    if frame.held:
        return _let_go(conversation)
    return asking(on_top(conversation, replace(frame, held=True)), Ask("agree", LEAVING))


def _let_go(conversation: Conversation) -> Conversation:
    """Nothing is asked any more; what is open stays for its flow's life."""
    conversation = saying(replace(conversation, question=None), "answer", "smalltalk.bye")
    return drafted(conversation, ask=None, hold=True)


def no_answer(conversation: Conversation, question: str) -> Conversation:
    """We do not know: said so, and where no other question stands, asked whether to pass it on (P7)."""
    if conversation.stack or conversation.draft.ask or conversation.phase != "bot":
        return saying(conversation, "answer", "no_answer")
    conversation = replace(saying(conversation, "answer", "no_answer.alone"), sentence=question)
    return asking(conversation, Ask("agree", PASS_ON))


def agreed(conversation: Conversation, slot: str, *, yes: bool, now: datetime) -> Step:
    """The answer to one of these questions."""
    conversation = replace(conversation, question=None)
    if slot in ("reminder", "memory"):
        return _consented(conversation, slot, yes=yes)
    if slot == "person" and yes:
        return open_handoff(conversation, "complaint", now)
    if slot == LEAVING:
        return (conversation if yes else _let_go(conversation)), ()
    if slot == WAITING_LIST:
        return (joined(conversation, now), ()) if yes else open_handoff(conversation, "no_offer", now)
    if not yes:
        return saying(conversation, "answer", "ok"), ()
    return _passed_on(conversation, now)


def _consented(conversation: Conversation, kind: str, *, yes: bool) -> Step:
    """A yes or no about messages or memory, kept with its words (N3, N6)."""
    record = consent_record(conversation, kind, given=yes)
    conversation = given(conversation, kind, yes)
    return saying(conversation, "answer", f"consent.{kind}" if yes else "ok"), (record,)


def reply_by(conversation: Conversation, now: datetime, hours: int = REPLY_HOURS) -> datetime:
    """Until when a colleague answers: so many hours from now, or when somebody is in again after that."""
    due = now + timedelta(hours=hours)
    opens = opens_next(conversation.desk.business, due) if conversation.desk else None
    return (opens or due).astimezone(now.tzinfo)


def _passed_on(conversation: Conversation, now: datetime) -> Step:
    """A colleague gets the question as a ticket; the customer hears until when it is answered."""
    due = reply_by(conversation, now)
    text, conversation = conversation.sentence, replace(conversation, sentence="")
    conversation, effects = open_ticket(conversation, "question", "no_answer", now, text=text, due_at=due)
    return saying(conversation, "answer", "passed_on", by=due.isoformat()), effects
