"""The machine: `step(conversation, event) -> (conversation', effects)`. Pure.

Theory of operation. A turn is a row of events out of the box: Said, Pressed, what operators do, timers. Each is stepped
until it is quiet: effects are performed outside, their results come back as events (Understood, Answered, Acted). Then
Settled composes one reply. Who has the conversation decides what an event means, so the handlers stand in a table by
phase and kind. An event that the table does not know in this phase changes nothing.

                    handoff                 claimed
        bot ---------------------> queued ----------> owned
         ^    called off, expired    |                  |
         |<--------------------------'                  | released
         '------------- returning <---------------------'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from runtime.core.changing import replace
from runtime.core.commands import Back, Cancel, Deny, Handoff, Pick, Refine, Unclear, Undo
from runtime.core.commands import Set as SetCommand
from runtime.core.conversation import Conversation, Phase, Question, drafted, first_words, flow_of, saying
from runtime.core.dialogue import carry_out, start
from runtime.core.effects import Effect, Expectation, Expecting, Record, Understand
from runtime.core.events import (
    Acted,
    Answered,
    Deleted,
    Delivered,
    Edited,
    Event,
    HandoffExpired,
    OperatorJoined,
    OperatorNoted,
    OperatorReleased,
    OperatorSaid,
    OptedIn,
    OptedOut,
    Parked,
    Pressed,
    Reacted,
    Said,
    Settled,
    TimerFired,
    Understood,
)
from runtime.core.guard import guard
from runtime.core.handoff import (
    TIMER,
    called_off,
    expired,
    joined,
    noted,
    noted_for_people,
    open_handoff,
    operator_said,
    released,
)
from runtime.core.lines import acted, advance, landed
from runtime.core.picking import open_offers
from runtime.core.reply import settle
from runtime.core.returning import arrived, looked_up_anew, picked_up, was_away
from runtime.core.routing import clean
from runtime.core.talk import still_open, unless_moved
from runtime.core.values import Value
from runtime.core.yes_no import affirm, deny

Step = tuple[Conversation, tuple[Effect, ...]]
Handler = Callable[[Conversation, Any], Step]
LONGEST_TEXT = 2000


def step(conversation: Conversation, event: Event) -> Step:
    """One event in, a new conversation and what is to be done out."""
    handler = TRANSITIONS[conversation.phase].get(type(event))
    return handler(conversation, event) if handler else (conversation, ())


# ---- the customer writes or presses


def _said(conversation: Conversation, event: Said) -> Step:
    conversation = _heard(conversation, event)
    texts = tuple(m.text[:LONGEST_TEXT] for m in event.messages if m.text.strip())
    alarm = guard(conversation, texts)
    if alarm is not None:
        return _alarmed(conversation, alarm, event)
    conversation = _contacts(conversation, event)
    if not texts:
        return _without_words(conversation, event)
    return conversation, (Understand(texts, expectation(conversation, event)),)


def _heard(conversation: Conversation, event: Said) -> Conversation:
    """The words noted, and whether they are older than what was answered last (M12)."""
    conversation = arrived(conversation, event.now)
    newest = max((m.at for m in event.messages), default=event.now)
    late = conversation.answered_at is not None and newest < conversation.answered_at
    answered = conversation.answered_at if late else newest
    said = first_words(event.messages)
    conversation = drafted(conversation, said=said, late=late, pressed=False, missed=False)
    return replace(conversation, answered_at=answered)


def _contacts(conversation: Conversation, event: Said) -> Conversation:
    """The customer's own contact card gives the phone number."""
    own = [c for m in event.messages for c in m.contacts if c.own and c.phones]
    if not own:
        return conversation
    phone = "+" + own[-1].phones[0].lstrip("+")
    return replace(conversation, facts={**conversation.facts, "phone": phone})


def _without_words(conversation: Conversation, event: Said) -> Step:
    """Pictures, stickers, empty texts: never silence."""
    if any(c.own for m in event.messages for c in m.contacts):
        return advance(conversation, event.now)
    media = any(m.media or m.kind not in ("text", "sticker") for m in event.messages)
    reason = "media" if media else "empty"
    conversation, effects = carry_out(conversation, (Unclear("media" if reason == "media" else "empty"),), event.now)
    conversation, more = advance(conversation, event.now)
    return conversation, effects + more


def expectation(conversation: Conversation, event: Said) -> Expectation:
    """What the words are to be read against."""
    frame, question = conversation.top, conversation.question
    flow = flow_of(conversation, frame) if frame else None
    filled: dict[str, Value] = {n: f.value for n, f in frame.slots.items()} if frame else {}
    assert conversation.desk is not None  # noqa: S101  # the loop attaches it before any step
    expecting = Expecting(question.kind, question.id, question.slot, question.flows) if question else None
    return Expectation(
        language=conversation.language,
        now=event.now,
        desk=conversation.desk,
        expecting=expecting,
        flow=flow,
        filled=filled,
        offers=open_offers(conversation),
        can_undo=conversation.done is not None,
        has_appointment=conversation.done is not None and "appointment" in conversation.done.values,
    )


def _alarmed(conversation: Conversation, alarm: str, event: Said) -> Step:
    """A guard hit ends the turn: a fixed text, and a person where there is danger."""
    record: tuple[Effect, ...] = (Record("alert", {"kind": alarm}),)
    if alarm in ("opt_out", "opt_in", "suspended"):
        return saying(_consented(conversation, alarm), "notice", f"guard.{alarm}"), record
    conversation = saying(conversation, "notice", f"guard.{alarm}", **_numbers(conversation))
    conversation, effects = open_handoff(conversation, alarm, event.now)
    return conversation, record + effects


def _consented(conversation: Conversation, alarm: str) -> Conversation:
    """STOP and START count whoever has the conversation (N1, N3)."""
    if alarm not in ("opt_out", "opt_in"):
        return conversation
    return replace(conversation, opted_out=alarm == "opt_out")


def _numbers(conversation: Conversation) -> Mapping[str, Value]:
    policies = conversation.desk.business.policies if conversation.desk else None
    return {"emergency": policies.emergency_number, "helpline": policies.helpline} if policies else {}


def _pressed(conversation: Conversation, event: Pressed) -> Step:
    """A button: bound to its question; one of an older question changes nothing (C22)."""
    before = conversation = _pressed_now(arrived(conversation, event.now), event)
    verb, asked, argument = (*event.payload.split("|", 2), "", "")[:3]
    question = conversation.question
    if verb == "person":
        return open_handoff(conversation, "asked", event.now)
    effects: tuple[Effect, ...] = ()
    if verb == "start":
        conversation = _pressed_start(conversation, argument, event)
    elif question is not None and asked == question.id:
        conversation, effects = _pressed_answer(conversation, verb, argument, question, event)
    elif conversation.done is not None and asked == conversation.done.question:
        conversation = saying(conversation, "answer", f"already.{conversation.done.flow}", **conversation.done.values)
    else:
        conversation = saying(conversation, "notice", "stale_button")
    conversation, more = advance(still_open(conversation, before), event.now)
    return conversation, effects + more


def _pressed_now(conversation: Conversation, event: Pressed) -> Conversation:
    """The press noted; words sent before it are late from now on."""
    newest = max(filter(None, (conversation.answered_at, event.at)))
    conversation = replace(conversation, answered_at=newest)
    return drafted(conversation, said=event.payload, pressed=True, missed=False)


def _pressed_start(conversation: Conversation, flow: str, event: Pressed) -> Conversation:
    known = conversation.desk.flows if conversation.desk else {}
    if flow not in known or (conversation.top and conversation.top.flow == flow):
        return conversation
    return start(conversation, flow, event.now)


def _pressed_answer(conversation: Conversation, verb: str, argument: str, question: Question, event: Pressed) -> Step:
    """A button of the open question."""
    match verb:
        case "yes":
            return affirm(conversation, question, event.now), ()
        case "no":
            return deny(conversation, question, event.now)
        case "pick" | "change":
            return carry_out(conversation, (Pick(argument),), event.now)
        case "set":
            return carry_out(conversation, (SetCommand(question.slot, "", argument),), event.now)
        case "more":
            how: Literal["other_time", "other_day"] = "other_time" if argument == "other_time" else "other_day"
            return carry_out(conversation, (Refine(how),), event.now)
        case "cancel":
            return carry_out(conversation, (Cancel(),), event.now)
        case _:
            return saying(conversation, "notice", "stale_button"), ()


def _understood(conversation: Conversation, event: Understood) -> Step:
    known = conversation.desk.business.languages if conversation.desk else ()
    if event.language in known:
        conversation = replace(conversation, language=event.language)
    commands = clean(conversation, event.commands)
    away = was_away(conversation)
    back = picked_up(conversation, commands) if away else None
    if back is not None:
        return advance(back, event.now)
    before = conversation
    conversation, effects = carry_out(conversation, commands, event.now)
    if away:
        conversation = looked_up_anew(conversation, before)
    conversation, more = advance(still_open(conversation, before), event.now)
    return unless_moved(conversation, before), effects + more


def _answered(conversation: Conversation, event: Answered) -> Step:
    if event.text:
        return saying(conversation, "answer", "known_answer", text=event.text), ()
    return saying(conversation, "answer", "no_answer"), (Record("gap", {"question": event.question}),)


# ---- while a person is asked for, or has it


def _queued_said(conversation: Conversation, event: Said) -> Step:
    conversation = drafted(conversation, said=first_words(event.messages), spoken=True)
    alarm = guard(conversation, tuple(m.text for m in event.messages))
    if alarm and alarm != "suspended":
        conversation = _consented(conversation, alarm)
        conversation = saying(conversation, "notice", f"guard.{alarm}", **_numbers(conversation))
        return conversation, (Record("alert", {"kind": alarm}),)
    texts = tuple(m.text for m in event.messages if m.text.strip())
    if not texts:
        return noted_for_people(conversation), ()
    return conversation, (Understand(texts, expectation(conversation, event)),)


def _queued_understood(conversation: Conversation, event: Understood) -> Step:
    """While waiting only two things count: calling it off, and asking again for what is under way."""
    if any(isinstance(c, Undo | Back | Deny) or (isinstance(c, Cancel) and not c.ambiguous) for c in event.commands):
        conversation, effects = called_off(conversation)
        conversation, more = advance(conversation, event.now)
        return conversation, effects + more
    if any(isinstance(c, Handoff) for c in event.commands):
        return saying(conversation, "notice", "handoff.waiting"), ()
    return noted_for_people(conversation), ()


def _queued_pressed(conversation: Conversation, event: Pressed) -> Step:
    conversation = drafted(conversation, spoken=True, said=event.payload)
    if not event.payload.startswith("stay|"):
        return noted_for_people(conversation), ()
    conversation, effects = called_off(conversation)
    conversation, more = advance(conversation, event.now)
    return conversation, effects + more


def _owned_said(conversation: Conversation, event: Said) -> Step:
    """The bot is silent; the operators see the words, and dangerous ones raise an alert."""
    said = first_words(event.messages)
    conversation = drafted(conversation, said=said, spoken=True, silent=True)
    alarm = guard(conversation, tuple(m.text for m in event.messages))
    if alarm is None:
        return conversation, ()
    return _consented(conversation, alarm), (Record("alert", {"kind": alarm}),)


def _owned_pressed(conversation: Conversation, event: Pressed) -> Step:
    return drafted(conversation, said=event.payload, spoken=True, silent=True), ()


def _late_outcome(conversation: Conversation, event: Acted) -> Step:
    """A late outcome becomes a note for the operator; the customer hears it from them (K17)."""
    facts = {"operator": conversation.owner, "text": f"{event.outcome.kind}: {event.outcome.name}", "key": event.key}
    return landed(conversation, event), (Record("note", facts),)


def _lost_for_the_bot(conversation: Conversation, event: Parked) -> Step:
    """An event killed its turn while a person is asked for or has it: they are told, the bot has nothing to add."""
    alert = Record("alert", {"kind": "parked", "event": event.event_id})
    conversation = drafted(conversation, spoken=True, silent=conversation.phase == "owned")
    return (conversation if conversation.phase == "owned" else noted_for_people(conversation)), (alert,)


# ---- what happens beside the talk


def _joined(conversation: Conversation, event: OperatorJoined) -> Step:
    return joined(conversation, event)


def _released(conversation: Conversation, event: OperatorReleased) -> Step:
    conversation, effects = released(conversation, event)
    conversation, more = advance(conversation, event.now)
    return conversation, effects + more


def _timer(conversation: Conversation, event: TimerFired) -> Step:
    """A timer of an older generation does nothing (L6, L7)."""
    if event.name != TIMER:
        return conversation, ()
    conversation, effects = expired(conversation, HandoffExpired(event.generation, event.now))
    if not effects:
        return conversation, ()
    conversation, more = advance(conversation, event.now)
    return conversation, effects + more


def _expired(conversation: Conversation, event: HandoffExpired) -> Step:
    return _timer(conversation, TimerFired(TIMER, event.generation, event.now))


def _delivered(conversation: Conversation, event: Delivered) -> Step:
    """A question that is known not to have arrived cannot be answered with a yes."""
    question = conversation.question
    if question is None or event.status != "failed" or event.question != question.id:
        return conversation, ()
    return replace(conversation, question=replace(question, failed=True)), ()


def _opted_out(conversation: Conversation, event: OptedOut) -> Step:
    kind = "blocked" if event.blocked else "opt_out"
    return replace(conversation, opted_out=True), (Record("alert", {"kind": kind}),)


def _opted_in(conversation: Conversation, event: OptedIn) -> Step:
    return replace(conversation, opted_out=False), ()


def _stored(conversation: Conversation, event: Edited | Deleted | Reacted) -> Step:
    """Kept in the journal; silence is right here (M6)."""
    return conversation, ()


def _parked(conversation: Conversation, event: Parked) -> Step:
    """An event of theirs killed its turn: apologise and fetch a person."""
    conversation = drafted(conversation, spoken=True)
    alert: tuple[Effect, ...] = (Record("alert", {"kind": "parked", "event": event.event_id}),)
    conversation, effects = open_handoff(conversation, "trouble", event.now)
    return conversation, alert + effects


_ALWAYS: Mapping[type, Handler] = {
    Settled: settle,
    Delivered: _delivered,
    OptedOut: _opted_out,
    OptedIn: _opted_in,
    Edited: _stored,
    Deleted: _stored,
    Reacted: _stored,
    OperatorJoined: _joined,
    OperatorSaid: operator_said,
    OperatorNoted: noted,
    OperatorReleased: _released,
    TimerFired: _timer,
    HandoffExpired: _expired,
}
_BOT: Mapping[type, Handler] = {
    **_ALWAYS, Said: _said, Pressed: _pressed, Understood: _understood, Answered: _answered, Acted: acted,
    Parked: _parked,
}  # fmt: skip
TRANSITIONS: Mapping[Phase, Mapping[type, Handler]] = {
    "bot": _BOT,
    "returning": _BOT,
    "queued": {
        **_ALWAYS, Said: _queued_said, Pressed: _queued_pressed, Understood: _queued_understood,
        Answered: _answered, Acted: _late_outcome, Parked: _lost_for_the_bot,
    },
    "owned": {
        **_ALWAYS, Said: _owned_said, Pressed: _owned_pressed, Acted: _late_outcome, Parked: _lost_for_the_bot,
    },
}  # fmt: skip
