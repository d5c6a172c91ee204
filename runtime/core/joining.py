"""The waiting list: a booking that finds nothing becomes a wish that waits. Pure."""

from __future__ import annotations

from datetime import datetime

from runtime.core.changing import replace
from runtime.core.conversation import Conversation, on_top
from runtime.core.lines import open_flow
from runtime.core.routing import BOOK

WAITING_LIST = "waiting_list"


def may_join(conversation: Conversation) -> bool:
    """Whether this business has a waiting list, and there is a booking that could go there."""
    desk, frame = conversation.desk, conversation.top
    if desk is None or frame is None or frame.flow != BOOK or WAITING_LIST not in desk.flows:
        return False
    return bool(desk.options.get(WAITING_LIST))


def joined(conversation: Conversation, now: datetime) -> Conversation:
    """The booking on top goes on as a wish on the waiting list, with all that was said for it."""
    frame = conversation.top
    flow = conversation.desk.flows.get(WAITING_LIST) if conversation.desk else None
    if frame is None or flow is None:
        return conversation
    slots = {name: filled for name, filled in frame.slots.items() if name in flow.slots}
    conversation = replace(conversation, stack=conversation.stack[:-1], question=None)
    opened = open_flow(conversation, WAITING_LIST, now)
    return on_top(opened, replace(opened.top, slots=slots)) if opened.top else opened
