"""A person takes over: queued, owned, returning, and the ways back. Pure.

Each change of hands raises the generation; delivery withholds bot parts of an older one (law 6).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from runtime.core.card import card_of, summary
from runtime.core.changing import replace
from runtime.core.conversation import Ask, Conversation, Ended, Handover, asking, drafted, flow_of, on_top, saying
from runtime.core.corrections import refreshed
from runtime.core.effects import DropTimer, Effect, Record, Send, SetTimer
from runtime.core.events import OperatorJoined, OperatorNoted, OperatorReleased, OperatorSaid, TimerFired
from runtime.core.flows import TicketKind
from runtime.core.messages import Button, Say
from runtime.core.office import closing, due_by, people_from
from runtime.core.tickets import open_ticket, promised
from runtime.core.values import Value, When

Step = tuple[Conversation, tuple[Effect, ...]]
TIMER = "handoff"
"""Nobody came: the bot is back."""
PROMISE_TIMER = "handoff.promise"
"""The promised time is over: one notice."""
SLA_TIMER = "handoff.sla"
"""The customer waits for the person who has the conversation: the others are told."""
AWAY_TIMER = "handoff.away"
"""The person went away: the bot is back."""
APP = "app:"
"""So begins the owner of a conversation who writes past the desk: in the phone's app or the page's inbox."""
THREAD = "thread:"
"""So begins an owner that is another app of the provider."""
TIMERS = (TIMER, PROMISE_TIMER, SLA_TIMER, AWAY_TIMER)
WAIT_MINUTES = 30
NOTED_HOURS = 12
"""For so long a wish that was noted for people is not noted again."""
REOPEN_HOURS = 24
"""A conversation that is taken up again within this is the same handoff."""
CALLBACK = "callback"
AT_ANY_HOUR = frozenset({"emergency", "distress", "threat", "takeover", "paused"})
"""These are queued, and the alert goes out, whatever the clock says."""
OUR_TROUBLE = frozenset(
    {"trouble", "stuck", "action_failed", "outcome_unknown", "calendar_down", "booking_failed", "not_understood"}
)


def open_handoff(conversation: Conversation, reason: str, now: datetime) -> Step:
    """Queue the conversation for a person; one handoff at a time. When nobody is there: a ticket, and the bot stays."""
    if conversation.phase in ("queued", "owned"):
        return conversation, ()
    business = conversation.desk.business if conversation.desk else None
    if business is not None and reason not in AT_ANY_HOUR and people_from(business, now):
        return nobody_in(conversation, reason, now)
    return queue(conversation, reason, now)


def queue(conversation: Conversation, reason: str, now: datetime) -> Step:
    """Whatever the hour: the conversation waits for a person."""
    generation = conversation.generation + 1
    card = card_of(conversation, reason, now)
    conversation = replace(
        conversation,
        phase="queued",
        generation=generation,
        handoff=Handover(reason, generation, now),
        ended=None,
        question=None,
    )
    conversation = saying(conversation, "notice", f"handoff.{_wording(reason)}", **_promise(conversation, now))
    conversation = drafted(conversation, ask=None)
    facts: dict[str, Value] = {"generation": generation, "reason": reason, "summary": summary(conversation)}
    return conversation, (Record("handoff.opened", {**facts, "card": card}), *_clocks(conversation, generation, now))


def _clocks(conversation: Conversation, generation: int, now: datetime) -> tuple[Effect, ...]:
    """One clock for what was promised, one for how long a handoff waits; nobody waits far into the night."""
    if conversation.desk is None:
        return (SetTimer(TIMER, generation, now + timedelta(minutes=WAIT_MINUTES)),)
    business = conversation.desk.business
    promised = now + timedelta(minutes=max(1, business.policies.handoff_minutes))
    end = now + timedelta(minutes=max(1, business.policies.handoff_wait_min))
    closes = closing(business, now)
    if closes is not None:
        end = min(end, max(closes, promised + timedelta(minutes=1)))
    timer = SetTimer(TIMER, generation, end)
    return (timer, SetTimer(PROMISE_TIMER, generation, promised)) if promised < end else (timer,)


def nobody_in(conversation: Conversation, reason: str, now: datetime) -> Step:
    """Nobody is there: say when, note it for the people, offer a callback; the bot stays useful (K3)."""
    conversation = drafted(replace(conversation, question=None), ask=None)
    conversation = saying(conversation, "notice", f"handoff.{_wording(reason)}.closed", **_promise(conversation, now))
    since = now - timedelta(hours=NOTED_HOURS)
    if promised(conversation, "request", since) or promised(conversation, "technical", since):
        return conversation, ()
    kind: TicketKind = "technical" if reason in OUR_TROUBLE else "request"
    due = due_by(conversation.desk.business, now) if conversation.desk else None
    conversation, effects = open_ticket(conversation, kind, reason, now, due_at=due)
    return offering_callback(conversation, now), effects


def offering_callback(conversation: Conversation, now: datetime) -> Conversation:
    """The reply's question: shall somebody call back? Not asked of who has that promise already."""
    known = conversation.desk is not None and CALLBACK in conversation.desk.flows
    under_way = any(frame.flow == CALLBACK for frame in conversation.stack)
    if not known or under_way or promised(conversation, "callback", now - timedelta(hours=NOTED_HOURS)):
        return conversation
    return asking(conversation, Ask("clarify", flows=(CALLBACK,), saying="ask.callback_offer"))


def _promise(conversation: Conversation, now: datetime) -> dict[str, Value]:
    """What the customer may expect: minutes while somebody is in, else from when on; and the wish that is noted."""
    frame = conversation.top
    wish = next((f.value for f in frame.slots.values() if isinstance(f.value, When)), None) if frame else None
    promised: dict[str, Value] = {"wish": wish} if wish else {}
    if conversation.desk is None:
        return promised
    business = conversation.desk.business
    opens = people_from(business, now)
    minutes: dict[str, Value] = {"minutes": business.policies.handoff_minutes}
    return {**promised, **({"opens": opens.isoformat()} if opens else minutes)}


def _wording(reason: str) -> str:
    """Which opening sentence fits: the customer asked, or we are the trouble."""
    plain = {
        "asked", "emergency", "distress", "refused", "not_understood", "no_offer", "outcome_unknown", "trouble",
        "calendar_down", "booking_failed", "proof", "threat",
        "complaint", "paused",
    }  # fmt: skip
    return reason if reason in plain else "trouble"


def close(conversation: Conversation, how: str) -> Step:
    """The handoff is over and the bot has the conversation again."""
    generation = conversation.generation + 1
    conversation = replace(conversation, phase="bot", owner="", generation=generation, handoff=None, question=None)
    return conversation, (Record("handoff.closed", {"generation": generation, "how": how}), *map(DropTimer, TIMERS))


def joined(conversation: Conversation, event: OperatorJoined, *, aloud: bool = True) -> Step:
    """A person claims: the first in the box wins, the other finds who. Who writes past the desk gives way."""
    past = event.takeover and conversation.owner.startswith((APP, THREAD))
    reassigned = (event.reassign or past) and conversation.phase == "owned" and conversation.owner != event.operator
    allowed = conversation.phase == "queued" or reassigned or (event.takeover and conversation.phase != "owned")
    if not allowed:
        facts = {"operator": event.operator, "owner": conversation.owner, "phase": conversation.phase}
        return conversation, (Record("handoff.refused", facts),)
    effects: tuple[Effect, ...] = ()
    again = reassigned or _again(conversation, event)
    if conversation.ended is not None and again and not reassigned:
        conversation = _taken_up_again(conversation, conversation.ended)
    elif conversation.phase not in ("queued", "owned"):
        conversation, effects = queue(conversation, "takeover", event.now)
    return _owned(conversation, event, effects, again=again, aloud=aloud)


def _owned(
    conversation: Conversation, event: OperatorJoined, effects: tuple[Effect, ...], *, again: bool, aloud: bool
) -> Step:
    """The conversation with its person. Customers are told once who; not each time that colleagues pass it on (K15)."""
    generation = conversation.generation + 1
    handoff = conversation.handoff
    conversation = replace(conversation, phase="owned", owner=event.operator, generation=generation, question=None)
    conversation = drafted(conversation, sayings=(), ask=None)
    claimed: dict[str, Value] = {"generation": generation, "operator": event.operator}
    if again and handoff is not None:
        claimed["again"] = True
    effects = (*effects, Record("handoff.claimed", claimed), DropTimer(TIMER), DropTimer(PROMISE_TIMER))
    conversation, more = at_work(conversation, event.now)
    effects += more
    if again or not aloud:
        return conversation, effects
    say, button = Say("handoff.joined", {"operator": event.operator}), Button(Say("button.end"), "end||")
    return conversation, (*effects, Send("system", generation, (("notice", say),), buttons=(button,)))


def _again(conversation: Conversation, event: OperatorJoined) -> bool:
    """Whether a takeover takes up what a person gave back a short while ago."""
    ended = conversation.ended
    return ended is not None and event.takeover and event.now - ended.at <= timedelta(hours=REOPEN_HOURS)


def _taken_up_again(conversation: Conversation, ended: Ended) -> Conversation:
    handoff = replace(ended.handoff, reopened=ended.handoff.reopened + 1, waiting_since=None)
    return replace(conversation, handoff=handoff)


def at_work(conversation: Conversation, now: datetime) -> Step:
    """The clock that takes a conversation back from somebody who went away, set anew."""
    minutes = conversation.desk.business.policies.away_min if conversation.desk else 0
    if not minutes or conversation.handoff is None:
        return conversation, ()
    number = conversation.turn + 1
    conversation = replace(conversation, handoff=replace(conversation.handoff, away=number))
    return conversation, (SetTimer(AWAY_TIMER, number, now + timedelta(minutes=minutes)),)


def operator_said(conversation: Conversation, event: OperatorSaid) -> Step:
    """What the owner writes becomes a reply; anybody else's words are refused."""
    if conversation.phase != "owned" or conversation.owner != event.operator:
        facts = {"operator": event.operator, "owner": conversation.owner, "phase": conversation.phase}
        return conversation, (Record("reply.refused", facts),)
    conversation, clock = at_work(conversation, event.now)
    effects = (Send("operator", conversation.generation, text=event.text, attachments=event.media), *clock)
    handoff = conversation.handoff
    if handoff is None or handoff.waiting_since is None:
        return conversation, effects
    conversation = replace(conversation, handoff=replace(handoff, waiting_since=None))
    return conversation, (*effects, DropTimer(SLA_TIMER))


def noted(conversation: Conversation, event: OperatorNoted) -> Step:
    """A note for colleagues: recorded, never sent."""
    return conversation, (Record("note", {"operator": event.operator, "text": event.text}),)


def released(conversation: Conversation, event: OperatorReleased) -> Step:
    """The person gives it back: go on where the flow was, drop it, or close."""
    mine = conversation.owner in (event.operator, "") or conversation.owner.startswith((APP, THREAD))
    if conversation.phase != "owned" or not mine:
        facts = {"operator": event.operator, "owner": conversation.owner, "phase": conversation.phase}
        return conversation, (Record("release.refused", facts),)
    operator, handoff = conversation.owner, conversation.handoff
    conversation, effects = close(conversation, event.how)
    if handoff is not None:
        conversation = replace(conversation, ended=Ended(handoff, operator, event.now))
    conversation = replace(conversation, disclosed_at=None)
    if event.how in ("drop", "close"):
        conversation = replace(conversation, stack=(), todo=(), done=None)
    if event.how == "close":
        return conversation, effects
    if handoff is not None and handoff.reopened and not conversation.stack:
        return conversation, effects
    conversation = saying(conversation, "notice", "handoff.back", operator=operator)
    return resumed(conversation), effects


def given_back(conversation: Conversation, now: datetime) -> Step:
    """The customer ends the talk with the person: the bot has it again, where the flow was (K14)."""
    operator = conversation.owner
    conversation, effects = close(conversation, "customer")
    conversation = saying(conversation, "notice", "handoff.ended", operator=operator)
    note = Record("note", {"operator": operator, "text": "The customer gave the conversation back to the desk."})
    return resumed(conversation), (*effects, note)


def resumed(conversation: Conversation) -> Conversation:
    """The flow where it was, with everything looked up anew (K9)."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None:
        return conversation
    return on_top(conversation, refreshed(frame, flow))


def called_off(conversation: Conversation) -> Step:
    """The customer would rather go on with the bot while waiting."""
    conversation, effects = close(conversation, "called_off")
    conversation = saying(conversation, "notice", "handoff.called_off")
    return resumed(conversation), effects


def noted_for_people(conversation: Conversation) -> Conversation:
    """More words while waiting: noted once aloud, then silently."""
    handoff = conversation.handoff
    if handoff is None or handoff.acknowledged:
        return drafted(conversation, silent=True)
    conversation = replace(conversation, handoff=replace(handoff, acknowledged=True))
    return saying(conversation, "notice", "handoff.noted")


def still_queued(conversation: Conversation, event: TimerFired) -> tuple[Effect, ...]:
    """While the desk is paused nobody but a person answers: the wait begins anew (P11)."""
    handoff = conversation.handoff
    if handoff is None or handoff.generation != event.generation or event.name != TIMER:
        return ()
    return (SetTimer(TIMER, event.generation, event.now + timedelta(minutes=WAIT_MINUTES)),)
