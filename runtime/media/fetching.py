"""Fetches customers' files from providers, whose links expire, and deletes what is too old or was taken back.

The work list is the records, where the projector puts a row for each file, so nothing accepted is lost: a process that
dies while it fetches lets go of its claim after minutes, and any other one goes on. At least once, a few at a time,
outside any customer's waiting time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from runtime.core.messages import Attachment
from runtime.errors import (
    BadRequest,
    FrontdeskError,
    NotFound,
    ProviderRefused,
    ProviderUnavailable,
    StorageUnavailable,
    TooLarge,
)
from runtime.media.kinds import HEAD, clean_name
from runtime.media.store import FileStore
from runtime.ports import Channel, Connection, Fetching, Outbound
from runtime.records.files import CLAIM, FileRow
from runtime.telemetry import about, count

_log = logging.getLogger(__name__)
LOOK_S = 1.0
AT_ONCE = 4
DOWNLOAD_S = 60.0
"""Shorter than a claim, so that two processes do not fetch the same file."""
FIRST_S, LONGEST_S = 5.0, 3600.0
MOST_TRIES = 12
"""About seven hours in all; what has not come by then does not come any more."""
ERASE_S = 5.0
SWEEP_S = 600.0
UNUSED = timedelta(hours=24)
"""An upload that nobody sent is kept for so long."""


class Connections(Protocol):
    """Who knows a tenant's connections by id."""

    async def connections(self, tenant: str) -> tuple[Connection, ...]:
        """All of a tenant's connections."""


class Fetcher:
    """Each process has one; they share the work."""

    def __init__(
        self, store: FileStore, channels: Mapping[str, Channel], connections: Connections, http: Outbound, days: int
    ) -> None:
        self._store = store
        self._channels = channels
        self._connections = connections
        self._http = http
        self._days = days
        self._swept = self._erased = 0.0

    async def run(self) -> None:
        """Until stopped; a database that is away is waited for."""
        while True:
            try:
                while await self.fetch_due(datetime.now(UTC)):
                    pass
                await self._sweep()
            except StorageUnavailable as error:
                _log.warning("Files wait: %s", error)
            except Exception:
                # One of the outermost loops: a row that makes trouble is due again by itself, and given up in the end.
                count("files_failed")
                _log.exception("Files could not be looked after")
            await asyncio.sleep(LOOK_S)

    async def fetch_due(self, now: datetime) -> int:
        """Fetch what is due; returns how many were tried."""
        rows = await self._store.files.take(now, AT_ONCE)
        await asyncio.gather(*(self._one(row, now) for row in rows))
        return len(rows)

    async def _one(self, row: FileRow, now: datetime) -> None:
        with about(tenant=row.tenant, conversation=row.conversation):
            try:
                if row.tries >= MOST_TRIES:
                    # Nothing ever became of a try: each ended in a fault of ours, or with its process.
                    raise ProviderRefused(f"It was tried {row.tries} times; the log says what happened.")
                await self._fetch(row)
                count("files", how="fetch", outcome="kept")
            except ProviderRefused as error:
                too_large = error.code == "too_large"
                await self._end(
                    row, "refused" if too_large else "gone", "too_large" if too_large else "provider", error
                )
            except TooLarge as error:
                await self._end(row, "refused", "too_large", error)
            except BadRequest as error:
                await self._end(row, "refused", "kind", error)
            except NotFound as error:
                _log.info("File %s: %s", row.id, error)
            except ProviderUnavailable as error:
                await self._later(row, now, error)
            except StorageUnavailable as error:
                # Our disk's or database's fault: no try of the provider's is used up.
                _log.warning("A file of %s of tenant %s waits: %s", row.connection, row.tenant, error)
                await self._store.files.settle(row, tries=row.tries, next_at=now + CLAIM)

    async def _fetch(self, row: FileRow) -> None:
        if row.size > self._store.largest:
            raise TooLarge(f"It has {row.size} bytes; FRONTDESK_MEDIA_MB says how many are kept.")
        connection = await self._connection(row)
        channel = self._channels.get(connection.connector)
        if not isinstance(channel, Fetching):
            raise ProviderRefused(f"Connector {connection.connector} cannot fetch files.")
        handle = Attachment(row.type, row.handle, row.declared, row.size, row.name, url=row.url, file=row.id)
        remote = await channel.fetch(handle, connection, self._http)
        known = row._replace(declared=row.declared or remote.mime, name=clean_name(row.name) if row.name else "")
        async with self._store.folder.stage(row.tenant, row.id, self._store.largest, HEAD) as stage:
            await self._http.download(remote, stage.write, largest=self._store.largest, timeout_s=DOWNLOAD_S)
            await self._store.settled(known, stage)

    async def _connection(self, row: FileRow) -> Connection:
        for connection in await self._connections.connections(row.tenant):
            if connection.id == row.connection:
                return connection
        raise ProviderUnavailable(f"Connection {row.connection} of tenant {row.tenant} is gone; connect it again.")

    async def _later(self, row: FileRow, now: datetime, error: FrontdeskError) -> None:
        if row.tries + 1 >= MOST_TRIES:
            await self._end(row, "gone", "unreachable", error)
            return
        if row.tries == 0:
            _log.warning("A file of %s of tenant %s comes later: %s", row.connection, row.tenant, error)
        wait_s = getattr(error, "retry_after_s", None) or min(LONGEST_S, FIRST_S * 2**row.tries)
        count("files", how="fetch", outcome="later")
        await self._store.files.settle(row, next_at=now + timedelta(seconds=wait_s))

    async def _end(self, row: FileRow, state: str, why: str, error: FrontdeskError) -> None:
        """It does not come any more. People see that there was a file, and why it is not there."""
        _log.warning("A file of %s of tenant %s is not kept: %s", row.connection, row.tenant, error)
        count("files", how="fetch", outcome=state)
        await self._store.files.settle(
            row, state=state, why=why, next_at=None, name=clean_name(row.name) if row.name else ""
        )

    async def _sweep(self) -> None:
        """Now and then: what is too old, uploads that nobody sent, and halves that dead processes left."""
        clock = asyncio.get_running_loop().time()
        if not self._swept or clock - self._swept >= SWEEP_S:
            self._swept = self._erased = clock
            await self.sweep(datetime.now(UTC))
        elif clock - self._erased >= ERASE_S:
            self._erased = clock
            await self._store.erase_doomed()

    async def sweep(self, now: datetime) -> None:
        """What is too old goes."""
        before = now - timedelta(days=self._days) if self._days else None
        await self._store.files.doom_old(before, now - UNUSED)
        await self._store.erase_doomed()
        await self._store.folder.sweep()
