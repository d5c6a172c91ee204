"""What a flow need not ask: facts of this contact, and the number that the channel itself goes by. Pure."""

from __future__ import annotations

import re

from runtime.core.conversation import Conversation
from runtime.core.flows import Slot
from runtime.core.values import Value

_BY_NUMBER = frozenset(
    {"whatsapp_cloud", "whatsapp_qr", "twilio_sms", "twilio_whatsapp", "twilio_voice", "rcs_business"}
)
"""Connectors whose chat is a phone number."""
_NUMBER = re.compile(r"\+?([1-9]\d{7,14})")


def known_value(conversation: Conversation, slot: Slot) -> Value | None:
    """What is known for a slot without asking: what the contact said before comes before what the channel knows."""
    if (slot.remember or slot.known_from == "contact") and slot.name in conversation.facts:
        return conversation.facts[slot.name]
    if slot.known_from == "channel" and slot.type == "phone":
        return channel_number(conversation.channel, conversation.chat) or None
    return None


def channel_number(connector: str, chat: str) -> str:
    """The customer's own number where the channel goes by it, else "" (a hidden or a messenger id)."""
    if connector not in _BY_NUMBER:
        return ""
    found = _NUMBER.fullmatch(chat.removeprefix("whatsapp:").partition("@")[0])
    return f"+{found.group(1)}" if found else ""
