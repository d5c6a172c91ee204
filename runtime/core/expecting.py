"""What a text is read against: the open question, the flow on top, what is filled, what is on offer. Pure."""

from __future__ import annotations

from runtime.core.conversation import Conversation, flow_of
from runtime.core.effects import Expectation, Expecting
from runtime.core.events import Said
from runtime.core.gate import model_calls_left
from runtime.core.picking import open_offers
from runtime.core.prompts import answers_to
from runtime.core.routing import MOVE, appointment_made
from runtime.core.stopping import can_go_on
from runtime.core.values import Value

RECENT = 3
"""Turns that a model may read back."""


def expectation(conversation: Conversation, event: Said) -> Expectation:
    """What the words are to be read against."""
    frame, question = conversation.top, conversation.question
    flow = flow_of(conversation, frame) if frame else None
    filled: dict[str, Value] = {n: f.value for n, f in frame.slots.items()} if frame else _just_made(conversation)
    assert conversation.desk is not None  # noqa: S101  # the loop attaches it before any step
    expecting = (
        Expecting(question.kind, question.id, question.slot, question.flows, question.choices) if question else None
    )
    offers = open_offers(conversation)
    if question is not None and question.kind == "prompt":
        # What is named here is about the appointment of the prompt, not about a flow that waits below.
        flow = conversation.desk.flows.get(MOVE) if question.slot.startswith("reminder") else None
        filled = {name: value for name in ("start", "service") if (value := question.about.get(name))}
        offers = answers_to(question.slot)
    return Expectation(
        language=conversation.language,
        now=event.now,
        desk=conversation.desk,
        expecting=expecting,
        flow=flow,
        filled=filled,
        offers=offers,
        can_undo=conversation.done is not None,
        can_go_on=can_go_on(conversation, event.now),
        has_appointment=bool(appointment_made(conversation)),
        stack=tuple(frame.flow for frame in conversation.stack),
        recent=tuple((one.said, one.replied) for one in conversation.window[-RECENT:]),
        model_calls=model_calls_left(conversation),
    )


def _just_made(conversation: Conversation) -> dict[str, Value]:
    """What the appointment just made is, and when: "eine Stunde später" and "das gleiche nochmal" go by it."""
    done = conversation.done
    if done is None or not appointment_made(conversation):
        return {}
    return {name: str(value) for name in ("start", "service") if (value := done.values.get(name))}
