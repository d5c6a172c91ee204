"""The clocks of a handoff: promise over, nobody came, a customer waits, a person went away. Pure.

A clock of an older handoff, or of a wait that is over, does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runtime.core.changing import replace
from runtime.core.consent import may_send
from runtime.core.conversation import Conversation, drafted, saying
from runtime.core.effects import Effect, Record, Send
from runtime.core.events import HandoffExpired, TimerFired
from runtime.core.handoff import (
    APP,
    AWAY_TIMER,
    CALLBACK,
    PROMISE_TIMER,
    SLA_TIMER,
    THREAD,
    TIMER,
    close,
    offering_callback,
    resumed,
)
from runtime.core.messages import Button, Say

Step = tuple[Conversation, tuple[Effect, ...]]


def expired(conversation: Conversation, event: TimerFired | HandoffExpired) -> Step:
    """Nobody came in time: the bot is back and says so, once, and offers a callback (K4)."""
    if conversation.phase != "queued" or conversation.handoff is None:
        return conversation, ()
    if conversation.handoff.generation != event.generation:
        return conversation, ()
    conversation, effects = close(conversation, "nobody")
    conversation = saying(conversation, "notice", "handoff.nobody")
    conversation = offering_callback(resumed(conversation), event.now)
    return conversation, (*effects, Record("alert", {"kind": "handoff.unclaimed"}))


def overdue(conversation: Conversation, event: TimerFired) -> Step:
    """The promised time is over: one notice, with a choice (K2)."""
    handoff = conversation.handoff
    if conversation.phase != "queued" or handoff is None or handoff.overdue or handoff.generation != event.generation:
        return conversation, ()
    conversation = replace(conversation, handoff=replace(handoff, overdue=True))
    buttons = (
        Button(Say("button.wait"), "wait||"),
        *((Button(Say("button.flow", {"flow": CALLBACK}), f"start||{CALLBACK}"),) if _can_call(conversation) else ()),
        Button(Say("button.stay"), "stay||"),
    )
    conversation = saying(conversation, "question", "ask.handoff.overdue")
    return drafted(conversation, buttons=buttons), (Record("alert", {"kind": "handoff.overdue"}),)


def _can_call(conversation: Conversation) -> bool:
    return conversation.desk is not None and CALLBACK in conversation.desk.flows


def unanswered(conversation: Conversation, event: TimerFired) -> Step:
    """A customer waits for the person who has the conversation: the others are told, once a wait (K7)."""
    handoff = conversation.handoff
    if (
        conversation.phase != "owned"
        or handoff is None
        or handoff.waiting_since is None
        or handoff.sla != event.generation
    ):
        return conversation, ()
    since = handoff.waiting_since.isoformat()
    alert = Record("alert", {"kind": "handoff.sla", "operator": conversation.owner, "since": since})
    told = conversation.desk is not None and conversation.desk.business.policies.sla_notice
    if not told or not may_send(conversation, "answer"):
        return conversation, (alert,)
    say = Say(_named("handoff.soon", conversation.owner), {"operator": conversation.owner})
    return conversation, (alert, Send("system", conversation.generation, (("notice", say),)))


def went_away(conversation: Conversation, event: TimerFired) -> Step:
    """The person did nothing for long: the bot is back, and says so only to somebody who waits."""
    handoff = conversation.handoff
    if conversation.phase != "owned" or (handoff and handoff.away not in (0, event.generation)):
        return conversation, ()
    operator, waits = conversation.owner, handoff is not None and handoff.waiting_since
    conversation, effects = close(conversation, "away")
    effects = (*effects, Record("alert", {"kind": "handoff.away", "operator": operator}))
    if not waits:
        return drafted(conversation, silent=True), effects
    conversation = saying(conversation, "notice", _named("handoff.away", operator), operator=operator)
    return offering_callback(resumed(conversation), event.now), effects


def _named(saying: str, operator: str) -> str:
    """Who writes past the desk is not known by name."""
    return f"{saying}.team" if operator.startswith((APP, THREAD)) else saying


CLOCKS: Mapping[str, Callable[[Conversation, TimerFired], Step]] = {
    TIMER: expired,
    PROMISE_TIMER: overdue,
    SLA_TIMER: unanswered,
    AWAY_TIMER: went_away,
}
