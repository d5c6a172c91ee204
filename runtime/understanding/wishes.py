"""Several wishes in one text: "meinen Termin absagen und einen neuen am Freitag", cut where the second begins (F7)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from runtime.core.commands import Clarify, Command, Pick, Refine, Set, Start, Unclear
from runtime.core.effects import Expectation
from runtime.understanding.segments import segments_of
from runtime.understanding.tokens import Token, tokenise, word_set

Entry = tuple[Command, str]
Read = Callable[[str, Expectation, str], list[Entry]]
_JOINTS = word_set("und and sowie ausserdem danach anschliessend plus dann then also")
_TASKS = frozenset({"cancel_appointment", "move", "list"})
_OWN = ("mine", "existing")
MOST_WISHES = 3


def wishes(text: str, expectation: Expectation, language: str, read: Read) -> list[Entry]:
    """The commands of a text; a second wish carries its own values."""
    parts = _cut(text)
    if len(parts) < 2:
        return read(text, expectation, language)
    entries = read(parts[0], expectation, language)
    if not any(isinstance(command, Start | Set | Pick | Refine) for command, _ in entries):
        return read(text, expectation, language)
    fresh = dataclasses.replace(expectation, flow=None, expecting=None, filled={}, offers=())
    running = expectation.flow.id if expectation.flow else ""
    for part in parts[1:]:
        later = read(part, fresh, language)
        if not any(isinstance(command, Start) for command, _ in later):
            return read(text, expectation, language)
        running = next((c.flow for c, _ in reversed(entries) if isinstance(c, Start)), running)
        entries += _folded(later, running)
    return entries


def _folded(entries: list[Entry], before: str) -> list[Entry]:
    """A later wish with its values inside; questions and the rest stand beside it."""
    sets = tuple(command for command, _ in entries if isinstance(command, Set))
    kept: list[Entry] = []
    for command, stage in entries:
        if isinstance(command, Start):
            kept.append((dataclasses.replace(command, another=command.flow == before, sets=sets), stage))
        elif not isinstance(command, Set | Clarify | Unclear):
            kept.append((command, stage))
    return kept


def _cut(text: str) -> list[str]:
    """The text cut at words that join two wishes."""
    tokens = tokenise(text)
    joints = [at for at, token in enumerate(tokens[:-1]) if token.norm in _JOINTS or token.norm in ".;!?"]
    if not joints:
        return [text]
    labels = _labels(tokens)
    cuts, start = [0], 0
    for number, at in enumerate(joints):
        if number + 1 < len(joints) and not _asks_for(labels, at + 1, joints[number + 1]):
            continue
        following = next((j for j in joints if j > at and _asks_for(labels, at + 1, j)), len(tokens))
        if len(cuts) < MOST_WISHES and _second_wish(labels, start, at, following):
            cuts.append(at)
            start = at
    ends = [*cuts[1:], len(tokens)]
    return [text[tokens[a].start : tokens[b - 1].end] for a, b in zip(cuts, ends, strict=True) if b > a]


def _labels(tokens: tuple[Token, ...]) -> list[tuple[int, int, str]]:
    """Every phrase by the places of its tokens."""
    found = []
    for segment in segments_of(tokens):
        for hit in segment.hits:
            found.append((segment.places[hit.start], segment.places[hit.end - 1], hit.label))
    return found


def _within(labels: list[tuple[int, int, str]], start: int, end: int) -> set[str]:
    return {label for first, last, label in labels if first >= start and last < end}


def _asks_for(labels: list[tuple[int, int, str]], start: int, end: int) -> bool:
    return bool(_within(labels, start, end) & {*_TASKS, "book", "new_one"})


def _second_wish(labels: list[tuple[int, int, str]], start: int, at: int, end: int) -> bool:
    """Whether what follows is a task of its own: a new appointment after anything, or one of theirs after that."""
    before, after = _within(labels, start, at), _within(labels, at, end)
    if "new_one" in after and not after & _TASKS:
        return True
    if after & {"book"} and "wish" in after and before & _TASKS:
        return True
    own = bool(after & _TASKS) and bool(after & set(_OWN))
    return own and bool(before & {"book", "new_one"}) and not before & _TASKS
