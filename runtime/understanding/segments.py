"""A text cut into segments: at punctuation, and before "und was", "and how", "aber" where a new thought begins."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from runtime.understanding.desks import PHRASES
from runtime.understanding.reading import Segment
from runtime.understanding.tokens import Token, word_set

_ENDS = frozenset(".!?;,:…")
_SENTENCE_ENDS = frozenset(".!?;…")
_BUT = frozenset(["aber", "but"])
_AND = frozenset(["und", "and", "sowie", "danach"])
_BEGINS = word_set(
    """
    was wie wo wann wer welche welcher habt haben kann kannst koennen koennt ich wir mein meine bitte dann
    danach gibt geht ist sind brauche noch what how where when who which do does can could is are i my we
    then please also would will wieviel wofuer warum wozu bis sag sagen storniere verschiebe buche
    """
)


@lru_cache(maxsize=4)
def segments_of(tokens: tuple[Token, ...]) -> tuple[Segment, ...]:
    """The segments of a text, each with the phrases in it. Kept for the turn that asks several times."""
    found: list[Segment] = []
    rows: list[list[int]] = [[]]
    asked: list[bool] = [False]
    for at, token in enumerate(tokens):
        if token.kind == "mark" and token.norm in _ENDS:
            if token.norm == "?":
                asked[-1] = True
            rows.append([])
            asked.append(False)
        elif token.kind != "mark":
            if rows[-1] and _splits(tokens, at):
                rows.append([])
                asked.append(False)
            rows[-1].append(at)
    for at in range(len(rows) - 2, -1, -1):
        asked[at] = asked[at] or (asked[at + 1] and _same_sentence(tokens, rows, at))
    for row, question in zip(rows, asked, strict=True):
        if row:
            words = tuple(tokens[place].norm for place in row)
            found.append(Segment(tuple(row), words, tuple(PHRASES.scan(words)), question))
    return tuple(found)


def _splits(tokens: Sequence[Token], at: int) -> bool:
    norm = tokens[at].norm
    if norm in _BUT:
        return True
    return norm in _AND and at + 1 < len(tokens) and tokens[at + 1].norm in _BEGINS


def _same_sentence(tokens: Sequence[Token], rows: list[list[int]], at: int) -> bool:
    """Whether only a comma or a conjunction stands between a segment and the next one."""
    if not rows[at] or not rows[at + 1]:
        return False
    between = tokens[rows[at][-1] + 1 : rows[at + 1][0]]
    return not any(token.norm in _SENTENCE_ENDS for token in between)
