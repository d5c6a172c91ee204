"""From a flow file's slots (plain mappings) to frozen Slots, with every mistake told by its place. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from runtime.core.flow_check import Problem
from runtime.core.flows import Flow, Slot, SlotType
from runtime.core.rules import RULES, rule_parts

Path = tuple[str | int, ...]
Wrong = Callable[[Path, str], None]
_KEYS = {
    "type", "options", "optional", "remember", "known_from", "depends_on", "rules", "if_refused", "if_unknown",
    "sensitive", "why", "ladder", "examples", "voice",
}  # fmt: skip
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "remember": ("contact",), "known_from": ("channel", "contact"), "if_refused": ("handoff", "go_on"),
    "if_unknown": ("help", "go_on"),
}  # fmt: skip
_SWITCHES = ("optional", "sensitive")
MOST_RUNGS = 3


def read_slot(name: str, content: object, wrong: Wrong) -> Slot:
    """One slot; what is wrong with it goes to `wrong` with its path in the file."""
    path: Path = ("slots", name)
    if content is not None and not isinstance(content, Mapping):
        wrong(path, f"`{content}` cannot stand here: write it as `name: value`.")
        content = None
    raw: Mapping[str, Any] = content or {}
    _plain_keys(raw, path, wrong)
    kind = raw.get("type", "text")
    if kind not in get_args(SlotType):
        wrong((*path, "type"), f"Unknown slot type `{kind}`: it may be one of {', '.join(get_args(SlotType))}.")
    if kind == "choice" and not raw.get("options"):
        wrong(path, f"Slot {name} is a choice without `options:`; name an option list such as services.")
    if raw.get("known_from") == "channel" and kind != "phone":
        wrong((*path, "known_from"), "Of a customer the channel knows the phone number only: the slot must be a phone.")
    return Slot(
        name=name,
        type=kind,
        options=str(raw.get("options", "")),
        optional=bool(raw.get("optional", False)),
        remember=raw.get("remember") == "contact",
        known_from=str(raw.get("known_from", "")),
        depends_on=_names(raw, "depends_on", path, wrong),
        rules=_rules(raw, kind, path, wrong),
        if_refused="go_on" if raw.get("if_refused") == "go_on" else "handoff",
        if_unknown="go_on" if raw.get("if_unknown") == "go_on" else "help",
        sensitive=bool(raw.get("sensitive", False)),
        why=_why(raw, path, wrong),
        ladder=_ladder(raw, path, wrong),
        examples=_lists(raw, "examples", path, wrong),
    )


def _plain_keys(raw: Mapping[str, Any], path: Path, wrong: Wrong) -> None:
    for key, value in raw.items():
        if key not in _KEYS:
            wrong((*path, key), f"Unknown key `{key}`: it may be one of {', '.join(sorted(_KEYS))}.")
        elif key in _CHOICES and value not in _CHOICES[key]:
            wrong((*path, key), f"`{key}: {value}` means nothing; it may be {' or '.join(_CHOICES[key])}.")
        elif key in _SWITCHES and not isinstance(value, bool):
            wrong((*path, key), f"`{key}` is true or false, not `{value}`.")


def _names(raw: Mapping[str, Any], key: str, path: Path, wrong: Wrong) -> tuple[str, ...]:
    given = raw.get(key) or ()
    if not isinstance(given, list | tuple):
        wrong((*path, key), f"`{key}` is a list: write it as [{given}].")
        return ()
    return tuple(map(str, given))


def _rules(raw: Mapping[str, Any], kind: str, path: Path, wrong: Wrong) -> tuple[str, ...]:
    """The rules, each known, for this type of slot, and with a number where it takes one."""
    found = _names(raw, "rules", path, wrong)
    for written in found:
        name, number = rule_parts(written)
        rule = RULES.get(name)
        if rule is None:
            wrong((*path, "rules"), f"Unknown rule `{written}`: it may be one of {', '.join(sorted(RULES))}.")
        elif kind not in rule.types:
            wrong((*path, "rules"), f"The rule `{name}` is for a {' or '.join(rule.types)}, not for a {kind}.")
        elif rule.numbered != number.isdecimal():
            wrong((*path, "rules"), f"Write the rule as `{name}:2`." if rule.numbered else f"Write it as `{name}`.")
    return found


def _by_language(raw: Mapping[str, Any], key: str, path: Path, wrong: Wrong) -> Mapping[str, Any]:
    given = raw.get(key)
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not given:
        wrong((*path, key), f"`{key}` is told by language: write it as `{key}: {{en: ..., de: ...}}`.")
        return {}
    return given


def _why(raw: Mapping[str, Any], path: Path, wrong: Wrong) -> dict[str, str]:
    texts = {str(code): str(text) for code, text in _by_language(raw, "why", path, wrong).items()}
    for code, text in texts.items():
        if "?" in text:
            wrong((*path, "why", code), "`why` is a reason and asks nothing: the question comes after it by itself.")
    return texts


def _lists(raw: Mapping[str, Any], key: str, path: Path, wrong: Wrong) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, texts in _by_language(raw, key, path, wrong).items():
        if not isinstance(texts, list) or not texts:
            wrong((*path, key, str(code)), f"`{key}` is a list of texts: begin each with a dash.")
            continue
        found[str(code)] = tuple(map(str, texts))
    return found


def _ladder(raw: Mapping[str, Any], path: Path, wrong: Wrong) -> dict[str, tuple[str, ...]]:
    """What to say at the first, second and third misunderstanding: each of them asks one thing."""
    found = _lists(raw, "ladder", path, wrong)
    if len({len(rungs) for rungs in found.values()}) > 1:
        wrong((*path, "ladder"), "The ladder has as many texts in each language.")
    for code, rungs in found.items():
        if len(rungs) > MOST_RUNGS:
            wrong((*path, "ladder", code), f"At most {MOST_RUNGS} texts: after them a person is fetched.")
        if len(set(rungs)) < len(rungs):
            wrong((*path, "ladder", code), "The same words twice help nobody: say it differently.")
        for number, text in enumerate(rungs):
            if text.count("?") != 1:
                wrong((*path, "ladder", code, number), "A text of the ladder asks exactly one question.")
    return found


def check_slots(flow: Flow) -> Iterator[Problem]:
    """What only shows when all slots and languages are read together."""
    languages = set(flow.description) | {code for code, texts in flow.examples.items() if texts}
    for slot in flow.slots.values():
        for other in slot.depends_on:
            if other not in flow.slots:
                text = f"`depends_on` names `{other}`, which is no slot of this flow."
                yield Problem(("slots", slot.name, "depends_on"), text)
        if slot.name in dependents(flow, slot.name):
            yield Problem(("slots", slot.name, "depends_on"), f"Slot {slot.name} depends on itself.")
        spoken: tuple[tuple[str, Mapping[str, object]], ...] = (
            ("why", slot.why), ("ladder", slot.ladder), ("examples", slot.examples),
        )  # fmt: skip
        for key, texts in spoken:
            if texts and (missing := sorted(languages - set(texts))):
                yield Problem(("slots", slot.name, key), f"`{key}` has no words in {', '.join(missing)}.")


def dependents(flow: Flow, name: str) -> frozenset[str]:
    """The slots whose value has to be looked at again when this one changes, directly or through another."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        changed = waiting.pop()
        fresh = {s.name for s in flow.slots.values() if changed in s.depends_on} - found
        found |= fresh
        waiting += fresh
    return frozenset(found)
