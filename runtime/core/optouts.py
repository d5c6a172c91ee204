"""Opt-out and opt-in words by channel. They count only alone: "Stop, lieber Mittwoch" is a correction. Pure.

SMS has traps: carriers and Twilio take single English words for an opt-out before we ever see them, among them words
that a booking dialogue likes to use. So on SMS they all count here too, and no reply may ask for one of them (N4).
"""

from __future__ import annotations

import re
from typing import Literal

from runtime.core.messages import OWN_CHATS

Word = Literal["opt_out", "opt_in"]
SMS = frozenset({"twilio_sms", "sms", "vonage_sms", "messagebird_sms", "rcs"})
"""Channels where a carrier reads along."""
CARRIER_ANSWERS = frozenset({"twilio_sms"})
"""Where the provider itself sends the last line after an opt-out, and refuses ours."""
_EVERYWHERE = frozenset({"stopall", "unsubscribe", "optout", "abmelden", "abbestellen", "stop all", "opt out"})
_STOP = frozenset({"stop", "stopp"})
_START = frozenset({"start", "unstop"})
SMS_OUT = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
SMS_IN = frozenset({"start", "yes", "unstop"})
RESERVED = SMS_OUT | SMS_IN | {"help", "info"}
"""What an SMS reply must never ask for."""


def consent_word(text: str, channel: str, *, opted_out: bool) -> Word | None:
    """What a message says about messages, if it says nothing else. In a live chat a small "stop" is no opt-out."""
    word = re.sub(r"[^\w ]", "", text).strip()
    small = word.lower()
    if small in _EVERYWHERE or (channel in SMS and small in SMS_OUT):
        return "opt_out"
    if small in _STOP:
        return "opt_out" if word.isupper() or channel not in OWN_CHATS else None
    back = _START | SMS_IN if channel in SMS else _START
    return "opt_in" if opted_out and small in back else None


_HINT = re.compile(
    r"[„“\"'‘»]([A-Za-z]+)[“”\"'’«]|\b(?i:reply|answer|text|send|write|type|say|antworten sie|antworte|schreiben sie|"
    r"schreib|senden sie|sagen sie|sag)(?: with| mit)? ([A-Za-z]+)\b|\bmit ([A-Z]{2,})\b"
)


def reserved_hints(text: str) -> set[str]:
    """Reserved words that a reply text holds out as an answer."""
    words = {(found[1] or found[2] or found[3]).lower() for found in _HINT.finditer(text)}
    return words & RESERVED
