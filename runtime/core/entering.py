"""Coming in by a link, a QR code or a button that says what is wanted (A9). Pure.

    book--service-haircut_women--staff-mara--ref-flyer

The task first (`book`, `move`, `cancel`, `mine`, or a flow's id), then `slot-value` for options that the business has,
and `ref-...` for where the link stood. Only options count: a link never says who somebody is.
"""

from __future__ import annotations

import re

from runtime.core.business import Desk
from runtime.core.changing import replace
from runtime.core.commands import Command, Set, Start
from runtime.core.conversation import Conversation
from runtime.core.effects import Record
from runtime.core.flows import Flow

ENTRY = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a link may carry: no more than Telegram lets through."""
REFERRAL = "referral"
_TASKS = {
    "book": "book_appointment", "move": "move_appointment", "cancel": "cancel_appointment", "mine": "my_appointments",
}  # fmt: skip


def entered(conversation: Conversation, entry: str) -> tuple[Conversation, tuple[Command, ...], tuple[Record, ...]]:
    """Where somebody comes from as a fact, and what the link says as commands."""
    desk = conversation.desk
    if not ENTRY.fullmatch(entry) or desk is None:
        return conversation, (), ()
    task, *parts = entry.split("--")
    named = dict(part.partition("-")[::2] for part in parts)
    source = named.pop("ref", "") or entry
    conversation = replace(conversation, facts={**conversation.facts, REFERRAL: source})
    flow = desk.flows.get(_TASKS.get(task, task))
    if flow is None:
        return conversation, (), (Record(REFERRAL, {"source": source}),)
    running = conversation.top is not None and conversation.top.flow == flow.id
    starts: tuple[Command, ...] = () if running else (Start(flow.id),)
    return conversation, (*starts, *_options(desk, flow, named)), (Record(REFERRAL, {"source": source}),)


def _options(desk: Desk, flow: Flow, named: dict[str, str]) -> tuple[Set, ...]:
    """The values of the link that are options of this business."""
    found: list[Set] = []
    for name, value in named.items():
        slot = flow.slot(name)
        options = desk.options.get(slot.options, ()) if slot and slot.type == "choice" else ()
        found += [Set(name, "", option.id) for option in options if _plain(option.id) == _plain(value)]
    return tuple(found)


def _plain(text: str) -> str:
    return text.lower().replace("-", "_")
