"""What only shows when flows are read together: calls lead to flows that there are, and come back. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runtime.core.flows import CallLine, Flow


def check_calls(flows: Mapping[str, Flow], of: Flow) -> Iterator[str]:
    """What is wrong with the calls of one flow."""
    for called in _calls(of):
        if called not in flows:
            yield f"Flow {of.id} calls `{called}`, which is no flow here; known are {', '.join(sorted(flows))}."
        elif of.id in _reached(flows, called):
            yield f"Flow {of.id} calls `{called}`, which leads back to it: a flow cannot call itself."


def _calls(flow: Flow) -> tuple[str, ...]:
    return tuple(line.flow for line in flow.lines if isinstance(line, CallLine))


def _reached(flows: Mapping[str, Flow], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [c for c in _calls(flows[name]) if c in flows] if name in flows else []
    return found
