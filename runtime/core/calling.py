"""A flow that calls another one: values of the same name go down with it and come back up. Pure."""

from __future__ import annotations

from runtime.core.changing import replace
from runtime.core.conversation import Conversation, Filled, Frame, flow_of, on_top
from runtime.core.flows import Flow


def handed_down(conversation: Conversation, caller: Frame) -> Conversation:
    """The flow just opened on top, as one that was called, with what its caller knows."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None:
        return conversation
    slots = {n: f for n, f in caller.slots.items() if n in flow.slots}
    return on_top(conversation, replace(frame, slots=slots, called=True))


def handed_back(conversation: Conversation, called: Frame, *, done: bool) -> Conversation:
    """The caller on top again, with what the called flow found out; how it ended decides the line's reaction."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None:
        return conversation
    slots = {**frame.slots, **_common(flow, called)} if done else frame.slots
    return on_top(conversation, replace(frame, slots=slots, returned="done" if done else "aborted"))


def _common(flow: Flow, called: Frame) -> dict[str, Filled]:
    return {n: f for n, f in called.slots.items() if n in flow.slots}


def task_of(stack: tuple[Frame, ...]) -> int:
    """Where the task on top begins: the frame that nobody called."""
    at = len(stack) - 1
    while at > 0 and stack[at].called:
        at -= 1
    return at


def tasks(stack: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """The frames that customers asked for, without those that a flow called."""
    return tuple(frame for frame in stack if not frame.called)
