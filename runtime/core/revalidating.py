"""Coming back to a flow that waited: what it rests on may have changed, and what fell is said (F5, P9). Pure."""

from __future__ import annotations

from runtime.core.changing import replace
from runtime.core.conversation import Conversation, Filled, Frame, drafted, flow_of, on_top, saying
from runtime.core.corrections import FROM_CONTACT, refreshed, unset_slot
from runtime.core.flows import Flow
from runtime.core.values import ANY


def without_fallen_options(conversation: Conversation) -> Conversation:
    """The top flow without choices that the business no longer offers: said, and only those are asked again (P9)."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None or conversation.desk is None:
        return conversation
    for name, filled in frame.slots.items():
        slot = flow.slot(name)
        if slot is None or slot.type != "choice" or filled.value == ANY:
            continue
        options = conversation.desk.options.get(slot.options, ())
        wished = str(filled.value).split(",")  # one, or several in an order ("anna,*")
        if ANY not in wished and all(option.id not in wished for option in options):
            conversation = replace(unset_slot(conversation, name), question=None)
            conversation = saying(conversation, "notice", "option_gone", option=filled.words or str(filled.value))
    return conversation


def back_to_parked(conversation: Conversation, finished: Frame | None = None) -> Conversation:
    """The flow below, checked and looked up anew, announced by name."""
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    if frame is None or flow is None:
        return conversation
    if finished is not None:
        conversation, frame = _newer(conversation, frame, flow, finished)
    conversation = without_fallen_options(on_top(conversation, _checked(frame, flow)))
    # What was left again in the same turn needs no "first this, then that".
    kept = tuple(entry for entry in conversation.draft.sayings if entry[1].name != "flow.first")
    return saying(drafted(conversation, sayings=kept), "acknowledgement", "flow.back", flow=flow.id)


def _checked(frame: Frame, flow: Flow) -> Frame:
    """The frame before its first read, with what is known of the contact taken anew and the old time remembered."""
    chosen = {slot: offer.values.get(slot) for slot, offer in frame.chosen.items()}
    times = [v for n, v in chosen.items() if isinstance(v, str) and (s := flow.slot(n)) and s.type == "datetime"]
    slots = {n: f for n, f in frame.slots.items() if not (f.turn == FROM_CONTACT and flow.slots[n].remember)}
    if len(slots) < len(frame.slots):
        at = min(_first_use(flow, frame, n) for n in frame.slots if n not in slots)
        frame = replace(frame, slots=slots, at=min(at, frame.at), confirmed="")
    return replace(refreshed(frame, flow), stood=times[0] if times else "")


def _first_use(flow: Flow, frame: Frame, slot: str) -> int:
    return next((at for at, line in enumerate(flow.lines) if getattr(line, "slot", "") == slot), frame.at)


def _newer(conversation: Conversation, frame: Frame, flow: Flow, finished: Frame) -> tuple[Conversation, Frame]:
    """What the customer said of themselves in the other task later than here holds here too: a new phone number."""
    for name, filled in finished.slots.items():
        slot, old = flow.slot(name), frame.slots.get(name)
        if slot is None or not slot.remember or old is None or old.value == filled.value or filled.turn <= old.turn:
            continue
        if old.turn != FROM_CONTACT:
            frame = replace(frame, slots={**frame.slots, name: Filled(filled.value, filled.words, filled.turn)})
        conversation = saying(conversation, "notice", f"taken_over.{name}", **{name: filled.value})
    return conversation, frame
