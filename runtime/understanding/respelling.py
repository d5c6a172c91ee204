""" "Meier mit ai", "with a y": how a name that was given is written, whatever is asked just now (C18)."""

from __future__ import annotations

from runtime.core.commands import Set
from runtime.understanding.reading import Reading
from runtime.understanding.tokens import word_set

STAGE = "rules:slot"
_SOUNDS = (
    ("ai", "ei", "ay", "ey"), ("dt", "tt", "th", "td", "t", "d"), ("ck", "kk", "k", "c"), ("ss", "ß", "s"),
    ("ff", "ph", "f", "v"), ("ie", "ih", "y", "i"), ("tz", "zz", "z"), ("mm", "m"), ("nn", "n"), ("ll", "l"),
    ("rr", "r"), ("pp", "p", "b"), ("oe", "ö"), ("ae", "ä", "eh", "e"), ("ue", "ü"), ("oh", "oo", "o"),
    ("ah", "aa", "a"),
)  # fmt: skip
"""Letters that sound alike in names."""
_WITH = frozenset({"mit", "with"})
_BETWEEN = word_set("a an einem nem doppel double")


def respelling(reading: Reading) -> bool:
    """The name in hand with the letters that were said; whether the text says how it is spelt."""
    slots = [slot for slot in reading.slots("person") if isinstance(reading.expectation.filled.get(slot.name), str)]
    if not slots or len(reading.tokens) > 9:
        return False
    known = str(reading.expectation.filled[slots[0].name])
    for at, token in enumerate(reading.tokens[:-1]):
        letters, end = _letters(reading, at)
        if token.norm in _WITH and letters and (name := spelt_with(known, letters)):
            reading.add(Set(slots[0].name, reading.words(at, end), name), STAGE)
            reading.claim(0, end)
            return True
    return False


def _letters(reading: Reading, at: int) -> tuple[str, int]:
    """The letters behind "mit", and where they end: "ai", "einem y", "Doppel-L"."""
    twice = False
    for place in range(at + 1, min(at + 4, len(reading.tokens))):
        token = reading.tokens[place]
        if token.norm in ("doppel", "double"):
            twice = True
        elif token.kind == "word" and len(token.text) <= 2 and (token.norm not in _BETWEEN or twice):
            return token.text.lower() * (2 if twice and len(token.text) == 1 else 1), place + 1
        elif token.kind == "word" and token.norm not in _BETWEEN:
            break
    return "", at


def spelt_with(name: str, letters: str) -> str:
    """The name with these letters where others stood that sound like them; the surname first. "" when none do."""
    words = name.split()
    for at in range(len(words) - 1, -1, -1):
        for sounds in (row for row in _SOUNDS if letters in row):
            changed = _changed(words[at], letters, sounds)
            if changed:
                return " ".join([*words[:at], changed, *words[at + 1 :]])
    return ""


def _changed(word: str, letters: str, sounds: tuple[str, ...]) -> str:
    folded = word.lower()
    if letters in folded and len(letters) > 1:
        return ""
    others = sorted((sound for sound in sounds if sound != letters), key=lambda sound: abs(len(sound) - len(letters)))
    for other in others:
        at = folded.rfind(other)
        if at >= 0:
            put = letters.capitalize() if word[at].isupper() else letters
            return word[:at] + put + word[at + len(other) :]
    return ""
