"""Compares a turn as it was with the same turn as it is now: what the customer reads first, then what lies behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from runtime.replay.playing import PlayedTurn
from runtime.replay.recorded import Plain, RecordedTurn

_PART = ("text", "buttons", "author", "question", "language", "generation")
_NOTHING: Plain = {}


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it was."""

    session: str
    turn: int
    place: str
    what: str
    was: Any
    now: Any


def differences(recorded: RecordedTurn, now: PlayedTurn) -> Iterator[Difference]:
    """All of one turn."""
    for what, was, is_now in _compared(recorded, now):
        yield Difference(recorded.session, recorded.turn, recorded.place, what, was, is_now)


def _compared(recorded: RecordedTurn, now: PlayedTurn) -> Iterator[tuple[str, Any, Any]]:
    for surprise in now.surprises:
        yield "what is asked for", "", surprise
    yield from _parts(recorded.parts, now.plain("parts"))
    yield from _same("records", recorded.records, now.plain("records"))
    if recorded.alarms is not None:
        yield from _same("timers", recorded.alarms, now.plain("alarms"))
    yield from _actions(recorded.actions, now.actions)
    for what, was, is_now in (
        ("phase", recorded.phase, now.conversation.phase),
        ("owner", recorded.owner, now.conversation.owner),
    ):
        if was != is_now:
            yield what, was, is_now


def _parts(was: Sequence[Plain], now: Sequence[Plain]) -> Iterator[tuple[str, Any, Any]]:
    for number, (before, after) in enumerate(zip_longest(was, now), 1):
        place = f" of part {number}" if max(len(was), len(now)) > 1 else ""
        if before is None or after is None:
            yield f"part {number}", before and before.get("text"), after and after.get("text")
            continue
        for name in _PART:
            if name in before and before[name] != after.get(name):
                yield f"{name}{place}", before[name], after.get(name)


def _same(what: str, was: Sequence[Plain], now: Sequence[Plain]) -> Iterator[tuple[str, Any, Any]]:
    if list(was) != list(now):
        yield what, [dict(one) for one in was], [dict(one) for one in now]


def _actions(was: Sequence[Plain], now: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any, Any]]:
    """An older record does not say which action it was, or with which arguments."""
    for before, after in zip_longest(was, now, fillvalue=_NOTHING):
        names = [name for name in ("key", "action", "arguments", "outcome") if name in (before or after)]
        told, is_now = ({name: one.get(name) for name in names} for one in (before, after))
        if told != is_now:
            yield "actions", told, is_now
