"""Plays one recorded turn again: the machine steps the recorded events, the real wording makes the words.

Nothing is looked up, written or sent: what understanding, answers and actions brought back then stands in the record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from runtime.codec import dump_facts
from runtime.core.conversation import Conversation
from runtime.core.effects import Act, Answer, DropTimer, Effect, Record, Send, SetTimer, Understand
from runtime.core.events import Acted, Answered, Event, Understood
from runtime.core.gate import spoke
from runtime.core.messages import OutboundPart
from runtime.core.step import step
from runtime.entry import alarm, asked_for, part_of, record_of
from runtime.replay.recorded import RecordedTurn
from runtime.wording import Wording

Wanted = tuple[str, str]
"""A result that the machine waits for: what kind, and of which action or question."""


@dataclass(slots=True)
class PlayedTurn:
    """What today's machine and words make of a recorded turn."""

    conversation: Conversation
    parts: list[OutboundPart] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    alarms: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    readings: list[tuple[Understand, Understood]] = field(default_factory=list)
    """What was to be understood, and what was understood then."""
    surprises: list[str] = field(default_factory=list)
    """Where the record has no answer to what is asked for now, or an answer that nobody asks for."""

    def plain(self, name: str) -> list[dict[str, Any]]:
        """One of the lists as the journal would have it."""
        found: list[dict[str, Any]] = orjson.loads(dump_facts({name: getattr(self, name)}))[name]
        return found


def played(conversation: Conversation, recorded: RecordedTurn, wording: Wording) -> PlayedTurn:
    """Play a turn; `conversation` is how the one before left it, with the desk of then."""
    turn = PlayedTurn(conversation)
    waiting: list[tuple[Wanted, Effect]] = []
    for event in (*recorded.events, recorded.settled):
        if event is None:
            continue
        if isinstance(event, Understood | Answered | Acted):
            _answered(turn, waiting, event, recorded)
        turn.conversation, effects = step(turn.conversation, event)
        for effect in effects:
            _perform(turn, waiting, effect, wording)
    turn.surprises += [f"{_named(wanted)} is asked for, which the record does not hold" for wanted, _ in waiting]
    return turn


def _perform(turn: PlayedTurn, waiting: list[tuple[Wanted, Effect]], effect: Effect, wording: Wording) -> None:
    match effect:
        case Understand():
            waiting.append((("Understood", ""), effect))
        case Answer():
            waiting.append((("Answered", effect.question), effect))
        case Act():
            waiting.append((("Acted", effect.key), effect))
            turn.actions.append(asked_for(effect))
        case Send():
            part = part_of(turn.conversation, effect, len(turn.parts), wording)
            turn.conversation = spoke(turn.conversation, part.text)
            turn.parts.append(part)
        case SetTimer() | DropTimer():
            turn.alarms.append(alarm(effect))
        case Record():
            turn.records.append(record_of(effect))


def _answered(turn: PlayedTurn, waiting: list[tuple[Wanted, Effect]], event: Event, recorded: RecordedTurn) -> None:
    """Take the recorded result for what the machine waits for."""
    wanted = _wanted(event)
    found = next((one for one in waiting if one[0] == wanted), None)
    if found is not None:
        waiting.remove(found)
        _noted(turn, found[1], event)
    elif not isinstance(event, Acted) or _was_asked_for(event, recorded):
        turn.surprises.append(f"{_named(wanted)} stands in the record, and is asked for no more")
    else:
        turn.actions.append({"key": event.key, "outcome": event.outcome.name})


def _noted(turn: PlayedTurn, effect: Effect, event: Event) -> None:
    if isinstance(effect, Understand) and isinstance(event, Understood):
        turn.readings.append((effect, event))
    if isinstance(effect, Act) and isinstance(event, Acted):
        next(one for one in turn.actions if one["key"] == event.key)["outcome"] = event.outcome.name


def _wanted(event: Event) -> Wanted:
    match event:
        case Acted():
            return "Acted", event.key
        case Answered():
            return "Answered", event.question
        case _:
            return type(event).__name__, ""


def _named(wanted: Wanted) -> str:
    return " ".join(filter(None, wanted))


def _was_asked_for(event: Acted, recorded: RecordedTurn) -> bool:
    """Whether the turn itself ran this action; an outcome may also come by itself, late."""
    return any(one["key"] == event.key and "action" in one for one in recorded.actions)
