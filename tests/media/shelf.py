"""What the tests of files do again and again: let messages with files come, fetch, look."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from channels.messenger import MessengerChannel
from channels.telegram import TelegramChannel
from channels.whatsapp import WhatsAppChannel
from runtime.core.messages import Attachment, Inbound
from runtime.files import NewFile, StoredFile
from runtime.media.fetching import Fetcher
from runtime.media.numbering import numbered
from runtime.media.store import FileStore
from runtime.ports import Channel, Connection, Outbound
from runtime.records.database import Database
from runtime.records.files import FileRow
from runtime.records.journal import project
from tests.support.file_stub import FileStub

CHANNELS: dict[str, Channel] = {
    "telegram": TelegramChannel(),
    "whatsapp_cloud": WhatsAppChannel(),
    "messenger": MessengerChannel(),
}
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"x" * 3000
TOKENS = {"telegram": "bot_token", "whatsapp_cloud": "access_token", "messenger": "page_access_token"}


@dataclasses.dataclass
class Shelf:
    """A store, its records and the provider behind it."""

    store: FileStore
    database: Database
    stub: FileStub
    http: Outbound
    days: int = 180
    turns: int = 0

    async def connections(self, tenant: str) -> tuple[Connection, ...]:
        """One connection of each kind."""
        secrets = {"api_url": self.stub.url}
        return tuple(
            Connection(tenant, name, name, {}, {**secrets, TOKENS[name]: self.stub.token}) for name in CHANNELS
        )

    @property
    def fetcher(self) -> Fetcher:
        """As each process has one."""
        return Fetcher(self.store, CHANNELS, self, self.http, self.days)

    async def came(
        self, connector: str, *files: Attachment, tenant: str = "salon", message: str = "m1"
    ) -> Sequence[str]:
        """A message with files went through the door, a turn and the journal; their ids."""
        self.turns += 1
        inbound = Inbound("image", message, "49151", "49151", True, message_id=message, attachments=files)
        media = numbered(Connection(tenant, connector, connector), inbound).attachments
        said = {"id": message, "text": "", "kind": "image", "media": [dataclasses.asdict(one) for one in media]}
        await self._journal(tenant, connector, [{"type": "Said", "messages": [said]}])
        return [one.file for one in media]

    async def taken_back(self, message: str, tenant: str = "salon") -> None:
        """Its sender deleted a message."""
        self.turns += 1
        await self._journal(tenant, "telegram", [], [{"kind": "message.deleted", "facts": {"message": message}}])

    async def _journal(self, tenant: str, connection: str, events: list[Any], records: list[Any] | None = None) -> None:
        entry = {
            "v": 3, "tenant": tenant, "conversation": "c1", "session": "S", "turn": self.turns,
            "connection": connection, "at": datetime.now(UTC).isoformat(), "contact": {"id": "k1"},
            "events": events, "records": records or [],
        }  # fmt: skip
        await project(self.database, [orjson.dumps(entry)])

    async def fetch(self, later_s: float = 0.0) -> int:
        """All that is due."""
        return await self.fetcher.fetch_due(datetime.now(UTC) + timedelta(seconds=later_s + 0.01))

    async def row(self, file: str, tenant: str = "salon") -> FileRow | None:
        """What is known of it."""
        return next(iter(await self.store.files.find(tenant, [file])), None)

    async def state(self, file: str, tenant: str = "salon") -> tuple[str, str]:
        """What became of it, and why."""
        row = await self.row(file, tenant)
        return (row.state, row.why) if row else ("", "")

    async def upload(self, body: bytes, name: str = "a.png", mime: str = "image/png", **whose: str) -> StoredFile:
        """As a visitor hands it in."""
        who = {"tenant": "salon", "conversation": "c1", "contact": "k1", "author": "contact", **whose}
        return await self.store.save(NewFile(**who, name=name, mime=mime), _pieces(body))

    @property
    def on_disk(self) -> list[Path]:
        """Every file in the folder."""
        return sorted(path for path in self.store.folder.root.rglob("*") if path.is_file())


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]
