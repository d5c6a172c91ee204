"""What makes a flow fit to run: every line reachable, every slot known, every write behind a confirm. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from runtime.core.flows import (
    ActLine,
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
    SetLine,
    WaitLine,
)


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """What the loader must know of an action: whether it writes, and whether its fate can be looked up."""

    write: bool
    knowable: bool = True


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake with the path to it in the file, such as ("lines", 3, "on", "taken")."""

    path: tuple[str | int, ...]
    text: str


def check_graph(
    flow: Flow, actions: Mapping[str, ActionFacts], places: Sequence[tuple[str | int, ...]]
) -> Iterator[Problem]:
    """All problems that only show when the lines are read together."""
    yield from _names(flow, places)
    yield from _reachable(flow, places)
    yield from _writes(flow, actions, places)


def _names(flow: Flow, places: Sequence[tuple[str | int, ...]]) -> Iterator[Problem]:
    results = {line.into for line in flow.lines if isinstance(line, ActLine) and line.into}
    for line, place in zip(flow.lines, places, strict=True):
        for slot in _slots_of(line):
            if slot not in flow.slots:
                yield Problem(place, f"Unknown slot `{slot}`: declare it under `slots:`.")
        if isinstance(line, Choose) and line.source not in results:
            yield Problem(
                place, f"`choose` takes offers from `{line.source}`, but no `act` before it fills that `into:`."
            )
        if isinstance(line, WaitLine) and not (line.otherwise.back_to or line.otherwise.handoff or line.otherwise.end):
            text = f"`wait_for: {line.what}` has no way out: say under `else:` back_to, handoff or end."
            yield Problem(place, text)
        for name, reaction in _reactions_of(line).items():
            if reaction.back_to and _target(flow, reaction.back_to) is None:
                text = f"`back_to: {reaction.back_to}` has no `collect` or `choose` of that slot."
                yield Problem((*place, "on", name), text)


def _slots_of(line: Line) -> tuple[str, ...]:
    match line:
        case Collect(slot) | Choose(slot, _) | SetLine(slot, _):
            return (slot,)
        case Branch(slot, _, _):
            return (slot,)
        case ActLine():
            return line.reads or ()
        case _:
            return ()


def _reactions_of(line: Line) -> Mapping[str, Reaction]:
    if isinstance(line, WaitLine):
        return {"else": line.otherwise}
    return line.reactions if isinstance(line, ActLine | Confirm | CallLine) else {}


def _target(flow: Flow, slot: str) -> int | None:
    """The first line that collects a slot, else the first that lets one choose it."""
    for kind in (Collect, Choose):
        for at, line in enumerate(flow.lines):
            if isinstance(line, kind) and line.slot == slot:
                return at
    return None


def _next(flow: Flow, at: int) -> Iterator[int]:
    """Where the flow may go from a line without going back."""
    line = flow.lines[at]
    if isinstance(line, Jump):
        yield line.to
    elif isinstance(line, Branch):
        yield at + 1
        yield line.otherwise
    elif not isinstance(line, End | HandoffLine):
        yield at + 1


def _confirmed(flow: Flow) -> dict[int, bool]:
    """For each reachable line, whether a confirm stands on every way to it."""
    known: dict[int, bool] = {0: False}
    todo = [0]
    while todo:
        at = todo.pop()
        if at >= len(flow.lines):
            continue
        after = known[at] or isinstance(flow.lines[at], Confirm)
        for following in _next(flow, at):
            joined = known.get(following, True) and after
            if following not in known or joined != known[following]:
                known[following] = joined
                todo.append(following)
    return known


def _reachable(flow: Flow, places: Sequence[tuple[str | int, ...]]) -> Iterator[Problem]:
    known = _confirmed(flow)
    for at, place in enumerate(places):
        if at not in known and not isinstance(flow.lines[at], Jump):
            yield Problem(place, "This line can never be reached.")


def _writes(
    flow: Flow, actions: Mapping[str, ActionFacts], places: Sequence[tuple[str | int, ...]]
) -> Iterator[Problem]:
    known = _confirmed(flow)
    for at, (line, place) in enumerate(zip(flow.lines, places, strict=True)):
        if not isinstance(line, ActLine) or not line.write:
            continue
        if not known.get(at, True):
            yield Problem(place, f"The write `{line.action}` can be reached without a `confirm`; put one before it.")
        if not actions[line.action].knowable:
            yield Problem(place, f"The write `{line.action}` has no `lookup` and does not say `unknowable`.")
        if "unknown" not in line.reactions:
            yield Problem(place, f"The write `{line.action}` must say what happens `on: unknown`, such as a handoff.")
        if "failed" not in line.reactions:
            yield Problem(place, f"The write `{line.action}` must say what happens `on: failed`, such as a handoff.")
