"""Answers that quote a message of ours: they mean what that message asked, and only if it still stands (A8). Pure."""

from __future__ import annotations

from runtime.core.commands import Affirm, Command, Deny, Pick, Unclear
from runtime.core.conversation import Conversation, drafted, saying
from runtime.core.events import Message

NOT_KNOWN = "?"
"""What is quoted asked nothing that is still remembered: an answer of ours, or words of the customer."""
_ANSWERS = (Affirm, Deny, Pick, Unclear)


def quoted_in(conversation: Conversation, messages: tuple[Message, ...]) -> str:
    """The older question of ours that a burst answers by quoting it; empty for none, and for the open one."""
    quoted = next((m.quotes for m in reversed(messages) if m.quotes), "")
    question = conversation.question
    return "" if question and quoted in (question.id, *question.before) else quoted


def still_standing(
    conversation: Conversation, commands: tuple[Command, ...]
) -> tuple[Conversation, tuple[Command, ...]]:
    """What an answer to an older question leaves: wishes and questions count, a yes, a no and a choice do not."""
    quoted = conversation.draft.quotes
    answers = [command for command in commands if isinstance(command, _ANSWERS)]
    if quoted in ("", NOT_KNOWN) or not answers:
        return conversation, commands
    done = conversation.done
    if done is not None and done.question == quoted:
        conversation = saying(conversation, "answer", f"already.{done.flow}", **done.values)
    else:
        conversation = saying(conversation, "notice", "quote.gone")
    return drafted(conversation, missed=False), tuple(c for c in commands if not isinstance(c, _ANSWERS))
