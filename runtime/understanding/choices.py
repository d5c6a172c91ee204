"""Which of the configured options a text names: services by name, part, compound or word family, staff by name.

Words that few options share say most. Two options that fit equally well are no choice: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from runtime.core.values import Option
from runtime.understanding.dates.spoken_numbers import english_numbers, german_numbers
from runtime.understanding.families import family as family_of
from runtime.understanding.families import stem
from runtime.understanding.spelling import Spelling
from runtime.understanding.stopwords import STOPWORDS
from runtime.understanding.tokens import words_of

_NUMBERS = {word: str(value) for word, value in {**german_numbers(), **english_numbers()}.items() if value > 9}
ENOUGH = 0.5
WHOLE = 0.85
MARGIN = 0.06
RIVAL = 0.55
"""An option that scores less than this part of the best one is no rival."""
SHORTEST_PART = 4
LONG = 9
NEARLY = 0.85
"""How alike a long misspelt word must be to the one that was meant."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An option with the words (indexes) that named it. `score` is 1 for a whole name and nothing else."""

    option: str
    words: tuple[int, ...]
    score: float
    whole: bool = False
    """Whether one of its names was said completely."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to name an option."""

    option: str
    words: tuple[str, ...]


class ChoiceIndex:
    """The options of one list, ready to be found in texts."""

    def __init__(self, options: Sequence[Option]) -> None:
        self.variants = _split(tuple(variant for option in options for variant in _variants(option)))
        self._weight = _weights(self.variants)
        self._spelling = Spelling(self._weight)
        self._nouns = frozenset(self._weight)
        self.likeness = lru_cache(maxsize=4096)(self._likeness)

    def find(self, words: Sequence[str], at: Sequence[int]) -> Chosen | None:
        """The option that these words name, None when there is none or no best one. `at` are the words' places."""
        ranked = self.ranked(words, at)
        if not ranked or ranked[0].score < ENOUGH:
            return None
        best = ranked[0]
        rivals = [rival for rival in ranked[1:] if rival.score >= best.score * RIVAL]
        return None if any(_as_good(rival, best) for rival in rivals) else best

    def rivals(self, words: Sequence[str], at: Sequence[int]) -> list[Chosen]:
        """The options that these words name equally well; none where others are touched too, or nothing is near."""
        ranked = self.ranked(words, at)
        if not ranked or ranked[0].score < ENOUGH:
            return []
        best = ranked[0]
        near = [one for one in ranked[1:] if one.score >= best.score * RIVAL]
        return [best, *near] if len(near) == len(ranked) - 1 and all(_as_good(one, best) for one in near) else []

    def ranked(self, words: Sequence[str], at: Sequence[int]) -> list[Chosen]:
        """Every option that the words touch, the best first."""
        likeness = [(place, found) for word, place in zip(words, at, strict=True) if (found := self.likeness(word))]
        if not likeness:
            return []
        best: dict[str, Chosen] = {}
        for variant in self.variants:
            chosen = self._score(variant, likeness)
            if chosen is not None and (variant.option not in best or chosen.score > best[variant.option].score):
                best[variant.option] = chosen
        return sorted(best.values(), key=lambda chosen: -chosen.score)

    def mentions(self, word: str) -> bool:
        """Whether the word stands in some option's name at all."""
        return bool(self.likeness(word))

    def _score(self, variant: Variant, likeness: list[tuple[int, Mapping[str, float]]]) -> Chosen | None:
        total = sum(self._weight[word] for word in variant.words)
        covered = dict.fromkeys(variant.words, 0.0)
        used: list[int] = []
        said = matched = 0.0
        for place, found in likeness:
            weight = max(self._weight[word] for word in found)
            hits = {word: found[word] for word in variant.words if word in found}
            said += weight
            matched += weight * max(hits.values(), default=0.0)
            if hits:
                used.append(place)
                covered.update({word: max(covered[word], like) for word, like in hits.items()})
        recall = sum(self._weight[word] * part for word, part in covered.items()) / total
        if not used or not recall:
            return None
        precision = matched / said
        score = 2 * precision * recall / (precision + recall)
        return Chosen(variant.option, tuple(used), score, recall >= WHOLE)

    def _likeness(self, word: str) -> Mapping[str, float]:
        """How much the word says of each word of the names."""
        if word in STOPWORDS or len(word) < 2:
            return {}
        word = _NUMBERS.get(word, word)
        halves = (word,) if word in self._nouns or family_of(word) else _halves(word, set(self._nouns))
        if len(halves) > 1:
            return _joined([self.likeness(half) for half in halves])
        found = {known: like for known in self._nouns if (like := _alike(word, known)) > 0}
        if not found and len(word) >= 5:
            meant = self._spelling.correct(word)
            found = {meant: 0.9} if meant != word else self._misheard(word)
        strong = max(found.values(), default=0.0)
        return {known: like for known, like in found.items() if like >= min(strong, 0.7)}

    def _misheard(self, word: str) -> dict[str, float]:
        """A long word with several wrong letters: "lymphdrenage", "akupuntkur"."""
        if len(word) < LONG:
            return {}
        near = [known for known in self._nouns if known[0] == word[0] and abs(len(known) - len(word)) <= 2]
        rated = {known: SequenceMatcher(None, word, known, autojunk=False).ratio() for known in near}
        return {known: 0.85 for known, like in rated.items() if like >= NEARLY and like == max(rated.values())}


def _joined(found: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    """What both halves of a compound say."""
    words = {word for likeness in found for word in likeness}
    return {word: max(likeness.get(word, 0.0) for likeness in found) for word in words}


def _as_good(rival: Chosen, best: Chosen) -> bool:
    """Whether everything that speaks for the best one speaks for the rival too."""
    if not set(best.words) <= set(rival.words) or (best.whole and not rival.whole):
        return False
    return best.whole == rival.whole and (not best.whole or best.score - rival.score < MARGIN)


def _variants(option: Option) -> list[Variant]:
    spoken = [*option.names.values(), *option.synonyms]
    if not any(option.names.values()):
        spoken.append(option.id.replace("_", " ").replace("-", " "))
    found = {tuple(word for word in words_of(name) if word not in STOPWORDS) or words_of(name) for name in spoken}
    return [Variant(option.id, words) for words in sorted(found) if words]


def _split(variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
    """The variants with compounds cut where both halves are known: "Damenhaarschnitt" is a haircut for women."""
    known = {word for variant in variants for word in variant.words}
    whole = {word for variant in variants if len(variant.words) > 1 for word in variant.words}
    halves = {word: (word,) if word in whole or family_of(word) else _halves(word, known) for word in known}
    return tuple(
        Variant(variant.option, tuple(dict.fromkeys(half for word in variant.words for half in halves[word])))
        for variant in variants
    )


def _halves(word: str, known: set[str]) -> tuple[str, ...]:
    """The word cut in two, the first half as long as can be."""
    for at in range(len(word) - 3, 2, -1):
        first, rest = word[:at], word[at:]
        if (first in known or family_of(first)) and (rest in known or family_of(rest) or family_of(_tail(rest))):
            return first, rest
    return (word,)


def _weights(variants: Sequence[Variant]) -> dict[str, float]:
    """A word that many options share tells little."""
    owners: dict[str, set[str]] = {}
    for variant in variants:
        for word in variant.words:
            owners.setdefault(word, set()).add(variant.option)
    return {
        word: (0.4 if word.isdigit() else 1.0)
        / len(set().union(*(owners[other] for other in owners if _kin(word, other))))
        for word in owners
    }


def _kin(word: str, other: str) -> bool:
    return word == other or stem(word) == stem(other)


def _alike(word: str, known: str) -> float:
    """1 for the same word, less for a part of it."""
    if word == known or stem(word) == stem(known):
        return 1.0
    if word.isdigit() or known.isdigit():
        return 0.0
    family, known_family = family_of(word), family_of(known)
    if family and known_family:
        return 0.9 if family == known_family else 0.0
    if (
        len(known) >= SHORTEST_PART
        and len(word) >= len(known) + 3
        and (word.startswith(stem(known)) or word.endswith(known))
    ):
        return 0.95
    if len(word) >= SHORTEST_PART and known.endswith(word):
        return 0.8
    if family and (family == family_of(_tail(known)) or known.endswith(family)):
        return 0.75
    if len(word) >= 5 and known.startswith(stem(word)):
        return 0.6
    return 0.0


def _tail(word: str) -> str:
    """The end of a compound that belongs to a word family: "schnitt" in "haarschnitt"."""
    return next((word[at:] for at in range(2, len(word) - 2) if family_of(word[at:])), "")
