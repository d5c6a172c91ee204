"""A model's answer held against `configs/schemas/commands.json`: proposals, or what is wrong with its form.

Each command is checked by its own rules, compiled once and found by its name. One that does not keep them is dropped
alone; only an answer that holds nothing usable is sent back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from runtime.prompts import commands_schema
from runtime.understanding.model_grounding import Proposal

LONGEST = 20_000
_FIELDS = {"command", "target", "words"}
INVALID = "invalid"
"""Stands for commands that were dropped by the schema."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with an answer, in words for the model."""

    why: str


@lru_cache(maxsize=1)
def _checks() -> Mapping[str, Any]:
    """A compiled validator for each command's own rules, by its name; None where it has none."""
    from jsonschema import Draft202012Validator

    rules_by_name = commands_schema()["$defs"]
    return {name: Draft202012Validator(rules) if rules else None for name, rules in rules_by_name.items()}


def proposals_in(text: str) -> list[Proposal] | Wrong:
    """The commands of an answer."""
    try:
        answer = orjson.loads(_bare(text)) if len(text) <= LONGEST else None
    except orjson.JSONDecodeError:
        return Wrong("it is no JSON.")
    listed = answer.get("commands") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        return Wrong('it is no object with a list "commands".')
    proposals = [_proposal(one) for one in listed]
    if listed and all(proposal.command == INVALID for proposal in proposals):
        return Wrong('no command has a known "command" with "target" and "words" as described.')
    return proposals


def _proposal(one: object) -> Proposal:
    if isinstance(one, dict) and one.keys() <= _FIELDS and all(isinstance(value, str) for value in one.values()):
        filled = {"command": "", "target": "", "words": "", **one}
        checks, name = _checks(), filled["command"]
        if name in checks and (checks[name] is None or checks[name].is_valid(filled)):
            return Proposal(name, filled["target"], filled["words"])
    return Proposal(INVALID, "", "")


def _bare(text: str) -> str:
    """Without the fence that some models put around JSON."""
    text = text.strip()
    if text.startswith("```"):
        text = text.strip("`").removeprefix("json").strip()
    return text
