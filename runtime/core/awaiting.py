"""Waiting for the world: a payment, a document, somebody's answer; with a time after which it is too late. Pure.

A frame that waits holds nobody up: the customer may ask and do other things meanwhile. What happens late is told
beside the open question and never takes its place (P6).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from runtime.core.changing import replace
from runtime.core.conversation import Conversation, Frame, drafted, flow_of, saying
from runtime.core.effects import DropTimer, Effect, Record, SetTimer
from runtime.core.events import Happened, Outcome, TimerFired
from runtime.core.flows import WaitLine

Step = tuple[Conversation, tuple[Effect, ...]]
Walk = Callable[[Conversation, datetime], Step]
TIMER = "wait:"
_MARK = "event:"


def waits(frame: Frame | None) -> bool:
    """Whether a frame waits for the world, and not for an action of ours."""
    return frame is not None and frame.waiting.startswith(_MARK)


def is_late(frame: Frame, now: datetime) -> bool:
    """Whether a wait that was begun before is over."""
    return bool(frame.waits_until) and now >= datetime.fromtimestamp(frame.waits_until, UTC)


def begun(frame: Frame, line: WaitLine, now: datetime) -> tuple[Frame, tuple[Effect, ...]]:
    """The frame waiting; interrupted and come back to, it waits until the same time as before."""
    waiting = f"{_MARK}{line.what}"
    if frame.waits_until:
        return replace(frame, waiting=waiting), ()
    until = now + timedelta(seconds=line.until_s)
    generation = int(until.timestamp())
    return replace(frame, waiting=waiting, waits_until=generation), (SetTimer(TIMER + line.what, generation, until),)


def happened(conversation: Conversation, event: Happened, walk: Walk) -> Step:
    """What was waited for: the flow goes on, or, where the customer moved on, a word about it and no question."""
    place = _place(conversation, f"{_MARK}{event.what}")
    if place is None:
        return conversation, ()
    frame = conversation.stack[place]
    outcome = Outcome("done", "done", event.values)
    results = {**frame.results, event.what: outcome}
    on = replace(frame, at=frame.at + 1, waiting="", waits_until=0, results=results)
    stack = (*conversation.stack[:place], on, *conversation.stack[place + 1 :])
    conversation = replace(conversation, stack=stack)
    known = Record("happened", {"what": event.what, "flow": frame.flow})
    drop: tuple[Effect, ...] = (DropTimer(TIMER + event.what), known)
    if conversation.phase != "bot":
        facts = {"operator": conversation.owner, "text": f"{frame.flow}: {event.what}"}
        return conversation, (*drop, Record("note", facts))
    if place == len(stack) - 1:
        conversation, effects = walk(saying(conversation, "notice", f"happened.{event.what}"), event.now)
        return conversation, drop + effects
    return drafted(saying(conversation, "notice", "meanwhile", flow=frame.flow), hold=True), drop


def too_late(conversation: Conversation, event: TimerFired, walk: Walk) -> Step:
    """Nobody came in time: the flow on top goes its other way at once, one below when it is its turn again."""
    place = _place(conversation, f"{_MARK}{event.name.removeprefix(TIMER)}")
    if place is None or conversation.stack[place].waits_until != event.generation or conversation.phase != "bot":
        return conversation, ()
    frame = replace(conversation.stack[place], waiting="")
    conversation = replace(conversation, stack=(*conversation.stack[:place], frame, *conversation.stack[place + 1 :]))
    return walk(conversation, event.now) if place == len(conversation.stack) - 1 else (conversation, ())


def _place(conversation: Conversation, waiting: str) -> int | None:
    return next((n for n, frame in enumerate(conversation.stack) if frame.waiting == waiting), None)


def told_to_wait(conversation: Conversation) -> Conversation:
    """A turn in which a flow waits and nothing else was said is not silent."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None or conversation.draft.sayings or not conversation.draft.spoken:
        return conversation
    return saying(conversation, "answer", f"waiting.{frame.waiting.removeprefix(_MARK)}", flow=frame.flow)
