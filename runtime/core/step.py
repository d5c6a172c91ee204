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
from typing import Any

from runtime.core.acting import asked_to_act, done_in_their_name
from runtime.core.agreeing import no_answer
from runtime.core.alarms import alarmed
from runtime.core.attachments import kept as kept_files
from runtime.core.attachments import without_words
from runtime.core.awaiting import TIMER as WAIT
from runtime.core.awaiting import happened, too_late
from runtime.core.changing import replace
from runtime.core.consent import changed_outside, opted_in, opted_out, wrote_again
from runtime.core.conversation import (
    LONGEST_TEXT,
    Conversation,
    Phase,
    drafted,
    first_words,
    saying,
    texts_of,
)
from runtime.core.delivering import connection_failed, delivered, kept, window_shut
from runtime.core.dialogue import carry_out
from runtime.core.effects import Effect, Record, Understand
from runtime.core.events import (
    Acted,
    AddressChanged,
    Answered,
    ConnectionFailed,
    ConsentChanged,
    Deleted,
    Delivered,
    Edited,
    Event,
    HandoffExpired,
    Happened,
    Kept,
    OperatorAsked,
    OperatorEchoed,
    OperatorJoined,
    OperatorNoted,
    OperatorReleased,
    OperatorSaid,
    OptedIn,
    OptedOut,
    Parked,
    Pressed,
    Prompted,
    Reacted,
    Said,
    Settled,
    ThreadMoved,
    TimerFired,
    Understood,
    WindowShut,
)
from runtime.core.expecting import expectation
from runtime.core.gate import model_asked, turned_away
from runtime.core.guard import guard
from runtime.core.handoff import (
    TIMER,
    joined,
    noted,
    open_handoff,
    operator_said,
    released,
    still_queued,
)
from runtime.core.handoff_clocks import CLOCKS
from runtime.core.lines import acted, advance
from runtime.core.mending import deleted, edited, reacted, values_of_edit
from runtime.core.mending import noted as heard_noted
from runtime.core.nudging import TIMER as NUDGE
from runtime.core.nudging import nudged
from runtime.core.outside import echoed, moved, overhearing, readdressed
from runtime.core.people import (
    late_outcome,
    lost_for_the_bot,
    owned_pressed,
    owned_said,
    queued_answered,
    queued_pressed,
    queued_said,
    queued_understood,
)
from runtime.core.pressing import entered, pressed_answer, pressed_now, pressed_start
from runtime.core.private import private_kinds, without_marks
from runtime.core.prompting import answered, claimed, outdated, prompted
from runtime.core.quoting import quoted_in, still_standing
from runtime.core.remembering import about_memory
from runtime.core.replaying import replayed, values_only
from runtime.core.reply import settle
from runtime.core.returning import arrived, looked_up_anew, picked_up, was_away
from runtime.core.routing import clean
from runtime.core.soothing import answered_tone, soothed
from runtime.core.talk import still_open, unless_moved

Step = tuple[Conversation, tuple[Effect, ...]]
Handler = Callable[[Conversation, Any], Step]


def step(conversation: Conversation, event: Event) -> Step:
    """One event in, a new conversation and what is to be done out."""
    if isinstance(event, Said | Pressed):
        conversation = replace(conversation, heard_at=event.now)
    handler = TRANSITIONS[conversation.phase].get(type(event))
    return handler(conversation, event) if handler else (conversation, ())


# ---- the customer writes or presses


def _said(conversation: Conversation, event: Said) -> Step:
    conversation = _heard(conversation, event)
    texts = texts_of(event.messages)
    alarm = guard(conversation, texts)
    if alarm is not None:
        return alarmed(conversation, alarm, event)
    conversation, ended = turned_away(conversation, event)
    if ended is not None:
        return ended
    conversation, toned = answered_tone(conversation, texts, event.now)
    if conversation.phase != "bot" or conversation.draft.deaf:
        return conversation, toned
    conversation, effects = _read(conversation, event)
    return conversation, toned + effects


def _read(conversation: Conversation, event: Said) -> Step:
    """Words that may be understood, and what came with them."""
    texts = texts_of(event.messages)
    conversation = kept_files(conversation, event)
    kinds = private_kinds(texts)
    for kind in kinds:
        conversation = saying(conversation, "notice", f"private.{kind}")
    if any(len(m.text) > LONGEST_TEXT for m in event.messages):
        conversation = saying(conversation, "notice", "long_text")
    texts = without_marks(texts) if kinds else texts
    if not texts and kinds:
        return advance(conversation, event.now)
    if not texts:
        return without_words(conversation, event)
    told = about_memory(conversation, texts)
    if told is not None:
        after, more = advance(still_open(told[0], conversation), event.now)
        return after, told[1] + more
    return conversation, (Understand(texts, expectation(conversation, event)),)


def _heard(conversation: Conversation, event: Said) -> Conversation:
    """The words noted, and whether they are older than what was answered last (M12)."""
    conversation = outdated(wrote_again(arrived(conversation, event.now)), event.now)
    newest = max((m.at for m in event.messages), default=event.now)
    late = conversation.answered_at is not None and newest < conversation.answered_at
    answered = conversation.answered_at if late else newest
    said, quotes = first_words(event.messages), quoted_in(conversation, event.messages)
    conversation = heard_noted(conversation, event.messages)
    unbound = late or bool(quotes)
    conversation = drafted(conversation, said=said, late=unbound, pressed=False, missed=False, quotes=quotes)
    return replace(conversation, answered_at=answered)


def _pressed(conversation: Conversation, event: Pressed) -> Step:
    """A button: bound to its question; one of an older question changes nothing (C22)."""
    conversation = wrote_again(arrived(conversation, event.now))
    conversation = pressed_now(outdated(conversation, event.now), event)
    conversation, ended = turned_away(conversation, event)
    if ended is not None:
        return ended
    before = conversation
    verb, asked, argument = (*event.payload.split("|", 2), "", "")[:3]
    question = conversation.question
    if verb == "person":
        return open_handoff(conversation, "asked", event.now)
    effects: tuple[Effect, ...] = ()
    if verb == "start":
        conversation = pressed_start(conversation, argument, event)
    elif verb == "enter":
        conversation, effects = entered(conversation, argument, event)
    elif question is not None and asked == question.id:
        conversation, effects = pressed_answer(conversation, verb, argument, question, event)
    elif conversation.done is not None and asked == conversation.done.question:
        conversation = saying(conversation, "answer", f"already.{conversation.done.flow}", **conversation.done.values)
    else:
        conversation = saying(conversation, "notice", "stale_button")
    again = replayed(conversation, before, event.now)
    if again is not None:
        return again[0], effects + again[1]
    conversation, more = advance(still_open(conversation, before), event.now)
    return conversation, effects + more


def _understood(conversation: Conversation, event: Understood) -> Step:
    conversation, told = model_asked(conversation, event)
    conversation, effects = _taken_in(conversation, event)
    return conversation, told + effects


def _taken_in(conversation: Conversation, event: Understood) -> Step:
    known = conversation.desk.business.languages if conversation.desk else ()
    if event.language in known:
        conversation = replace(conversation, language=event.language)
    if conversation.draft.replay:
        return _read_again(conversation, event)
    told = answered(conversation, event.commands, event.now)
    if told is not None:
        return told
    conversation, standing = still_standing(conversation, event.commands)
    commands = soothed(conversation, clean(conversation, standing))
    if conversation.draft.edited:
        commands = values_of_edit(commands)
        if not commands:
            return conversation, ()
        conversation = drafted(conversation, spoken=True)
    away = was_away(conversation)
    back = picked_up(conversation, commands) if away else None
    if back is not None:
        return advance(back, event.now)
    before = conversation
    conversation, effects = carry_out(conversation, commands, event.now)
    again = replayed(conversation, before, event.now)
    if again is not None:
        return again[0], effects + again[1]
    if away:
        conversation = looked_up_anew(conversation, before)
    conversation, more = advance(still_open(conversation, before), event.now)
    return unless_moved(conversation, before), effects + more


def _read_again(conversation: Conversation, event: Understood) -> Step:
    """The values of a sentence whose flow was chosen only now (H1)."""
    commands = values_only(conversation, event.commands)
    conversation, effects = carry_out(drafted(conversation, replay=False), commands, event.now)
    conversation, more = advance(conversation, event.now)
    return conversation, effects + more


def _answered(conversation: Conversation, event: Answered) -> Step:
    if event.text:
        return saying(conversation, "answer", "known_answer", text=event.text), ()
    return no_answer(conversation, event.question), (Record("gap", {"question": event.question}),)


# ---- what happens beside the talk


def _acted(conversation: Conversation, event: Acted) -> Step:
    return claimed(conversation, event) or acted(conversation, event)


def _acted_late(conversation: Conversation, event: Acted) -> Step:
    ours = claimed(conversation, event) or done_in_their_name(conversation, event)
    return ours or late_outcome(conversation, event)


def _released(conversation: Conversation, event: OperatorReleased) -> Step:
    conversation, effects = released(conversation, event)
    conversation, more = advance(conversation, event.now)
    return conversation, effects + more


def _timer(conversation: Conversation, event: TimerFired) -> Step:
    """A timer of an older generation does nothing (L6, L7)."""
    if conversation.phase == "queued" and conversation.desk and conversation.desk.paused:
        return conversation, still_queued(conversation, event)
    if event.name.startswith(WAIT):
        return too_late(conversation, event, advance)
    if event.name == NUDGE:
        return nudged(conversation, event, advance)
    clock = CLOCKS.get(event.name)
    if clock is None:
        return conversation, ()
    conversation, effects = clock(conversation, event)
    if not effects or conversation.draft.silent:
        return conversation, effects
    conversation, more = advance(conversation, event.now)
    return conversation, effects + more


def _happened(conversation: Conversation, event: Happened) -> Step:
    return happened(conversation, event, advance)


def _expired(conversation: Conversation, event: HandoffExpired) -> Step:
    return _timer(conversation, TimerFired(TIMER, event.generation, event.now))


def _parked(conversation: Conversation, event: Parked) -> Step:
    """An event of theirs killed its turn: apologise and fetch a person."""
    conversation = drafted(conversation, spoken=True)
    alert: tuple[Effect, ...] = (Record("alert", {"kind": "parked", "event": event.event_id}),)
    conversation, effects = open_handoff(conversation, "trouble", event.now)
    return conversation, alert + effects


_ALWAYS: Mapping[type, Handler] = {
    Settled: settle,
    Delivered: delivered,
    OptedOut: opted_out,
    OptedIn: opted_in,
    Edited: edited,
    Deleted: deleted,
    Reacted: reacted,
    OperatorAsked: asked_to_act,
    OperatorJoined: joined,
    OperatorSaid: operator_said,
    OperatorNoted: noted,
    OperatorReleased: _released,
    TimerFired: _timer,
    HandoffExpired: _expired,
    Prompted: prompted,
    Happened: _happened,
    OperatorEchoed: echoed,
    ThreadMoved: moved,
    ConsentChanged: changed_outside,
    AddressChanged: readdressed,
    Kept: kept,
    WindowShut: window_shut,
    ConnectionFailed: connection_failed,
}
_BOT: Mapping[type, Handler] = {
    **_ALWAYS, Said: overhearing(_said, _said), Pressed: _pressed, Understood: _understood, Answered: _answered,
    Acted: _acted, Parked: _parked,
}  # fmt: skip
TRANSITIONS: Mapping[Phase, Mapping[type, Handler]] = {
    "bot": _BOT,
    "returning": _BOT,
    "queued": {
        **_ALWAYS, Said: overhearing(queued_said, _said), Pressed: queued_pressed, Understood: queued_understood,
        Answered: queued_answered, Acted: _acted_late, Parked: lost_for_the_bot,
    },
    "owned": {
        **_ALWAYS, Said: overhearing(owned_said, _said), Pressed: owned_pressed, Acted: _acted_late,
        Parked: lost_for_the_bot,
    },
}  # fmt: skip
