"""A person takes over: queued, owned, returning, and the ways back. Pure.

Each change of hands raises the generation; delivery withholds bot parts of an older one (law 6).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from runtime.core.card import summary
from runtime.core.changing import replace
from runtime.core.conversation import Conversation, Handover, drafted, flow_of, on_top, saying
from runtime.core.corrections import refreshed
from runtime.core.effects import DropTimer, Effect, Record, Send, SetTimer
from runtime.core.events import HandoffExpired, OperatorJoined, OperatorNoted, OperatorReleased, OperatorSaid
from runtime.core.messages import Say
from runtime.core.opening import opens_next
from runtime.core.values import Value, When

Step = tuple[Conversation, tuple[Effect, ...]]
TIMER = "handoff"
WAIT_MINUTES = 30
"""How long a handoff waits for a person before the bot is back."""


def open_handoff(conversation: Conversation, reason: str, now: datetime) -> Step:
    """Queue the conversation for a person; one handoff at a time."""
    if conversation.phase in ("queued", "owned"):
        return conversation, ()
    generation = conversation.generation + 1
    conversation = replace(
        conversation,
        phase="queued",
        generation=generation,
        handoff=Handover(reason, generation, now),
        question=None,
    )
    conversation = saying(conversation, "notice", f"handoff.{_wording(reason)}", **_promise(conversation, now))
    conversation = drafted(conversation, ask=None)
    facts: dict[str, Value] = {"generation": generation, "reason": reason, "summary": summary(conversation)}
    timer = SetTimer(TIMER, generation, now + timedelta(minutes=WAIT_MINUTES))
    return conversation, (Record("handoff.opened", facts), timer)


def _promise(conversation: Conversation, now: datetime) -> dict[str, Value]:
    """What the customer may expect: minutes while somebody is in, else from when on; and the wish that is noted."""
    frame = conversation.top
    wish = next((f.value for f in frame.slots.values() if isinstance(f.value, When)), None) if frame else None
    promised: dict[str, Value] = {"wish": wish} if wish else {}
    if conversation.desk is None:
        return promised
    business = conversation.desk.business
    opens = opens_next(business, now)
    minutes: dict[str, Value] = {"minutes": business.policies.handoff_minutes}
    return {**promised, **({"opens": opens.isoformat()} if opens else minutes)}


def _wording(reason: str) -> str:
    """Which opening sentence fits: the customer asked, or we are the trouble."""
    plain = {
        "asked", "emergency", "distress", "refused", "not_understood", "no_offer", "outcome_unknown", "trouble",
        "calendar_down", "booking_failed",
    }  # fmt: skip
    return reason if reason in plain else "trouble"


def close(conversation: Conversation, how: str) -> Step:
    """The handoff is over and the bot has the conversation again."""
    generation = conversation.generation + 1
    conversation = replace(conversation, phase="bot", owner="", generation=generation, handoff=None, question=None)
    return conversation, (Record("handoff.closed", {"generation": generation, "how": how}), DropTimer(TIMER))


def joined(conversation: Conversation, event: OperatorJoined) -> Step:
    """A person claims: the first in the box wins, the other finds who."""
    allowed = conversation.phase == "queued" or (event.takeover and conversation.phase != "owned")
    if not allowed:
        facts = {"operator": event.operator, "owner": conversation.owner, "phase": conversation.phase}
        return conversation, (Record("handoff.refused", facts),)
    effects: tuple[Effect, ...] = ()
    if conversation.phase != "queued":
        conversation, effects = open_handoff(conversation, "takeover", event.now)
    generation = conversation.generation + 1
    conversation = replace(conversation, phase="owned", owner=event.operator, generation=generation, question=None)
    conversation = drafted(conversation, sayings=(), ask=None)
    notice = Send("system", generation, (("notice", Say("handoff.joined", {"operator": event.operator})),))
    claimed: dict[str, Value] = {"generation": generation, "operator": event.operator}
    return conversation, (*effects, Record("handoff.claimed", claimed), DropTimer(TIMER), notice)


def operator_said(conversation: Conversation, event: OperatorSaid) -> Step:
    """What the owner writes becomes a reply; anybody else's words are refused."""
    if conversation.phase != "owned" or conversation.owner != event.operator:
        facts = {"operator": event.operator, "owner": conversation.owner, "phase": conversation.phase}
        return conversation, (Record("reply.refused", facts),)
    return conversation, (Send("operator", conversation.generation, text=event.text),)


def noted(conversation: Conversation, event: OperatorNoted) -> Step:
    """A note for colleagues: recorded, never sent."""
    return conversation, (Record("note", {"operator": event.operator, "text": event.text}),)


def released(conversation: Conversation, event: OperatorReleased) -> Step:
    """The person gives it back: go on where the flow was, drop it, or close."""
    if conversation.phase != "owned" or conversation.owner not in (event.operator, ""):
        facts = {"operator": event.operator, "owner": conversation.owner, "phase": conversation.phase}
        return conversation, (Record("release.refused", facts),)
    operator = conversation.owner
    conversation, effects = close(conversation, event.how)
    if event.how in ("drop", "close"):
        conversation = replace(conversation, stack=(), todo=(), done=None)
    if event.how == "close":
        return conversation, effects
    conversation = saying(conversation, "notice", "handoff.back", operator=operator)
    return _resumed(conversation), effects


def _resumed(conversation: Conversation) -> Conversation:
    """The flow where it was, with everything looked up anew."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None:
        return drafted(conversation, spoken=True)
    return on_top(conversation, refreshed(frame, flow))


def called_off(conversation: Conversation) -> Step:
    """The customer would rather go on with the bot while waiting."""
    conversation, effects = close(conversation, "called_off")
    conversation = saying(conversation, "notice", "handoff.called_off")
    return _resumed(conversation), effects


def noted_for_people(conversation: Conversation) -> Conversation:
    """More words while waiting: noted once aloud, then silently."""
    handoff = conversation.handoff
    if handoff is None or handoff.acknowledged:
        return drafted(conversation, silent=True)
    conversation = replace(conversation, handoff=replace(handoff, acknowledged=True))
    return saying(conversation, "notice", "handoff.noted")


def expired(conversation: Conversation, event: HandoffExpired) -> Step:
    """Nobody came in time: the bot is back and says so, once."""
    if conversation.phase != "queued" or conversation.handoff is None:
        return conversation, ()
    if conversation.handoff.generation != event.generation:
        return conversation, ()
    conversation, effects = close(conversation, "nobody")
    conversation = saying(conversation, "notice", "handoff.nobody")
    return _resumed(conversation), (*effects, Record("alert", {"kind": "handoff.unclaimed"}))
