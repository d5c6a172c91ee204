"""What nobody understood: empty, noise, out of scope, or just words that we do not know."""

from __future__ import annotations

from typing import Literal

from runtime.core.commands import Language, Unclear
from runtime.understanding.desks import PHRASES
from runtime.understanding.reading import Reading
from runtime.understanding.stopwords import STOPWORDS

STAGE = "rules:left"
_VOWELS = frozenset("aeiouy")
_KEYBOARD = ("qwert", "asdf", "yxcv", "zxcv", "jkl", "fgh", "hjk", "uiop", "sdfg")
SENTENCE = 4
Reason = Literal["words", "scope", "empty", "noise"]


def unclear(reading: Reading) -> None:
    """Say honestly that nothing was found, and of which kind it was."""
    if all(isinstance(command, Language) for command, _ in reading.commands) and not reading.found(Language):
        reading.add(Unclear(_reason(reading)), STAGE)


def _reason(reading: Reading) -> Reason:
    words = [token.norm for token in reading.tokens if token.kind == "word"]
    if not words:
        return "noise" if reading.tokens else "empty"
    if all(_is_noise(word) for word in words):
        return "noise"
    known = sum(word in STOPWORDS or word in PHRASES.spelling for word in words)
    return "scope" if len(words) >= SENTENCE and known * 2 >= len(words) else "words"


def _is_noise(word: str) -> bool:
    if word in STOPWORDS or word in PHRASES.spelling:
        return False
    return not _VOWELS & set(word) or any(row in word for row in _KEYBOARD) or len(set(word)) == 1
