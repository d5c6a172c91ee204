"""The guard: rules before any understanding. Danger to life, threats, opt-out words. Pure, no model."""

from __future__ import annotations

from typing import Literal

from runtime.core.conversation import Conversation
from runtime.core.danger import danger_in
from runtime.core.optouts import consent_word
from runtime.core.tone import tone_in

Alarm = Literal["opt_out", "opt_in", "emergency", "distress", "threat"]
MOST_READ = 40
"""Of a flood, the guard reads the newest messages only."""


def guard(conversation: Conversation, texts: tuple[str, ...]) -> Alarm | None:
    """What the rules find in a customer's words, the most urgent first; None lets them through."""
    texts = texts[-MOST_READ:]
    danger = danger_in(texts)
    if danger is not None:
        return danger
    if tone_in(texts) == "threat":
        return "threat"
    channel, opted_out = conversation.channel, conversation.opted_out
    consents = [word for text in texts if (word := consent_word(text, channel, opted_out=opted_out))]
    return consents[-1] if consents else None
