"""What must be the same of two conversations that went the same way at different moments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runtime.core.conversation import Conversation, Frame


def essence(conversation: Conversation) -> Mapping[str, Any]:
    """A conversation's end, without ids and moments."""
    question, done = conversation.question, conversation.done
    return {
        "turn": conversation.turn,
        "phase": conversation.phase,
        "language": conversation.language,
        "facts": dict(conversation.facts),
        "open flows": [_frame(frame) for frame in conversation.stack],
        "open question": (question.kind, question.slot) if question else None,
        "last thing done": (done.action, done.flow) if done else None,
        "waiting wishes": [todo.flow for todo in conversation.todo],
    }


def _frame(frame: Frame) -> Mapping[str, Any]:
    return {"flow": frame.flow, "line": frame.at, "slots": {name: one.value for name, one in frame.slots.items()}}
