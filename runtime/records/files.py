"""What is known of files: put down by the projector or an upload, taken by one process at a time, forgotten in the end.

A row in state `erasing` stands until its bytes are gone, so that a process that dies in between leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.records.database import Database
from runtime.records.tables import files
from runtime.records.upserts import insert_new

CLAIM = timedelta(seconds=75)
"""For so long a file that somebody fetches is theirs."""
_F = files.c


class FileRow(NamedTuple):
    """One file. `handle` and `url` are the provider's words for where it lies."""

    tenant: str
    id: str
    conversation: str
    contact: str
    connection: str
    message: str
    direction: str
    author: str
    type: str
    name: str
    mime: str
    declared: str
    state: str
    why: str
    handle: str
    url: str
    size: int
    tries: int
    at: datetime
    next_at: datetime | None


_COLUMNS = [_F[name] for name in FileRow._fields]


class Files:
    """The files of all tenants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, row: Mapping[str, Any]) -> None:
        """A file that somebody uploads just now."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert_new(connection.dialect.name, files), [dict(row)])

        await self._database.attempt(work)

    async def find(self, tenant: str, ids: Collection[str]) -> tuple[FileRow, ...]:
        """Those of a tenant's files that there are."""
        query = sa.select(*_COLUMNS).where(_F.tenant == tenant, _F.id.in_(list(ids)))
        return await self._read(query)

    async def by_message(self, tenant: str, conversation: str) -> Mapping[str, Sequence[FileRow]]:
        """All that are in a message, by its id."""
        where = (_F.tenant == tenant, _F.conversation == conversation, _F.message != "", _F.state != "erasing")
        found: dict[str, list[FileRow]] = {}
        for row in await self._read(sa.select(*_COLUMNS).where(*where).order_by(_F.at, _F.id)):
            found.setdefault(row.message, []).append(row)
        return found

    async def uploaded_since(self, tenant: str, conversation: str, moment: datetime) -> tuple[int, int, int]:
        """How many files a conversation's customer uploaded since then, with how many bytes; and all customers of the
        tenant, in bytes."""
        mine = _F.conversation == conversation
        query = sa.select(
            sa.func.count().filter(mine),
            sa.func.coalesce(sa.func.sum(_F.size).filter(mine), 0),
            sa.func.coalesce(sa.func.sum(_F.size), 0),
        ).where(_F.tenant == tenant, _F.at >= moment, _F.author == "contact", _F.handle == "", _F.url == "")
        async with self._database.reading() as connection:
            count, own, all_of_them = (await connection.execute(query)).one()
        return int(count), int(own), int(all_of_them)

    async def take(self, now: datetime, most: int) -> tuple[FileRow, ...]:
        """Files to fetch that are due, taken for some minutes: another process does not get the same ones."""
        due = sa.select(*_COLUMNS).where(_F.state == "waiting", _F.next_at <= now).order_by(_F.next_at).limit(most)
        if not (found := await self._read(due)):
            return ()

        async def claim(connection: AsyncConnection) -> tuple[FileRow, ...]:
            taken = []
            for row in found:
                where = (*_this(row), _F.state == "waiting", _F.tries == row.tries)
                change = sa.update(files).where(*where).values(tries=row.tries + 1, next_at=now + CLAIM)
                if (await connection.execute(change)).rowcount == 1:
                    taken.append(row)
            return tuple(taken)

        return await self._database.attempt(claim)

    async def settle(self, row: FileRow, **values: Any) -> bool:
        """What became of it; False when it has another state by now, such as one that is to be erased."""
        statement = sa.update(files).where(*_this(row), _F.state == row.state).values(**values)

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(statement)).rowcount == 1

        return await self._database.attempt(work)

    async def doom(self, tenant: str, *, conversation: str = "", contact: str = "") -> int:
        """Everything of a conversation or a contact is to be erased; how many."""
        who = _F.conversation == conversation if conversation else _F.contact == contact
        return await self._doom(_F.tenant == tenant, who, why="")

    async def doom_old(self, kept_before: datetime | None, unused_before: datetime) -> int:
        """What is older than it is kept, and uploads that came into no message; how many."""
        ours = sa.and_(_F.handle == "", _F.url == "")  # what a provider gave came in a message, even one without an id
        unused = sa.and_(ours, _F.message == "", _F.at < unused_before, _F.state.in_(("uploading", "kept")))
        count = await self._doom(unused, why="")
        if kept_before is not None:
            count += await self._doom(_F.at < kept_before, _F.state.in_(("kept", "waiting")), why="expired")
        return count

    async def _doom(self, *where: sa.ColumnElement[bool], why: str) -> int:
        statement = sa.update(files).where(*where, _F.state != "erasing").values(state="erasing", why=why)

        async def work(connection: AsyncConnection) -> int:
            return (await connection.execute(statement)).rowcount

        return await self._database.attempt(work)

    async def doomed(self, most: int) -> tuple[FileRow, ...]:
        """Those whose bytes are to be taken away."""
        return await self._read(sa.select(*_COLUMNS).where(_F.state == "erasing").limit(most))

    async def erased(self, rows: Sequence[FileRow]) -> None:
        """Their bytes are gone. What grew too old stays as a line that says so, without its name; the rest goes."""

        async def work(connection: AsyncConnection) -> None:
            for row in rows:
                if row.why == "expired":
                    left = {"state": "gone", "name": "", "handle": "", "url": "", "next_at": None}
                    await connection.execute(sa.update(files).where(*_this(row)).values(**left))
                else:
                    await connection.execute(sa.delete(files).where(*_this(row)))

        await self._database.attempt(work)

    async def _read(self, query: sa.Select[Any]) -> tuple[FileRow, ...]:
        async with self._database.reading() as connection:
            return tuple(FileRow(**row._asdict()) for row in await connection.execute(query))


def _this(row: FileRow) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return _F.tenant == row.tenant, _F.id == row.id
