"""The words of setup and doctor, in the language of whoever sits at the terminal (`configs/setup/{de,en}`)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from runtime.settings import CONFIGS

LANGUAGES = ("de", "en")
FOLDER = CONFIGS / "setup"


class Speech:
    """One file of texts in one language; `{x}` is a value."""

    def __init__(self, texts: Mapping[str, str], language: str) -> None:
        self._texts = texts
        self.language = language

    @classmethod
    def read(cls, name: str, language: str, folder: Path = FOLDER) -> Speech:
        """`<language>/<name>.yaml`."""
        text = (folder / language / f"{name}.yaml").read_text(encoding="utf-8")
        return cls(yaml.safe_load(text), language)

    def __call__(self, key: str, **values: Any) -> str:
        """The text of this name."""
        return self._texts[key].format(**values)

    def has(self, key: str) -> bool:
        """Whether there is a text of this name."""
        return key in self._texts


def language_here(environment: Mapping[str, str] | None = None) -> str:
    """The language of the terminal, as far as the environment says; English where it says nothing."""
    env = os.environ if environment is None else environment
    said = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return "de" if said.lower().startswith("de") else "en"
