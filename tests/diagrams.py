"""Writes the pages with diagrams: `python -m tests.diagrams`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from runtime.app import action_kinds
from runtime.core.flows import Flow
from runtime.diagrams import flows_page, machine_page
from runtime.flow_files import read_flows
from runtime.settings import CONFIGS

ROOT = Path(__file__).resolve().parent.parent


def flows() -> tuple[Flow, ...]:
    """Every flow that comes with the program."""
    files = read_flows(CONFIGS / "flows", action_kinds())
    return tuple(file.flow for file in files if file.flow is not None)


def pages() -> Mapping[Path, str]:
    """Each page with what belongs into it."""
    return {
        ROOT / "configs" / "flows" / "DIAGRAMS.md": flows_page(flows()),
        ROOT / "runtime" / "core" / "MACHINE.md": machine_page(),
    }


if __name__ == "__main__":
    for file, text in pages().items():
        file.write_text(text, encoding="utf-8")
