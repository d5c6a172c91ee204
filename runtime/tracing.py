"""Traces: who caused what, how long each stage took, and whoever listens to that.

A place in a trace is one text, `<32 hex digits>-<16 hex digits>`: the trace and the span. It travels with events, parts
and journal entries. Stages are always timed, for the figures and for the journal; spans are only made while somebody
listens (see `runtime/exporting.py`). Facts on spans are names and outcomes, never what anybody wrote.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import TracebackType

from runtime.telemetry import observe

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_PLACE = re.compile(r"[0-9a-f]{32}-[0-9a-f]{16}")
_current: ContextVar[str] = ContextVar("frontdesk_trace", default="")

Step = tuple[str, float, float, str]
"""A stage as the journal has it: its name, ms after the beginning, how many ms, its outcome."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stage that is over, as listeners get it. Times are nanoseconds since 1970; `links` are other places."""

    name: str
    trace: str
    id: str
    parent: str
    began_ns: int
    ended_ns: int
    outcome: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()


_listeners: list[Callable[[Span], None]] = []


def listen(listener: Callable[[Span], None]) -> Callable[[], None]:
    """Call `listener` with each span from now on; it must not wait. Returns what ends that."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def listened_to() -> bool:
    """Whether making spans is worth the while."""
    return bool(_listeners)


def new_place() -> str:
    """The beginning of a new trace."""
    return f"{random.getrandbits(128) or 1:032x}-{_new_id()}"


def _new_id() -> str:
    return f"{random.getrandbits(64) or 1:016x}"


def read_traceparent(header: str) -> str:
    """The caller's place from a W3C `traceparent` header; empty when there is none that can be read."""
    found = _TRACEPARENT.fullmatch(header.strip())
    if found is None or found[1] == "ff" or (found[1] == "00" and found[4]):
        return ""
    return f"{found[2]}-{found[3]}" if int(found[2], 16) and int(found[3], 16) else ""


def trace_of(place: str) -> str:
    """The trace's own id, as log lines carry it; empty for what is no place."""
    return place[:32] if _PLACE.fullmatch(place) else ""


def current_place() -> str:
    """Where the work at hand stands, or the beginning of a new trace."""
    return _current.get() or new_place()


class Trail:
    """One piece of work in a trace, such as a webhook, a turn or a delivery, with the stages it went through."""

    __slots__ = ("began_ns", "facts", "here", "links", "parent", "steps")

    def __init__(self, parent: str = "", links: Sequence[str] = (), **facts: str) -> None:
        self.parent = parent if trace_of(parent) else ""
        self.here = f"{self.parent[:32]}-{_new_id()}" if self.parent else new_place()
        self.links = tuple(links)
        self.facts = facts
        self.began_ns = time.time_ns()
        self.steps: list[Step] = []

    @property
    def trace(self) -> str:
        """The trace's id."""
        return self.here[:32]

    def stage(self, name: str, what: str = "") -> Stage:
        """A stage that begins now: `with trail.stage("read", "find_slots") as stage: ...`."""
        return Stage(self, name, what)

    def passed(self, name: str, seconds: float, outcome: str = "", *, until_ns: int = 0) -> None:
        """A stage that was timed elsewhere and ended now, or at `until_ns`."""
        ended_ns = until_ns or time.time_ns()
        self._note(name, "", ended_ns - int(seconds * 1e9), seconds, outcome)

    def _note(self, name: str, what: str, began_ns: int, seconds: float, outcome: str) -> None:
        observe("stage", seconds, stage=name)
        title = f"{name} {what}" if what else name
        offset_ms = round((began_ns - self.began_ns) / 1e6, 2)
        self.steps.append((title, offset_ms, round(seconds * 1000, 2), outcome))
        if _listeners:
            ended_ns = began_ns + int(seconds * 1e9)
            facts = {**self.facts, "action": what} if what else self.facts
            _tell(Span(name, self.trace, _new_id(), self.here[33:], began_ns, ended_ns, outcome, facts))

    def end(self, name: str, outcome: str = "", **facts: str) -> None:
        """The whole work is over: its own span."""
        if _listeners:
            ended_ns = time.time_ns()
            around = {**self.facts, **facts}
            mine = self.here[33:], self.parent[33:]
            _tell(Span(name, self.trace, *mine, self.began_ns, ended_ns, outcome, around, self.links))


class Stage:
    """A stage under way; set `outcome` before its end. One that raises is told with the error's name."""

    __slots__ = ("_began", "_began_ns", "_name", "_trail", "_what", "outcome")

    def __init__(self, trail: Trail, name: str, what: str) -> None:
        self._trail = trail
        self._name = name
        self._what = what
        self.outcome = ""

    def __enter__(self) -> Stage:
        self._began_ns = time.time_ns()
        self._began = time.perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        seconds = time.perf_counter() - self._began
        outcome = self.outcome if kind is None else kind.__name__
        self._trail._note(self._name, self._what, self._began_ns, seconds, outcome)


@contextmanager
def standing_in(trail: Trail) -> Iterator[Trail]:
    """What begins inside belongs to this trail."""
    token = _current.set(trail.here)
    try:
        yield trail
    finally:
        _current.reset(token)


def _tell(span: Span) -> None:
    for listener in _listeners:
        listener(span)
