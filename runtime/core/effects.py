"""Everything that the machine wants done. The performer matches over these; results come back as events."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from runtime.core.business import Desk
from runtime.core.flows import Flow
from runtime.core.messages import Attachment, Author, Button, PartClass, Say
from runtime.core.values import Offer, Value


@dataclass(frozen=True, slots=True)
class Expecting:
    """The open question: what kind of answer it waits for.

    kind: slot (a value of `slot`), offer (one of `offers`), confirm (yes or no), clarify (one of `flows`),
    change (which part to change), resume (yes or no to going on), agree (yes or no to what `slot` names),
    prompt (an answer to what the desk told on its own).
    """

    kind: Literal["slot", "offer", "confirm", "clarify", "change", "resume", "agree", "prompt"]
    question: str
    slot: str = ""
    flows: tuple[str, ...] = ()
    choices: tuple[Value, ...] = ()
    """Two readings, or persons, that the question names."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a text is read against. Resolved values must be read in `timezone` at `now`."""

    language: str
    now: datetime
    desk: Desk
    expecting: Expecting | None = None
    flow: Flow | None = None
    """The flow on top, in its pinned version: its slots tell the types."""
    filled: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    """As shown, in this order."""
    can_undo: bool = False
    can_go_on: bool = False
    """Whether a flow was cancelled just now, so that "doch" would go on with it."""
    has_appointment: bool = False
    stack: tuple[str, ...] = ()
    """Flows that are open, the one on top last."""
    recent: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The last turns: what the customer said, and the names of what we did."""
    model_calls: int | None = None
    """How often a model may be asked for this contact now; None is no limit."""


@dataclass(frozen=True, slots=True)
class Understand:
    """Read these texts (a burst: each on its own and joined) -> Understood."""

    texts: tuple[str, ...]
    expectation: Expectation


@dataclass(frozen=True, slots=True)
class Answer:
    """Look a question up in the business's facts and documents -> Answered."""

    question: str
    topic: str
    language: str


@dataclass(frozen=True, slots=True)
class Act:
    """Run an action -> Acted.

    A write's key is `tenant/conversation/session/turn/ordinal`; its intent is committed before it runs.
    `pressed` means that a button asked for it, so words that follow are the next turn's.
    """

    key: str
    action: str
    arguments: Mapping[str, Value]
    write: bool
    pressed: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """Words for the customer: sayings of one part class joined into one bubble, or an operator's own text."""

    author: Author
    generation: int
    sayings: tuple[tuple[PartClass, Say], ...] = ()
    text: str = ""
    buttons: tuple[Button, ...] = ()
    question: str = ""
    language: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Wake this conversation at `at` with TimerFired(name, generation); a set timer of this name is replaced."""

    name: str
    generation: int
    at: datetime


ALL_TIMERS = "*"


@dataclass(frozen=True, slots=True)
class DropTimer:
    """Forget a timer, or with ALL_TIMERS every one that this conversation has."""

    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """A fact for the records beside the turn itself: handoff.opened, handoff.claimed, contact.changed, note, alert."""

    kind: str
    facts: Mapping[str, Value] = dataclasses.field(default_factory=dict)


Effect = Understand | Answer | Act | Send | SetTimer | DropTimer | Record
