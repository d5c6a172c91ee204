"""Diagrams made from the tables: every flow line by line, and the phases of the machine.

Mermaid text inside Markdown, so that they show where the files are read. `python -m tests.diagrams` writes the pages of
this repository, and a test holds them against the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

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
    SayLine,
    SetLine,
    TicketLine,
    WaitLine,
)
from runtime.core.phases import WAYS
from runtime.core.step import TRANSITIONS

MADE = "Made by `python -m tests.diagrams` from the files themselves; do not edit."


def flow_diagram(flow: Flow) -> str:
    """A flow as a Mermaid chart: its lines from top to bottom, and where each outcome leads."""
    rows = ["flowchart TD"]
    for number, line in enumerate(flow.lines):
        rows.append(f"    {_node(number, line)}")
    rows.append("    done([end])")
    for number, line in enumerate(flow.lines):
        rows += [f"    {edge}" for edge in _edges(flow, number, line)]
    return "\n".join(rows)


def _node(number: int, line: Line) -> str:
    """A line's box: its shape tells reads and writes, questions and ends apart."""
    match line:
        case Collect(slot):
            return f'n{number}[/"ask for {slot}"/]'
        case Choose(slot, source):
            return f'n{number}[/"choose {slot} from {source}"/]'
        case ActLine(action, write):
            return f'n{number}[["write {action}"]]' if write else f'n{number}["read {action}"]'
        case Confirm(saying):
            return f'n{number}{{"confirm {saying}"}}'
        case SayLine(saying):
            return f'n{number}>"say {saying}"]'
        case Branch(slot, equals):
            return f'n{number}{{"{slot} {"is given" if equals is None else f"is {equals}"}?"}}'
        case SetLine(slot, value):
            return f'n{number}["set {slot} to {value}"]'
        case HandoffLine(reason):
            return f'n{number}(["a person: {reason}"])'
        case TicketLine(kind):
            return f'n{number}[("ticket: {kind}")]'
        case CallLine(called):
            return f'n{number}[["flow {called}"]]'
        case WaitLine(what):
            return f'n{number}[/"wait for {what}"/]'
        case Jump():
            return f"n{number}[ ]"
        case End(how):
            return f'n{number}(["end: {how}"])'
        case _:
            assert_never(line)


def _edges(flow: Flow, number: int, line: Line) -> Iterator[str]:
    """Where a line leads: the next one, or what its outcome says."""
    match line:
        case Jump(to):
            yield f"n{number} --> {_place(flow, to)}"
        case HandoffLine() | End():
            pass
        case Branch(otherwise=otherwise):
            yield f"n{number} -->|yes| {_place(flow, number + 1)}"
            yield f"n{number} -->|no| {_place(flow, otherwise)}"
        case WaitLine(otherwise=reaction):
            yield f"n{number} -->|happened| {_place(flow, number + 1)}"
            yield from _reactions(flow, number, {"too late": reaction})
        case ActLine(reactions=reactions) | Confirm(reactions=reactions) | CallLine(reactions=reactions):
            plain = "yes" if isinstance(line, Confirm) else "done"
            yield f"n{number} -->|{plain}| {_place(flow, number + 1)}"
            yield from _reactions(flow, number, reactions)
        case _:
            yield f"n{number} --> {_place(flow, number + 1)}"


def _reactions(flow: Flow, number: int, reactions: Mapping[str, Reaction]) -> Iterator[str]:
    """Outcomes that lead to the same place share an arrow."""
    ways: dict[str, list[str]] = {}
    for outcome, reaction in reactions.items():
        ways.setdefault(_target(flow, number, reaction), []).append(outcome)
    for target, outcomes in ways.items():
        yield f"n{number} -.->|{', '.join(outcomes)}| {target}"


def _target(flow: Flow, number: int, reaction: Reaction) -> str:
    if reaction.back_to:
        wanted = next(
            n for n, line in enumerate(flow.lines) if isinstance(line, Collect) and line.slot == reaction.back_to
        )
        return f"n{wanted}"
    if reaction.handoff:
        return f'h_{reaction.handoff}(["a person: {reaction.handoff}"])'
    return "done" if reaction.end else f"n{number}"


def _place(flow: Flow, number: int) -> str:
    return f"n{number}" if number < len(flow.lines) else "done"


def flows_page(flows: Sequence[Flow]) -> str:
    """A page with every flow."""
    parts = ["# The flows", "", MADE, "Dotted arrows are outcomes that are not the usual one."]
    for flow in flows:
        parts += ["", f"## {flow.id}", "", flow.description.get("en", ""), "", "```mermaid", flow_diagram(flow), "```"]
    return "\n".join(parts) + "\n"


def machine_page() -> str:
    """The phases, the ways between them, and which events each phase knows."""
    parts = ["# The machine", "", MADE, "", "```mermaid", "stateDiagram-v2", "    [*] --> bot"]
    parts += [f"    {before} --> {after}: {why}" for (before, after), why in WAYS.items()]
    parts += ["```", "", "What each phase does with an event; an empty field means that it changes nothing.", ""]
    return "\n".join([*parts, *_event_table()]) + "\n"


def _event_table() -> Iterator[str]:
    phases = list(TRANSITIONS)
    yield "| event | " + " | ".join(phases) + " |"
    yield "|---" * (len(phases) + 1) + "|"
    kinds = sorted({kind for table in TRANSITIONS.values() for kind in table}, key=lambda kind: kind.__name__)
    for kind in kinds:
        handlers = [TRANSITIONS[phase].get(kind) for phase in phases]
        names = [handler.__name__.strip("_") if handler else "" for handler in handlers]
        yield f"| {kind.__name__} | " + " | ".join(names) + " |"
