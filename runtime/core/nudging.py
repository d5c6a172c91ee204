"""One nudge for a question left open: only for a time that was offered or a summary that waits for a yes (L1). Pure.

The timer dies by its generation, the second at which the question was asked: any later question has another one. In
our own chats nobody is nudged: whoever left the page would find it out of context, whoever is there sees the question.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from runtime.core.changing import replace
from runtime.core.consent import may_send
from runtime.core.conversation import Conversation, flow_of, on_top, saying
from runtime.core.corrections import refreshed
from runtime.core.effects import DropTimer, Effect, SetTimer
from runtime.core.events import TimerFired
from runtime.core.messages import OWN_CHATS
from runtime.core.opening import opens_next
from runtime.core.quiet import is_quiet

Step = tuple[Conversation, tuple[Effect, ...]]
Walk = Callable[[Conversation, datetime], Step]
TIMER = "nudge"
AFTER_MINUTES = 20
"""Before a confirm's half hour is over."""


def with_nudge(conversation: Conversation) -> Step:
    """The timer for the question that a reply ended with; the one before it is replaced or dropped."""
    question = conversation.question
    if question is None or not _worth(conversation):
        return (replace(conversation, nudge=0), (DropTimer(TIMER),)) if conversation.nudge else (conversation, ())
    generation = int(question.asked_at.timestamp())
    if generation == conversation.nudge:
        return conversation, ()
    timer = SetTimer(TIMER, generation, question.asked_at + timedelta(minutes=AFTER_MINUTES))
    return replace(conversation, nudge=generation), (timer,)


def _worth(conversation: Conversation) -> bool:
    question, frame = conversation.question, conversation.top
    if question is None or frame is None or frame.nudged or conversation.phase != "bot":
        return False
    if not may_send(conversation, "nudge"):
        return False
    return question.kind in ("offer", "confirm") and conversation.channel not in OWN_CHATS


def nudged(conversation: Conversation, event: TimerFired, walk: Walk) -> Step:
    """The open question once more, looked up anew; nothing when it is no longer the same or nobody is to be written."""
    if event.generation != conversation.nudge:
        return conversation, ()
    question, frame = conversation.question, conversation.top
    conversation = replace(conversation, nudge=0)
    flow = flow_of(conversation, frame) if frame else None
    same = question is not None and int(question.asked_at.timestamp()) == event.generation
    if frame is None or flow is None or not same or not _worth(conversation) or not _may(conversation, event.now):
        return conversation, ()
    conversation = on_top(conversation, replace(refreshed(frame, flow), nudged=True))
    return walk(saying(conversation, "notice", "nudge"), event.now)


def _may(conversation: Conversation, now: datetime) -> bool:
    """Inside opening hours, never in quiet ones."""
    if conversation.desk is None:
        return False
    business = conversation.desk.business
    return opens_next(business, now) is None and not is_quiet(now, business.timezone, business.policies.quiet)
