"""SQLite's writer: whole transactions in one thread, whatever becomes of those who wait for them."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.errors import BugError, StorageUnavailable
from runtime.records import appointments as appointments_module
from runtime.records import database as database_module
from runtime.records.appointments import Appointments
from runtime.records.database import Database
from runtime.records.ledger import settle
from runtime.records.tables import appointments, ledger, publications
from tests.records.samples import appointment, needed, occupied, rows_of

NUMBER = contextvars.ContextVar("number", default=0)


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Database]:
    """An SQLite file, open."""
    opened = await Database.open(f"sqlite:///{tmp_path / 'records.db'}")
    yield opened
    await opened.close()


class Gate:
    """Holds whoever passes it in the writer's thread."""

    def __init__(self) -> None:
        self._inside, self._open = threading.Event(), threading.Event()

    def passed(self) -> None:
        self._inside.set()
        assert self._open.wait(20)

    async def reached(self) -> None:
        assert await asyncio.to_thread(self._inside.wait, 20)

    def open(self) -> None:
        self._open.set()

    async def work(self, _: AsyncConnection) -> None:
        self.passed()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """In front of the first outcome that is put down."""
    here = Gate()

    async def held(*args: Any) -> None:
        here.passed()
        await settle(*args)

    monkeypatch.setattr(appointments_module, "settle", held)
    return here


async def _count_up(connection: AsyncConnection) -> None:
    await connection.execute(sa.insert(publications), {"id": 1, "number": NUMBER.get()})


async def _gone(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


class TestGivingUp:
    async def test_the_same_key_again_finds_what_went_on_without_its_caller(self, file: Database, gate: Gate) -> None:
        first = asyncio.create_task(Appointments(file).book("k", "f", appointment()))
        await gate.reached()
        await _gone(first)
        again = asyncio.create_task(Appointments(file).book("k", "f", appointment(7)))
        gate.open()
        written = await again
        assert (written.name, written.appointment) == ("done", appointment())
        assert written == await Appointments(file).lookup("salon", "k")
        assert [len(await rows_of(file, table)) for table in (appointments, ledger)] == [1, 1]
        assert await occupied(file) == needed(appointment())

    async def test_out_of_time_is_no_different(self, file: Database, gate: Gate) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await Appointments(file).book("k", "f", appointment())
        gate.open()
        assert (await Appointments(file).book("k", "f", appointment())).name == "done"
        assert len(await rows_of(file, appointments)) == 1

    async def test_work_not_yet_begun_never_begins(self, file: Database, gate: Gate) -> None:
        first = asyncio.create_task(Appointments(file).book("k", "f", appointment()))
        await gate.reached()
        second = asyncio.create_task(Appointments(file).book("k2", "f", appointment()))
        await asyncio.sleep(0)
        await _gone(second)
        gate.open()
        assert (await first).name == "done"
        await file.attempt(_count_up)
        assert await Appointments(file).lookup("salon", "k2") is None

    async def test_the_queue_is_bounded(self, file: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        gate = Gate()
        first = asyncio.create_task(file.attempt(gate.work))
        await gate.reached()
        monkeypatch.setattr(database_module, "QUEUE_S", 0.0)
        second = asyncio.create_task(Appointments(file).book("k", "f", appointment()))
        await asyncio.sleep(0)
        gate.open()
        with pytest.raises(StorageUnavailable, match="no turn"):
            await second
        await first
        monkeypatch.undo()
        assert (await Appointments(file).book("k", "f", appointment())).name == "done"


class TestWork:
    async def test_an_error_leaves_nothing(self, file: Database) -> None:
        async def fail(connection: AsyncConnection) -> None:
            await _count_up(connection)
            raise LookupError

        with pytest.raises(LookupError):
            await file.attempt(fail)
        assert await rows_of(file, publications) == []

    async def test_waiting_for_anything_else_is_a_bug_and_leaves_nothing(self, file: Database) -> None:
        async def wait(connection: AsyncConnection) -> None:
            await _count_up(connection)
            await asyncio.sleep(0)

        with pytest.raises(BugError, match="waited"):
            await file.attempt(wait)
        assert await rows_of(file, publications) == []
        await file.attempt(_count_up)

    async def test_it_sees_its_callers_context(self, file: Database) -> None:
        NUMBER.set(42)
        await file.attempt(_count_up)
        assert await rows_of(file, publications) == [{"id": 1, "number": 42}]


class TestClosing:
    async def test_it_waits_for_what_was_begun(self, tmp_path: Path, gate: Gate) -> None:
        url = f"sqlite:///{tmp_path / 'records.db'}"
        database = await Database.open(url)
        booking = asyncio.create_task(Appointments(database).book("k", "f", appointment()))
        await gate.reached()
        await _gone(booking)
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0.05)  # it had the time to close, and must not
        assert not closing.done()
        gate.open()
        await closing
        database = await Database.open(url)
        assert await occupied(database) == needed(appointment())
        await database.close()

    async def test_a_closed_one_takes_no_more(self, file: Database) -> None:
        await file.close()
        with pytest.raises(StorageUnavailable, match="closed"):
            await file.attempt(_count_up)
