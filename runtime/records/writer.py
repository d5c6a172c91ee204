"""SQLite's one writer: a thread of its own that runs a whole transaction in one hand-over.

Statement by statement through a thread, each answer waits for a round of the event loop while the write lock is held:
of fifty bookings beside rounds of 20 ms, nine were done in ten seconds. Here the loop waits for the end alone.
It knows no table and names no trouble.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.errors import BugError, StorageUnavailable

Result = TypeVar("Result")


class Writer:
    """Runs one piece of work after the other, in the order in which they come."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._ident = 0
        self._closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="records-writer", initializer=self._begin)

    def _begin(self) -> None:
        self._ident = threading.get_ident()

    @property
    def here(self) -> bool:
        """Whether whoever asks runs in this thread."""
        return threading.get_ident() == self._ident

    async def run(self, work: Callable[[], Coroutine[Any, Any, Result]], queue_s: float) -> Result:
        """Run `work` in the thread, unless its turn comes later than `queue_s` (TimeoutError).

        Whoever is cancelled meanwhile gives up waiting, no more: work not yet begun never begins, work begun goes on to
        its end and may commit. So it must be work that can be asked for again under its key.
        """
        if self._closed:
            raise StorageUnavailable("The database is closed already; this process is about to end.")
        by = time.monotonic() + queue_s

        def in_turn() -> Result:
            if time.monotonic() > by:
                raise TimeoutError(f"no turn to write within {queue_s:g} s")
            return _driven(work())

        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._thread, context.run, in_turn)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Everything in it or nothing; for work that runs in this thread."""
        with self._engine.begin() as connection:
            # All that a work may use of an AsyncConnection; what is missing fails in the first test of that work.
            yield cast(AsyncConnection, InThread(connection))

    async def close(self) -> None:
        """Take no more, and wait for what was begun."""
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
            self._thread.shutdown()


class InThread:
    """A connection with the verbs of AsyncConnection, none of which ever suspends."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> Dialect:
        """Whose SQL it speaks."""
        return self._connection.dialect

    async def execute(self, statement: sa.Executable, parameters: Any = None) -> sa.CursorResult[Any]:
        """Run a statement."""
        return self._connection.execute(statement, parameters)

    async def exec_driver_sql(self, statement: str, parameters: Any = None) -> sa.CursorResult[Any]:
        """Run the engine's own words."""
        return self._connection.exec_driver_sql(statement, parameters)

    @contextlib.asynccontextmanager
    async def begin_nested(self) -> AsyncIterator[None]:
        """A savepoint."""
        with self._connection.begin_nested():
            yield


def _driven(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of work that never suspends; it may wait for its connection and for nothing else."""
    try:
        work.send(None)
    except StopIteration as end:
        return cast(Result, end.value)
    work.close()  # leaves its transaction, which rolls back
    raise BugError("work in a transaction waited for something else than its connection; nothing was written")
