"""What the simulated customers say, and how they recognise what the desk says: by the desk's own wording."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import yaml

from runtime.settings import CONFIGS

_QUESTIONS = ("start", "name", "phone")


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's words."""

    hello: str
    service: str
    day: str
    other_time: str
    parking: str
    yes: str
    thanks: str


SAID = {
    "de": Phrases(
        "Ich hätte gern einen Termin", "Haarschnitt bitte", "am {0.day}.{0.month}.{0.year} um {0:%H:%M} Uhr",
        "Doch lieber um {0:%H:%M} Uhr", "Haben Sie Parkplätze?", "ja", "danke",
    ),
    "en": Phrases(
        "I would like an appointment", "Haircut please", "on {0:%Y-%m-%d} at {0:%H:%M}",
        "Rather at {0:%H:%M} please", "Do you have parking?", "yes", "thank you",
    ),
}  # fmt: skip


def day(phrases: Phrases, start: datetime) -> str:
    """A wished time in words."""
    return phrases.day.format(start)


FOLDERS = [CONFIGS / "replies"]
"""Whose wording they know: today's, and in an upgrade that of another version too."""


def knows_too(folder: Path) -> None:
    """From now on this wording is understood as well."""
    if folder not in FOLDERS:
        FOLDERS.append(folder)
        _pieces.cache_clear()


@cache
def _wording(folder: Path, language: str) -> Mapping[str, object]:
    found: dict[str, object] = {}
    for path in sorted((folder / language).glob("*.yaml")):
        found |= yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@cache
def _pieces(language: str, prefix: str) -> tuple[str, ...]:
    """The fixed beginning or end of every text under this name and below."""
    known = (pair for folder in FOLDERS for pair in _wording(folder, language).items())
    below = [v for name, v in known if name == prefix or name.startswith(f"{prefix}.")]
    found = [text for value in below for text in _texts(value)]
    plain = [max(re.split(r"\[\[.*?\]\]|\{[^}]*\}", text), key=len).strip() for text in found]
    return tuple(text for text in plain if len(text) > 3)


def _texts(value: object) -> Iterator[str]:
    """A text, a list of variants, or a mapping of formal and informal ones."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for one in value.values() for text in _texts(one))
    elif isinstance(value, Sequence):
        yield from (text for one in value for text in _texts(one))


def means(language: str, text: str, name: str) -> bool:
    """Whether a text of the desk holds the saying of this name."""
    return any(piece in text for piece in _pieces(language, name))


def asked(language: str, text: str) -> str:
    """Which slot a text asks for, or nothing."""
    return next((slot for slot in _QUESTIONS if means(language, text, f"ask.{slot}")), "")
