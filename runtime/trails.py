"""What a turn leaves behind for whoever watches: its place in the trace, its log lines' fields, its counters."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.codec import Boxed
from runtime.telemetry import about_now, count
from runtime.tracing import Trail, trace_of
from runtime.turn import Turn

_MODEL = "model"


def begin_trail(turn: Turn, events: Sequence[Boxed], took_s: float) -> None:
    """Go on with the trace of the first event; a burst's other traces are linked. Lines from here on carry it."""
    conversation, origin = turn.conversation, turn.origin
    if not turn.closed:  # else it was restored, and goes on with its own
        places = list(dict.fromkeys(boxed.origin.trace for boxed in events if trace_of(boxed.origin.trace)))
        turn.trail = Trail(places[0] if places else "", places[1:])
    turn.trail.facts = {"tenant": conversation.tenant, "conversation": conversation.id, "connector": origin.channel}
    about_now(trace=turn.trail.trace, turn=conversation.turn + 1, connector=origin.channel)
    came_ms = min((boxed.origin.came_ms for boxed in events if boxed.origin.came_ms), default=0)
    took_ns = int(took_s * 1e9)
    if came_ms:
        waited_s = (turn.trail.began_ns - took_ns) / 1e9 - came_ms / 1000
        # Another machine's clock may be a little ahead of ours.
        turn.trail.passed("gather", max(0.0, waited_s), until_ns=turn.trail.began_ns - took_ns)
    turn.trail.passed("take", took_s, until_ns=turn.trail.began_ns)


def count_turn(turn: Turn) -> str:
    """Add it to the figures by its outcome: replied, handoff, silent, or mark (only news of a delivery)."""
    outcome = _outcome(turn)
    count("turns", outcome=outcome)
    for stage in dict.fromkeys(turn.stages):
        count("understood", stage=stage)
    if turn.stages and not any(stage.startswith(_MODEL) for stage in turn.stages):
        count("model_calls_avoided", stage=turn.stages[0])
    return outcome


def _outcome(turn: Turn) -> str:
    if not turn.worthy:
        return "mark"
    if any(record["kind"] == "handoff.opened" for record in turn.records):
        return "handoff"
    return "replied" if turn.parts else "silent"
