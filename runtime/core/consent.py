"""What a customer may be sent: by what they said about it, by what happened to them, and by the tenant's status. Pure.

Opting out is per kind. STOP ends all kinds; writing again opens answers only (N3); reminders come back when the
customer says so, marketing never by itself. An appointment is nothing that this module knows (N2).

                 fresh   STOP   STOP, wrote again or START   START and yes   blocked us   suspended   paused
    answer        yes     no              yes                     yes            no          yes        yes
    reminder      yes     no              no                      yes            no          no         yes
    nudge         yes     no              no                      yes            no          no         no
    marketing     no      no              no                      no             no          no         no
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from runtime.core.changing import replace
from runtime.core.conversation import Conversation, drafted
from runtime.core.effects import ALL_TIMERS, DropTimer, Effect, Record
from runtime.core.events import ConsentChanged, OptedIn, OptedOut
from runtime.core.values import Value

Step = tuple[Conversation, tuple[Effect, ...]]
Kind = Literal["reminder", "nudge", "marketing", "answer"]
KINDS: tuple[Kind, ...] = ("reminder", "nudge", "marketing", "answer")
_UNSAID: Mapping[str, bool] = {"answer": True, "reminder": True, "nudge": True, "marketing": False}
_UNTIL_ACTIVE: Mapping[str, tuple[Kind, ...]] = {"active": KINDS, "paused": ("reminder", "answer")}


def may_send(conversation: Conversation, kind: Kind) -> bool:
    """Whether a message of this kind may go to this customer now.

    "answer" is a reply to their own words, "reminder" belongs to an appointment of theirs, "nudge" asks whether they
    are still there or how it was, "marketing" is everything else that nobody asked for.
    """
    if conversation.blocked:
        return False
    status = conversation.desk.status if conversation.desk else "active"
    if kind not in _UNTIL_ACTIVE.get(status, ("answer",)):
        return False
    if kind in ("nudge", "marketing") and conversation.gentle:
        return False
    if kind == "reminder" and conversation.gentle == "loss":
        return False
    unsaid = _UNSAID[kind] and not conversation.opted_out
    return conversation.consents.get(kind, unsaid)


def opted_out(conversation: Conversation, event: OptedOut) -> Step:
    """Said by the channel, not in words. They blocked us or left (M16): marked, every timer gone, operators see it."""
    if event.blocked:
        return replace(conversation, blocked=True), (DropTimer(ALL_TIMERS), Record("alert", {"kind": "blocked"}))
    return stopped(conversation), (Record("alert", {"kind": "opt_out"}),)


def opted_in(conversation: Conversation, event: OptedIn) -> Step:
    """They are back."""
    return started(replace(conversation, blocked=False)), ()


def changed_outside(conversation: Conversation, event: ConsentChanged) -> Step:
    """Said in the provider's settings: a flag and its proof, never an answer; what is booked and asked stays (N7)."""
    consents = {kind: yes for kind, yes in conversation.consents.items() if kind != event.kind}
    if not event.given:  # Allowed again is not asked for: that takes words of their own.
        consents[event.kind] = False
    conversation = drafted(replace(conversation, consents=consents), silent=True)
    return conversation, (consent_record(conversation, event.kind, given=event.given, text=event.text),)


def consent_record(conversation: Conversation, kind: str, *, given: bool, text: str = "") -> Record:
    """The fact for the records: what was agreed to or taken back, in which words, on which channel."""
    facts: dict[str, Value] = {
        "kind": kind,
        "given": given,
        "text": text or conversation.draft.said,
        "channel": conversation.channel,
    }
    return Record("consent", facts)


def told_of(conversation: Conversation) -> dict[str, dict[str, Any]]:
    """What the records keep of the contact beyond this session: consents, and when the desk said what it is."""
    told: dict[str, dict[str, Any]] = {}
    if conversation.consents or conversation.blocked:
        kept = {"stop": conversation.opted_out, "blocked": conversation.blocked}
        told["consents"] = {**conversation.consents, **kept}
    if conversation.disclosed_at:
        told["disclosed"] = {conversation.channel: conversation.disclosed_at.isoformat()}
    return told


def stopped(conversation: Conversation) -> Conversation:
    """STOP: no message of any kind; what is booked stays booked."""
    return replace(conversation, opted_out=True, consents={**conversation.consents, **dict.fromkeys(KINDS, False)})


def started(conversation: Conversation) -> Conversation:
    """START: answers are welcome again. Reminders wait for a word of their own."""
    if not conversation.opted_out:
        return conversation
    return replace(conversation, opted_out=False, consents={**conversation.consents, "answer": True})


def wrote_again(conversation: Conversation) -> Conversation:
    """Whoever writes wants an answer, whatever they said before, and no more than that; and they are there again."""
    if not conversation.blocked and conversation.consents.get("answer", not conversation.opted_out):
        return conversation
    return replace(conversation, blocked=False, consents={**conversation.consents, "answer": True})


def given(conversation: Conversation, kind: str, yes: bool) -> Conversation:
    """A consent said or taken back in words of its own; nudges belong to reminders."""
    told = dict.fromkeys(("reminder", "nudge") if kind == "reminder" else (kind,), yes)
    return replace(conversation, consents={**conversation.consents, **told})
