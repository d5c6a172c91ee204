"""Flows as data: slots and lines, frozen, found again by content hash. `flow_loader.py` builds and checks them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from runtime.core.values import Value

TicketKind = Literal["callback", "data_request", "request", "complaint", "technical", "question"]
SlotType = Literal["choice", "datetime", "person", "phone", "email", "number", "text", "offer", "relation"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing a flow wants to know."""

    name: str
    type: SlotType
    options: str = ""
    """For a choice: the name of the desk's option list."""
    optional: bool = False
    remember: bool = False
    """Keep it for this contact after the flow."""
    known_from: str = ""
    """ "channel": the channel may know it; "contact": a fact of this contact."""
    depends_on: tuple[str, ...] = ()
    """Slots whose change has this one checked again."""
    rules: tuple[str, ...] = ()
    """What a value must keep, see `rules.py`."""
    if_refused: Literal["handoff", "go_on"] = "handoff"
    if_unknown: Literal["help", "go_on"] = "help"
    sensitive: bool = False
    why: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """What to say when asked why, by language; without it the reply `why.<slot>`."""
    ladder: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """How to ask when not understood, by language, one text a misunderstanding; behind the last comes a person."""
    examples: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """Good answers, by language: named when an answer was not understood."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a line does about an outcome: say, ask, go back to the collect of a slot, hand over, end; in this order."""

    say: str = ""
    ask: str = ""
    back_to: str = ""
    handoff: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class Collect:
    """Ask for a slot until it has a value."""

    slot: str


@dataclass(frozen=True, slots=True)
class Choose:
    """Let the customer pick from offers found before; skipped when the read found exactly what was wished."""

    slot: str
    source: str


@dataclass(frozen=True, slots=True)
class ActLine:
    """Run an action; its outcome's name picks the reaction."""

    action: str
    write: bool
    into: str = ""
    reads: tuple[str, ...] | None = None
    """Slots that it is given; None means all. A correction of one of them runs a read again."""
    reactions: Mapping[str, Reaction] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Confirm:
    """Sum up and wait for a yes. Only behind it may a write run."""

    saying: str
    reactions: Mapping[str, Reaction] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SayLine:
    """Say something."""

    saying: str


@dataclass(frozen=True, slots=True)
class Branch:
    """Go on with the next line if a slot has this value, else elsewhere."""

    slot: str
    equals: Value | None
    """None asks whether the slot has any value."""
    otherwise: int
    """Index of the line to go on with when it does not hold; the lines are flat."""


@dataclass(frozen=True, slots=True)
class Jump:
    """Go on at another line (made by the loader behind a branch's `then`)."""

    to: int


@dataclass(frozen=True, slots=True)
class SetLine:
    """Give a slot a fixed value."""

    slot: str
    value: Value


@dataclass(frozen=True, slots=True)
class HandoffLine:
    """Hand over to a person."""

    reason: str


@dataclass(frozen=True, slots=True)
class TicketLine:
    """Open a ticket and say until when somebody sees to it (`ticket.<kind>`)."""

    kind: TicketKind
    reason: str = "asked"


@dataclass(frozen=True, slots=True)
class End:
    """Leave the flow."""

    how: Literal["done", "aborted"] = "done"


@dataclass(frozen=True, slots=True)
class CallLine:
    """Run another flow and come back; values of the same name are shared."""

    flow: str
    reactions: Mapping[str, Reaction] = dataclasses.field(default_factory=dict)
    """`aborted` says what to do when the other flow was left; else this one ends too."""


@dataclass(frozen=True, slots=True)
class WaitLine:
    """Wait for something outside, such as a payment, until it is too late."""

    what: str
    until_s: int
    otherwise: Reaction


@dataclass(frozen=True, slots=True)
class Available:
    """When a flow can be begun: only while the business is open, only on these channels, only with such options."""

    open: bool = False
    channels: tuple[str, ...] = ()
    option: str = ""
    """An option list that must not be empty."""


Line = (
    Collect
    | Choose
    | ActLine
    | Confirm
    | SayLine
    | Branch
    | Jump
    | SetLine
    | HandoffLine
    | TicketLine
    | End
    | CallLine
    | WaitLine
)


@dataclass(frozen=True, slots=True)
class Flow:
    """A task in one version."""

    id: str
    skill: str
    hash: str
    description: Mapping[str, str]
    examples: Mapping[str, tuple[str, ...]]
    slots: Mapping[str, Slot]
    lines: tuple[Line, ...]
    timeout_s: int = 7 * 24 * 3600
    available: Available | None = None

    def slot(self, name: str) -> Slot | None:
        """The slot of this name."""
        return self.slots.get(name)
