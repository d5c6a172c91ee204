"""What a guard hit does: a fixed text, a mark, and a person where there is danger. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from runtime.core.consent import started, stopped
from runtime.core.conversation import Conversation, saying
from runtime.core.effects import Effect, Record
from runtime.core.handoff import open_handoff
from runtime.core.values import Value

Step = tuple[Conversation, tuple[Effect, ...]]


def alarmed(conversation: Conversation, alarm: str, now: datetime) -> Step:
    """A guard hit ends the turn: a fixed text, and a person where there is danger."""
    record: tuple[Effect, ...] = (Record("alert", {"kind": alarm}),)
    if alarm in ("opt_out", "opt_in", "suspended"):
        return saying(consented(conversation, alarm), "notice", f"guard.{alarm}"), record
    conversation = saying(conversation, "notice", f"guard.{alarm}", **numbers_of(conversation))
    conversation, effects = open_handoff(conversation, alarm, now)
    return conversation, record + effects


def consented(conversation: Conversation, alarm: str) -> Conversation:
    """STOP and START count whoever has the conversation (N1, N3)."""
    if alarm not in ("opt_out", "opt_in"):
        return conversation
    return stopped(conversation) if alarm == "opt_out" else started(conversation)


def numbers_of(conversation: Conversation) -> Mapping[str, Value]:
    """Who to call: the business's own numbers."""
    policies = conversation.desk.business.policies if conversation.desk else None
    return {"emergency": policies.emergency_number, "helpline": policies.helpline} if policies else {}
