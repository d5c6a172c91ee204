"""What words, buttons and outcomes mean while a person is asked for (queued) or has the conversation (owned). Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from runtime.core.alarms import consented, numbers_of, told_already
from runtime.core.changing import replace
from runtime.core.commands import Ask, Back, Cancel, Deny, Handoff, Start, Undo, Wait
from runtime.core.consent import wrote_again
from runtime.core.conversation import Conversation, drafted, first_words, saying, texts_of
from runtime.core.dialogue import start
from runtime.core.effects import Answer, Effect, Record, SetTimer, Understand
from runtime.core.events import Acted, Answered, Parked, Pressed, Said, Understood
from runtime.core.expecting import expectation
from runtime.core.gate import in_traffic, turned_away
from runtime.core.guard import guard
from runtime.core.handoff import CALLBACK, SLA_TIMER, called_off, close, given_back, noted_for_people, resumed
from runtime.core.lines import advance, landed
from runtime.core.mending import noted as heard_noted

Step = tuple[Conversation, tuple[Effect, ...]]
END_WORDS = frozenset({"/end", "/ende", "/stop"})
SATISFIED = re.compile(
    r"\bdas wars?\b|\bdas war['’]?s\b|\bdas war alles\b|\bauf wiedersehen\b|\btschüss\b"
    r"|\bthat['’]?s all\b|\bthat was all\b|\bgoodbye\b",
    re.IGNORECASE,
)
SATISFIED_NOTE = "The customer sounds satisfied; release the conversation if it is done."


def queued_said(conversation: Conversation, event: Said) -> Step:
    conversation = drafted(_heard(conversation, event), said=first_words(event.messages), spoken=True)
    alarm = guard(conversation, texts_of(event.messages))
    if alarm:
        conversation, more = consented(in_traffic(conversation, event), alarm)
        if told_already(conversation, alarm):
            return drafted(conversation, silent=True), (Record("kept", {"why": "flood"}), *more)
        conversation = saying(conversation, "notice", f"guard.{alarm}", **numbers_of(conversation))
        return conversation, (Record("alert", {"kind": alarm}), *more)
    conversation, ended = turned_away(conversation, event)
    if ended is not None:
        return ended
    texts = texts_of(event.messages)
    if not texts or (conversation.desk and conversation.desk.paused):
        return noted_for_people(conversation), ()
    return conversation, (Understand(texts, expectation(conversation, event)),)


def _heard(conversation: Conversation, event: Said) -> Conversation:
    return heard_noted(wrote_again(conversation), event.messages)


def queued_understood(conversation: Conversation, event: Understood) -> Step:
    """While waiting only few things count: calling it off, a callback, asking for what is under way, plain facts."""
    if any(isinstance(c, Undo | Back | Deny) or (isinstance(c, Cancel) and not c.ambiguous) for c in event.commands):
        return _on(*called_off(conversation), event.now)
    if any(isinstance(c, Start) and c.flow == CALLBACK for c in event.commands):
        return _callback(conversation, event.now)
    if any(isinstance(c, Handoff) for c in event.commands):
        return saying(conversation, "notice", "handoff.waiting"), ()
    if any(isinstance(c, Wait) for c in event.commands):
        return saying(conversation, "notice", "handoff.stays"), ()
    questions = [c for c in event.commands if isinstance(c, Ask)]
    if questions:
        return conversation, tuple(Answer(q.question, q.topic, conversation.language) for q in questions)
    return noted_for_people(conversation), ()


def queued_answered(conversation: Conversation, event: Answered) -> Step:
    """A fact that we know is told beside the queue; what we do not know, the person will."""
    if event.text:
        return saying(conversation, "answer", "known_answer", text=event.text), ()
    return noted_for_people(conversation), (Record("gap", {"question": event.question}),)


def _on(conversation: Conversation, effects: tuple[Effect, ...], now: datetime) -> Step:
    conversation, more = advance(conversation, now)
    return conversation, effects + more


def _callback(conversation: Conversation, now: datetime) -> Step:
    """Rather a call than to wait: the handoff ends, the bot notes number and time."""
    conversation, effects = close(conversation, "callback")
    return _on(start(resumed(conversation), Start(CALLBACK), now), effects, now)


def queued_pressed(conversation: Conversation, event: Pressed) -> Step:
    conversation = drafted(wrote_again(conversation), spoken=True, said=event.payload)
    match event.payload.split("|"):
        case ["stay", *_]:
            return _on(*called_off(conversation), event.now)
        case ["start", _, flow] if flow == CALLBACK:
            return _callback(conversation, event.now)
        case ["wait", *_]:
            return saying(conversation, "notice", "handoff.stays"), ()
        case _:
            return noted_for_people(conversation), ()


def owned_said(conversation: Conversation, event: Said) -> Step:
    """The bot is silent; the operators see the words, and dangerous ones raise an alert."""
    said = first_words(event.messages)
    conversation = drafted(_heard(conversation, event), said=said, spoken=True, silent=True)
    alarm = guard(conversation, texts_of(event.messages))
    if alarm is not None:
        conversation, effects = _waits(in_traffic(conversation, event), event.now)
        conversation, more = consented(conversation, alarm)
        told = (
            Record("kept", {"why": "flood"}) if told_already(conversation, alarm) else Record("alert", {"kind": alarm})
        )
        return conversation, (told, *effects, *more)
    texts = texts_of(event.messages)
    if any(text.strip().lower() in END_WORDS for text in texts):
        return _ended(conversation, event.now)
    conversation, effects = _waits(conversation, event.now)
    if any(SATISFIED.search(text) for text in texts):
        effects = (*effects, Record("note", {"operator": "", "text": SATISFIED_NOTE}))
    return conversation, effects


def _ended(conversation: Conversation, now: datetime) -> Step:
    """The customer ends it in so many words, or by the button: that counts; thanks do not (K14)."""
    return _on(*given_back(drafted(conversation, silent=False), now), now)


def _waits(conversation: Conversation, now: datetime) -> Step:
    """From the first unanswered words on, a clock runs that warns the others (K7)."""
    handoff = conversation.handoff
    if handoff is None or handoff.waiting_since is not None or conversation.desk is None:
        return conversation, ()
    number = conversation.turn + 1
    at = now + timedelta(minutes=max(1, conversation.desk.business.policies.sla_min))
    conversation = replace(conversation, handoff=replace(handoff, waiting_since=now, sla=number))
    return conversation, (SetTimer(SLA_TIMER, number, at),)


def owned_pressed(conversation: Conversation, event: Pressed) -> Step:
    conversation = drafted(wrote_again(conversation), said=event.payload, spoken=True, silent=True)
    return _ended(conversation, event.now) if event.payload.startswith("end|") else (conversation, ())


def late_outcome(conversation: Conversation, event: Acted) -> Step:
    """A late outcome becomes a note for the operator; the customer hears it from them (K17)."""
    facts = {"operator": conversation.owner, "text": f"{event.outcome.kind}: {event.outcome.name}", "key": event.key}
    return landed(conversation, event), (Record("note", facts),)


def lost_for_the_bot(conversation: Conversation, event: Parked) -> Step:
    """An event killed its turn while a person is asked for or has it: they are told, the bot has nothing to add."""
    alert = Record("alert", {"kind": "parked", "event": event.event_id})
    conversation = drafted(conversation, spoken=True, silent=conversation.phase == "owned")
    return (conversation if conversation.phase == "owned" else noted_for_people(conversation)), (alert,)
