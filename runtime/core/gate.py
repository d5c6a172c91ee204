"""Before anything is understood: who gets a fixed text only, or nothing but a place in the record. Pure.

Each of these ends the turn. A reason is said once (a flood and a loop when they begin, the others once a day); what
comes after that stays in the record, where people find it, and costs no understanding. Danger goes first, always.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from runtime.core.changing import replace
from runtime.core.conversation import Conversation, drafted, fingerprint, saying, texts_of
from runtime.core.danger import fold
from runtime.core.effects import Effect, Record
from runtime.core.events import Pressed, Said, Understood
from runtime.core.handoff import queue
from runtime.core.traffic import QUICK_S, Limits, Traffic, counted, repeated

Step = tuple[Conversation, tuple[Effect, ...]]
Reason = Literal["suspended", "barred", "flood", "loop", "group", "paused"]
MOST_ECHOES = 3
_UNCOUNTED = ("terminal", "api")
"""Whoever sits at the machine or holds its keys may write as much as they like."""


def spoke(conversation: Conversation, text: str) -> Conversation:
    """Our own bubble, remembered by its fingerprint: an echo of it is a machine's (M17)."""
    return replace(conversation, echoes=(*conversation.echoes, fingerprint(fold(text)))[-MOST_ECHOES:])


def turned_away(conversation: Conversation, event: Said | Pressed) -> tuple[Conversation, Step | None]:
    """The conversation with its traffic counted, and the whole turn where it ends here."""
    before = conversation.traffic
    conversation = in_traffic(conversation, event)
    reason = _reason(conversation, event)
    return conversation, _ended(conversation, reason, before, event.now) if reason else None


def in_traffic(conversation: Conversation, event: Said | Pressed) -> Conversation:
    """The conversation with this counted; what the guard answers counts, too."""
    if conversation.channel in _UNCOUNTED or conversation.desk is None:
        return conversation
    policies = conversation.desk.business.policies
    limits = Limits(policies.messages_per_minute, policies.messages_per_day)
    messages = len(event.messages) if isinstance(event, Said) else 1
    traffic = counted(conversation.traffic, messages, event.now, limits)
    texts = texts_of(event.messages) if isinstance(event, Said) and not traffic.flooding else ()
    if texts:
        text = fold(" ".join(texts))
        mark = fingerprint(text)
        last = conversation.last_at
        quick = last is not None and (event.now - last).total_seconds() < QUICK_S
        traffic = repeated(traffic, mark, len(text), quick=quick, ours=mark in conversation.echoes)
    return replace(conversation, traffic=traffic)


def model_calls_left(conversation: Conversation) -> int | None:
    """How often a model may still be asked for this contact within the minute; None is no limit."""
    most = conversation.desk.business.model.calls_per_minute if conversation.desk else 0
    if conversation.channel in _UNCOUNTED or not most:
        return None
    return max(0, most - conversation.traffic.model_calls)


def model_asked(conversation: Conversation, understood: Understood) -> tuple[Conversation, tuple[Effect, ...]]:
    """The conversation with the calls of a model counted, and what the people behind the desk should hear of."""
    alert: tuple[Effect, ...] = (Record("alert", {"kind": understood.alert}),) if understood.alert else ()
    if understood.spent is None:
        return conversation, alert
    traffic = conversation.traffic
    traffic = replace(traffic, model_calls=traffic.model_calls + understood.spent.calls)
    return replace(conversation, traffic=traffic), alert


def _reason(conversation: Conversation, event: Said | Pressed) -> Reason | None:
    desk, traffic = conversation.desk, conversation.traffic
    if desk is None:
        return None
    if traffic.flooding:
        return "flood"
    if desk.suspended:
        return "suspended"
    if conversation.contact in desk.barred:
        return "barred"
    if traffic.looping:
        return "loop"
    if isinstance(event, Said) and any(message.group for message in event.messages):
        return "group"
    return "paused" if desk.paused and conversation.phase != "queued" else None


def _ended(conversation: Conversation, reason: Reason, before: Traffic, now: datetime) -> Step:
    if reason == "paused":
        return queue(conversation, "paused", now)
    if not _owed(conversation, reason, before, now):
        return drafted(conversation, silent=True), (Record("kept", {"why": reason}),)
    conversation = replace(conversation, traffic=_told(conversation, reason, now))
    alert: tuple[Effect, ...] = (Record("alert", {"kind": reason}),) if reason in ("flood", "loop") else ()
    return saying(conversation, "notice", f"guard.{reason}"), alert


def _owed(conversation: Conversation, reason: Reason, before: Traffic, now: datetime) -> bool:
    """Whether this customer has not read this yet: law 13 owes each of them one answer."""
    match reason:
        case "flood":
            return not before.flooding
        case "loop":
            return not before.looping
        case "group":
            return True
        case _:
            return conversation.traffic.told.get(reason) != _day(conversation, now)


def _told(conversation: Conversation, reason: Reason, now: datetime) -> Traffic:
    told = {**conversation.traffic.told, reason: _day(conversation, now)} if reason in ("suspended", "barred") else None
    return replace(conversation.traffic, told=told) if told else conversation.traffic


def _day(conversation: Conversation, now: datetime) -> str:
    """The business's own day."""
    zone = conversation.desk.business.timezone if conversation.desk else "UTC"
    return now.astimezone(ZoneInfo(zone)).date().isoformat()
