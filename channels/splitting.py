"""Cutting a long text into messages that a provider takes: at paragraphs, else sentences, else words. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

_BREAKS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…:;])[”“\")]*\s+"),
    re.compile(r"\s+"),
)


def utf16_units(text: str) -> int:
    """Length as Telegram, Meta and JavaScript count it: an emoji outside the basic plane is two."""
    return len(text) + sum(1 for char in text if char > "\uffff")


def split_text(text: str, limit: int, measure: Callable[[str], int] = utf16_units) -> tuple[str, ...]:
    """The text in pieces of at most `limit`, cut at the best place in each; no word is lost."""
    pieces = []
    rest = text.strip()
    while measure(rest) > limit:
        head, rest = _cut(rest, limit, measure)
        pieces.append(head)
    return (*pieces, rest) if rest else tuple(pieces)


def _cut(text: str, limit: int, measure: Callable[[str], int]) -> tuple[str, str]:
    """A piece and what is left. A break in the first half would waste a message, so the next finer one is tried."""
    end = _longest(text, limit, measure)
    for breaks in _BREAKS:
        places = [found for found in breaks.finditer(text, 0, end) if found.start() >= end // 2]
        if places and (head := text[: places[-1].start()].rstrip()):
            return head, text[places[-1].end() :].lstrip()
    return text[:end], text[end:].lstrip()


def _longest(text: str, limit: int, measure: Callable[[str], int]) -> int:
    """How many characters fit; at least one, so that cutting always comes to an end."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle]) <= limit else (low, middle - 1)
    return low
