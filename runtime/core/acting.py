"""A person has the desk book or cancel for the customer they talk to (K13). Pure.

The write goes the way of every write: an intent first, then the action under its key. Who asked is recorded with it;
their word is the confirm, so the customer is told and not asked.
"""

from __future__ import annotations

from collections.abc import Mapping

from runtime.core.changing import replace
from runtime.core.conversation import Asked, Conversation, Done, drafted
from runtime.core.effects import Act, Effect, Record, Send
from runtime.core.events import Acted, OperatorAsked
from runtime.core.messages import Say
from runtime.core.routing import BOOK, CANCEL, appointment_made
from runtime.core.values import Value

Step = tuple[Conversation, tuple[Effect, ...]]
ACTIONS: Mapping[str, tuple[str, str, str]] = {
    "book": ("booking.book", BOOK, "operator.booked"),
    "cancel": ("booking.cancel", CANCEL, "operator.cancelled"),
}
"""What a person may ask for: the action, the flow that it does the work of, how the customer is told."""


def asked_to_act(conversation: Conversation, event: OperatorAsked) -> Step:
    """Only whoever has the conversation, and one thing at a time."""
    wanted = ACTIONS.get(event.what)
    mine = conversation.phase == "owned" and conversation.owner == event.operator
    if wanted is None or not mine or conversation.asked is not None:
        return conversation, (_refused(event.operator, conversation, "not_yours" if not mine else "busy"),)
    ordinal = conversation.draft.ordinal + 1
    key = f"{conversation.tenant}/{conversation.id}/{conversation.session}/{conversation.turn + 1}/{ordinal}"
    arguments = _arguments(conversation, event)
    conversation = replace(
        drafted(conversation, ordinal=ordinal), asked=Asked(key, event.what, event.operator, arguments)
    )
    return conversation, (Act(key, wanted[0], arguments, write=True, pressed=True),)


def _arguments(conversation: Conversation, event: OperatorAsked) -> dict[str, Value]:
    """What they said, and of name, number and appointment what is known already."""
    known: dict[str, Value] = {n: conversation.facts[n] for n in ("name", "phone") if n in conversation.facts}
    frame = conversation.top
    if frame is not None:
        known |= {n: frame.slots[n].value for n in ("name", "phone", "service", "staff") if n in frame.slots}
    if event.what == "cancel":
        known = {
            "appointment": appointment_made(conversation) or "",
            **{n: v for n, v in known.items() if n == "phone"},
        }
    return {**known, **event.arguments}


def done_in_their_name(conversation: Conversation, event: Acted) -> Step | None:
    """The outcome of what a person asked for; None when the outcome is another's."""
    asked = conversation.asked
    if asked is None or asked.key != event.key:
        return None
    conversation = replace(conversation, asked=None)
    action, flow, saying = ACTIONS[asked.what]
    outcome = event.outcome
    facts = {"action": action, "key": event.key, "outcome": outcome.name, "actor": asked.operator}
    record = Record("action", {**facts, **outcome.values})
    if outcome.name != "done":
        return conversation, (record, _refused(asked.operator, conversation, outcome.name))
    values: dict[str, Value] = {**asked.arguments, **outcome.values, "operator": asked.operator}
    conversation = replace(
        conversation,
        done=Done(event.key, action, flow, "", values, event.now),
        # What the flow was about is done; it must not ask for it again when the desk is back.
        stack=tuple(frame for frame in conversation.stack if frame.flow != flow),
    )
    return conversation, (record, Send("system", conversation.generation, (("notice", Say(saying, values)),)))


def _refused(operator: str, conversation: Conversation, why: str) -> Record:
    facts = {"operator": operator, "owner": conversation.owner, "phase": conversation.phase, "why": why}
    return Record("act.refused", facts)
