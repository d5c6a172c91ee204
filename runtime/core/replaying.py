"""A sentence that fitted two flows, read again for the one that was chosen: nothing of it is lost (H1). Pure."""

from __future__ import annotations

from datetime import datetime

from runtime.core.changing import replace
from runtime.core.commands import Command, Pick, Refine, Set
from runtime.core.conversation import Conversation, drafted
from runtime.core.effects import Effect, Understand
from runtime.core.events import Said
from runtime.core.expecting import expectation

Step = tuple[Conversation, tuple[Effect, ...]]


def replayed(conversation: Conversation, before: Conversation, now: datetime) -> Step | None:
    """The unclear sentence once more, when this turn chose what it was about; None when there is nothing to read."""
    question, top = before.question, conversation.top
    if question is None or question.kind != "clarify" or question.slot or not before.sentence or top is None:
        return None
    if top.flow not in question.flows or len(conversation.stack) <= len(before.stack):
        return None
    conversation = drafted(replace(conversation, sentence=""), replay=True)
    return conversation, (Understand((before.sentence,), expectation(conversation, Said((), now))),)


def values_only(conversation: Conversation, commands: tuple[Command, ...]) -> tuple[Command, ...]:
    """What a sentence read again may still say: values, but for those that the newer words have named."""
    kept = (c for c in commands if isinstance(c, Set | Pick | Refine))
    return tuple(c for c in kept if not (isinstance(c, Set) and c.slot in conversation.draft.fresh))
