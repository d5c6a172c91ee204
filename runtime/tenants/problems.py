"""What pydantic found wrong, in words for the person who wrote the file: where, what, and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import AliasChoices, BaseModel, ValidationError

from runtime.errors import ConfigurationError
from runtime.tenants.document import Document, Path, Unreadable
from runtime.tenants.layout import PARTS, TenantModel

_MOST_PROBLEMS = 8


def explained(document: Document, error: ValidationError) -> ConfigurationError:
    """One error with a line for each problem, each with file and line."""
    found = error.errors()
    lines = [str(_problem(document, problem)) for problem in found[:_MOST_PROBLEMS]]
    if len(found) > _MOST_PROBLEMS:
        lines.append(f"... and {len(found) - _MOST_PROBLEMS} more.")
    return ConfigurationError("\n".join(lines))


def keys_of(model: type[BaseModel]) -> dict[str, tuple[str, ...]]:
    """Every key that a part of the file may have: field -> all the ways to write it, the usual one first."""
    keys: dict[str, tuple[str, ...]] = {}
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        keys[name] = tuple(str(c) for c in alias.choices) if isinstance(alias, AliasChoices) else (name,)
    return keys


def _problem(document: Document, problem: Any) -> ConfigurationError:
    loc: Path = tuple(problem["loc"])
    path = real_path(document.data, loc)
    key = str(path[-1]) if path else "the file"
    cause = problem.get("ctx", {}).get("error")
    match problem["type"]:
        case "missing":
            return document.error(
                path, f"'{key}' is missing{_of(loc)}. Add it, such as {_EXAMPLES.get(key, key + ': ...')}"
            )
        case "extra_forbidden":
            return document.error(path, _unknown(key, loc))
        case "value_error" if isinstance(cause, Unreadable):
            return document.error((*path, *cause.path), f"{key}: {cause}")
        case "string_pattern_mismatch":
            return document.error(path, f"{key}: use letters, digits, - and _ only, such as hair-studio.")
    return document.error(path, f"{key}: {problem['msg']}, found {_shown(problem.get('input'))}.")


_EXAMPLES = {
    "tenant": "'tenant: my-shop'.",
    "name": "'name: My Shop'.",
    "duration_min": "'duration_min: 45'.",
    "q": "'q: Where can I park?'.",
    "a": "'a: Behind the house.'.",
    "connector": "'connector: telegram'.",
}


def real_path(data: Any, loc: Sequence[str | int]) -> Path:
    """pydantic's place in terms of what was written: the third of a mapping is its third key."""
    path: list[str | int] = []
    for step in loc:
        if isinstance(step, int) and isinstance(data, Mapping) and step < len(data):
            step = list(data)[step]
        path.append(step)
        data = _inside(data, step)
    return tuple(path)


def _inside(data: Any, step: str | int) -> Any:
    if isinstance(data, Mapping):
        return data.get(step)
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return data[step]
    return None


def _of(loc: Path) -> str:
    return f" in {loc[0]}" if len(loc) > 1 else ""


def _unknown(key: str, loc: Path) -> str:
    model = PARTS.get(str(loc[0]), TenantModel) if len(loc) > 1 else TenantModel
    keys = keys_of(model)
    every = [spelling for spellings in keys.values() for spelling in spellings]
    close = difflib.get_close_matches(key, every, n=1)
    hint = f"Did you mean '{close[0]}'?" if close else "Remove it, or move it into facts as a question and its answer."
    return f"'{key}' is not known here. {hint} Known: {', '.join(keys)}."


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
