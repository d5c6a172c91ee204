"""Many phrases searched at once: patterns in a small notation, found by the words that they can begin with.

Notation: words; `(a|b c)` one of these; `?` behind makes it optional; `(a|b)*` any number of these; `*` alone up to
six words of any kind; `^` and `$` for the beginning and the end of a segment. Words are folded. The tables are
plain text (`words/*.txt`): a label in brackets, then one phrase a line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from runtime.understanding.spelling import Spelling
from runtime.understanding.tokens import word_set

MOST_REPEATS = 8
"""Nobody says more filler words in a row; whoever does must not cost more than others."""
GAP = 6
FILLERS = word_set(
    """
    oh ah ach aeh aehm oeh ehm hm hmm well um uh erm also naja tja aber but und and so ok okay
    """
)
"""Words that a segment may begin with before it begins."""


class Hit(NamedTuple):
    """A phrase found: its label and the words it covers, `end` exclusive."""

    label: str
    start: int
    end: int


class Element(NamedTuple):
    """One place of a pattern."""

    words: frozenset[str]
    phrases: tuple[tuple[str, ...], ...]
    optional: bool
    many: bool
    gap: bool


class Pattern(NamedTuple):
    """A compiled pattern."""

    label: str
    anchored: bool
    elements: tuple[Element, ...]


class Entrance(NamedTuple):
    """A pattern that can begin with a word, and words of which one must stand in the segment, too, where any must."""

    pattern: Pattern
    needs: frozenset[str]


class PhraseBook:
    """Labels with their patterns."""

    def __init__(self, *tables: Mapping[str, Sequence[str]]) -> None:
        self._by_word: dict[str, list[Entrance]] = {}
        words: set[str] = set()
        for table in tables:
            for label, patterns in table.items():
                for pattern in map(str.strip, patterns):
                    compiled = _compiled(label, pattern)
                    words.update(word for element in compiled.elements for word in _words(element))
                    for first in _first_words(compiled.elements):
                        self._by_word.setdefault(first, []).append(Entrance(compiled, _needed(compiled, first)))
        self.spelling = Spelling(words)
        self.correct = lru_cache(maxsize=8192)(self._corrected)

    def _corrected(self, word: str) -> str:
        """ "gibt's" is "gibts", unless a phrase has it with its apostrophe."""
        return self.spelling.correct(word if word in self.spelling else word.replace("'", ""))

    def scan(self, words: Sequence[str]) -> list[Hit]:
        """All phrases in a segment, for each label at each place the longest."""
        row = (*map(self.correct, words), "$")
        said = frozenset(row)
        hits: dict[tuple[str, int], int] = {}
        begins = next((at for at, word in enumerate(words) if word not in FILLERS), 0)
        for start in range(len(words)):
            for pattern, needs in self._by_word.get(row[start], ()):
                if needs and needs.isdisjoint(said):
                    continue  # nearly all end here, ten times cheaper than a match
                if pattern.anchored and start not in (0, begins):
                    continue
                end = min(_match(pattern.elements, 0, row, start), len(words))
                if end > hits.get((pattern.label, start), start):
                    hits[pattern.label, start] = end
        return [Hit(label, start, end) for (label, start), end in hits.items()]


def read_phrases(path: Path) -> dict[str, tuple[str, ...]]:
    """The phrases of a table by their label."""
    table: dict[str, list[str]] = {}
    label = ""
    for line in map(str.strip, path.read_text(encoding="utf-8").splitlines()):
        if line.startswith("["):
            label = line.strip("[]")
            table.setdefault(label, [])
        elif line and not line.startswith("#"):
            table[label].append(line)
    return {label: tuple(phrases) for label, phrases in table.items()}


def _compiled(label: str, pattern: str) -> Pattern:
    anchored = pattern.startswith("^")
    return Pattern(label, anchored, tuple(map(_element, _parts(pattern.lstrip("^ ")))))


def _parts(pattern: str) -> list[str]:
    """The pattern cut at spaces outside of brackets."""
    return _cut(pattern, " ")


def _cut(text: str, at: str) -> list[str]:
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == at and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part for part in parts if part]


def _element(part: str) -> Element:
    if part in ("*", "*?"):
        return Element(frozenset(), (), optional=True, many=False, gap=True)
    optional, many = part.endswith("?"), part.startswith("(") and part.endswith("*")
    choices = _expanded(part.rstrip("?*"))
    words = frozenset(choice[0] for choice in choices if len(choice) == 1)
    phrases = sorted((choice for choice in choices if len(choice) > 1), key=len, reverse=True)
    return Element(words, tuple(phrases), optional or many, many, gap=False)


def _expanded(body: str) -> list[tuple[str, ...]]:
    """Every row of words that a part, with brackets inside brackets, stands for."""
    if not body.startswith("("):
        return [(body,)]
    rows: list[tuple[str, ...]] = []
    for choice in _cut(body[1:-1], "|"):
        found: list[tuple[str, ...]] = [()]
        for part in _parts(choice):
            endings = _expanded(part.rstrip("?")) + ([()] if part.endswith("?") else [])
            found = [row + ending for row in found for ending in endings]
        rows.extend(row for row in found if row)
    return rows


def _words(element: Element) -> set[str]:
    return {*element.words, *(word for phrase in element.phrases for word in phrase)}


def _first_words(elements: Sequence[Element]) -> set[str]:
    found: set[str] = set()
    for element in elements:
        found |= element.words | {phrase[0] for phrase in element.phrases}
        if not element.optional:
            break
    return found - {"$"}


def _needed(pattern: Pattern, first: str) -> frozenset[str]:
    """The smallest choice of words that a match must hold beside the one that it begins with."""
    musts = [element for element in pattern.elements if not element.optional]
    choices = [element.words.union(phrase[0] for phrase in element.phrases) for element in musts]
    return min((choice for choice in choices if not choice & {first, "$"}), key=len, default=frozenset())


def _match(elements: Sequence[Element], index: int, row: Sequence[str], at: int, again: int = 0) -> int:
    """Where the longest match from here ends, -1 when there is none. `again` counts repeats of this element."""
    if index == len(elements):
        return at
    element = elements[index]
    if element.gap:
        last = max(0, min(GAP, len(row) - 1 - at))
        return max((_match(elements, index + 1, row, at + skip) for skip in range(last + 1)), default=-1)
    best = _match(elements, index + 1, row, at) if element.optional else -1
    if at < len(row):
        stay = element.many and again < MOST_REPEATS
        following, count = (index, again + 1) if stay else (index + 1, 0)
        if row[at] in element.words:
            best = max(best, _match(elements, following, row, at + 1, count))
        for phrase in element.phrases:
            if row[at] == phrase[0] and tuple(row[at : at + len(phrase)]) == phrase:
                best = max(best, _match(elements, following, row, at + len(phrase), count))
    return best
