"""Whether a flow can be begun here and now: its hours, its channels, what the business offers. Pure."""

from __future__ import annotations

from datetime import datetime

from runtime.core.conversation import Conversation, saying
from runtime.core.opening import opens_next
from runtime.core.values import Value


def why_not(conversation: Conversation, flow_id: str, now: datetime) -> str:
    """What stands in the way: "hours", "channel", "option"; empty when nothing does."""
    desk = conversation.desk
    flow = desk.flows.get(flow_id) if desk else None
    if desk is None or flow is None or flow.available is None:
        return ""
    needs = flow.available
    if needs.channels and conversation.channel not in needs.channels:
        return "channel"
    if needs.option and not desk.options.get(needs.option):
        return "option"
    return "hours" if needs.open and opens_next(desk.business, now) is not None else ""


def said_why_not(conversation: Conversation, flow_id: str, why: str, now: datetime) -> Conversation:
    """The reason, and since when it would work again where that is known."""
    opens = opens_next(conversation.desk.business, now) if conversation.desk else None
    values: dict[str, Value] = {"opens": opens.isoformat()} if why == "hours" and opens else {}
    return saying(conversation, "notice", f"unavailable.{why}", flow=flow_id, **values)
