"""One wrong letter in a longer word: missing, doubled, wrong or two swapped.

A deletion index answers in a dictionary lookup per letter; nothing here knows what the words mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SHORTEST = 5
"""Shorter words are only what they are."""


class Spelling:
    """Known words, found again when one letter is off."""

    def __init__(self, words: Iterable[str], never: frozenset[str] = frozenset()) -> None:
        self._known = frozenset(words)
        self._never = never
        self._index: dict[str, set[str]] = {}
        for word in self._known:
            if len(word) >= SHORTEST and word.isalpha():
                for shorter in (word, *_shorter(word)):
                    self._index.setdefault(shorter, set()).add(word)

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def correct(self, word: str) -> str:
        """The known word that was meant, or the word itself."""
        if len(word) < SHORTEST or word in self._known or word in self._never:
            return word
        for key in (word, *_shorter(word)):
            for known in sorted(self._index.get(key, ())):
                if _close(word, known):
                    return known
        return word


def _shorter(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _close(word: str, known: str) -> bool:
    """Whether one edit apart; the first letter must stand, and short words may not just grow or lose their ending."""
    if word[0] != known[0] and word[:2] != known[1::-1]:
        return False
    if len(word) == len(known):
        differ = [at for at in range(len(word)) if word[at] != known[at]]
        if len(differ) == 1:
            return differ[0] < len(word) - 1 or len(word) > 7
        return (
            len(differ) == 2
            and differ[1] == differ[0] + 1
            and word[differ[0]] == known[differ[1]]
            and word[differ[1]] == known[differ[0]]
        )
    if abs(len(word) - len(known)) != 1:
        return False
    longer, shorter = (word, known) if len(word) > len(known) else (known, word)
    inner = any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer) - 1))
    return inner or (longer[:-1] == shorter and len(shorter) > 7)
