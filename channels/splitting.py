"""Cutting a long text into messages that a provider takes: at paragraphs, else sentences, else words. Pure.

What a reader sees as one sign is never cut: an emoji with its colour, a family, a flag, a letter with its marks. A dot
ends a sentence only where one ends: not in "24. November", "z. B." or "Dr. Lind".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

_SENTENCE = re.compile(r"(?<=[.!?…])[”“\")»]*\s+(?![a-zäöüß])")
_BREAKS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    _SENTENCE,
    re.compile(r"(?<=[,;:–])\s+"),
    re.compile(r"\s+"),
)
_NO_END = re.compile(
    r"(?:\d|(?<!\w)(?:\w|ca|bzw|dr|hr|fr|frau|herr|mr|mrs|ms|nr|no|prof|st|str|tel|vgl|evtl|inkl|zzgl|min|mind|mo|di|mi"
    r"|do|fr|sa|so))\.$",
    re.IGNORECASE,
)
"""A number, a single letter or a short form before the dot: it does not end a sentence."""
_JOINER, _FLAGS = "\u200d", ("\U0001f1e6", "\U0001f1ff")
_LONGEST_SIGN = 64


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


def split_before_end(text: str, limit: int, end_limit: int) -> tuple[str, ...]:
    """Like `split_text`, but the last piece has at most `end_limit`: what carries buttons may be shorter."""
    text = text.strip()
    if utf16_units(text) <= end_limit:
        return (text,) if text else ()
    start = len(text) - _longest(text[::-1], end_limit, utf16_units)
    for breaks in _BREAKS:
        for found in _places(breaks, text, start - 1, len(text)):
            if found.end() >= start and (end := text[found.end() :].strip()):
                return (*split_text(text[: found.start()], limit), end)
    start = _whole_signs(text, start, forward=True)
    return (*split_text(text[:start], limit), text[start:].strip())


def shortened(text: str, limit: int) -> str:
    """The text on one line in at most `limit`, with … where something is left out, at a word where that is possible."""
    text = " ".join(text.split())
    if utf16_units(text) <= limit:
        return text
    head = text[: _whole_signs(text, _longest(text, limit - 1, utf16_units))]
    words = head if text[len(head) :].startswith(" ") else head.rpartition(" ")[0]
    return f"{(words if len(words) > len(head) // 2 else head).rstrip(' ,;:–')}…"


def _cut(text: str, limit: int, measure: Callable[[str], int]) -> tuple[str, str]:
    """A piece and what is left. A break in the first half would waste a message, so the next finer one is tried."""
    end = _longest(text, limit, measure)
    for breaks in _BREAKS:
        places = [found for found in _places(breaks, text, 0, end) if found.start() >= end // 2]
        if places and (head := text[: places[-1].start()].rstrip()):
            return head, text[places[-1].end() :].lstrip()
    end = _whole_signs(text, end)
    return text[:end], text[end:].lstrip()


def _places(breaks: re.Pattern[str], text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Where this kind of break stands; a break that begins in front of `end` counts whole."""
    for found in breaks.finditer(text, max(0, start)):
        if found.start() > end:
            return
        if breaks is not _SENTENCE or not _NO_END.search(text, max(0, found.start() - 8), found.start()):
            yield found


def _longest(text: str, limit: int, measure: Callable[[str], int]) -> int:
    """How many characters fit; at least one, so that cutting always comes to an end."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle]) <= limit else (low, middle - 1)
    return low


def _whole_signs(text: str, place: int, *, forward: bool = False) -> int:
    """The nearest place where no sign is cut in two; the same place where there is none near."""
    for step in range(_LONGEST_SIGN):
        moved = place + step if forward else place - step
        if moved >= len(text) or (moved > 0 and not _is_inside(text, moved)):
            return moved
        if moved <= 0:
            break
    return place


def _is_inside(text: str, place: int) -> bool:
    """Whether the character here belongs to the one before it."""
    before, here = text[place - 1], text[place]
    if _JOINER in (before, here) or unicodedata.category(here) in ("Mn", "Me", "Mc"):
        return True
    if "\U0001f3fb" <= here <= "\U0001f3ff" or "\U000e0020" <= here <= "\U000e007f":
        return True  # a colour of skin; the letters of a region's flag
    if not _is_flag(here) or not _is_flag(before):
        return False
    start = place
    while start > 0 and _is_flag(text[start - 1]):
        start -= 1
    return (place - start) % 2 == 1


def _is_flag(char: str) -> bool:
    """Two of these make a flag."""
    return _FLAGS[0] <= char <= _FLAGS[1]
