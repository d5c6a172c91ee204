"""Everything that happens to a conversation. Time and ids arrive in here; nothing in the core asks for them.

`now` is business time (aware, UTC). `words` events are those that a customer wrote or said.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from runtime.core.commands import Command
from runtime.core.messages import Attachment, SharedContact
from runtime.core.values import Offer, Value


@dataclass(frozen=True, slots=True)
class Message:
    """One inbound bubble inside Said: its text, what came with it, and which of our parts it quotes."""

    id: str
    text: str
    at: datetime
    """The provider's time of it."""
    media: tuple[Attachment, ...] = ()
    contacts: tuple[SharedContact, ...] = ()
    reply_to: str = ""
    kind: str = "text"
    order: int = 0
    """The provider's sequence number, 0 where there is none."""
    group: bool = False
    """Whether others read along."""
    quotes: str = ""
    """The question of ours that `reply_to` asked, where it is still known."""
    standby: bool = False
    """Another app of the provider answers in this chat: we only listen."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the customer wrote: a burst is one event with all its messages in order."""

    messages: tuple[Message, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button. The payload names the question it belongs to."""

    payload: str
    message_id: str
    at: datetime
    now: datetime
    label: str = ""
    """What stood on the button, where the channel tells: the customer's own side of the transcript."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a model cost in a turn. `money` is in the currency of the prices that are configured, 0 without prices."""

    model: str
    calls: int = 1
    tokens_in: int = 0
    tokens_out: int = 0
    money: float = 0.0
    ms: float = 0.0

    def plus(self, other: Spent) -> Spent:
        """Both together, under the name of the later one."""
        return Spent(
            other.model,
            self.calls + other.calls,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            round(self.money + other.money, 6),
            round(self.ms + other.ms, 1),
        )


@dataclass(frozen=True, slots=True)
class Understood:
    """What understanding made of a Said.

    `stages` says which stage found each command; behind these stand further ones that found none ("model:timeout").
    """

    commands: tuple[Command, ...]
    language: str
    now: datetime
    stages: tuple[str, ...] = ()
    spent: Spent | None = None
    """What a model cost, where one was asked."""
    alert: str = ""
    """What the people behind the desk should hear of, such as `model_budget`."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to a question about the business; an empty `text` means that we do not know."""

    question: str
    text: str
    now: datetime
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Happened:
    """Something outside that a flow may wait for (`wait_for`), by its name, with what it brought."""

    what: str
    now: datetime
    values: Mapping[str, Value] = dataclasses.field(default_factory=dict)


OutcomeKind = Literal["done", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an action ended.

    `name` is what a flow's `on:` table is keyed by: "done", or the reason of a refusal ("taken", "none", "closed",
    "failed", ...), or "unknown". `offers` are things to choose from; `values` are facts for sayings and later lines.
    """

    kind: OutcomeKind
    name: str
    values: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class Acted:
    """The outcome of an action, by its key (write) or its ordinal in the turn (read)."""

    key: str
    outcome: Outcome
    now: datetime


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer of ours; one whose generation is not the present one does nothing."""

    name: str
    generation: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """A part's fate: sent, delivered, read or failed. Never starts a turn of its own."""

    part: str
    status: Literal["sent", "delivered", "read", "failed"]
    question: str
    now: datetime
    code: str = ""
    """The provider's number for what went wrong."""
    why: str = ""
    """What that means, in a word of `errors.ProviderFault`."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A part did not go out, because the customer wrote too long ago; it goes when they write again."""

    part: str
    question: str
    now: datetime


@dataclass(frozen=True, slots=True)
class WindowShut:
    """What is kept back was made known to the customer by this template; without one nobody told them anything."""

    part: str
    template: str
    now: datetime
    why: str = ""
    """What was wrong with the template, where there is one."""


@dataclass(frozen=True, slots=True)
class ConnectionFailed:
    """A provider takes nothing from a connection until somebody looks after it: what waits there waits on."""

    connection: str
    why: str
    code: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Edited:
    """The customer changed a message."""

    message_id: str
    text: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Deleted:
    """The customer took a message back."""

    message_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Reacted:
    """An emoji on one of our messages; an empty one means that it was taken off."""

    message_id: str
    emoji: str
    now: datetime
    question: str = ""
    """Id of the question that this message of ours asked, as far as that is known."""


@dataclass(frozen=True, slots=True)
class OptedOut:
    """No more messages (also: they blocked us)."""

    now: datetime
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class OptedIn:
    """Messages are welcome again."""

    now: datetime


@dataclass(frozen=True, slots=True)
class OperatorJoined:
    """A person claims the conversation; without an open handoff only `takeover` lets them."""

    operator: str
    now: datetime
    takeover: bool = False
    reassign: bool = False
    """Whether it may be taken from the colleague who has it."""


@dataclass(frozen=True, slots=True)
class OperatorSaid:
    """A person writes to the customer."""

    operator: str
    text: str
    message_id: str
    now: datetime
    media: tuple[Attachment, ...] = ()
    """Files that go along."""


@dataclass(frozen=True, slots=True)
class OperatorEchoed:
    """A person wrote to the customer past the desk, in the phone's app or the page's inbox: it is said already."""

    operator: str
    text: str
    message_id: str
    now: datetime
    sure: bool = True
    """False where it may be our own words that come back."""
    how: Literal["new", "edited", "deleted"] = "new"
    kind: str = "text"
    at: datetime | None = None
    """The provider's time of it."""
    media: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreadMoved:
    """Which app of the provider answers in this chat from now on: we (`ours`) or another."""

    ours: bool
    app: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ConsentChanged:
    """The customer agreed to a kind of message or took it back in the provider's own settings (N7)."""

    kind: Literal["marketing"]
    given: bool
    now: datetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """The customer is reached elsewhere from now on: another number, or another id of the provider's."""

    chat: str
    phone: str
    now: datetime


@dataclass(frozen=True, slots=True)
class OperatorNoted:
    """A person leaves a note for colleagues; customers never see it."""

    operator: str
    text: str
    now: datetime


@dataclass(frozen=True, slots=True)
class OperatorAsked:
    """A person has the desk act for the customer they talk to: book or cancel."""

    operator: str
    what: str
    now: datetime
    arguments: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OperatorReleased:
    """A person gives the conversation back: the flow goes on (resume), is dropped, or all is done (close)."""

    operator: str
    how: Literal["resume", "drop", "close"]
    now: datetime


@dataclass(frozen=True, slots=True)
class HandoffExpired:
    """Nobody claimed the handoff of this generation in time."""

    generation: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Parked:
    """An event of ours killed its turn three times and was put aside; the customer is owed an apology and a person."""

    event_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Prompted:
    """Something that the desk has to tell on its own: a reminder, a question after a no-show, a place that is free.

    `claim` is the action that says whether it still holds and remembers that it is told: so it is told once. An event
    that is not carried out is harmless, since whoever sent it sends it again until it is claimed.
    """

    kind: str
    facts: Mapping[str, Value]
    claim: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing is left to do in this turn: compose the reply."""

    now: datetime
    question_id: str
    """The id for the question that the reply may ask."""


Event = (
    Said | Pressed | Understood | Answered | Acted | TimerFired | Delivered | Edited | Deleted | Reacted
    | OptedOut | OptedIn | OperatorJoined | OperatorSaid | OperatorNoted | OperatorAsked | OperatorReleased
    | HandoffExpired | Parked | Prompted | Settled | Happened | OperatorEchoed | ThreadMoved | ConsentChanged
    | Kept | WindowShut | ConnectionFailed | AddressChanged
)  # fmt: skip
