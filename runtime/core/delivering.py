"""What became of our own words: a question that nobody saw cannot be answered, and people hear of what failed. Pure."""

from __future__ import annotations

from runtime.core.changing import replace
from runtime.core.conversation import Conversation
from runtime.core.effects import Effect, Record
from runtime.core.events import ConnectionFailed, Delivered, Kept, WindowShut

Step = tuple[Conversation, tuple[Effect, ...]]


def unseen(conversation: Conversation, question: str) -> Conversation:
    """A question that is known not to have arrived cannot be answered with a yes (law 5)."""
    asked = conversation.question
    if asked is None or not question or question != asked.id:
        return conversation
    return replace(conversation, question=replace(asked, failed=True))


def kept(conversation: Conversation, event: Kept) -> Step:
    """Its question was not seen, and what the customer says next cannot answer it (M14)."""
    return unseen(conversation, event.question), (Record("part.kept", {"part": event.part}),)


def window_shut(conversation: Conversation, event: WindowShut) -> Step:
    """The way back for the customer is a template; where there is none, people must find another."""
    if event.template:
        return conversation, (Record("window.template", {"part": event.part, "template": event.template}),)
    return conversation, (Record("alert", {"kind": "window_shut", "part": event.part, "why": event.why}),)


def connection_failed(conversation: Conversation, event: ConnectionFailed) -> Step:
    """Nothing of the conversation's own, but somebody must hear of it."""
    facts = {"kind": f"connection.{event.why}", "connection": event.connection, "code": event.code}
    return conversation, (Record("alert", facts),)


def delivered(conversation: Conversation, event: Delivered) -> Step:
    """Only what failed changes anything: its question was never seen, and the operators are told (M15)."""
    if event.status != "failed":
        return conversation, ()
    facts = {"kind": "undelivered", "part": event.part, "code": event.code, "why": event.why}
    return unseen(conversation, event.question), (Record("alert", facts),)
