"""What the doctor found, and how it is shown: signs and colours for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from runtime.operating.speaking import Speech

Level = Literal["ok", "warning", "failure"]
_SIGNS = {"ok": ("✓", "32"), "warning": ("!", "33"), "failure": ("✗", "31")}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `what` names its text; a text of the same name with `_todo` says what to do."""

    part: str
    level: Level
    what: str
    values: dict[str, Any] = field(default_factory=dict)


def ok(part: str, what: str, **values: Any) -> Finding:
    """All is well."""
    return Finding(part, "ok", what, values)


def warning(part: str, what: str, **values: Any) -> Finding:
    """It works, and it should be looked at."""
    return Finding(part, "warning", what, values)


def failure(part: str, what: str, **values: Any) -> Finding:
    """It does not work."""
    return Finding(part, "failure", what, values)


def as_lines(findings: Sequence[Finding], speech: Speech, *, colour: bool) -> Iterator[str]:
    """One line each, under its part, and what to do where something is."""
    part = ""
    for one in findings:
        if one.part != part:
            part = one.part
            yield f"\n{speech(f'part_{part}')}"
        sign, code = _SIGNS[one.level]
        yield f"  {_coloured(sign, code) if colour else sign} {speech(one.what, **one.values)}"
        if todo := _todo(one, speech):
            yield f"      → {todo}"
    yield ""
    yield _summary(findings, speech)


def _coloured(sign: str, code: str) -> str:
    return f"\033[{code}m{sign}\033[0m"


def _todo(one: Finding, speech: Speech) -> str:
    key = f"{one.what}_todo"
    return speech(key, **one.values) if one.level != "ok" and speech.has(key) else ""


def _summary(findings: Sequence[Finding], speech: Speech) -> str:
    failures = sum(one.level == "failure" for one in findings)
    warnings = sum(one.level == "warning" for one in findings)
    return speech("all_well") if not failures + warnings else speech("summary", failures=failures, warnings=warnings)


def as_json(findings: Sequence[Finding], speech: Speech) -> str:
    """A JSON list of part, level, check, what, todo."""
    shown = [
        {
            "part": one.part, "level": one.level, "check": one.what,
            "what": speech(one.what, **one.values), "todo": _todo(one, speech),
        }
        for one in findings
    ]  # fmt: skip
    return json.dumps(shown, ensure_ascii=False, indent=1)
