"""The line that asks for a slot: what it holds already, what is known without asking, which rules a value must keep.

Pure. `lines.py` calls it; what an answer does to a slot stands in `corrections.py`.
"""

from __future__ import annotations

from datetime import datetime

from runtime.core.changing import replace
from runtime.core.conversation import Ask, Conversation, Filled, Frame, asking, drafted, on_top, saying
from runtime.core.flows import Collect, Flow, Slot
from runtime.core.known import known_value
from runtime.core.known_persons import ask_person
from runtime.core.rules import broken_rule, is_searched, rule_parts
from runtime.core.values import Value


def collect(conversation: Conversation, frame: Frame, flow: Flow, line: Collect, now: datetime) -> Conversation:
    """Pass by a slot that has a good value, take what is known, else ask."""
    slot = flow.slots[line.slot]
    filled = frame.slots.get(line.slot)
    if filled is not None:
        broken = _broken(conversation, flow, slot, filled.value, now)
        return _refused(conversation, frame, slot, broken) if broken else _passed(conversation, frame)
    if slot.optional or line.slot in frame.skipped:
        return _passed(conversation, frame)
    persons = ask_person(conversation, slot.name) if slot.type == "person" and slot.remember else None
    if persons is not None and not has_guest(frame, flow):
        return asking(conversation, persons)
    known = None if slot.type == "person" and has_guest(frame, flow) else known_value(conversation, slot)
    if known is None or _broken(conversation, flow, slot, known, now):
        return asking(conversation, Ask("slot", line.slot))
    if slot.type in ("phone", "email"):
        # Mentioned, masked, so that it can be changed (C21); a name stands in the summary anyway.
        conversation = saying(conversation, "acknowledgement", f"known.{slot.type}", **{slot.type: known})
    return _passed(conversation, replace(frame, slots={**frame.slots, line.slot: Filled(known)}))


def _passed(conversation: Conversation, frame: Frame) -> Conversation:
    return on_top(conversation, replace(frame, at=frame.at + 1))


def has_guest(frame: Frame, flow: Flow) -> bool:
    """Whether the appointment is for somebody else (B4)."""
    return any(flow.slots[name].type == "relation" for name in frame.slots)


def _broken(conversation: Conversation, flow: Flow, slot: Slot, value: Value, now: datetime) -> str:
    """The rule that a value breaks, unless a search behind this line will say what fits instead."""
    if not slot.rules or conversation.desk is None or is_searched(flow, slot.name):
        return ""
    return broken_rule(slot, value, conversation.desk.business, now)


def _refused(conversation: Conversation, frame: Frame, slot: Slot, broken: str) -> Conversation:
    """Name the rule and ask again: that is no misunderstanding."""
    name, number = rule_parts(broken)
    values: dict[str, Value] = {"number": number} if number else {}
    conversation = saying(conversation, "notice", f"rule.{name}", **values)
    conversation = drafted(conversation, fresh=tuple(n for n in conversation.draft.fresh if n != slot.name))
    frame = replace(frame, slots={n: f for n, f in frame.slots.items() if n != slot.name})
    return asking(on_top(conversation, frame), Ask("slot", slot.name))
