"""More than one wish at once: two appointments in a message, two of the offers. One is done, the rest waits. Pure."""

from __future__ import annotations

from runtime.core.changing import replace
from runtime.core.commands import Command, Further, Pick
from runtime.core.conversation import Conversation, Filled, Frame, Todo, flow_of, saying
from runtime.core.corrections import LONGEST_WORDS, take_offer
from runtime.core.picking import open_offers
from runtime.core.waiting import MOST_OPEN

KEPT_BESIDE = ("person", "phone", "email", "offer")
"""Types that a further wish does not take over: the contact is remembered, an offer belongs to its own list."""


def postponed(conversation: Conversation, todo: Todo, *, aloud: bool = True) -> Conversation:
    """The wish at the end of the list, or not taken at all when the list is full."""
    if len(conversation.todo) + len(conversation.stack) >= MOST_OPEN:
        return saying(conversation, "notice", "flow.too_many")
    conversation = replace(conversation, todo=(*conversation.todo, todo))
    return saying(conversation, "acknowledgement", "flow.later", flow=todo.flow) if aloud else conversation


def with_further(conversation: Conversation, commands: tuple[Command, ...]) -> tuple[Conversation, tuple[Command, ...]]:
    """The commands that count now; what is for later stands on the list (D6, two wishes in one message)."""
    for command in commands:
        if isinstance(command, Further):
            slots = {s.slot: Filled(s.value, s.words[:LONGEST_WORDS]) for s in command.sets}
            conversation = postponed(conversation, Todo(command.flow, slots))
    commands = tuple(c for c in commands if not isinstance(c, Further))
    picks = [c for c in commands if isinstance(c, Pick)]
    shown = {offer.id: offer for offer in open_offers(conversation)}
    frame = conversation.top
    if frame is None or len(picks) < 2 or any(pick.offer not in shown for pick in picks):
        return conversation, commands
    for pick in picks[1:]:
        chosen = take_offer(frame, _slot(conversation), shown[pick.offer], conversation.turn + 1, pick.words)
        conversation = postponed(conversation, Todo(frame.flow, _taken_over(conversation, chosen)))
    return conversation, tuple(c for c in commands if not isinstance(c, Pick) or c is picks[0])


def _slot(conversation: Conversation) -> str:
    return conversation.question.slot if conversation.question else ""


def _taken_over(conversation: Conversation, frame: Frame) -> dict[str, Filled]:
    """The wish as it stands, for another time: the same service, the same guest."""
    flow = flow_of(conversation, frame)
    slots = flow.slots if flow else {}
    return {n: f for n, f in frame.slots.items() if n in slots and slots[n].type not in KEPT_BESIDE}
