"""What people and other apps do past the desk: they write in the phone's app, or another app answers. Pure.

Somebody who writes past the desk has the conversation (K8): the bot is silent and says nothing about it. The ways back
(law 6): a word of theirs, any operator of the desk, the customer's `/end`, and a clock that ends with the office. One
that another app of the provider answers comes back when that app passes it, or when its messages come to us again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from runtime.core.changing import replace
from runtime.core.conversation import Conversation, drafted, fingerprint, first_words, saying
from runtime.core.danger import fold
from runtime.core.effects import DropTimer, Effect, Record, SetTimer
from runtime.core.events import AddressChanged, OperatorEchoed, OperatorJoined, OperatorReleased, Said, ThreadMoved
from runtime.core.handoff import APP, AWAY_TIMER, SLA_TIMER, THREAD, close, joined, released, resumed
from runtime.core.lines import advance
from runtime.core.mending import noted as heard_noted
from runtime.core.office import closing

Step = tuple[Conversation, tuple[Effect, ...]]
INBOX = f"{APP}inbox"
"""The page's own inbox, where only persons write."""
BACK_WORDS = frozenset({"/bot", "/end", "/ende", "#bot"})
"""Written alone by somebody in the phone's app: the desk has the conversation again."""
AT_LEAST = timedelta(minutes=60)
AT_MOST = timedelta(hours=12)


def echoed(conversation: Conversation, event: OperatorEchoed) -> Step:
    """A person's own words to the customer: they have the conversation, and the transcript has what they wrote."""
    if not event.sure and fingerprint(fold(event.text)) in conversation.echoes:
        return conversation, ()
    facts = {"operator": event.operator, "message": event.message_id, "how": event.how}
    told = Record("operator.echoed", facts)
    if event.how == "deleted":
        return conversation, (told, Record("message.deleted", {"message": event.message_id}))
    if event.how == "edited":
        return conversation, (told,)
    if event.text.strip().lower() in BACK_WORDS:
        return _given_back(conversation, event, told)
    if conversation.owner.startswith(THREAD) and event.operator != INBOX:
        return conversation, (told,)  # The app that has it answers; no clock may take it from there.
    effects: tuple[Effect, ...] = ()
    if conversation.phase != "owned" or conversation.owner.startswith(THREAD):
        conversation, effects = _taken(conversation, event.operator, event.now)
    conversation, clocks = _at_work(conversation, event.now)
    return conversation, (*effects, told, *clocks)


def _given_back(conversation: Conversation, event: OperatorEchoed, told: Record) -> Step:
    """The word that gives it back; where nobody past the desk has it, it is a word like any other."""
    if not conversation.owner.startswith(APP):
        return conversation, (told,)
    conversation, effects = released(conversation, OperatorReleased(event.operator, "resume", event.now))
    conversation, more = advance(conversation, event.now)
    return conversation, (told, *effects, *more)


def _taken(conversation: Conversation, owner: str, now: datetime) -> Step:
    """As a takeover, without a word to the customer, who reads the person's own."""
    if conversation.phase == "owned":
        conversation, closed = close(conversation, "takeover")
    else:
        closed = ()
    conversation, effects = joined(conversation, OperatorJoined(owner, now, takeover=True), aloud=False)
    return conversation, closed + effects


def _at_work(conversation: Conversation, now: datetime) -> Step:
    """Nobody waits for them now, and the clock that takes the conversation back begins anew."""
    handoff = conversation.handoff
    if handoff is None:
        return conversation, ()
    number = conversation.turn + 1
    conversation = replace(conversation, handoff=replace(handoff, waiting_since=None, away=number))
    return conversation, (DropTimer(SLA_TIMER), SetTimer(AWAY_TIMER, number, _back_at(conversation, now)))


def _back_at(conversation: Conversation, now: datetime) -> datetime:
    """When the desk is back: after the business's own time, and not much after its people have gone home."""
    if conversation.desk is None:
        return now + AT_MOST
    business = conversation.desk.business
    minutes = business.policies.away_min
    end = now + (timedelta(minutes=minutes) if minutes else AT_MOST)
    closes = closing(business, now)
    return end if closes is None or not conversation.owner.startswith(APP) else min(end, max(closes, now + AT_LEAST))


def moved(conversation: Conversation, event: ThreadMoved) -> Step:
    """Another app answers from now on, or it is our turn again: a flow that waited goes on."""
    if not event.ours:
        return _elsewhere(conversation, event.app, event.now)
    if not conversation.owner.startswith(THREAD):
        return conversation, ()
    conversation, effects = _ours_again(conversation)
    if not conversation.stack:
        return drafted(conversation, silent=True), effects
    conversation, more = advance(saying(conversation, "notice", "handoff.back"), event.now)
    return conversation, effects + more


def _elsewhere(conversation: Conversation, app: str, now: datetime) -> Step:
    """No clock runs: that app is no person who might forget it."""
    if conversation.owner.startswith(THREAD):
        return conversation, ()
    conversation, effects = _taken(conversation, f"{THREAD}{app}", now)
    return conversation, (*effects, DropTimer(AWAY_TIMER), DropTimer(SLA_TIMER))


def _ours_again(conversation: Conversation) -> Step:
    conversation, effects = close(conversation, "handover")
    return resumed(conversation), effects


def readdressed(conversation: Conversation, event: AddressChanged) -> Step:
    """Where to send from now on. A number that the customer gave us in words stays what they gave."""
    extra = {**conversation.extra, "phone": event.phone}
    extra = {name: value for name, value in extra.items() if value}
    return replace(conversation, chat=event.chat, extra=extra), (Record("contact.moved", {}),)


def overhearing(handler: Callable[[Conversation, Any], Step], ours: Callable[[Conversation, Any], Step]) -> Any:
    """The handler of what customers say, for chats that another app may answer; `ours` is how we would."""

    def said(conversation: Conversation, event: Said) -> Step:
        elsewhere = conversation.owner.startswith(THREAD)
        if event.messages and event.messages[-1].standby:
            conversation, effects = _elsewhere(conversation, "", event.now)
            conversation = heard_noted(conversation, event.messages)
            words = first_words(event.messages)
            return drafted(conversation, said=words, spoken=True, silent=True), effects
        if not elsewhere:
            return handler(conversation, event)
        conversation, effects = _ours_again(conversation)
        conversation, more = ours(conversation, event)
        return conversation, effects + more

    return said
