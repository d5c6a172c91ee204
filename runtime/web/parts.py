"""What the edge's handlers share: its dependencies under one typed key."""

from __future__ import annotations

import asyncio
import dataclasses
import weakref
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from runtime.core.messages import Inbound
from runtime.dead_letters import DeadLetters
from runtime.diary import Diary
from runtime.inbox import Inbox
from runtime.media.store import FileStore
from runtime.people import People
from runtime.ports import Channel, Gate, Outbound, Secrets
from runtime.receiving import Receiver
from runtime.settings import Settings
from runtime.watching import Watch
from runtime.web.uploads import Places


class WebChat(Protocol):
    """The web chat's channel: it has no `send`, the page reads its feed."""

    @property
    def connector(self) -> str:
        """Its id in the catalogue."""

    def admit(self, secret: bytes, tenant: str, token: str, randomness: bytes) -> tuple[str, str]:
        """The visitor's id and its signed token; new ones unless the token is ours."""

    def recognise(self, secret: bytes, tenant: str, token: str) -> str | None:
        """The visitor whose token this is; None when it is not ours."""

    def read(self, visitor: str, frame: Mapping[str, object]) -> Inbound:
        """What a frame means; raises BadRequest."""


class Acknowledging(Protocol):
    """A channel that owes its provider a word about some events, such as a pressed button."""

    async def acknowledge(self, inbound: Inbound, secrets: Secrets, http: Outbound) -> None:
        """Best effort: raises nothing that anybody must handle."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Everything the handlers work with."""

    gate: Gate
    settings: Settings
    channels: Mapping[str, Channel]
    secret: bytes = dataclasses.field(repr=False)
    operator_token: str = dataclasses.field(repr=False)
    webchat: WebChat
    receiver: Receiver
    http: Outbound | None
    ready: Callable[[], Awaitable[Mapping[str, str]]] | None
    tenants: Callable[[], Awaitable[Sequence[str]]] | None
    base: str
    inbox: Inbox | None = None
    watch: Watch | None = None
    dead_letters: DeadLetters | None = None
    diary: Diary | None = None
    media: FileStore | None = None
    uploading: Places = dataclasses.field(default_factory=Places)
    people: People | None = None
    tasks: set[asyncio.Task[None]] = dataclasses.field(default_factory=set)
    """Acknowledgements under way."""
    sockets: weakref.WeakSet[web.WebSocketResponse] = dataclasses.field(default_factory=weakref.WeakSet)


EDGE = web.AppKey("edge", Edge)
