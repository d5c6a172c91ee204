"""Words that say that somebody is in danger now, by rules for German and English. Pure, no model.

A text is read sentence by sentence. A finding is no alarm when it lies in the past, in a story, a course or a "what
if", or when a figure of speech or a small ailment explains it; "gerade" and "right now" overrule a mere "hatte".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

from runtime.core.danger_words import DISTRESS, EMERGENCY, LONG_AGO, NOW, PAST, SMALL, STEMS, STORY, WHAT_IF

Danger = Literal["emergency", "distress"]


@lru_cache(maxsize=16)
def fold(text: str) -> str:
    """Small letters without umlauts, one kind of apostrophe, single spaces: the form that the tables are written in."""
    folded = text.lower().replace("’", "'").replace("ß", "ss")
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        folded = folded.replace(umlaut, letters)
    return re.sub(r"\s+", " ", folded)


def danger_in(texts: Sequence[str]) -> Danger | None:
    """The danger that these texts tell of, each read on its own and all together; the more urgent one first."""
    joined = fold(" ".join(texts))
    if not any(stem in joined for stem in STEMS):
        return None
    readings = (*map(fold, texts), joined) if len(texts) > 1 else (joined,)
    sentences = [sentence for reading in readings for sentence in _sentences(reading)]
    if any(_tells(sentence, _DISTRESS_RE) for sentence in sentences):
        return "distress"
    return "emergency" if any(_tells(sentence, _EMERGENCY_RE) for sentence in sentences) else None


def _sentences(text: str) -> Iterator[str]:
    for sentence in re.split(r"[.!?;…\n]+| aber | but ", text):
        bare = re.sub(r"[^\w', -]", " ", sentence)
        yield re.sub(r"\s+", " ", bare).strip(" ,-")


def _tells(sentence: str, table: re.Pattern[str]) -> bool:
    for read in {sentence, sentence.replace(",", "")}:
        for found in table.finditer(read):
            if not _explained(read, found):
                return True
    return False


def _explained(sentence: str, found: re.Match[str]) -> bool:
    """Whether the sentence says that nobody is in danger now."""
    if _STORY_RE.search(sentence) or _WHAT_IF_RE.search(sentence) or _LONG_AGO_RE.search(sentence):
        return True
    if any(kind.search(found[0]) and reason.search(sentence) for kind, reason in _SMALL_RE):
        return True
    begin = sentence.rfind(",", 0, found.start()) + 1
    end = sentence.find(",", found.end())
    clause = sentence[begin : end if end >= 0 else None]
    return bool(_PAST_RE.search(clause)) and not _NOW_RE.search(sentence)


def _table(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_EMERGENCY_RE, _DISTRESS_RE = _table(EMERGENCY), _table(DISTRESS)
_NOW_RE, _PAST_RE, _LONG_AGO_RE = re.compile(NOW), re.compile(PAST), re.compile(LONG_AGO)
_STORY_RE, _WHAT_IF_RE = re.compile(STORY), re.compile(WHAT_IF)
_SMALL_RE = tuple((re.compile(kind), re.compile(reason)) for kind, reason in SMALL)
