"""Files: where a provider keeps one, what the store knows of one, what somebody hands us, and the store's port."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from runtime.core.messages import Attachment


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """Where a provider keeps a file, and what a request for it needs.

    An address that came in a message is data from outside: it is only asked when its host is one of `hosts` (a name,
    or `.name` for everything below it), by https, and leads to no network of ours. `trusted` is a place that our own
    settings name (`http://127.0.0.1:8081`, say): it is asked as it is. Redirects are checked the same way, and
    `headers` go to the first address alone.
    """

    url: str = dataclasses.field(repr=False)
    hosts: tuple[str, ...] = ()
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    trusted: str = ""
    mime: str = ""
    size: int = 0


Sink = Callable[[bytes], Awaitable[None]]
"""Where a download goes, piece by piece."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a conversation, as the store knows it. `state`: waiting (not fetched yet), kept, gone or refused."""

    tenant: str
    id: str
    conversation: str
    name: str
    type: str
    """image, video, audio or document."""
    mime: str
    """What it is by its content, whatever was declared."""
    size: int
    state: str
    why: str
    at: datetime
    path: Path | None = None
    """Where its bytes lie; None unless it is kept."""

    @property
    def attachment(self) -> Attachment:
        """It as part of a message."""
        return Attachment(self.type, mime=self.mime, size=self.size, name=self.name, file=self.id)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that somebody hands us: whose, for which conversation, and what they say that it is."""

    tenant: str
    conversation: str
    contact: str
    author: str
    """contact, or the operator's name."""
    name: str
    mime: str


class MediaStore(Protocol):
    """Files of conversations: tenants are walls, contents are looked at, sizes are limited."""

    async def save(self, new: NewFile, pieces: AsyncIterator[bytes]) -> StoredFile:
        """Keep a file, read piece by piece. Raises BadRequest (empty, not allowed), TooLarge, StorageUnavailable."""

    async def open(self, tenant: str, conversation: str, file: str) -> StoredFile:
        """A conversation's file. Raises NotFound."""

    async def erase(self, tenant: str, *, conversation: str = "", contact: str = "") -> int:
        """Take away all files of a conversation or a contact; how many."""
