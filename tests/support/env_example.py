"""Writes `.env.example` from the settings, so that the two never differ: `python -m tests.support.env_example`."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from typing import Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from runtime.settings import Settings

TARGET = Path(__file__).resolve().parents[2] / ".env.example"
HEAD = """\
# Everything that can be set, with what holds when it is not. Nothing has to be.
# Frontdesk reads its environment and the file .env of the folder where it is started; the environment wins.
"""


def env_example() -> str:
    """The file's whole text."""
    return HEAD + "".join(_entry(name, field) for name, field in Settings.model_fields.items())


def _entry(name: str, field: FieldInfo) -> str:
    about = field.description or ""
    if get_origin(field.annotation) is Literal:
        about = f"{about} One of: {', '.join(get_args(field.annotation))}."
    comment = "".join(f"# {line}\n" for line in wrap(about, 100))
    return f"\n{comment}# FRONTDESK_{name.upper()}={_shown(field.default)}\n"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    TARGET.write_text(env_example(), encoding="utf-8")
