"""Two readings of the same words: one question with both, and nothing is guessed (C12). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from runtime.core.business import Business
from runtime.core.changing import replace
from runtime.core.commands import Either, Set
from runtime.core.conversation import Ask, Conversation, Filled, asking, on_top, slot_of
from runtime.core.corrections import may_be_any, set_slot
from runtime.core.messages import Button, Say
from runtime.core.rules import open_at
from runtime.core.values import Value, When


def ask_which(conversation: Conversation, command: Either) -> Conversation:
    """Ask which of two is meant; what both readings share (the hour) counts already."""
    frame = conversation.top
    slot = slot_of(conversation, frame, command.slot) if frame else None
    if frame is None or slot is None or len(command.values) != 2:
        return conversation
    first, second = command.values
    if isinstance(first, When) and first.names_clock:
        shared = When(clock=first.clock, from_clock=first.from_clock, until_clock=first.until_clock)
        conversation = set_slot(conversation, command.slot, shared, command.words)
    elif command.slot in frame.slots and may_be_any(conversation, command.slot):
        conversation = on_top(conversation, replace(frame, slots=_without(frame.slots, command.slot)))
    return asking(conversation, Ask("slot", command.slot, form="either", choices=(first, second)))


def narrowed(conversation: Conversation, command: Set, clock: When, now: datetime) -> Conversation:
    """ "9:30", asked which of two days: the day on which that is still to come, else the question with the hour."""
    question = conversation.question
    assert question is not None and conversation.desk is not None  # noqa: S101  # asked before
    business = conversation.desk.business
    local = now.astimezone(ZoneInfo(business.timezone)).replace(tzinfo=None)
    merged = tuple(choice.merged(clock) for choice in question.choices if isinstance(choice, When))
    left = tuple(one for one in merged if any(_to_come(one, day, local, business) for day in one.days))
    if len(left) == 1:
        return set_slot(conversation, command.slot, left[0], command.words)
    return ask_which(conversation, Either(command.slot, command.words, left or merged))


def _to_come(when: When, day: date, local: datetime, business: Business) -> bool:
    if day > local.date():
        return True
    if when.clock:
        return any(clock > local.time() and open_at(business, day, (clock,)) for clock in when.clock)
    return when.until_clock is None or when.until_clock > local.time()


def _without(slots: Mapping[str, Filled], name: str) -> dict[str, Filled]:
    return {n: f for n, f in slots.items() if n != name}


def either_saying(ask: Ask, values: dict[str, Value]) -> Say:
    """The question that names both."""
    first, second = ask.choices
    return Say(f"either.{ask.slot}", {**values, f"{ask.slot}_a": first, f"{ask.slot}_b": second})


def either_buttons(ask: Ask, question: str) -> tuple[Button, ...]:
    """A button for each reading."""
    return tuple(
        Button(Say(f"button.either.{ask.slot}", {ask.slot: value}), f"either|{question}|{number}")
        for number, value in enumerate(ask.choices)
    )


def chosen_reading(conversation: Conversation, number: str) -> Conversation:
    """The reading of this button."""
    question = conversation.question
    if question is None or not number.isdecimal() or int(number) >= len(question.choices):
        return conversation
    return set_slot(conversation, question.slot, question.choices[int(number)], "")
