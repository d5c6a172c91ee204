"""Carrying out commands: one small function per command, on top of `lines.py` and `corrections.py`. Pure."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import assert_never

from runtime.core.commands import (
    Affirm,
    Ask,
    Back,
    Cancel,
    Clarify,
    Command,
    Deny,
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
from runtime.core.conversation import (
    CONFIRM_MINUTES,
    STACK_DEPTH,
    Conversation,
    Filled,
    Frame,
    Question,
    Todo,
    asking,
    drafted,
    flow_of,
    on_top,
    saying,
    slot_of,
)
from runtime.core.conversation import Ask as AskNext
from runtime.core.corrections import refine, refreshed, set_slot, take_offer, unset_slot
from runtime.core.effects import Answer, Effect
from runtime.core.facts import bound_facts
from runtime.core.flows import Choose, Collect, Confirm
from runtime.core.handoff import open_handoff
from runtime.core.lines import back_to_parked, open_flow, react
from runtime.core.routing import CANCEL, MOVE, UNDO
from runtime.core.values import ANY, Offer, Value

Step = tuple[Conversation, tuple[Effect, ...]]
LADDER = 3
"""The miss at which a person is fetched."""


def carry_out(conversation: Conversation, commands: tuple[Command, ...], now: datetime) -> Step:
    """All commands in order; a yes together with a new wish keeps the wish's values for the new flow (E10)."""
    effects: tuple[Effect, ...] = ()
    start = next((c for c in commands if isinstance(c, Start)), None)
    if start and any(isinstance(c, Affirm) for c in commands) and conversation.stack:
        sets = {c.slot: Filled(c.value, c.words) for c in commands if isinstance(c, Set)}
        conversation = dataclasses.replace(conversation, todo=(*conversation.todo, Todo(start.flow, sets)))
        commands = tuple(c for c in commands if not isinstance(c, Set | Start))
    elif start:
        commands = (start, *(c for c in commands if c is not start))
    for command in commands:
        if conversation.phase != "bot":
            break
        conversation, more = _one(conversation, command, now)
        effects += more
    return conversation, effects


def _one(conversation: Conversation, command: Command, now: datetime) -> Step:
    match command:
        case Set() | Pick() | Refine() | Skip() | Back() | Restart():
            return _value(conversation, command, now)
        case Affirm() | Deny():
            return _yes_or_no(conversation, command, now)
        case Start() | Cancel() | Undo() | Clarify():
            return _flow(conversation, command, now), ()
        case Handoff(reason):
            return open_handoff(conversation, reason, now)
        case Unclear(reason):
            return _unclear(conversation, reason, now)
        case Ask(question, topic):
            return conversation, (Answer(question, topic, conversation.language),)
        case Why() | Help() | Repeat() | Wait() | Smalltalk() | Language():
            return _talk(conversation, command), ()
    assert_never(command)


def _value(conversation: Conversation, command: Set | Pick | Refine | Skip | Back | Restart, now: datetime) -> Step:
    match command:
        case Set(slot, words, value):
            return set_slot(conversation, slot, value, words), ()
        case Pick(offer, words):
            return pick(conversation, offer, words), ()
        case Refine():
            return refine(conversation, command), ()
        case Skip(reason):
            return _skip(conversation, reason, now)
        case Back():
            return _back(conversation), ()
        case Restart():
            return _restart(conversation, now), ()
    assert_never(command)


# ---- values and choices


def open_offers(conversation: Conversation) -> tuple[Offer, ...]:
    """The offers that the open question showed, in this order."""
    frame, question = conversation.top, conversation.question
    if frame is None or question is None or question.kind != "offer":
        return ()
    return offers_of(conversation, frame)


def offers_of(conversation: Conversation, frame: Frame) -> tuple[Offer, ...]:
    """What the `choose` line that a frame stands at lets one choose from."""
    flow = flow_of(conversation, frame)
    if flow is None or frame.at >= len(flow.lines):
        return ()
    line = flow.lines[frame.at]
    result = frame.results.get(line.source) if isinstance(line, Choose) else None
    return result.offers if result else ()


def pick(conversation: Conversation, offer_id: str, words: str = "") -> Conversation:
    """Take one of the offers shown, or, when we asked what to change, the slot of this name."""
    frame, question = conversation.top, conversation.question
    if frame is None:
        return conversation
    if question and question.kind == "change":
        return _change(conversation, offer_id)
    flow = flow_of(conversation, frame)
    line = flow.lines[frame.at] if flow and frame.at < len(flow.lines) else None
    offer = next((o for o in offers_of(conversation, frame) if o.id == offer_id), None)
    if offer is None or not isinstance(line, Choose):
        return conversation
    frame = take_offer(frame, line.slot, offer, conversation.turn + 1, words)
    conversation = drafted(conversation, fresh=(*conversation.draft.fresh, line.slot))
    return on_top(conversation, frame)


def _change(conversation: Conversation, what: str) -> Conversation:
    """ "Den Tag", "die Zeit", "den Namen": search on, or ask for that slot again."""
    if what in ("day", "time", "other_day", "other_time"):
        how = "other_day" if what.endswith("day") else "other_time"
        return refine(conversation, Refine("other_day" if how == "other_day" else "other_time"))
    frame = conversation.top
    if frame is None or slot_of(conversation, frame, what) is None:
        return conversation
    conversation = unset_slot(conversation, what)
    slot = slot_of(conversation, frame, what)
    forgotten = {n: v for n, v in conversation.facts.items() if n != what} if slot and slot.remember else None
    if forgotten is not None:
        conversation = dataclasses.replace(conversation, facts=forgotten)
    return asking(conversation, AskNext("slot", what)) if slot and slot.optional else conversation


def _skip(conversation: Conversation, reason: str, now: datetime) -> Step:
    """A refusal is asked about once, with the reason why; a "don't know" is helped."""
    frame, question = conversation.top, conversation.question
    if frame is None or question is None or question.kind not in ("slot", "offer"):
        return conversation, ()
    slot = slot_of(conversation, frame, question.slot)
    if slot is None or slot.optional:
        return _skipped(conversation, frame, question.slot), ()
    if reason == "unknown":
        return _unknown(conversation, frame, question, slot.type, slot.if_unknown), ()
    if question.refusals == 0:
        conversation = saying(conversation, "answer", f"why.{slot.name}")
        return dataclasses.replace(conversation, question=dataclasses.replace(question, refusals=1)), ()
    if slot.if_refused == "go_on":
        return _skipped(conversation, frame, slot.name), ()
    return open_handoff(conversation, "refused", now)


def _skipped(conversation: Conversation, frame: Frame, slot: str) -> Conversation:
    return on_top(conversation, dataclasses.replace(frame, skipped=(*frame.skipped, slot)))


def _unknown(conversation: Conversation, frame: Frame, question: Question, kind: str, rule: str) -> Conversation:
    if kind == "datetime":
        return set_slot(conversation, question.slot, ANY, "")
    if rule == "go_on":
        return _skipped(conversation, frame, question.slot)
    return asking(conversation, AskNext(question.kind, question.slot, form="options"))


def _back(conversation: Conversation) -> Conversation:
    """The question before this one, once more."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None:
        return conversation
    asked = [line.slot for line in flow.lines[: frame.at] if isinstance(line, Collect) and line.slot in frame.slots]
    return unset_slot(conversation, asked[-1]) if asked else conversation


def _restart(conversation: Conversation, now: datetime) -> Conversation:
    """The same flow from the top; contact facts and language stay."""
    frame = conversation.top
    if frame is None:
        return drafted(conversation, spoken=True)
    conversation = dataclasses.replace(conversation, stack=conversation.stack[:-1], question=None)
    return saying(open_flow(conversation, frame.flow, now), "acknowledgement", "flow.restarted")


# ---- yes and no


def _yes_or_no(conversation: Conversation, command: Affirm | Deny, now: datetime) -> Step:
    question = conversation.question
    if question is None:
        return _answer_to_nothing(conversation, command), ()
    if isinstance(command, Affirm):
        return affirm(conversation, question, now), ()
    return deny(conversation, question, now)


def _answer_to_nothing(conversation: Conversation, command: Affirm | Deny) -> Conversation:
    done = conversation.done
    if isinstance(command, Affirm) and done is not None:
        return saying(conversation, "answer", f"already.{done.flow}", **done.values)
    return saying(conversation, "answer", "ok") if isinstance(command, Deny) else drafted(conversation, spoken=True)


def affirm(conversation: Conversation, question: Question, now: datetime) -> Conversation:
    """A yes means what was asked last; to a confirm it holds only for those very facts."""
    frame = conversation.top
    match question.kind:
        case "confirm" if frame is not None:
            return _confirmed(conversation, frame, question, now)
        case "offer":
            offers = open_offers(conversation)
            if len(offers) == 1:
                return pick(conversation, offers[0].id)
            return asking(conversation, AskNext("offer", question.slot, form="again"))
        case "resume" if frame is not None:
            flow = flow_of(conversation, frame)
            conversation = dataclasses.replace(conversation, question=None)
            return on_top(conversation, refreshed(frame, flow)) if flow else conversation
        case "change":
            return asking(conversation, AskNext("change", saying="what_to_change"))
        case _:
            return conversation


def _confirmed(conversation: Conversation, frame: Frame, question: Question, now: datetime) -> Conversation:
    """Bind the yes, or say what is different and look everything up anew (A5, E5, law 5)."""
    flow = flow_of(conversation, frame)
    if flow is None:
        return conversation
    facts = bound_facts(conversation, frame, flow)
    expired = now - question.asked_at > timedelta(minutes=CONFIRM_MINUTES)
    if expired or question.failed:
        conversation = saying(conversation, "notice", "confirm.expired")
        return on_top(conversation, refreshed(frame, flow))
    if facts != question.fingerprint:
        conversation = saying(conversation, "notice", "confirm.changed")
        return on_top(conversation, refreshed(frame, flow))
    return on_top(conversation, dataclasses.replace(frame, confirmed=facts))


def deny(conversation: Conversation, question: Question, now: datetime) -> Step:
    """A no to a confirm asks what to change; to offers, for one constraint; to a question, it is a refusal."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None:
        return saying(conversation, "answer", "ok"), ()
    match question.kind:
        case "confirm":
            line = flow.lines[frame.at] if frame.at < len(flow.lines) else None
            reaction = line.reactions.get("deny") if isinstance(line, Confirm) else None
            if reaction is None:
                return asking(conversation, AskNext("change", saying="what_to_change")), ()
            return react(conversation, frame, flow, reaction, now, keep_value=True)
        case "offer":
            return _none_of_these(conversation, frame, question, now)
        case "resume" | "change":
            return _drop_top(conversation, "cancelled"), ()
        case "slot":
            return _skip(conversation, "refused", now)
        case _:
            return saying(conversation, "answer", "ok"), ()


def _none_of_these(conversation: Conversation, frame: Frame, question: Question, now: datetime) -> Step:
    """All offers turned down: ask for a constraint twice, then fetch a person (D3)."""
    if frame.refusals >= 2:
        return open_handoff(conversation, "no_offer", now)
    conversation = on_top(conversation, dataclasses.replace(frame, refusals=frame.refusals + 1))
    return asking(conversation, AskNext("offer", question.slot, saying=f"offers.{question.slot}.none_fits")), ()


# ---- flows


def _flow(conversation: Conversation, command: Start | Cancel | Undo | Clarify, now: datetime) -> Conversation:
    match command:
        case Start(flow):
            return start(conversation, flow, now)
        case Cancel():
            if conversation.stack:
                return _drop_top(conversation, "cancelled")
            return saying(conversation, "answer", "nothing_to_cancel")
        case Undo():
            return undo(conversation, now)
        case Clarify(flows):
            return asking(conversation, AskNext("clarify", flows=flows[:3]))
    assert_never(command)


def start(conversation: Conversation, flow_id: str, now: datetime) -> Conversation:
    """Begin a flow: now, above what runs (said by name), or later when three wait already."""
    if any(frame.flow == flow_id for frame in conversation.stack[:-1]) or len(conversation.stack) >= STACK_DEPTH:
        conversation = saying(conversation, "acknowledgement", "flow.later", flow=flow_id)
        return dataclasses.replace(conversation, todo=(*conversation.todo, Todo(flow_id)))
    waiting = conversation.top
    if waiting is not None and not waiting.slots and not waiting.chosen:
        conversation = dataclasses.replace(conversation, stack=conversation.stack[:-1])
        waiting = None
    conversation = dataclasses.replace(conversation, question=None)
    opened = open_flow(conversation, flow_id, now)
    if waiting is not None:
        opened = saying(opened, "acknowledgement", "flow.first", flow=flow_id, waiting=waiting.flow)
    if flow_id == MOVE and not conversation.stack:
        return _about_done(opened, flow_id)
    return opened


def _about_done(conversation: Conversation, flow_id: str) -> Conversation:
    """Moving right after a booking means the appointment just made."""
    done = conversation.done
    frame = conversation.top
    if done is None or frame is None or slot_of(conversation, frame, "appointment") is None:
        return conversation
    appointment = done.values.get("appointment")
    if not isinstance(appointment, str) or done.flow in (CANCEL, UNDO):
        return conversation
    hint = Filled(appointment)
    return on_top(conversation, dataclasses.replace(frame, slots={**frame.slots, "appointment": hint}))


def _drop_top(conversation: Conversation, name: str) -> Conversation:
    """Stop the top flow, say that nothing was done; what waits below goes on."""
    frame = conversation.top
    flow = frame.flow if frame else ""
    conversation = dataclasses.replace(conversation, stack=conversation.stack[:-1], question=None)
    conversation = drafted(conversation, ask=None, fresh=())
    return back_to_parked(saying(conversation, "answer", f"{name}.{flow}"))


def undo(conversation: Conversation, now: datetime) -> Conversation:
    """Take back the last write: a flow of its own, with a confirm."""
    done = conversation.done
    if done is None or done.flow == UNDO:
        return saying(conversation, "answer", "nothing_to_undo")
    opened = open_flow(conversation, UNDO, now)
    frame = opened.top
    if frame is None or frame.flow != UNDO:
        return saying(conversation, "answer", "nothing_to_undo")
    values: dict[str, Value] = {f"done_{n}": v for n, v in done.values.items()}
    offer = Offer(done.key, {"of": done.key, "kind": done.flow, **values})
    return on_top(opened, dataclasses.replace(frame, chosen={"of": offer}))


# ---- talk


def _talk(conversation: Conversation, command: Why | Help | Repeat | Wait | Smalltalk | Language) -> Conversation:
    match command:
        case Why(options):
            return _why(conversation, options)
        case Help():
            return _help(conversation)
        case Repeat():
            return _again(conversation)
        case Wait():
            return drafted(saying(conversation, "answer", "take_your_time"), hold=True)
        case Smalltalk(kind):
            return _smalltalk(conversation, kind)
        case Language(code):
            return _language(conversation, code)
    assert_never(command)


def _smalltalk(conversation: Conversation, kind: str) -> Conversation:
    if kind == "greeting":
        return drafted(conversation, spoken=True)
    return saying(conversation, "answer", f"smalltalk.{kind}")


def _language(conversation: Conversation, code: str) -> Conversation:
    known = conversation.desk.business.languages if conversation.desk else (code,)
    if code not in known:
        return saying(conversation, "notice", "language.unknown")
    conversation = dataclasses.replace(conversation, language=code)
    return saying(conversation, "notice", "language.switched")


def _why(conversation: Conversation, options: bool) -> Conversation:
    frame, question = conversation.top, conversation.question
    if frame is None or question is None or not question.slot:
        return _help(conversation)
    slot = slot_of(conversation, frame, question.slot)
    if slot and slot.type == "datetime" and options and question.kind == "slot":
        return set_slot(conversation, slot.name, ANY, "")
    if options:
        return asking(conversation, AskNext(question.kind, question.slot, form="options"))
    return saying(conversation, "answer", f"why.{question.slot}")


def _help(conversation: Conversation) -> Conversation:
    question = conversation.question
    if question is None:
        return saying(conversation, "answer", "help.general")
    return _again(conversation, "again")


def _again(conversation: Conversation, form: str = "full") -> Conversation:
    """The open question once more: in full, or in other words when it was repeated before."""
    question = conversation.question
    if question is None:
        return drafted(conversation, spoken=True)
    reworded = form == "again" or question.times > 1
    return drafted(saying(conversation, "notice", "repeat") if form == "full" else conversation, missed=reworded)


def _unclear(conversation: Conversation, reason: str, now: datetime) -> Step:
    """The ladder: reworded with an example, then options, then a person. Media and small noise do not climb it."""
    if reason == "media":
        return saying(conversation, "notice", "media.received"), ()
    question = conversation.question
    misses = (question.misses if question else conversation.misses) + 1
    if misses >= LADDER:
        return open_handoff(dataclasses.replace(conversation, misses=0), "not_understood", now)
    if question is not None:
        conversation = dataclasses.replace(conversation, question=dataclasses.replace(question, misses=misses))
    else:
        conversation = dataclasses.replace(conversation, misses=misses)
        return saying(conversation, "answer", f"unclear.{misses}"), ()
    if reason == "scope":
        conversation = saying(conversation, "answer", "unclear.scope")
    return drafted(conversation, missed=True), ()
