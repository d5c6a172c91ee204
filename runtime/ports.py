"""The protocols between the loop and what is plugged into it. One page: read it to see the seams."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from runtime.core.business import Desk
from runtime.core.effects import Understand
from runtime.core.events import Outcome, Understood
from runtime.core.messages import Attachment, Inbound, OutboundPart
from runtime.core.values import Value
from runtime.files import MediaStore as MediaStore  # a port like those below, beside its values
from runtime.files import RemoteFile, Sink
from runtime.frontdoor import ChatEntry as ChatEntry
from runtime.frontdoor import ChatFeed as ChatFeed
from runtime.frontdoor import OperatorAct as OperatorAct
from runtime.frontdoor import OperatorResult as OperatorResult

Secrets = Mapping[str, str]


class Clock(Protocol):
    """Business time; moved in tests and by `--now`. Leases and gather windows never use it."""

    def now(self) -> datetime:
        """Aware, UTC."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A webhook as it came: header names lower case, the body's bytes untouched."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a payload means, in order. Nothing in it is dropped: what we do not know has kind `unsupported`."""

    events: tuple[Inbound, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A part was taken by the provider. `message_ids` are the provider's, one a message it became."""

    message_ids: tuple[str, ...]


Answered = tuple[int, Mapping[str, Any], Mapping[str, str]]
"""An answer's status, its JSON object (empty when it is none) and its headers."""


class Outbound(Protocol):
    """The one HTTP way out: time-out, limit, redaction. Only a connection that failed or a time-out raises here."""

    async def post_json(
        self, url: str, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None, timeout_s: float = 10.0
    ) -> Answered:
        """Send a JSON object. Raises ProviderUnavailable."""

    async def get_json(
        self, url: str, *, headers: Mapping[str, str] | None = None, timeout_s: float = 10.0
    ) -> Answered:
        """Ask for a JSON object. Raises ProviderUnavailable."""

    async def post_form(
        self,
        url: str,
        fields: Mapping[str, str],
        file: Attachment,
        *,
        field: str = "file",
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 60.0,
    ) -> Answered:
        """Send form-data with one of our files, read from `file.path`. Raises ProviderUnavailable, ProviderRefused."""

    async def download(self, remote: RemoteFile, sink: Sink, *, largest: int, timeout_s: float = 60.0) -> int:
        """Fetch a file into `sink`; its size. Raises ProviderRefused for good (not there, not allowed, over `largest`:
        code `too_large`), ProviderUnavailable for now."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many requests a second over all workers, and so many at once. `name` tells it apart within its key."""

    name: str
    per_s: float
    burst: int = 1


class SharedLimits(Protocol):
    """Limits that all workers share, such as a provider's requests a second."""

    async def wait_s(self, key: str, allowances: Sequence[Allowance] = (), patience_s: float = 0.0) -> float:
        """Take one request from each of these allowances: how long to wait first.

        Nothing was taken when that is longer than `patience_s`: then ask again.
        """


@dataclass(frozen=True, slots=True)
class Connection:
    """A tenant's configured connector, with its secrets in clear; it is never logged or stored."""

    tenant: str
    id: str
    connector: str
    config: Mapping[str, str] = dataclasses.field(default_factory=dict)
    secrets: Secrets = dataclasses.field(default_factory=dict, repr=False)


class Connections(Protocol):
    """Who knows a tenant's connections by id."""

    async def connections(self, tenant: str) -> tuple[Connection, ...]:
        """All of a tenant's connections."""


class Channel(Protocol):
    """A channel knows three verbs and touches nothing else."""

    @property
    def connector(self) -> str:
        """Its id in the catalogue; a URL path may be another word (`whatsapp` for `whatsapp_cloud`)."""

    def verify(self, request: RawRequest, secrets: Secrets) -> None:
        """Raise NotAllowed unless the request is the provider's. Pure."""

    def parse(self, request: RawRequest) -> Parsed:
        """What the payload means. Raises BadRequest when it is not JSON at all. Pure."""

    async def send(self, part: OutboundPart, connection: Connection, http: Outbound) -> Delivery:
        """Hand one part to the provider, all its pieces. Raises ProviderUnavailable or ProviderRefused."""


@runtime_checkable
class Fetching(Protocol):
    """A channel whose customers send files."""

    async def fetch(self, attachment: Attachment, connection: Connection, http: Outbound) -> RemoteFile:
        """Where this file lies now, by its handle. Raises ProviderRefused when it is not there any more, and
        ProviderUnavailable."""


@dataclass(frozen=True, slots=True)
class ActionCall:
    """One run of an action.

    `key` is unique for a write: running it again with the same key must give the first outcome again.
    `arguments` are slot values by name; `deadline_s` is what is left of the lease.
    """

    key: str
    tenant: str
    conversation: str
    contact: str
    arguments: Mapping[str, Value]
    desk: Desk
    now: datetime
    language: str
    deadline_s: float = 4.0


@dataclass(frozen=True, slots=True)
class ActionKey:
    """Which write we ask about."""

    key: str
    tenant: str
    arguments: Mapping[str, Value]


class Action(Protocol):
    """Something a flow can do. `access` is read or write. A write has `lookup`, or says `unknowable = True`."""

    access: str

    async def run(self, call: ActionCall) -> Outcome:
        """Do it. Never raises for what a business may meet (taken, closed); raises StorageUnavailable and the like."""

    async def lookup(self, key: ActionKey) -> Outcome | None:
        """What became of a write: its outcome, or None when it surely never happened. Reads never get asked."""


@dataclass(frozen=True, slots=True)
class PromptDue:
    """Something that the desk has to tell a customer on its own at `at`; `name` is the timer's.

    `claim` is the action that says whether it still holds; it gets `facts` as arguments.
    """

    tenant: str
    conversation: str
    connection: str
    channel: str
    chat: str
    contact: str
    language: str
    kind: str
    name: str
    facts: Mapping[str, Value]
    claim: str
    at: datetime


class PromptSource(Protocol):
    """Knows what is to be told. The truth is its own: what is not `noted` in this epoch of Redis is due again."""

    async def due(self, desks: Mapping[str, Desk], now: datetime, epoch: str) -> Sequence[PromptDue]:
        """What is due within the next day, by the business time `now`."""

    async def noted(self, due: Sequence[PromptDue], epoch: str) -> None:
        """Their timers are set."""


class Patience(Protocol):
    """How long a turn may still wait for something slow."""

    calls: int
    """Calls of models that earlier runs of this turn made, before newer words came."""

    def left_s(self) -> float:
        """Seconds until the customer should read something; 0 when the turn cannot be won any more (law 4, lease)."""


class Understanding(Protocol):
    """Text to commands: the offline rules, and the cascade with a model behind them."""

    async def understand(self, request: Understand, now: datetime, patience: Patience | None = None) -> Understood:
        """Commands with the customer's words and resolved values; never raises for any text."""


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """An answer with what it rests on."""

    text: str
    sources: tuple[str, ...] = ()


class Answers(Protocol):
    """Questions about the business: its facts now, its documents later."""

    async def answer(self, desk: Desk, question: str, topic: str, language: str, now: datetime) -> KnownAnswer | None:
        """None when it is not known. Never a guess."""


@dataclass(frozen=True, slots=True)
class WebhookState:
    """What a provider says about the address it sends to. Empty `url`: it was told none."""

    url: str
    pending: int
    last_error: str = ""
    last_error_at: datetime | None = None


class Gate(Protocol):
    """The desk's front door, for the web edge, the terminal and the Python API."""

    async def desk(self, tenant: str) -> Desk | None:
        """The tenant's snapshot."""

    async def connection(self, tenant: str, connector: str) -> Connection | None:
        """The tenant's connection of this connector; web chat and terminal always exist."""

    async def take_in(self, connection: Connection, events: tuple[Inbound, ...]) -> int:
        """Append all events to their boxes; returns how many were new. Raises StorageUnavailable: answer 503."""

    def feed(self, connection: Connection, chat: str) -> ChatFeed:
        """What this chat shows."""

    async def operate(self, tenant: str, conversation: str, act: OperatorAct) -> OperatorResult:
        """Put the act into the box and wait for its turn. `tenant` may be empty when the id is known in the records.

        Raises NotFound, BadRequest or StorageUnavailable.
        """

    async def happen(
        self, tenant: str, conversation: str, what: str, values: Mapping[str, Value], message_id: str = ""
    ) -> str:
        """Tell a conversation what a flow of it may wait for (`wait_for`); answers its phase.

        Raises NotFound, StorageUnavailable, and Conflict when no flow waits for it.
        """

    async def handoffs(self, tenant: str) -> tuple[Mapping[str, Any], ...]:
        """Open handoffs of a tenant ("" for all), newest first."""
