"""The guard: rules before any understanding. Danger to life, opt-out words, a suspended tenant. Pure, no model."""

from __future__ import annotations

import re
from typing import Literal

from runtime.core.conversation import Conversation
from runtime.core.danger import danger_in
from runtime.core.messages import OWN_CHATS

Alarm = Literal["opt_out", "opt_in", "emergency", "distress", "suspended"]

_OPT_OUT = {"stopall", "unsubscribe", "optout", "abmelden", "abbestellen", "stop all", "opt out"}
_STOP = {"stop", "stopp"}
_OPT_IN = {"start", "unstop"}


def guard(conversation: Conversation, texts: tuple[str, ...]) -> Alarm | None:
    """What the rules find in a customer's words, the most urgent first; None lets them through."""
    danger = danger_in(texts)
    if danger is not None:
        return danger
    consents = [consent for text in texts if (consent := _consent(conversation, text))]
    if consents:
        return consents[-1]
    return "suspended" if conversation.desk is not None and conversation.desk.suspended else None


def _consent(conversation: Conversation, text: str) -> Alarm | None:
    """Opt-out and opt-in words count only alone; in a live chat a small "stop" is no opt-out."""
    word = re.sub(r"[^\w ]", "", text).strip()
    if word.lower() in _OPT_OUT:
        return "opt_out"
    if word.lower() in _STOP:
        return "opt_out" if word.isupper() or conversation.channel not in OWN_CHATS else None
    return "opt_in" if conversation.opted_out and word.lower() in _OPT_IN else None
