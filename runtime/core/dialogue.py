"""Carrying out commands: one small function per command, on top of `lines.py` and `corrections.py`. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from runtime.core.availability import said_why_not, why_not
from runtime.core.changing import replace
from runtime.core.commands import (
    Affirm,
    Ask,
    Back,
    Cancel,
    Clarify,
    Command,
    Deny,
    Either,
    Further,
    Handoff,
    Help,
    Language,
    Pick,
    Refine,
    Repeat,
    Restart,
    Set,
    Skip,
    Smalltalk,
    Start,
    Unclear,
    Undo,
    Wait,
    Why,
)
from runtime.core.conversation import Ask as AskNext
from runtime.core.conversation import (
    Conversation,
    Filled,
    Todo,
    asking,
    on_top,
    saying,
    slot_of,
)
from runtime.core.corrections import LONGEST_WORDS, may_be_any, refine, set_slot
from runtime.core.effects import Answer, Effect
from runtime.core.further import with_further
from runtime.core.handoff import open_handoff
from runtime.core.joining import WAITING_LIST, joined, may_join
from runtime.core.known_persons import meant_person
from runtime.core.lines import open_flow, open_listed
from runtime.core.matters import TOPIC as MATTER
from runtime.core.matters import settled_by_people
from runtime.core.mentions import mention, mentioned, with_mentions
from runtime.core.picking import back, pick, restart, skip, skip_early
from runtime.core.readings import ask_which, narrowed
from runtime.core.routing import CANCEL, MOVE, RECENT_MINUTES, UNDO, appointment_made, done_s_ago
from runtime.core.stopping import can_go_on, drop_top, gone_on
from runtime.core.talk import talk, unclear
from runtime.core.values import ANY, Offer, Option, Value, When
from runtime.core.waiting import has_room, kept, listed, picks_first, sorted_out, taken_first
from runtime.core.yes_no import yes_or_no

Step = tuple[Conversation, tuple[Effect, ...]]
MOST_CHOICES = 3
"""Flows that a clarifying question names."""


def carry_out(conversation: Conversation, commands: tuple[Command, ...], now: datetime) -> Step:
    """All commands in order, but for wishes that have to wait."""
    conversation, commands = sorted_out(conversation, commands)
    effects: tuple[Effect, ...] = ()
    conversation, commands = with_further(conversation, commands)
    for command in commands:
        if conversation.phase != "bot":
            break
        conversation, more = _one(conversation, command, now)
        effects += more
    return conversation, effects


def _one(conversation: Conversation, command: Command, now: datetime) -> Step:
    match command:
        case Set() | Either() | Pick() | Refine() | Skip() | Back() | Restart():
            return _value(conversation, command, now)
        case Affirm() | Deny():
            return yes_or_no(conversation, command, now)
        case Start() | Cancel() | Undo() | Clarify():
            return _flow(conversation, command, now), ()
        case Handoff(reason):
            return open_handoff(conversation, reason, now)
        case Unclear(reason):
            return unclear(conversation, reason, now)
        case Ask(_, "stranger"):
            return saying(conversation, "answer", "stranger"), ()
        case Ask(question, topic) if topic.startswith(MATTER):
            return settled_by_people(conversation, question, topic, now)
        case Ask(question, topic):
            return conversation, (Answer(_in_context(conversation, question, topic), topic, conversation.language),)
        case Why() | Help() | Repeat() | Wait() | Smalltalk() | Language():
            return talk(conversation, command), ()
        case Further():
            return conversation, ()  # it stands on the list already
    assert_never(command)


def _value(
    conversation: Conversation, command: Set | Either | Pick | Refine | Skip | Back | Restart, now: datetime
) -> Step:
    match command:
        case Set() if conversation.top is None:
            return mention(conversation, command), ()
        case Set(slot, words, value):
            if value == ANY and _is_asked(conversation, slot) and not may_be_any(conversation, slot):
                return skip(conversation, "unknown", now)
            if _is_asked(conversation, slot) and conversation.question and conversation.question.choices:
                if isinstance(value, When) and not value.names_day:
                    return narrowed(conversation, command, value, now), ()
                value = meant_person(conversation.question.choices, value)
            return set_slot(_same_time(conversation, command), slot, value, words), ()
        case Pick(offer, words):
            return pick(conversation, offer, words), ()
        case Refine():
            return refine(conversation, command), ()
        case Either():
            return ask_which(conversation, command), ()
        case Skip(_, slot) if slot and not _is_asked(conversation, slot):
            return skip_early(conversation, slot), ()
        case Skip(reason):
            return skip(conversation, reason, now)
        case Back():
            return back(conversation), ()
        case Restart():
            return restart(conversation, now), ()
    assert_never(command)


def _is_asked(conversation: Conversation, slot: str) -> bool:
    return conversation.question is not None and conversation.question.slot == slot


def _in_context(conversation: Conversation, question: str, topic: str) -> str:
    """ "Was kostet das?" means the service that the flow, or the talk before it, is about."""
    frame = conversation.top
    about = frame.slots.get("service") if frame else mentioned(conversation, "service")
    if topic not in ("prices", "duration") or about is None or conversation.desk is None:
        return question
    options = {o.id: o for o in conversation.desk.options.get("services", ())}
    chosen = options.get(str(about.value))
    if chosen is None or any(_names(question, option) for option in options.values()):
        return question
    return f"{question} ({chosen.name(conversation.language)})"


def _names(question: str, option: Option) -> bool:
    words = question.lower()
    return any(name.lower() in words for name in (*option.names.values(), *option.synonyms))


# ---- flows


def _flow(conversation: Conversation, command: Start | Cancel | Undo | Clarify, now: datetime) -> Conversation:
    match command:
        case Start():
            return start(conversation, command, now)
        case Cancel():
            if conversation.stack:
                return drop_top(conversation, "cancelled", now)
            return saying(conversation, "answer", "nothing_to_cancel")
        case Undo():
            return undo(conversation, now)
        case Clarify(flows, words):
            conversation = replace(conversation, sentence=words[:LONGEST_WORDS])
            return asking(conversation, AskNext("clarify", flows=flows[:MOST_CHOICES]))
    assert_never(command)


def start(conversation: Conversation, command: Start, now: datetime) -> Conversation:
    """Begin a flow: now, above what runs (said by name), or later when others wait already."""
    flow_id = command.flow
    if flow_id == UNDO:
        return undo(conversation, now)
    if flow_id == WAITING_LIST and may_join(conversation):
        return joined(conversation, now)
    if picks_first(conversation, command):
        conversation, todo = taken_first(conversation, flow_id)
        return open_listed(conversation, todo, now) if todo else conversation
    why = why_not(conversation, flow_id, now)
    if why:
        return said_why_not(conversation, flow_id, why, now)
    if not has_room(conversation, flow_id):
        return listed(conversation, Todo(flow_id))
    conversation = replace(conversation, stack=kept(conversation), question=None)
    waiting = conversation.top
    opened = with_mentions(open_flow(conversation, flow_id, now))
    if waiting is not None:
        opened = saying(opened, "acknowledgement", "flow.first", flow=flow_id, waiting=waiting.flow)
    if flow_id in (MOVE, CANCEL) and not conversation.stack:
        return _about_done(opened)
    return opened


def _about_done(conversation: Conversation) -> Conversation:
    """Moving or calling off right after a booking means the appointment just made."""
    frame, appointment = conversation.top, appointment_made(conversation)
    if not appointment or frame is None or slot_of(conversation, frame, "appointment") is None:
        return conversation
    if done_s_ago(conversation) > RECENT_MINUTES * 60:
        return conversation
    slots = {**frame.slots, "appointment": Filled(appointment)}
    return on_top(conversation, replace(frame, slots=slots))


def _same_time(conversation: Conversation, command: Set) -> Conversation:
    """ "Nein, Mittwoch" right after a booking keeps the hour: another day at the same time is tried first."""
    frame, done = conversation.top, conversation.done
    slot = slot_of(conversation, frame, command.slot) if frame else None
    if frame is None or done is None or slot is None or slot.type != "datetime" or command.slot in frame.slots:
        return conversation
    wish, start = command.value, done.values.get(command.slot)
    about = frame.slots.get("appointment")
    if about is None or about.value != done.values.get("appointment") or not isinstance(start, str):
        return conversation
    if not isinstance(wish, When) or not wish.names_day or wish.names_clock:
        return conversation
    clock = datetime.fromisoformat(start).time().replace(tzinfo=None)
    return set_slot(conversation, command.slot, When(clock=(clock,)), "")


def undo(conversation: Conversation, now: datetime) -> Conversation:
    """Take back the last write: a flow of its own, with a confirm."""
    if can_go_on(conversation, now):
        return gone_on(conversation)
    done = conversation.done
    if done is None or done.flow == UNDO or any(frame.flow == UNDO for frame in conversation.stack):
        return saying(conversation, "answer", "nothing_to_undo")
    opened = open_flow(conversation, UNDO, now)
    frame = opened.top
    if frame is None or frame.flow != UNDO:
        return saying(conversation, "answer", "nothing_to_undo")
    values: dict[str, Value] = {f"done_{n}": v for n, v in done.values.items()}
    offer = Offer(done.key, {"of": done.key, "kind": done.flow, **values})
    return on_top(opened, replace(frame, chosen={"of": offer}))
