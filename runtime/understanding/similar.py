"""How close a text is to example sentences: shared word stems, the rare ones counting more."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from runtime.understanding.families import family, stem
from runtime.understanding.stopwords import STOPWORDS
from runtime.understanding.tokens import words_of

_KEPT = frozenset(["wann", "wo", "wie", "was", "wer", "when", "where", "how", "what", "who"])
COMMON = 0.15
"""What a common word weighs beside a telling one."""
TELLING = 0.5
"""Sharing less than this is sharing common words only."""
UNKNOWN = 1.8
"""What a word weighs that stands in no example."""


def _root(word: str) -> str:
    return family(word) or stem(word)


class Similar:
    """Labelled examples, each compared on its own."""

    def __init__(self, examples: Mapping[str, Sequence[str]]) -> None:
        rows = [(label, frozenset(map(_root, words_of(text)))) for label, texts in examples.items() for text in texts]
        labels = Counter(
            root for label in examples for root in {r for owner, row in rows if owner == label for r in row}
        )
        self._weight = {root: math.log(1 + len(examples) / count) + 0.3 for root, count in labels.items()}
        for root in {_root(word) for word in STOPWORDS - _KEPT} & self._weight.keys():
            self._weight[root] = COMMON
        self._rows = [(label, row, self._length(row)) for label, row in rows if row]
        self._by_root: dict[str, list[int]] = {}
        for at, (_, row, _) in enumerate(self._rows):
            for root in row:
                self._by_root.setdefault(root, []).append(at)
        self._vocabulary = {
            label: frozenset().union(*(row for owner, row in rows if owner == label)) for label in examples
        }

    def _length(self, roots: frozenset[str]) -> float:
        return math.sqrt(sum(self._weight.get(root, UNKNOWN) ** 2 for root in roots))

    def ranked(self, words: Sequence[str]) -> list[tuple[str, float]]:
        """Labels with their nearest example's likeness, best first."""
        roots = frozenset(_root(word) for word in words if word not in STOPWORDS or word in _KEPT)
        shared: dict[int, float] = {}
        for root in roots:
            weight = self._weight.get(root, 0.0) ** 2
            for at in self._by_root.get(root, ()):
                shared[at] = shared.get(at, 0.0) + weight
        length = self._length(roots)
        best: dict[str, float] = {}
        for at, weight in shared.items():
            if weight < TELLING:
                continue
            label, _, row_length = self._rows[at]
            best[label] = max(best.get(label, 0.0), weight / (length * row_length or 1.0))
        likely = {label: (like + self._covered(label, roots)) / 2 for label, like in best.items()}
        return sorted(likely.items(), key=lambda entry: -entry[1])

    def _covered(self, label: str, roots: frozenset[str]) -> float:
        """How much of the text stands anywhere in the examples of this label."""
        total = sum(self._weight.get(root, UNKNOWN) for root in roots)
        return sum(self._weight[root] for root in roots & self._vocabulary[label]) / (total or 1.0)
