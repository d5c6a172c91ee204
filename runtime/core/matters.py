"""Matters that people settle: a fixed sentence of the business, a ticket with a time, or both (H4, H13). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from runtime.core.agreeing import reply_by
from runtime.core.business import Matter
from runtime.core.conversation import Conversation, saying
from runtime.core.effects import Effect
from runtime.core.tickets import open_ticket
from runtime.core.values import Value

Step = tuple[Conversation, tuple[Effect, ...]]
TOPIC = "matter:"
"""Begins the topic of a question that is about one of these."""


def settled_by_people(conversation: Conversation, question: str, topic: str, now: datetime) -> Step:
    """What the business wants said about this matter, word for word, and a ticket where somebody takes it up."""
    matter = _matter(conversation, topic.removeprefix(TOPIC))
    if matter is None:
        return conversation, ()
    told = _in_language(matter.say, conversation.language)
    if told:
        conversation = saying(conversation, "answer", "known_answer", text=told)
    if not matter.ticket:
        return conversation, ()
    due = reply_by(conversation, now, matter.within_h)
    conversation, effects = open_ticket(conversation, "request", matter.id, now, text=question, due_at=due)
    values: dict[str, Value] = {"by": due.isoformat()}
    who = _in_language(matter.who, conversation.language)
    return saying(conversation, "answer", "matter", **values, **({"who": who} if who else {})), effects


def _matter(conversation: Conversation, name: str) -> Matter | None:
    matters = conversation.desk.business.matters if conversation.desk else ()
    return next((matter for matter in matters if matter.id == name), None)


def _in_language(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")
