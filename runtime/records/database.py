"""The one way to SQL: opens SQLite or PostgreSQL, migrates, hands out transactions, names trouble.

Whoever uses it sees one kind of failure for "the store cannot take it now": StorageUnavailable. It knows no table.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import orjson
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from runtime.errors import StorageUnavailable
from runtime.records.addresses import Address, read_address
from runtime.records.migrate import migrate
from runtime.records.near import Found, Near
from runtime.records.trouble import STORE_ERRORS, may_work_again, unavailable

Result = TypeVar("Result")

BUSY_MS = 1000
"""How long one attempt waits for another process that writes to the same SQLite file."""
ATTEMPTS = 3
"""How often a transaction is tried that lost against another one (SQLite locked, PostgreSQL deadlock)."""
QUEUE_S = 10.0
"""How long a transaction waits for its turn inside this process."""


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()


_FORMS: Mapping[str, Any] = {
    "json_serializer": _dumps,
    "json_deserializer": orjson.loads,
    "hide_parameters": True,  # an error's text must not carry a customer's words
}
_SHARED: Mapping[str, Any] = {"max_overflow": 0, "pool_timeout": QUEUE_S, **_FORMS}


def _open_sqlite(address: Address) -> tuple[AsyncEngine, AsyncEngine]:
    file = Path(address.file).resolve()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.touch(mode=0o600)  # names and phone numbers: nobody else's to read; SQLite gives its side files the same mode
    writer = _sqlite_engine(address)
    # FULL: what the ledger says was done must survive a power cut; one fsync a transaction.
    event.listen(writer.sync_engine, "connect", partial(_pragma, "synchronous=FULL"))
    event.listen(writer.sync_engine, "begin", _begin)
    # Every call goes through a thread; a reader that opens no transaction saves half of them.
    reader = _sqlite_engine(address, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True)
    event.listen(reader.sync_engine, "connect", partial(_pragma, "query_only=ON"))
    return writer, reader


def _sqlite_engine(address: Address, **more: Any) -> AsyncEngine:
    return create_async_engine(
        address.url,
        # The driver must not open transactions on its own: `_begin` says which kind is wanted.
        connect_args={"isolation_level": None, "timeout": BUSY_MS / 1000},
        pool_size=4,
        **more,
        **_SHARED,
    )


def _pragma(setting: str, connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """`sqlite_begin` says what a connection is for; empty means no transaction at all."""
    if kind := connection.get_execution_options().get("sqlite_begin", "DEFERRED"):
        connection.exec_driver_sql(f"BEGIN {kind}")


def _open_postgresql(address: Address) -> tuple[AsyncEngine, AsyncEngine]:
    engine = create_async_engine(
        address.url,
        connect_args={"timeout": 5, "command_timeout": 10, **address.arguments},
        pool_size=10,
        pool_pre_ping=True,
        **_SHARED,
    )
    return engine, engine.execution_options(isolation_level="AUTOCOMMIT")  # one pool


@contextlib.contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except STORE_ERRORS as error:
        if (named := unavailable(error)) is None:
            raise
        raise named from error


class Database:
    """An open database at the newest schema."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine, near: Near | None = None) -> None:
        self.dialect = writer.dialect.name
        self._near = near
        self._writer = writer.execution_options(sqlite_begin="IMMEDIATE")
        self._reader = reader
        # One writer at a time is SQLite's own law. Queueing here is fair and costs nothing; its busy handler polls.
        self._turn: contextlib.AbstractAsyncContextManager[object] = (
            asyncio.Lock() if self.dialect == "sqlite" else contextlib.nullcontext()
        )

    @classmethod
    async def open(cls, url: str) -> Self:
        """Migrate to head under a lock, then open. Several processes may do this at once."""
        address = read_address(url)
        with _named():
            writer, reader = _open_sqlite(address) if address.file else _open_postgresql(address)
        try:
            with _named():
                await migrate(writer)
        except BaseException:
            await writer.dispose()
            raise
        return cls(writer, reader, Near(address.file, **_FORMS) if address.file else None)

    async def close(self) -> None:
        """Let go of all connections."""
        if self._near is not None:
            self._near.close()
        await self._reader.dispose()
        await self._writer.dispose()

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Everything in it or nothing. Holds SQLite's write lock from its beginning; do not nest."""
        with _named():
            async with contextlib.AsyncExitStack() as stack:
                async with asyncio.timeout(QUEUE_S):
                    await stack.enter_async_context(self._turn)
                yield await stack.enter_async_context(self._writer.begin())

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A look that waits for no writer. Each statement sees the newest state of its own moment."""
        with _named():
            async with self._reader.connect() as connection:
                yield connection

    async def look(self, statement: sa.Select[Any], parameters: Mapping[str, Any]) -> Sequence[Found]:
        """The few rows that one statement finds by an index: what a turn reads while its customer waits."""
        if self._near is not None and (rows := self._near.look(statement, parameters)) is not None:
            return rows
        async with self.reading() as connection:
            found: Sequence[Found] = (await connection.execute(statement, parameters)).all()
            return found

    async def attempt(self, work: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
        """Run `work` in a transaction; again, a few times, when it lost against another one and left nothing behind."""
        for left in reversed(range(ATTEMPTS)):
            try:
                async with self.transaction() as connection:
                    return await work(connection)
            except StorageUnavailable as error:
                if not left or not may_work_again(error.__cause__):
                    raise
                await asyncio.sleep(random.uniform(0.005, 0.05))
        raise AssertionError("unreachable: the last attempt returns or raises")
