"""Picking, skipping, stepping back: answers to the open question that are no plain value. Pure."""

from __future__ import annotations

from datetime import datetime

from runtime.core.changing import replace
from runtime.core.commands import Refine
from runtime.core.conversation import (
    Ask,
    Conversation,
    Frame,
    Question,
    asking,
    drafted,
    flow_of,
    on_top,
    saying,
    slot_of,
)
from runtime.core.corrections import FROM_CONTACT, refine, set_slot, take_offer, unset_slot
from runtime.core.effects import Effect
from runtime.core.flows import Choose, Collect, Line
from runtime.core.handoff import open_handoff
from runtime.core.known_persons import OTHER
from runtime.core.lines import open_flow
from runtime.core.talk import why_asked
from runtime.core.values import ANY, Offer

Step = tuple[Conversation, tuple[Effect, ...]]


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
    if question and question.kind == "slot" and offer_id == OTHER and question.choices:
        return asking(replace(conversation, question=None), Ask("slot", question.slot))
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
    if slot and slot.type == "person" and what in conversation.facts:
        # Another person perhaps: the contact's own name is not forgotten for that (B3).
        return asking(conversation, Ask("slot", what))
    forgotten = {n: v for n, v in conversation.facts.items() if n != what} if slot and slot.remember else None
    if forgotten is not None:
        conversation = replace(conversation, facts=forgotten)
    return asking(conversation, Ask("slot", what)) if slot and slot.optional else conversation


def skip(conversation: Conversation, reason: str, now: datetime) -> Step:
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
        conversation = why_asked(conversation, slot)
        return replace(conversation, question=replace(question, refusals=1)), ()
    if slot.if_refused == "go_on":
        return _skipped(conversation, frame, slot.name), ()
    return open_handoff(conversation, "refused", now)


def skip_early(conversation: Conversation, name: str) -> Conversation:
    """ "Meine Nummer gebe ich nicht", before it was asked: it is not asked at all where one can do without (C6)."""
    frame = conversation.top
    slot = slot_of(conversation, frame, name) if frame else None
    if frame is None or slot is None or name in frame.skipped or not (slot.optional or slot.if_refused == "go_on"):
        return conversation
    slots = {n: f for n, f in frame.slots.items() if n != name}
    conversation = saying(conversation, "acknowledgement", f"without.{name}")
    return _skipped(conversation, replace(frame, slots=slots), name)


def _skipped(conversation: Conversation, frame: Frame, slot: str) -> Conversation:
    return on_top(conversation, replace(frame, skipped=(*frame.skipped, slot)))


def _unknown(conversation: Conversation, frame: Frame, question: Question, kind: str, rule: str) -> Conversation:
    if kind == "datetime":
        return set_slot(conversation, question.slot, ANY, "")
    if rule == "go_on":
        return _skipped(conversation, frame, question.slot)
    return asking(conversation, Ask(question.kind, question.slot, form="options"))


def back(conversation: Conversation) -> Conversation:
    """The question before this one, once more."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None:
        return conversation
    asked = [slot for line in flow.lines[: frame.at] if (slot := _asked_for(line, frame))]
    return unset_slot(conversation, asked[-1]) if asked else conversation


def _asked_for(line: Line, frame: Frame) -> str:
    """The slot that the customer answered at this line; what was known of the contact is not gone back to."""
    match line:
        case Collect(slot) | Choose(slot, _):
            filled = frame.slots.get(slot)
            return slot if filled is not None and filled.turn != FROM_CONTACT else ""
        case _:
            return ""


def restart(conversation: Conversation, now: datetime) -> Conversation:
    """The same flow from the top; contact facts and language stay."""
    frame = conversation.top
    if frame is None:
        return drafted(conversation, spoken=True)
    given = _given(conversation, frame)
    conversation = replace(conversation, stack=conversation.stack[:-1], question=None)
    opened = open_flow(conversation, frame.flow, now)
    if given and opened.top is not None:
        opened = on_top(opened, replace(opened.top, chosen=given))
    return saying(opened, "acknowledgement", "flow.restarted")


def _given(conversation: Conversation, frame: Frame) -> dict[str, Offer]:
    """What no line lets choose was given at the start, such as what to take back: a restart keeps it."""
    flow = flow_of(conversation, frame)
    choosable = {line.slot for line in flow.lines if isinstance(line, Choose)} if flow else set()
    return {slot: offer for slot, offer in frame.chosen.items() if slot not in choosable}
