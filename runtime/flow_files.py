"""Flow files (YAML) to checked flows, with file and line in every error, and the words that they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from runtime.core.flow_check import ActionFacts, Problem
from runtime.core.flow_links import check_calls
from runtime.core.flow_loader import load_flow
from runtime.core.flows import (
    ActLine,
    CallLine,
    Choose,
    Collect,
    Confirm,
    Flow,
    HandoffLine,
    SayLine,
    TicketLine,
    WaitLine,
)
from runtime.errors import ConfigurationError
from runtime.wording import Wording

Content = Mapping[str, Any]


class FlowYaml(yaml.SafeLoader):
    """YAML in which `on`, `yes` and `no` are words, as version 1.2 has it: a flow's `on:` is no boolean."""


FlowYaml.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class FlowFile:
    """A flow with its source and its plain content, which is what the records keep by hash."""

    source: str
    flow: Flow | None
    content: Content
    complaints: tuple[str, ...]


def read_flows(folder: Path, actions: Mapping[str, ActionFacts]) -> tuple[FlowFile, ...]:
    """Every flow file of a folder, right or wrong."""
    return tuple(read_flow(p.read_text(encoding="utf-8"), str(p), actions) for p in sorted(folder.glob("*.yaml")))


def read_flow(text: str, source: str, actions: Mapping[str, ActionFacts]) -> FlowFile:
    """One flow file; its complaints name file and line."""
    try:
        node = yaml.compose(text, FlowYaml)
        content = yaml.load(text, FlowYaml)  # a safe loader
    except yaml.YAMLError as error:
        return FlowFile(source, None, {}, (no_yaml(error, source),))
    if not isinstance(content, dict) or node is None:
        return FlowFile(source, None, {}, (f"{source}:1: a flow file is a mapping that begins with `flow: <name>`.",))
    loaded = load_flow(content, actions)
    complaints = tuple(f"{source}:{_line(node, problem)}: {problem.text}" for problem in loaded.problems)
    return FlowFile(source, loaded.flow, content, complaints)


def no_yaml(error: yaml.YAMLError, source: str) -> str:
    """One line for a file that cannot be read as YAML."""
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    why = error.problem if isinstance(error, yaml.MarkedYAMLError) else str(error)
    line = f":{mark.line + 1}" if mark else ""
    return f"{source}{line}: this is no YAML ({why}). Check indentation, colons and quotes around this line."


def _line(node: yaml.Node, problem: Problem) -> int:
    """The line of the deepest part of the path that stands in the file."""
    for step in problem.path:
        child = _child(node, step)
        if child is None:
            break
        node = child
    return int(node.start_mark.line) + 1


def _child(node: yaml.Node, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        child: yaml.Node = node.value[step]
        return child
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if str(key.value) == str(step):
                found: yaml.Node = value
                return found
    return None


def sound(files: Sequence[FlowFile]) -> dict[str, FlowFile]:
    """The flows by id; raises ConfigurationError with every complaint when one is wrong."""
    complaints = [line for file in files for line in file.complaints]
    complaints += wrong_calls(files, {})
    if complaints:
        raise ConfigurationError("\n".join(complaints))
    return {file.flow.id: file for file in files if file.flow is not None}


def wrong_calls(files: Sequence[FlowFile], beside: Mapping[str, Flow]) -> Iterator[str]:
    """What is wrong with how these flows call each other, and those that stand beside them."""
    flows = {**beside, **{file.flow.id: file.flow for file in files if file.flow is not None}}
    for file in files:
        if file.flow is not None:
            yield from (f"{file.source}: {problem}" for problem in check_calls(flows, file.flow))


def missing_words(flow: Flow, wording: Wording, languages: Sequence[str], source: str) -> tuple[str, ...]:
    """Sayings that a flow needs and that a language does not have."""
    return tuple(
        f"{source}: the reply `{name}` is missing in {language}; add it under configs/replies/{language}/."
        for name in _needed(flow)
        for language in languages
        if not wording.has(name, language) and not _in_own_words(flow, name, language)
    )


def _in_own_words(flow: Flow, name: str, language: str) -> bool:
    """Whether a slot of the flow brings the words along itself."""
    slot = flow.slot(name.removeprefix("why."))
    return name.startswith("why.") and slot is not None and language in slot.why


def _needed(flow: Flow) -> list[str]:
    """Every saying that the lines ask for; the shorter and the reworded forms fall back to these."""
    names = [f"flow_name.{flow.id}", f"cancelled.{flow.id}"]
    for line in flow.lines:
        match line:
            case SayLine(name):
                names.append(name.partition(".{")[0])
            case Collect(slot):
                names += [f"ask.{flow.id}.{slot}", f"why.{slot}"]
            case Choose(slot):
                names += [f"offers.{flow.id}.{slot}", f"button.offer.{slot}", f"why.{slot}"]
            case Confirm(name, reactions):
                names.append(name.partition(".{")[0])
                # Asked again, the summary is not repeated: a yes has words and a button of its own.
                names += [
                    f"confirm.{flow.id}.again",
                    f"button.yes.{flow.id}",
                    f"button.no.{flow.id}",
                    f"already.{flow.id}",
                ]
                names += [part for r in reactions.values() for part in (r.say, r.ask) if part]
            case ActLine():
                names += [r.say for r in line.reactions.values() if r.say]
                names += [f"handoff.{r.handoff}" for r in line.reactions.values() if r.handoff]
            case CallLine(_, reactions):
                names += [r.say for r in reactions.values() if r.say]
            case WaitLine(what, _, reaction):
                names += [f"waiting.{what}", *filter(None, [reaction.say])]
            case HandoffLine(reason):
                names.append(f"handoff.{reason}")
            case TicketLine(kind):
                names.append(f"ticket.{kind}")
            case _:
                pass
    return names
