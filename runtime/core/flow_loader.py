"""From a flow's file (already parsed to plain mappings) to a frozen Flow with its content hash. Pure; says where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from runtime.core.flow_check import ActionFacts, Problem, check_graph
from runtime.core.flows import (
    ActLine,
    Available,
    Branch,
    CallLine,
    Choose,
    Collect,
    Confirm,
    End,
    Flow,
    HandoffLine,
    Jump,
    Line,
    Reaction,
    SayLine,
    SetLine,
    TicketKind,
    TicketLine,
    WaitLine,
)
from runtime.core.slot_loader import check_slots, read_slot

Path = tuple[str | int, ...]
_FLOW_KEYS = {"flow", "skill", "description", "examples", "timeout", "slots", "lines", "available"}
_UNITS = {"m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A flow, or the problems that refuse it."""

    flow: Flow | None
    problems: tuple[Problem, ...]


def load_flow(raw: Mapping[str, Any], actions: Mapping[str, ActionFacts]) -> Loaded:
    """Read and check one flow; `actions` tells which exist and which of them write."""
    reader = _Reader(actions)
    flow = reader.flow(raw)
    problems = list(reader.problems)
    if flow is not None and not problems:
        problems += [*check_graph(flow, actions, reader.places), *check_slots(flow)]
    return Loaded(None if problems else flow, tuple(problems))


def content_hash(raw: Mapping[str, Any]) -> str:
    """The hash that a running conversation pins."""
    canonical = json.dumps(raw, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.blake2s(canonical.encode(), digest_size=10).hexdigest()


class _Reader:
    """Collects problems with their path while it reads, so that a writer sees all of them at once."""

    def __init__(self, actions: Mapping[str, ActionFacts]) -> None:
        self.actions = actions
        self.problems: list[Problem] = []
        self.places: list[Path] = []
        self.lines: list[Line] = []

    def wrong(self, path: Path, text: str) -> None:
        self.problems.append(Problem(path, text))

    def mapping(self, raw: object, path: Path) -> Mapping[str, Any]:
        """What should be `key: value` lines, and a problem where it is something else."""
        if raw is None or isinstance(raw, Mapping):
            return raw or {}
        self.wrong(path, f"`{raw}` cannot stand here: write it as `name: value`.")
        return {}

    def flow(self, raw: Mapping[str, Any]) -> Flow | None:
        self._only(raw, _FLOW_KEYS, ())
        name = raw.get("flow")
        if not isinstance(name, str) or not name:
            self.wrong(("flow",), "A flow needs a name: write `flow: book_appointment`.")
            return None
        slots = {
            str(n): read_slot(str(n), s, self.wrong) for n, s in self.mapping(raw.get("slots"), ("slots",)).items()
        }
        self._read_lines(raw.get("lines") or [], ("lines",))
        if not self.lines:
            self.wrong(("lines",), f"Flow {name} has no lines: write what it does under `lines:`.")
        examples = {k: tuple(v) for k, v in self.mapping(raw.get("examples"), ("examples",)).items()}
        if not any(examples.values()):
            self.wrong(("examples",), f"Flow {name} has no example: write at least one per language under `examples:`.")
        return Flow(
            id=name,
            skill=str(raw.get("skill", "")),
            hash=content_hash(raw),
            description=dict(self.mapping(raw.get("description"), ("description",))),
            examples=examples,
            slots=slots,
            lines=tuple(self.lines),
            timeout_s=self.seconds(raw.get("timeout", "7d"), ("timeout",)),
            available=self._available(raw),
        )

    def _only(self, raw: Mapping[str, Any], known: set[str], path: Path) -> None:
        for key in raw:
            if key not in known:
                self.wrong((*path, key), f"Unknown key `{key}`: it may be one of {', '.join(sorted(known))}.")

    def seconds(self, text: object, path: Path) -> int:
        """A time such as 7d."""
        value = str(text)
        if value[-1:] in _UNITS and value[:-1].isdigit():
            return int(value[:-1]) * _UNITS[value[-1]]
        self.wrong(path, f"`{value}` is no time: write a number with m, h or d, such as 7d.")
        return 0

    def _available(self, raw: Mapping[str, Any]) -> Available | None:
        path: Path = ("available",)
        needs = self.mapping(raw.get("available"), path)
        self._only(needs, {"hours", "channels", "option"}, path)
        channels = needs.get("channels") or []
        if needs.get("hours", "open") != "open":
            self.wrong((*path, "hours"), "`hours` can only be `open`: while the business is open.")
        if not isinstance(channels, list):
            self.wrong((*path, "channels"), "`channels` is a list, such as [telegram, webchat].")
            return None
        return Available("hours" in needs, tuple(map(str, channels)), str(needs.get("option", ""))) if needs else None

    def _read_lines(self, raw: Sequence[object], path: Path) -> None:
        if not isinstance(raw, list):
            self.wrong(path, "Lines are a list: begin each with a dash.")
            return
        for number, entry in enumerate(raw):
            self._read_line(entry, (*path, number))

    def _read_line(self, content: object, path: Path) -> None:
        raw = self.mapping(content, path)
        if not isinstance(content, Mapping):
            return
        for kind, read in _LINES.items():
            if kind in raw:
                self._only(raw, {kind, *_BESIDE.get(kind, ())}, path)
                read(self, raw, path)
                return
        known = ", ".join(_LINES)
        self.wrong(
            path, f"A line must begin with one of {known}; this one has {', '.join(map(str, raw)) or 'nothing'}."
        )

    def put(self, line: Line, path: Path) -> int:
        self.lines.append(line)
        self.places.append(path)
        return len(self.lines) - 1

    def branch(self, raw: Mapping[str, Any], path: Path) -> None:
        test = self.mapping(raw["branch"], (*path, "branch"))
        at = self.put(Jump(0), path)
        self._read_lines(raw.get("then") or [], (*path, "then"))
        leave = self.put(Jump(0), path)
        otherwise = len(self.lines)
        self._read_lines(raw.get("else") or [], (*path, "else"))
        self.lines[leave] = Jump(len(self.lines))
        self.lines[at] = Branch(str(test.get("slot", "")), test.get("is"), otherwise)

    def act(self, raw: Mapping[str, Any], path: Path) -> None:
        name = str(raw["act"])
        facts = self.actions.get(name)
        if facts is None:
            self.wrong((*path, "act"), f"There is no action `{name}`; known are {', '.join(sorted(self.actions))}.")
        write = facts is not None and facts.write
        reads = tuple(raw["with"] or ()) if "with" in raw else None
        self.put(ActLine(name, write, str(raw.get("into", "")), reads, self.reactions(raw, path)), path)

    def reactions(self, raw: Mapping[str, Any], path: Path) -> dict[str, Reaction]:
        """The `on:` table."""
        on = (*path, "on")
        return {str(n): self.reaction(r, (*on, n)) for n, r in self.mapping(raw.get("on"), on).items()}

    def reaction(self, content: object, path: Path) -> Reaction:
        """What is done about one outcome."""
        known = {"say", "ask", "back_to", "handoff", "end"}
        raw = self.mapping(content, path)
        self._only(raw, known, path)
        return Reaction(**{k: str(v) for k, v in raw.items() if k in known})


def _simple(build: Callable[[Mapping[str, Any]], Line]) -> Callable[[_Reader, Mapping[str, Any], Path], None]:
    def read(reader: _Reader, raw: Mapping[str, Any], path: Path) -> None:
        reader.put(build(raw), path)

    return read


def _confirm(reader: _Reader, raw: Mapping[str, Any], path: Path) -> None:
    reader.put(Confirm(str(raw["confirm"]), reader.reactions(raw, path)), path)


def _call(reader: _Reader, raw: Mapping[str, Any], path: Path) -> None:
    line = CallLine(str(raw["call"]), reader.reactions(raw, path))
    for name in line.reactions:
        if name != "aborted":
            reader.wrong((*path, "on", name), f"A call knows only `on: aborted`, not `{name}`.")
    reader.put(line, path)


def _wait_for(reader: _Reader, raw: Mapping[str, Any], path: Path) -> None:
    reaction = reader.reaction(raw.get("else"), (*path, "else"))
    if "until" not in raw:
        reader.wrong(path, "`wait_for` needs `until:`, a time after which it is too late, such as 2d.")
    reader.put(WaitLine(str(raw["wait_for"]), reader.seconds(raw.get("until", "1d"), (*path, "until")), reaction), path)


def _set(reader: _Reader, raw: Mapping[str, Any], path: Path) -> None:
    for slot, value in reader.mapping(raw["set"], (*path, "set")).items():
        reader.put(SetLine(slot, value), path)


def _ticket(reader: _Reader, raw: Mapping[str, Any], path: Path) -> None:
    kind = raw["ticket"]
    if kind not in get_args(TicketKind):
        known = ", ".join(get_args(TicketKind))
        reader.wrong((*path, "ticket"), f"Unknown kind of ticket `{kind}`: it may be one of {known}.")
    reader.put(TicketLine(kind, str(raw.get("reason", "asked"))), path)


_BESIDE: Mapping[str, tuple[str, ...]] = {
    "call": ("on",), "wait_for": ("until", "else"),
    "choose": ("from",), "act": ("with", "into", "on"), "confirm": ("on",), "branch": ("then", "else"),
    "ticket": ("reason",),
}  # fmt: skip
"""What may stand beside the word that a line begins with."""
_LINES: Mapping[str, Callable[[_Reader, Mapping[str, Any], Path], None]] = {
    "collect": _simple(lambda raw: Collect(str(raw["collect"]))),
    "choose": _simple(lambda raw: Choose(str(raw["choose"]), str(raw.get("from", "")))),
    "act": _Reader.act,
    "confirm": _confirm,
    "say": _simple(lambda raw: SayLine(str(raw["say"]))),
    "branch": _Reader.branch,
    "set": _set,
    "call": _call,
    "wait_for": _wait_for,
    "handoff": _simple(lambda raw: HandoffLine(str(raw["handoff"]))),
    "ticket": _ticket,
    "end": _simple(lambda raw: End("aborted" if raw["end"] == "aborted" else "done")),
}
