"""What passes the front door (`Gate` in `ports.py`): lines of a chat, what people do, and what became of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from runtime.core.messages import Attachment, OutboundPart


@dataclass(frozen=True, slots=True)
class ChatEntry:
    """One line of what a browser or terminal shows, numbered from 1 and never renumbered.

    kind said: the customer's own messages (`messages`: id and text); part: a bubble for the customer (`part`);
    turn: a turn ended that had taken the inbound messages `ids` in (a silent turn has no part before it).
    """

    number: int
    kind: str
    part: OutboundPart | None = None
    messages: tuple[tuple[str, str], ...] = ()
    ids: tuple[str, ...] = ()
    phase: str = ""
    """Who owns the conversation after this turn: bot, queued, owned or returning."""
    at: str = ""
    owner: str = ""
    """The person who has it after this turn, by the name that customers read."""
    files: Mapping[str, tuple[Attachment, ...]] = dataclasses.field(default_factory=dict)
    """What came with the customer's own messages, by their ids."""


class ChatFeed(Protocol):
    """The live end of one browser's or terminal's conversation. An async context manager."""

    async def __aenter__(self) -> ChatFeed:
        """Register this process as the one that holds the socket."""

    async def __aexit__(self, *exc: object) -> None:
        """Let go."""

    async def read(self, after: int) -> tuple[ChatEntry, ...]:
        """Everything with a number above `after` that is still kept (200 entries, 7 days)."""

    async def wait(self, timeout_s: float) -> bool:
        """Until something new may be there (True) or the time is over (False)."""


@dataclass(frozen=True, slots=True)
class OperatorAct:
    """What a person does in a conversation: claim, reply, note, release, book or cancel.

    `how` is resume, drop or close for a release, and takeover for a claim that nobody asked for.
    """

    verb: str
    operator: str
    text: str = ""
    how: str = "resume"
    message_id: str = ""
    arguments: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """For book: service, start, staff, name, phone; for cancel: appointment."""
    files: tuple[Attachment, ...] = ()
    """For reply: what goes along."""


@dataclass(frozen=True, slots=True)
class OperatorResult:
    """`done` is False when the machine refused, `owner` is who has the conversation now."""

    done: bool
    phase: str
    owner: str
    why: str = ""
    """Why the machine refused: the outcome's name, such as taken."""
