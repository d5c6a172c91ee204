"""What goes in and out of the session store. Events, state, parts and journal entries are opaque bytes here."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from runtime.errors import FrontdeskError
from runtime.sessions.keys import SessionKey


class LeaseLost(FrontdeskError):
    """Somebody else holds the conversation by now; nothing was written."""

    status = 409


@dataclass(frozen=True, slots=True)
class Timing:
    """How long leases live and how soon abandoned work is taken over. Only tests have a reason to change it."""

    lease_ms: int = 5000
    renew_ms: int = 1500
    claim_ms: int = 6000
    sweep_ms: int = 1000
    block_ms: int = 2000
    live_ms: int = 30_000
    journal_claim_ms: int = 30_000
    longest_ms: int = 120_000
    """A holder that has not touched its lease for so long hangs: it is renewed no more."""
    answer_ms: int = 5000
    """A Redis that is silent for longer counts as down."""


@dataclass(frozen=True, slots=True)
class BoxEvent:
    """One event on its way in. `words`: the customer's own words, which make a turn stale that has not seen them."""

    id: str
    body: bytes
    words: bool
    gather_ms: int
    gather_max_ms: int = 3000
    heard: bool = False
    """Whether the customer did it, by which a provider's window begins anew."""


@dataclass(frozen=True, slots=True)
class ReadyEntry:
    """A conversation that has something to do."""

    key: SessionKey
    entry_id: str


class Hold:
    """What both leases share: valid up to a monotonic time, ended by Redis' word or by our own."""

    __slots__ = ("__weakref__", "_ended", "_until", "key", "token", "touched")

    def __init__(self, key: SessionKey, token: str, until: float) -> None:
        self.key = key
        self.token = token
        self.touched = time.monotonic()
        self._until = until
        self._ended = False

    @property
    def lost(self) -> bool:
        """Whether we must stop: refused by Redis, finished, or not renewed in time."""
        return self.left_s() <= 0

    @property
    def ended(self) -> bool:
        """Whether it surely is not ours any more: Redis said so, or we have given it up."""
        return self._ended

    def left_s(self) -> float:
        """How long we surely hold it yet."""
        return 0.0 if self._ended else self._until - time.monotonic()

    def extend(self, until: float) -> None:
        """Renewed: valid up to this monotonic time."""
        self._until = until

    def touch(self) -> None:
        """Its holder has just worked with it."""
        self.touched = time.monotonic()

    def end(self) -> None:
        """It is not ours any more."""
        self._ended = True


class Lease(Hold):
    """The right to run a conversation's turn. `lost` and `left_s` go by this machine's monotonic clock."""

    __slots__ = ("_asked", "entry_id", "fence", "words")

    def __init__(self, key: SessionKey, token: str, entry_id: str, fence: int, until: float) -> None:
        super().__init__(key, token, until)
        self.entry_id = entry_id
        self.fence = fence
        self.words = 0
        """How many words of the customer there were when it was renewed last."""
        self._asked = 0

    def next_id(self) -> str:
        """A new name for the next write under this lease, by which Redis knows a repeated one."""
        self._asked += 1
        return f"{self.token}:{self._asked}"


class OutboxLease(Hold):
    """The right to deliver a conversation's outbox. `head` counts the parts that were ever dropped from it, `heard_ms`
    is when the customer had written last at the last look at it.
    """

    __slots__ = ("head", "heard_ms")

    def __init__(self, key: SessionKey, token: str, until: float) -> None:
        super().__init__(key, token, until)
        self.head = self.heard_ms = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """A turn to run. No events: a turn with an open intent whose worker died, to be finished first."""

    lease: Lease
    state: bytes | None
    events: tuple[bytes, ...]
    words: int
    tries: int
    came_ms: int = 0
    """When the first of the events came into the box, by Redis' clock; 0 without events."""


@dataclass(frozen=True, slots=True)
class Later:
    """The customer may still be typing: take again in `wait_ms`."""

    wait_ms: int


@dataclass(frozen=True, slots=True)
class Held:
    """Another worker has it; its entry comes back by itself should that worker die."""


@dataclass(frozen=True, slots=True)
class Empty:
    """Nothing is left to do here."""


@dataclass(frozen=True, slots=True)
class OutboxPart:
    """One outgoing bubble; `author` is bot, operator or system, `generation` the owner's when it was written."""

    author: str
    generation: int
    body: bytes


@dataclass(frozen=True, slots=True)
class TimerSet:
    """An event for later. The same name replaces; the core compares the generation, which `body` carries too."""

    name: str
    generation: int
    at_ms: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Commit:
    """Everything a turn changes, in one script. `keep`: an intent, the turn goes on under the same lease."""

    consumed: int
    words_seen: int | None
    state: bytes
    parts: tuple[OutboxPart, ...] = ()
    timers: tuple[TimerSet, ...] = ()
    dropped_timers: tuple[str, ...] = ()
    journal: bytes | None = None
    keep: bool = False
    generation: int = 0
    notices: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """It is written. `outbox`: the right to deliver at once, None when somebody else does or will."""

    outbox: OutboxLease | None


@dataclass(frozen=True, slots=True)
class Stale:
    """Nothing is written: the customer said more meanwhile. Retake in `wait_ms`."""

    wait_ms: int


@dataclass(frozen=True, slots=True)
class OutboxView:
    """The next parts in order, and the owner's generation now. No parts: done, or the lease was lost."""

    generation: int
    parts: tuple[OutboxPart, ...]
    heard_ms: int = 0
    """When the customer wrote last, by Redis' clock; 0 where nobody knows."""
    untold: OutboxPart | None = None
    """The first of the parts that are kept back, while neither the customer nor the operators know of it."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """What `deliver_local` did: how many parts the chat shows more, and the bot's parts that came too late."""

    delivered: int
    parts: tuple[OutboxPart, ...]


@dataclass(frozen=True, slots=True)
class SentPart:
    """A part that went out. `at_ms`: when its sending began; `note`: what the journal gets with each news of it."""

    part: str
    question: str
    at_ms: int
    message_ids: tuple[str, ...]
    note: bytes
    to_come: int = 0
    """How many of its pieces are not out yet."""
    windowed: bool = False
    """Whether the provider may still say that it came too late: for an hour it can be kept back then."""


@dataclass(frozen=True, slots=True)
class ProviderNews:
    """What a provider says became of messages: of these, and of all that went out before the watermark."""

    status: str
    message_ids: tuple[str, ...]
    note: bytes
    watermark_ms: int = 0
    code: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a part as a whole: failed with one of its messages, delivered with the last of them.

    `kept`: it failed because it came too late, and waits now for the customer to write again.
    """

    part: str
    question: str
    status: str
    code: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event that killed its turn, or a part that was given up: kept for a person to look at."""

    id: str
    key: SessionKey
    reason: str
    at_ms: int
    body: bytes
    tries: int = 0


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One finished turn, or news of a delivery, read at least once."""

    key: SessionKey
    entry_id: str
    body: bytes

    @property
    def committed_at(self) -> datetime:
        """When Redis got it, by its own clock."""
        return datetime.fromtimestamp(int(self.entry_id.partition("-")[0]) / 1000, UTC)
