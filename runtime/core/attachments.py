"""Pictures, places, contact cards and stickers: kept for people, used where they answer the question (M8-M10). Pure."""

from __future__ import annotations

from runtime.core.changing import replace
from runtime.core.commands import Set, Unclear
from runtime.core.conversation import Conversation, drafted, saying, slot_of
from runtime.core.dialogue import carry_out
from runtime.core.effects import Effect
from runtime.core.events import Said
from runtime.core.lines import advance
from runtime.core.messages import SharedContact

Step = tuple[Conversation, tuple[Effect, ...]]


def kept(conversation: Conversation, event: Said) -> Conversation:
    """What came beside words: the customer's own card gives their number, anything else is said to be kept."""
    own = [card for card in _cards(event) if card.own]
    if own:
        return replace(conversation, facts={**conversation.facts, "phone": _number(own[-1])})
    beside = any(m.media and m.text.strip() for m in event.messages)
    return saying(conversation, "notice", "media.kept") if beside else conversation


def without_words(conversation: Conversation, event: Said) -> Step:
    """Never silence: a card may answer the question, a sticker leaves it open and is no miss."""
    conversation, effects = _taken(conversation, event)
    conversation, more = advance(conversation, event.now)
    return conversation, effects + more


def _taken(conversation: Conversation, event: Said) -> Step:
    cards = _cards(event)
    if any(card.own for card in cards):
        return conversation, ()
    if cards:
        return _card(conversation, cards[-1], event)
    kinds = {message.kind for message in event.messages}
    if kinds == {"sticker"} and conversation.question is not None:
        return drafted(conversation, spoken=True), ()
    media = any(m.media or m.kind not in ("text", "sticker") for m in event.messages)
    return carry_out(conversation, (Unclear("media" if media else "empty"),), event.now)


def _card(conversation: Conversation, card: SharedContact, event: Said) -> Step:
    """Somebody's card: their number where a number is asked for, else kept."""
    question, frame = conversation.question, conversation.top
    slot = slot_of(conversation, frame, question.slot) if question and frame else None
    if slot is None or slot.type != "phone":
        return saying(conversation, "notice", "contact.kept"), ()
    return carry_out(conversation, (Set(slot.name, "", _number(card)),), event.now)


def _cards(event: Said) -> list[SharedContact]:
    return [card for message in event.messages for card in message.contacts if card.phones]


def _number(card: SharedContact) -> str:
    return "+" + card.phones[0].lstrip("+")
