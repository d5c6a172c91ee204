"""What a guard hit does: a fixed text, a mark, and a person where there is danger. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.core.consent import consent_record, started, stopped
from runtime.core.conversation import Ask, Conversation, asking, drafted, saying
from runtime.core.effects import Effect, Record
from runtime.core.events import Said
from runtime.core.gate import in_traffic
from runtime.core.handoff import open_handoff
from runtime.core.optouts import CARRIER_ANSWERS
from runtime.core.values import Value

Step = tuple[Conversation, tuple[Effect, ...]]


DANGER = ("emergency", "distress", "threat")


def alarmed(conversation: Conversation, alarm: str, event: Said) -> Step:
    """A guard hit ends the turn: a fixed text, and a person where there is danger."""
    conversation = in_traffic(conversation, event)
    record: tuple[Effect, ...] = (Record("alert", {"kind": alarm}),)
    if alarm not in DANGER:
        conversation, more = consented(conversation, alarm)
        if conversation.traffic.flooding:
            return drafted(conversation, silent=True), (Record("kept", {"why": "flood"}), *more)
        return _answered(conversation, alarm), record + more
    conversation = saying(conversation, "notice", f"guard.{alarm}", **numbers_of(conversation))
    conversation, effects = open_handoff(conversation, alarm, event.now)
    return conversation, record + effects


def told_already(conversation: Conversation, alarm: str) -> bool:
    """Whether people were fetched for just this, and their customer floods them with it (law 13)."""
    handoff = conversation.handoff
    return conversation.traffic.flooding and (alarm not in DANGER or (handoff is not None and handoff.reason == alarm))


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
