"""The end of a turn: everything drafted becomes one reply with exactly one question, or a right silence. Pure.

Order of a reply: notice, answer, acknowledgement, question (design law 11 and `conversation_patterns` 0.2).
"""

from __future__ import annotations

from datetime import datetime

from runtime.core.asking import menu, payload, question_buttons, question_saying, same_question
from runtime.core.changing import replace
from runtime.core.consent import may_send
from runtime.core.conversation import (
    WINDOW,
    Ask,
    Conversation,
    Draft,
    Exchange,
    Question,
    drafted,
    fingerprint,
    flow_of,
    saying,
)
from runtime.core.effects import Effect, Send
from runtime.core.events import Settled
from runtime.core.facts import bound_facts, values_of
from runtime.core.messages import Button, PartClass, Say
from runtime.core.nudging import with_nudge
from runtime.core.picking import offers_of
from runtime.core.values import Value

Step = tuple[Conversation, tuple[Effect, ...]]
Sayings = tuple[tuple[PartClass, Say], ...]
_ORDER: tuple[PartClass, ...] = ("notice", "answer", "acknowledgement", "question", "closing")
MOST_BEFORE = 4
_WANT_MENU = (
    "quote.",
    "unclear.",
    "help.",
    "nothing_to_cancel",
    "smalltalk.wellbeing",
    "smalltalk.identity",
    "flow.expired",
)


def settle(conversation: Conversation, event: Settled) -> Step:
    """Compose the reply of this turn and close it."""
    draft = conversation.draft
    if conversation.phase == "returning":
        conversation = replace(conversation, phase="bot")
    unasked = not draft.spoken and not may_send(conversation, "answer")
    if conversation.phase == "owned" or unasked or conversation.blocked or not _speaks(draft):
        return _closed(conversation, event.now, ()), ()
    conversation = _disclosed(conversation, event.now)
    sayings, buttons, question = _with_question(conversation, event)
    if any(say.name.startswith("language.unknown") for _, say in sayings) and conversation.phase == "bot":
        buttons = (*buttons, Button(Say("button.person"), payload("person", "")))
    sayings = tuple(sorted(sayings, key=lambda entry: _ORDER.index(entry[0])))
    send = Send(
        "bot",
        conversation.generation,
        sayings,
        buttons=buttons,
        question=question.id if question else "",
        language=conversation.language,
    )
    if not draft.hold or question:
        conversation = replace(conversation, question=question)
    conversation, timers = with_nudge(conversation)
    return _closed(conversation, event.now, sayings), (send, *timers)


def _speaks(draft: Draft) -> bool:
    """Whether this turn owes the customer words."""
    return bool(draft.sayings or draft.ask or (draft.spoken and not draft.silent))


def _disclosed(conversation: Conversation, now: datetime) -> Conversation:
    """The first reply says that this is an automated desk (law 14), exactly once."""
    if conversation.disclosed_at is not None:
        return conversation
    conversation = replace(conversation, disclosed_at=now)
    sayings = conversation.draft.sayings
    names = [say.name for _, say in sayings]
    if "smalltalk.identity" in names or "handoff.back" in names:
        return conversation
    if any(name.startswith("guard.") for name in names):
        # Where somebody is in danger, the number to call comes first.
        return drafted(conversation, sayings=(*sayings, ("notice", Say("disclosure.after"))))
    return drafted(conversation, sayings=(("notice", Say("disclosure")), *sayings))


def _with_question(conversation: Conversation, event: Settled) -> tuple[Sayings, tuple[Button, ...], Question | None]:
    """The drafted sayings with an acknowledgement and the question of this turn."""
    draft = conversation.draft
    if conversation.phase == "queued":
        return draft.sayings, draft.buttons or (Button(Say("button.stay"), payload("stay", "")),), None
    if draft.hold:
        return draft.sayings, (), None
    if draft.ask is None:
        return _without_question(conversation)
    conversation = _acknowledged(conversation, draft.ask)
    asked = question_saying(conversation, draft.ask)
    question = _new_question(conversation, draft.ask, event)
    buttons = question_buttons(conversation, draft.ask, event.question_id)
    return (*conversation.draft.sayings, ("question", asked)), buttons, question


def _without_question(conversation: Conversation) -> tuple[Sayings, tuple[Button, ...], Question | None]:
    sayings = conversation.draft.sayings
    said = [say.name for _, say in sayings if not say.name.startswith("disclosure")]
    if said and not any(name.startswith(_WANT_MENU) for name in said):
        return sayings, (), None
    ask, buttons = menu(conversation)
    return (*sayings, ("question", ask)), buttons, None


def _acknowledged(conversation: Conversation, ask: Ask) -> Conversation:
    """Name what was taken, half a sentence; a confirm and a list of times name it anyway."""
    frame = conversation.top
    fresh = conversation.draft.fresh
    if frame is None or not fresh or ask.kind != "slot":
        return conversation
    known = values_of(conversation, frame)
    values: dict[str, Value] = {n: known[n] for n in dict.fromkeys(fresh) if n in known and n != ask.slot}
    return saying(conversation, "acknowledgement", "ack", **values) if values else conversation


def _new_question(conversation: Conversation, ask: Ask, event: Settled) -> Question:
    old = conversation.question
    same = old is not None and same_question(old, ask)
    frame = conversation.top
    flow = flow_of(conversation, frame) if frame else None
    facts = bound_facts(conversation, frame, flow) if ask.kind == "confirm" and frame and flow else ""
    if ask.kind == "offer" and frame and ask.form != "none_fits":
        facts = fingerprint(*(offer.id for offer in offers_of(conversation, frame)))
    shown = old is not None and old.kind == ask.kind == "offer" and facts and old.fingerprint == facts
    return Question(
        id=event.question_id,
        kind=ask.kind,
        slot=ask.slot,
        asked_at=event.now,
        flows=ask.flows,
        misses=old.misses if old and same else 0,
        times=old.times + 1 if old and same else 1,
        fingerprint=facts,
        refusals=_refusals(old if same else None, ask),
        about=ask.about,
        choices=ask.choices,
        before=(*old.before, old.id)[-MOST_BEFORE:] if old and shown else (),
    )


def _refusals(old: Question | None, ask: Ask) -> int:
    """Refusals add up for a slot; offers are new ones each time, unless we asked what would fit instead."""
    if ask.kind == "offer":
        return 1 if ask.form == "none_fits" else 0
    return old.refusals if old else 0


def _closed(conversation: Conversation, now: datetime, sayings: Sayings) -> Conversation:
    """The conversation after the turn: counted, remembered in the window, the draft empty; a yes ends with it."""
    draft = conversation.draft
    exchange = Exchange(conversation.turn + 1, draft.said, tuple(say.name for _, say in sayings))
    window = (*conversation.window, exchange)[-WINDOW:] if draft.said or sayings else conversation.window
    misses = conversation.misses if any(s.name.startswith("unclear.") for _, s in sayings) else 0
    return replace(
        conversation,
        turn=conversation.turn + 1,
        last_at=now if draft.spoken else conversation.last_at,
        misses=misses,
        window=window,
        stack=tuple(replace(f, confirmed="") if f.confirmed else f for f in conversation.stack),
        draft=Draft(),
    )
