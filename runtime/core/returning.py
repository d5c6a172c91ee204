"""A customer comes back: after minutes, hours, a day, or after the flow's life (situations A3 to A6). Pure."""

from __future__ import annotations

from datetime import datetime

from runtime.core.changing import replace
from runtime.core.commands import Affirm, Command, Smalltalk, Unclear
from runtime.core.conversation import Ask, Conversation, asking, drafted, flow_of, on_top, saying
from runtime.core.corrections import refreshed
from runtime.core.revalidating import without_fallen_options

HERE_S = 30 * 60
"""Within this the talk simply goes on."""


def arrived(conversation: Conversation, now: datetime) -> Conversation:
    """Note how long the customer was away, and drop flows whose life is over; contact facts stay."""
    if conversation.last_at is None:
        return drafted(conversation, spoken=True)
    away_s = (now - conversation.last_at).total_seconds()
    conversation = without_fallen_options(drafted(conversation, spoken=True, away_s=away_s))
    if away_s < HERE_S or not conversation.stack:
        return conversation
    living = tuple(frame for frame in conversation.stack if away_s < _life_s(conversation, frame.hash))
    if len(living) == len(conversation.stack):
        return conversation
    conversation = replace(conversation, stack=living, question=None, todo=())
    return saying(conversation, "notice", "flow.expired")


def _life_s(conversation: Conversation, content_hash: str) -> float:
    flow = conversation.desk.flow(content_hash) if conversation.desk else None
    return float(flow.timeout_s) if flow else 7 * 86400.0


def was_away(conversation: Conversation) -> bool:
    """Whether the customer comes back to an open flow after more than half an hour."""
    return conversation.draft.away_s - _asked_later_s(conversation) >= HERE_S and bool(conversation.stack)


def _asked_later_s(conversation: Conversation) -> float:
    """How long after their last words we asked by ourselves: who answers a nudge has not been away (L1)."""
    question, last_at = conversation.question, conversation.last_at
    return max(0.0, (question.asked_at - last_at).total_seconds()) if question and last_at else 0.0


def picked_up(conversation: Conversation, commands: tuple[Command, ...]) -> Conversation | None:
    """What coming back with no new content does: a neutral word asks whether to go on; None means business as usual."""
    question = conversation.question
    neutral = all(isinstance(c, Smalltalk | Unclear) for c in commands)
    bare_yes = all(isinstance(c, Affirm) for c in commands) and question is not None and question.kind != "confirm"
    if neutral or bare_yes:
        conversation = looked_up_anew(conversation, conversation)
        return conversation if bare_yes else asking(conversation, Ask("resume"))
    return None


def looked_up_anew(conversation: Conversation, before: Conversation) -> Conversation:
    """Old offers are neither named nor taken before they were checked; a flow that began just now has none."""
    frame, was = conversation.top, before.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or was is None or flow is None or (frame.flow, frame.opened_at) != (was.flow, was.opened_at):
        return conversation
    return on_top(conversation, refreshed(frame, flow))
