"""What a colleague should know of a conversation, for whoever takes it over. Pure; nothing sensitive stands in it."""

from __future__ import annotations

from runtime.core.conversation import Conversation, Frame, Todo, slot_of
from runtime.core.values import When


def summary(conversation: Conversation) -> str:
    """What a colleague should know, in one line: flows with their values, and the last words."""
    flows = []
    for frame in conversation.stack:
        told = ", ".join(f"{n}: {plain(f.value)}" for n, f in frame.slots.items() if told_in(conversation, frame, n))
        flows.append(f"{frame.flow} ({told})" if told else frame.flow)
    for todo in conversation.todo:
        told = ", ".join(f"{n}: {plain(f.value)}" for n, f in todo.slots.items() if not _hidden(conversation, todo, n))
        flows.append(f"later {todo.flow} ({told})" if told else f"later {todo.flow}")
    last = conversation.draft.said or (conversation.window[-1].said if conversation.window else "")
    return "; ".join([*flows, f"“{last[:200]}”"] if last else flows)


def told_in(conversation: Conversation, frame: Frame, slot: str) -> bool:
    """Whether a slot may stand in a summary."""
    definition = slot_of(conversation, frame, slot)
    return not (definition and definition.sensitive)


def _hidden(conversation: Conversation, todo: Todo, slot: str) -> bool:
    flow = conversation.desk.flows.get(todo.flow) if conversation.desk else None
    definition = flow.slot(slot) if flow else None
    return bool(definition and definition.sensitive)


def plain(value: object) -> str:
    """A slot's value as a person reads it."""
    if not isinstance(value, When):
        return str(value)
    days = "/".join(d.isoformat() for d in value.days)
    clock = "/".join(t.strftime("%H:%M") for t in value.clock)
    return f"{days} {clock}".strip() or "open"
