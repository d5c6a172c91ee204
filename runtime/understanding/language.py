"""Which of our languages a text is in: common words of one language that the other does not have."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.understanding.dates.english import ENGLISH as ENGLISH_DATES
from runtime.understanding.dates.german import GERMAN as GERMAN_DATES
from runtime.understanding.dates.language import DateWords
from runtime.understanding.stopwords import ENGLISH, GERMAN, SHARED

CLEAR = 3
"""So many telling words make a sentence clear enough to change the language."""


def _dates(words: DateWords) -> frozenset[str]:
    named = (*words.weekdays, *words.months, *words.parts.values(), *words.relative_days.values())
    return frozenset(word for phrases in named for phrase in phrases for word in phrase.split() if len(word) > 3)


_NUMBERS = frozenset(GERMAN_DATES.numbers) ^ frozenset(ENGLISH_DATES.numbers)
_DE = (GERMAN | _dates(GERMAN_DATES) | frozenset(GERMAN_DATES.numbers)) - SHARED
_EN = (ENGLISH | _dates(ENGLISH_DATES) | frozenset(ENGLISH_DATES.numbers)) - SHARED
_TELLING = {"de": _DE - _EN, "en": _EN - _DE}


def telling(words: Sequence[str]) -> int:
    """How many words are clearly of one of our languages."""
    return sum(any(word in known for known in _TELLING.values()) for word in words)


def language_of(words: Sequence[str], spoken: str, allowed: Sequence[str] = ("de", "en"), fresh: bool = False) -> str:
    """The language of these words; `spoken` unless another one is clear, which is sooner where nothing runs yet."""
    counts = {code: sum(word in telling for word in words) for code, telling in _TELLING.items()}
    best = max(counts, key=lambda code: (counts[code], code == spoken))
    if best == spoken or best not in (allowed or _TELLING):
        return spoken
    rest = sum(count for code, count in counts.items() if code != best)
    enough = CLEAR - (fresh and not rest)
    return best if counts[best] >= enough and counts[best] >= 2 * rest else spoken
