"""What a guard hit does: a fixed text, a mark, and a person where there is danger. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from runtime.core.consent import consent_record, started, stopped
from runtime.core.conversation import Ask, Conversation, asking, drafted, saying
from runtime.core.effects import Effect, Record
from runtime.core.handoff import open_handoff
from runtime.core.optouts import CARRIER_ANSWERS
from runtime.core.values import Value

Step = tuple[Conversation, tuple[Effect, ...]]


def alarmed(conversation: Conversation, alarm: str, now: datetime) -> Step:
    """A guard hit ends the turn: a fixed text, and a person where there is danger."""
    record: tuple[Effect, ...] = (Record("alert", {"kind": alarm}),)
    if alarm in ("opt_out", "opt_in"):
        conversation, more = consented(conversation, alarm)
        return _answered(conversation, alarm), record + more
    conversation = saying(conversation, "notice", f"guard.{alarm}", **numbers_of(conversation))
    conversation, effects = open_handoff(conversation, alarm, now)
    return conversation, record + effects


def _answered(conversation: Conversation, alarm: str) -> Conversation:
    """One last line after STOP, unless the carrier sends its own; after START, whether reminders are wanted too."""
    if alarm == "opt_out" and conversation.channel in CARRIER_ANSWERS:
        return drafted(conversation, silent=True)
    conversation = saying(conversation, "notice", f"guard.{alarm}")
    return asking(conversation, Ask("agree", "reminder")) if alarm == "opt_in" else conversation


def consented(conversation: Conversation, alarm: str) -> Step:
    """STOP and START count whoever has the conversation (N1, N3), and the words are kept with it."""
    if alarm == "opt_out":
        return stopped(conversation), (consent_record(conversation, "all", given=False),)
    if alarm == "opt_in":
        return started(conversation), (consent_record(conversation, "answer", given=True),)
    return conversation, ()


def numbers_of(conversation: Conversation) -> Mapping[str, Value]:
    """Who to call: the business's own numbers."""
    policies = conversation.desk.business.policies if conversation.desk else None
    return {"emergency": policies.emergency_number, "helpline": policies.helpline} if policies else {}
