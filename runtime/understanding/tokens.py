"""Words of a text: folded for comparing, with their place in the customer's own spelling.

Folding is idempotent: lower case, umlauts as ae/oe/ue, sharp s as ss, other accents dropped.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

MAX_CHARACTERS = 2_000
"""Longer texts are read up to here."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "’": "'", "‘": "'", "`": "'", "´": "'"})
_TOKEN = re.compile(
    r"""
    (?P<iso>\d{4}-\d{1,2}-\d{1,2})(?!\d)
    | (?P<dotted>\d{1,2}\.\s?\d{1,2}\.(?:(?:\s?\d{4}|\d{2})(?![\d:.]|\s?(?:uhr|h)\b))?)
    | (?P<slashed>\d{1,2}/\d{1,2}(?:/\d{2,4})?)(?![\d/])
    | (?P<clock>\d{1,2}:\d{2}(?::\d{2})?)(?!\d)
    | (?P<pair>\d{1,2}\.\d{1,2})(?![\d.])
    | (?P<digits>\d+)
    | (?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)
    | (?P<mark>[^\w\s]|_)
    """,
    re.VERBOSE | re.IGNORECASE,
)


class Token(NamedTuple):
    """A word, a number, a written date or clock time, or a punctuation mark."""

    text: str
    norm: str
    start: int
    end: int
    kind: str
    """iso, dotted, slashed, clock, pair ("15.30", "24.11"), digits, word or mark."""


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """The text as it is compared: case, umlauts and accents do not matter."""
    if text.isascii():
        return text.lower().replace("`", "'")
    for _ in range(4):
        before = text
        text = unicodedata.normalize("NFC", text).casefold().translate(_UMLAUTS)
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        if text == before:
            break
    return text


def word_set(text: str) -> frozenset[str]:
    """The words of a table written as running text."""
    return frozenset(text.split())


@lru_cache(maxsize=4)
def tokenise(text: str) -> tuple[Token, ...]:
    """The tokens of a text in order; offsets count in the text as given. Kept for the turn that asks several times."""
    found = []
    for match in _TOKEN.finditer(text[:MAX_CHARACTERS]):
        words = match.group()
        found.append(Token(words, fold(words), match.start(), match.end(), match.lastgroup or "mark"))
    return tuple(found)


def words_of(text: str) -> tuple[str, ...]:
    """Only the folded words and numbers of a text."""
    return tuple(token.norm for token in tokenise(text) if token.kind != "mark")
