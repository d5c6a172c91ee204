"""What a turn leaves in its journal entry: parts in words, actions, timers, records, and the versions of it all.

The turn that is played and the turn that is played again (`replay/`) make these the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runtime.codec import plain
from runtime.core.business import Desk
from runtime.core.card import line_of
from runtime.core.conversation import Conversation, fingerprint
from runtime.core.effects import Act, DropTimer, Record, Send, SetTimer
from runtime.core.events import Message
from runtime.core.messages import OutboundPart, Say
from runtime.records.filed import has_files
from runtime.wording import Context, Wording

_SECOND = frozenset({"ticket.opened"})
"""Records that came with version 2 of the entry and of which rows are made."""
_THIRD = frozenset({"operator.echoed"})
"""With version 3: an event beside it becomes a line of the transcript."""

_MENU = Say("button.menu")


def version_of(
    records: Sequence[Mapping[str, Any]], said: Sequence[Mapping[str, Any]], parts: Sequence[OutboundPart]
) -> int:
    """The lowest version whose projector makes all rows of it: an older one puts the entry aside for a newer one."""
    kinds = {record["kind"] for record in records}
    return 3 if kinds & _THIRD or has_files(said, parts) else 2 if kinds & _SECOND else 1


def standing(conversation: Conversation) -> dict[str, Any]:
    """Where it stands after the turn: the flows on the stack with their lines; since when a person is waited for."""
    handoff = conversation.handoff
    since = handoff and (handoff.opened_at if conversation.phase == "queued" else handoff.waiting_since)
    places = [[frame.flow, frame.at, line_of(conversation, frame)] for frame in conversation.stack]
    return {"places": places, "waiting_since": since.isoformat() if since else ""}


def said_of(message: Message) -> dict[str, Any]:
    """A customer's message as our own chats show it."""
    files = [plain(one) for one in message.media if one.file]
    return {"id": message.id, "text": message.text, **({"files": files} if files else {})}


def versions(desk: Desk, wording: Wording) -> dict[str, Any]:
    """The document's version, the flows' hashes, and a hash of the replies."""
    flows = {name: flow.hash for name, flow in desk.flows.items()}
    return {"document": desk.version, "status": desk.status, "flows": flows, "replies": wording.hash}


def part_of(conversation: Conversation, send: Send, before: int, wording: Wording) -> OutboundPart:
    """A send in words, as the turn's next part behind those `before`."""
    assert conversation.desk is not None  # noqa: S101  # attached by the loop
    number = conversation.turn + (send.author != "bot")
    context = Context(conversation.desk, send.language or conversation.language, number)
    return OutboundPart(
        id=f"{conversation.session}-{number}-{before}",
        tenant=conversation.tenant,
        connection=conversation.connection,
        conversation=conversation.id,
        chat=conversation.chat,
        author=send.author,
        generation=send.generation,
        text=wording.bubble(send, context),
        language=context.language,
        buttons=wording.buttons(send, context),
        turn=number,
        question=send.question,
        attachments=send.attachments,
        extra=conversation.extra,
        menu=wording.text(_MENU, context) if send.buttons else "",
    )


def asked_for(act: Act) -> dict[str, Any]:
    """An action as the journal has it. Its arguments stand in the events; here they are only told apart."""
    facts = fingerprint(sorted(act.arguments.items()))
    return {"key": act.key, "action": act.action, "arguments": facts, "outcome": ""}


def alarm(effect: SetTimer | DropTimer) -> dict[str, Any]:
    """A timer set or dropped, as the journal has it."""
    if isinstance(effect, DropTimer):
        return {"drop": effect.name}
    return {"set": effect.name, "generation": effect.generation, "at": effect.at.isoformat()}


def record_of(record: Record) -> dict[str, Any]:
    """A record as the journal has it."""
    return {"kind": record.kind, "facts": {name: plain_value(value) for name, value in record.facts.items()}}


def plain_value(value: object) -> object:
    """A record's fact as plain data."""
    return value if isinstance(value, str | int | bool | float) else plain(value)
