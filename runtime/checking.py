"""`frontdesk check`: flows, their words, and tenant files; every problem with file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from runtime.core.flow_check import ActionFacts
from runtime.core.flows import Flow
from runtime.errors import ConfigurationError
from runtime.flow_files import FlowFile, missing_words, no_yaml, read_flow, wrong_calls
from runtime.tenants import SPOKEN, read_tenant
from runtime.wording import Wording


@dataclass(frozen=True, slots=True)
class Report:
    """How many files were looked at, and everything that is wrong."""

    files: int
    complaints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checks:
    """What files are checked against, and the flows met on the way: they are checked together in the end."""

    wording: Wording
    actions: Mapping[str, ActionFacts]
    flows: list[FlowFile] = field(default_factory=list)


def check_paths(
    paths: Sequence[Path],
    wording: Wording,
    actions: Mapping[str, ActionFacts],
    beside: Mapping[str, Flow] | None = None,
) -> Report:
    """Check files, or every YAML file below folders; flows may call each other, and those beside them."""
    files = [file for path in paths for file in _files(path)]
    checks = Checks(wording, actions)
    complaints = [line for file in files for line in _check(file, checks)]
    return Report(len(files), (*complaints, *wrong_calls(checks.flows, beside or {})))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.rglob("*.yaml"))
    if not path.exists():
        raise ConfigurationError(f"{path} is not there; name a flow file, a tenant file or a folder of them.")
    return [path]


def _check(path: Path, checks: Checks) -> Iterator[str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        yield no_yaml(error, str(path))
        return
    if isinstance(content, dict) and "flow" in content:
        file = read_flow(text, str(path), checks.actions)
        checks.flows.append(file)
        yield from file.complaints
        if file.flow is not None:
            yield from missing_words(file.flow, checks.wording, SPOKEN, str(path))
    elif isinstance(content, dict) and "tenant" in content and "name" in content:
        try:
            read_tenant(text, str(path))
        except ConfigurationError as error:
            yield from str(error).splitlines()
    else:
        yield f"{path}:1: neither a flow (`flow: <name>`) nor a business (`tenant: <slug>`)."
