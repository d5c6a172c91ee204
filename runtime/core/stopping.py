"""Stopping a flow, and going on after all: "doch" within a quarter of an hour finds everything again (G1, G6). Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from runtime.core.calling import task_of
from runtime.core.changing import replace
from runtime.core.conversation import Conversation, Stopped, drafted, flow_of, saying
from runtime.core.corrections import refreshed
from runtime.core.facts import values_of
from runtime.core.revalidating import back_to_parked
from runtime.core.routing import takes_up_again

GO_ON_MINUTES = 15
"""So long a cancelled flow can be taken up again."""


def drop_top(conversation: Conversation, name: str, now: datetime) -> Conversation:
    """Stop the top flow, say that nothing was done; what waits below goes on."""
    at = task_of(conversation.stack)
    frame = conversation.stack[at] if conversation.stack else None
    flow = frame.flow if frame else ""
    stopped = Stopped(frame, now, conversation.turn) if frame else None
    conversation = replace(conversation, stack=conversation.stack[: max(at, 0)], question=None, stopped=stopped)
    conversation = drafted(conversation, ask=None, fresh=())
    return back_to_parked(saying(conversation, "answer", f"{name}.{flow}"))


def can_go_on(conversation: Conversation, now: datetime) -> bool:
    """Whether "doch" means the flow that was cancelled: at once, or a little later while nothing else runs."""
    stopped = conversation.stopped
    if stopped is None or now - stopped.at > timedelta(minutes=GO_ON_MINUTES):
        return False
    return takes_up_again(conversation)


def gone_on(conversation: Conversation) -> Conversation:
    """The cancelled flow where it was, with everything looked up anew."""
    stopped = conversation.stopped
    assert stopped is not None  # noqa: S101  # whoever calls has asked `can_go_on`
    conversation = replace(conversation, stopped=None, question=None)
    flow = flow_of(conversation, stopped.frame)
    if flow is None:
        return saying(conversation, "notice", "flow.withdrawn")
    frame = refreshed(replace(stopped.frame, waiting="", confirmed=""), flow)
    values = {**values_of(conversation, stopped.frame), "flow": frame.flow}
    conversation = replace(conversation, stack=(*conversation.stack, frame))
    return saying(conversation, "acknowledgement", "flow.gone_on", **values)
