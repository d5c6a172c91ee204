"""The one way to SQL: opens SQLite or PostgreSQL, migrates, hands out transactions, names trouble.

Whoever uses it sees one kind of failure for "the store cannot take it now": StorageUnavailable. It knows no table.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
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
from runtime.records.writer import Writer

Result = TypeVar("Result")

BUSY_MS = 1000
"""How long one attempt waits for another process that writes to the same SQLite file."""
ATTEMPTS = 3
"""How often a transaction is tried that lost against another one (SQLite locked, PostgreSQL deadlock)."""
QUEUE_S = 10.0
"""How long a transaction waits for its turn inside this process: SQLite's one writer, PostgreSQL's pool."""


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
    _make_writer(writer.sync_engine)
    # Every call goes through a thread; a reader that opens no transaction saves half of them.
    reader = _sqlite_engine(address, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True)
    event.listen(reader.sync_engine, "connect", partial(_pragma, "query_only=ON"))
    return writer, reader


def _sqlite_engine(address: Address, **more: Any) -> AsyncEngine:
    return create_async_engine(address.url, connect_args=_sqlite_arguments(), pool_size=4, **more, **_SHARED)


def _sqlite_thread(address: Address) -> Writer:
    url = address.url.set(drivername="sqlite")
    engine = sa.create_engine(url, connect_args=_sqlite_arguments(), pool_size=1, **_SHARED)
    _make_writer(engine)
    return Writer(engine.execution_options(sqlite_begin="IMMEDIATE"))


def _sqlite_arguments() -> dict[str, Any]:
    # The driver must not open transactions on its own: `_begin` says which kind is wanted.
    return {"isolation_level": None, "timeout": BUSY_MS / 1000}


def _make_writer(engine: sa.Engine) -> None:
    # FULL: what the ledger says was done must survive a power cut; one fsync a transaction.
    event.listen(engine, "connect", partial(_pragma, "synchronous=FULL"))
    event.listen(engine, "begin", _begin)


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

    def __init__(
        self, writer: AsyncEngine, reader: AsyncEngine, near: Near | None = None, thread: Writer | None = None
    ) -> None:
        self.dialect = writer.dialect.name
        self._near = near
        self._thread = thread
        self._writer = writer.execution_options(sqlite_begin="IMMEDIATE")
        self._reader = reader

    @classmethod
    async def open(cls, url: str, *, migrated: bool = True) -> Self:
        """Migrate to head under a lock, then open. Several processes may do this at once.

        `migrated=False` opens it as it stands: for a look at a database of another version.
        """
        address = read_address(url)
        with _named():
            writer, reader = _open_sqlite(address) if address.file else _open_postgresql(address)
        try:
            with _named():
                if migrated:
                    await migrate(writer)
        except BaseException:
            await writer.dispose()
            raise
        if not address.file:
            return cls(writer, reader)
        return cls(writer, reader, Near(address.file, **_FORMS), _sqlite_thread(address))

    async def close(self) -> None:
        """Let go of all connections. On SQLite, what has begun to write comes to its end first."""
        if self._thread is not None:
            await self._thread.close()
        if self._near is not None:
            self._near.close()
        await self._reader.dispose()
        await self._writer.dispose()

    def pool(self) -> tuple[int, int]:
        """Connections in use and how many there may be, of the pools that look and write."""
        pools = {id(engine.pool): engine.pool for engine in (self._reader.sync_engine, self._writer.sync_engine)}
        queues = [pool for pool in pools.values() if isinstance(pool, sa.QueuePool)]
        return sum(pool.checkedout() for pool in queues), sum(pool.size() for pool in queues)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Everything in it or nothing. Holds SQLite's write lock from its beginning; do not nest.

        For `attempt`, and for tests that must hold one open: on SQLite, outside `attempt`, each statement waits for a
        round of the event loop, and other writers wait for the lock without a queue.
        """
        thread = self._thread
        with _named():
            async with thread.transaction() if thread and thread.here else self._writer.begin() as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A look that waits for no writer. Each statement sees the newest state of its own moment."""
        with _named():
            async with self._reader.connect() as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def picture(self) -> AsyncIterator[AsyncConnection]:
        """Many statements that all see the state of one moment, while others go on writing: for a backup."""
        level = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        options = {"sqlite_begin": "DEFERRED"} if self.dialect == "sqlite" else level
        with _named():
            async with self._writer.execution_options(**options).connect() as connection, connection.begin():
                yield connection

    async def look(self, statement: sa.Select[Any], parameters: Mapping[str, Any]) -> Sequence[Found]:
        """The few rows that one statement finds by an index: what a turn reads while its customer waits."""
        if self._near is not None and (rows := self._near.look(statement, parameters)) is not None:
            return rows
        async with self.reading() as connection:
            found: Sequence[Found] = (await connection.execute(statement, parameters)).all()
            return found

    async def attempt(self, work: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
        """Run `work` in a transaction; again, a few times, when it lost against another one and left nothing behind.

        On SQLite all of it runs in the writer's thread in one hand-over, so `work` may await its connection and nothing
        else (BugError). There, whoever is cancelled or out of time does not stop it once it has begun: it may commit
        all the same. Every write here has a key, and asked for again under that key it finds the first outcome.
        """
        for left in reversed(range(ATTEMPTS)):
            try:
                return await self._once(partial(self._within, work))
            except StorageUnavailable as error:
                if not left or not may_work_again(error.__cause__):
                    raise
                await asyncio.sleep(random.uniform(0.005, 0.05))
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _once(self, whole: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        if self._thread is None:
            return await whole()
        with _named():
            return await self._thread.run(whole, QUEUE_S)

    async def _within(self, work: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
        async with self.transaction() as connection:
            return await work(connection)
