"""What was named while nothing ran: "Was kostet das Färben?", and then "gut, dann am Freitag um 10". Pure."""

from __future__ import annotations

from runtime.core.changing import replace
from runtime.core.commands import Set
from runtime.core.conversation import Conversation, Filled, flow_of
from runtime.core.corrections import LONGEST_WORDS, set_slot

TURNS = 4
"""So many turns later it is still what "das" means."""


def mention(conversation: Conversation, command: Set) -> Conversation:
    """Keep a value that was named when no flow was there to take it."""
    filled = Filled(command.value, command.words[:LONGEST_WORDS], conversation.turn + 1)
    return replace(conversation, mentioned={**conversation.mentioned, command.slot: filled})


def mentioned(conversation: Conversation, slot: str) -> Filled | None:
    """What was named lately for this slot."""
    filled = conversation.mentioned.get(slot)
    return filled if filled is not None and conversation.turn - filled.turn < TURNS else None


def with_mentions(conversation: Conversation) -> Conversation:
    """A flow that was just opened, with the choices that the talk was about."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None:
        return conversation
    for name, slot in flow.slots.items():
        filled = mentioned(conversation, name)
        if slot.type == "choice" and not slot.optional and filled is not None:
            conversation = set_slot(conversation, name, filled.value, filled.words)
    return replace(conversation, mentioned={})
