"""What words, buttons and outcomes mean while a person is asked for (queued) or has the conversation (owned). Pure."""

from __future__ import annotations

from runtime.core.alarms import consented, numbers_of
from runtime.core.commands import Back, Cancel, Deny, Handoff, Undo
from runtime.core.conversation import Conversation, drafted, first_words, saying, texts_of
from runtime.core.effects import Effect, Record, Understand
from runtime.core.events import Acted, Parked, Pressed, Said, Understood
from runtime.core.expecting import expectation
from runtime.core.guard import guard
from runtime.core.handoff import called_off, noted_for_people
from runtime.core.lines import advance, landed

Step = tuple[Conversation, tuple[Effect, ...]]


def queued_said(conversation: Conversation, event: Said) -> Step:
    conversation = drafted(conversation, said=first_words(event.messages), spoken=True)
    alarm = guard(conversation, texts_of(event.messages))
    if alarm and alarm != "suspended":
        conversation = consented(conversation, alarm)
        conversation = saying(conversation, "notice", f"guard.{alarm}", **numbers_of(conversation))
        return conversation, (Record("alert", {"kind": alarm}),)
    texts = texts_of(event.messages)
    if not texts:
        return noted_for_people(conversation), ()
    return conversation, (Understand(texts, expectation(conversation, event)),)


def queued_understood(conversation: Conversation, event: Understood) -> Step:
    """While waiting only two things count: calling it off, and asking again for what is under way."""
    if any(isinstance(c, Undo | Back | Deny) or (isinstance(c, Cancel) and not c.ambiguous) for c in event.commands):
        conversation, effects = called_off(conversation)
        conversation, more = advance(conversation, event.now)
        return conversation, effects + more
    if any(isinstance(c, Handoff) for c in event.commands):
        return saying(conversation, "notice", "handoff.waiting"), ()
    return noted_for_people(conversation), ()


def queued_pressed(conversation: Conversation, event: Pressed) -> Step:
    conversation = drafted(conversation, spoken=True, said=event.payload)
    if not event.payload.startswith("stay|"):
        return noted_for_people(conversation), ()
    conversation, effects = called_off(conversation)
    conversation, more = advance(conversation, event.now)
    return conversation, effects + more


def owned_said(conversation: Conversation, event: Said) -> Step:
    """The bot is silent; the operators see the words, and dangerous ones raise an alert."""
    said = first_words(event.messages)
    conversation = drafted(conversation, said=said, spoken=True, silent=True)
    alarm = guard(conversation, texts_of(event.messages))
    if alarm is None:
        return conversation, ()
    return consented(conversation, alarm), (Record("alert", {"kind": alarm}),)


def owned_pressed(conversation: Conversation, event: Pressed) -> Step:
    return drafted(conversation, said=event.payload, spoken=True, silent=True), ()


def late_outcome(conversation: Conversation, event: Acted) -> Step:
    """A late outcome becomes a note for the operator; the customer hears it from them (K17)."""
    facts = {"operator": conversation.owner, "text": f"{event.outcome.kind}: {event.outcome.name}", "key": event.key}
    return landed(conversation, event), (Record("note", facts),)


def lost_for_the_bot(conversation: Conversation, event: Parked) -> Step:
    """An event killed its turn while a person is asked for or has it: they are told, the bot has nothing to add."""
    alert = Record("alert", {"kind": "parked", "event": event.event_id})
    conversation = drafted(conversation, spoken=True, silent=conversation.phase == "owned")
    return (conversation if conversation.phase == "owned" else noted_for_people(conversation)), (alert,)
