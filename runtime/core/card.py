"""What a colleague should know of a conversation, for whoever takes it over. Pure; nothing sensitive stands in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from runtime.core.conversation import Conversation, Frame, Todo, flow_of, slot_of
from runtime.core.routing import appointment_made
from runtime.core.values import When

LAST_WORDS = 3
LONGEST_WORDS = 200


def card_of(conversation: Conversation, reason: str, since: datetime) -> str:
    """The operator's card as JSON: it is recorded with the handoff and shown as it was then."""
    return json.dumps(card(conversation, reason, since), ensure_ascii=False, separators=(",", ":"))


def card(conversation: Conversation, reason: str, since: datetime) -> Mapping[str, object]:
    """Why, where the talk stands, what is known, what waits, what was promised."""
    frame = conversation.top
    return {
        "reason": reason,
        "since": since.isoformat(),
        "language": conversation.language,
        "channel": conversation.channel,
        "contact": {n: str(conversation.facts[n]) for n in ("name", "phone") if n in conversation.facts},
        "flow": frame.flow if frame else "",
        "line": line_of(conversation, frame) if frame else "",
        "slots": _slots(conversation, frame) if frame else {},
        "below": [{"flow": f.flow, "slots": _slots(conversation, f)} for f in conversation.stack[:-1]],
        "todo": [todo.flow for todo in conversation.todo],
        "last_words": list(_last_words(conversation)),
        "appointment": _appointment(conversation),
        "promises": [
            {"kind": p.kind, "ticket": p.ticket, "at": p.at.isoformat(), "due_at": p.due_at and p.due_at.isoformat()}
            for p in conversation.promises
        ],
    }


def line_of(conversation: Conversation, frame: Frame) -> str:
    """Where the flow stands: "collect phone", "confirm", "act booking.book"."""
    flow = flow_of(conversation, frame)
    if flow is None or frame.at >= len(flow.lines):
        return ""
    line = flow.lines[frame.at]
    about = getattr(line, "slot", "") or getattr(line, "action", "")
    return f"{type(line).__name__.removesuffix('Line').lower()} {about}".strip()


def _slots(conversation: Conversation, frame: Frame) -> dict[str, str]:
    told = {n: plain(f.value) for n, f in frame.slots.items() if told_in(conversation, frame, n)}
    chosen = {
        n: str(v) for offer in frame.chosen.values() for n, v in offer.values.items() if told_in(conversation, frame, n)
    }
    return {**told, **chosen}


def _last_words(conversation: Conversation) -> Iterator[str]:
    said = [exchange.said for exchange in conversation.window if exchange.said][-LAST_WORDS:]
    if conversation.draft.said:
        said = [*said, conversation.draft.said][-LAST_WORDS:]
    for words in said:
        yield _discreet(conversation, words)[:LONGEST_WORDS]


def _discreet(conversation: Conversation, words: str) -> str:
    """The words without what a sensitive slot took of them."""
    for frame in conversation.stack:
        for name, filled in frame.slots.items():
            if not told_in(conversation, frame, name):
                for secret in filter(None, (filled.words, plain(filled.value))):
                    words = words.replace(secret, "…")
    return words


def _appointment(conversation: Conversation) -> dict[str, str]:
    """The appointment that was made in this talk."""
    done = conversation.done
    if done is None or not (made := appointment_made(conversation)):
        return {}
    names = ("start", "service", "staff")
    return {"id": str(made), **{n: str(done.values[n]) for n in names if n in done.values}}


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
    last = _discreet(conversation, last)
    return "; ".join([*flows, f"“{last[:LONGEST_WORDS]}”"] if last else flows)


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
