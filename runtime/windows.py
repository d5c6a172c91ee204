"""How long after a customer's last words a provider lets us write freely, and what goes out instead afterwards. Pure.

A part whose window is shut is kept until the customer writes again; once, a template tells them to. The provider has
the last word: what it refuses as too late goes the same way, so a clock of ours that is wrong does no harm.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from runtime.core.conversation import Conversation
from runtime.core.messages import OutboundPart, Template
from runtime.ports import Connection

HOUR_MS = 3600 * 1000
NEVER_HEARD = 1
"""`heard_at_ms` of a part for somebody who has not written in this session: longer ago than any window."""


@dataclass(frozen=True, slots=True)
class Window:
    """In hours since the customer's last words: for the desk, and for what a person writes."""

    desk_h: int
    people_h: int


WINDOWS: Mapping[str, Window] = {
    "whatsapp_cloud": Window(24, 24),
    "messenger": Window(24, 7 * 24),
    "instagram": Window(24, 7 * 24),
}
"""By connector; every other one lets us write at any time."""


def heard_at_ms(conversation: Conversation, now: datetime, real_ms: int, *, begins: bool) -> int:
    """When the customer wrote last, in real time: as long ago as in business time, which may be moved."""
    if conversation.heard_at is None:
        return NEVER_HEARD if begins else 0
    return real_ms - round((now - conversation.heard_at).total_seconds() * 1000)


def heard_since(part: OutboundPart, heard_ms: int) -> OutboundPart:
    """The part, with the customer's words that came after it was written: by these it is as good as new."""
    return dataclasses.replace(part, at_ms=heard_ms, heard_at_ms=heard_ms) if heard_ms > part.at_ms else part


def is_shut(part: OutboundPart, connector: str, now_ms: int) -> bool:
    """Whether this part comes too late."""
    window = WINDOWS.get(connector)
    if window is None or part.template is not None:
        return False
    if not part.heard_at_ms:
        return False  # Nobody knows; the provider does.
    hours = window.people_h if part.author == "operator" else window.desk_h
    return now_ms - part.heard_at_ms > hours * HOUR_MS


def template_for(connection: Connection, part: OutboundPart) -> Template | None:
    """The connection's template for a way back: `template`, in the customer's language or in `template_language`."""
    name = connection.config.get("template", "")
    if not name or connection.connector != "whatsapp_cloud":
        return None
    return Template(name, connection.config.get("template_language", "") or part.language)


def calling_back(part: OutboundPart, template: Template) -> OutboundPart:
    """The template in the place of what is kept: nothing of it but its address."""
    return dataclasses.replace(
        part, id=f"{part.id}-t", template=template, question="", buttons=(), piece=0, pieces=0, quote="", reaction=""
    )
