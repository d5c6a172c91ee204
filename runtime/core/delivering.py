"""What became of our own words: a question that nobody saw cannot be answered, and people hear of what failed. Pure."""

from __future__ import annotations

from runtime.core.changing import replace
from runtime.core.conversation import Conversation
from runtime.core.effects import Effect, Record
from runtime.core.events import Delivered

Step = tuple[Conversation, tuple[Effect, ...]]


def unseen(conversation: Conversation, question: str) -> Conversation:
    """A question that is known not to have arrived cannot be answered with a yes (law 5)."""
    asked = conversation.question
    if asked is None or not question or question != asked.id:
        return conversation
    return replace(conversation, question=replace(asked, failed=True))


def delivered(conversation: Conversation, event: Delivered) -> Step:
    """Only what failed changes anything: its question was never seen, and the operators are told (M15)."""
    if event.status != "failed":
        return conversation, ()
    facts = {"kind": "undelivered", "part": event.part, "code": event.code, "why": event.why}
    return unseen(conversation, event.question), (Record("alert", facts),)
