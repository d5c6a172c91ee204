"""A flow's own examples as its first test: each sentence, said out of the blue, must start that flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from runtime.core.business import Business, Desk
from runtime.core.commands import Command, Start, Undo
from runtime.core.effects import Expectation, Understand
from runtime.core.flows import Flow
from runtime.tenants import options_of
from runtime.understanding.cascade import OfflineRules

UNDO_FLOW = "undo_last"


def examples_that_fail(business: Business, flows: Mapping[str, Flow], names: Sequence[str]) -> list[str]:
    """One line for each example of the named flows that starts another flow, or none."""
    desk = Desk(business, options_of(business), flows)
    return [
        f"{name}: “{text}” ({language}) starts {started or 'no flow'}"
        for name in names
        for language, texts in flows[name].examples.items()
        if language in business.languages
        for text in texts
        if (started := _started(desk, text, language)) != name
    ]


def _started(desk: Desk, text: str, language: str) -> str:
    """The flow that a sentence starts, by the rules."""
    expectation = Expectation(language=language, now=datetime.now(UTC), desk=desk, can_undo=True)
    understood = OfflineRules().read(Understand((text,), expectation))
    return next((_flow_of(command) for command in understood.commands if _flow_of(command)), "")


def _flow_of(command: Command) -> str:
    """Taking back has a command of its own, which is the way into its flow."""
    match command:
        case Start(flow):
            return flow
        case Undo():
            return UNDO_FLOW
        case _:
            return ""
