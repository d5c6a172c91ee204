"""The words by which a business names what its people settle themselves, ready for searching."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from runtime.core.business import Desk
from runtime.understanding.families import stem
from runtime.understanding.tokens import words_of

LONG = 6
"""From so many letters on a word may be the beginning of a longer one: "Allergie" in "Allergietest"."""


class Found(NamedTuple):
    """A matter found in a text: which, whether a colleague takes it up, and the words it stands in."""

    id: str
    ticket: bool
    start: int
    end: int


class MatterIndex:
    """Every matter of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._rows = [
            (matter.id, matter.ticket, tuple(map(stem, words_of(text))))
            for matter in desk.business.matters
            for texts in matter.about.values()
            for text in texts
        ]
        self._begins = {_key(row[0]) for _, _, row in self._rows if row}

    def find(self, words: Sequence[str]) -> Iterator[Found]:
        """The matters that words name, each once."""
        if not self._rows:
            return
        stems = [stem(word) for word in words]
        if self._begins.isdisjoint(map(_key, stems)):
            return
        named: set[str] = set()
        for name, ticket, row in self._rows:
            places = (at for at in range(len(stems) - len(row) + 1) if _fits(stems[at : at + len(row)], row))
            at = next(places, None) if row and name not in named else None
            if at is not None:
                named.add(name)
                yield Found(name, ticket, at, at + len(row))


def _key(word: str) -> str:
    """What a word and the longer one that begins with it have in common."""
    return word[:LONG]


def _fits(said: Sequence[str], row: Sequence[str]) -> bool:
    return all(
        word == wanted or (len(wanted) >= LONG and word.startswith(wanted))
        for word, wanted in zip(said, row, strict=True)
    )
