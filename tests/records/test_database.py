"""Opening, migrating, losing and regaining the database."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from runtime.errors import ConfigurationError, StorageUnavailable
from runtime.records import database as database_module
from runtime.records.addresses import read_address
from runtime.records.appointments import Appointments
from runtime.records.database import Database
from runtime.records.migrate import FOLDER
from runtime.records.migrations import HEAD
from runtime.records.near import Near
from runtime.records.tables import appointment_slices, appointments, ledger, metadata, publications
from tests.records.samples import NOON, appointment, needed, occupied, rows_of

ROOT = Path(__file__).resolve().parents[2]
OPEN_AND_CLOSE = """
import asyncio, sys
from runtime.records.database import Database
async def main():
    database = await Database.open(sys.argv[1])
    await database.close()
asyncio.run(main())
"""
STOP_BEFORE_THE_OUTCOME = """
import asyncio, sys, time
from runtime.records import appointments
from runtime.records.database import Database
from tests.records.samples import appointment
async def stop(*_):
    print("in the middle", flush=True)
    time.sleep(60)
async def main():
    appointments.settle = stop
    database = await Database.open(sys.argv[1])
    await appointments.Appointments(database).book("k", "f", appointment())
asyncio.run(main())
"""


def started(program: str, url: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", program, url], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))


class TestMigrations:
    async def test_from_empty_they_build_what_the_tables_say(self, empty_url: str) -> None:
        database = await Database.open(empty_url)
        async with database.reading() as connection:
            assert await connection.run_sync(differences) == []
        await database.close()

    def test_head_is_the_newest_file(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        scripts = ScriptDirectory.from_config(config)
        assert scripts.get_heads() == [HEAD]
        numbers = [script.revision for script in scripts.walk_revisions()]
        assert numbers == sorted(numbers, reverse=True)

    async def test_in_one_process_four_times_at_once(self, empty_url: str) -> None:
        opened = await asyncio.gather(*(Database.open(empty_url) for _ in range(4)))
        for database in opened:
            assert len(await rows_of(database, ledger)) == 0
            await database.close()

    def test_in_three_processes_at_once(self, empty_url: str) -> None:
        processes = [started(OPEN_AND_CLOSE, empty_url) for _ in range(3)]
        for process in processes:
            process.communicate(timeout=60)
        assert [process.returncode for process in processes] == [0, 0, 0]

    async def test_a_first_start_waits_for_another_that_takes_long(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(database_module, "BUSY_MS", 20)
        holder = _holding(tmp_path)
        opening = asyncio.create_task(Database.open(f"sqlite:///{tmp_path / 'records.db'}"))
        await asyncio.sleep(0.2)  # longer than one attempt waits
        assert not opening.done()
        holder.close()
        await (await opening).close()

    async def test_a_newer_schema_is_left_to_the_newer_release(self, url: str) -> None:
        database = await Database.open(url)
        async with database.transaction() as connection:
            await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        await database.close()
        database = await Database.open(url)
        assert (await Appointments(database).book("k", "f", appointment())).name == "done"
        await database.close()


class TestTransactions:
    async def test_an_error_leaves_nothing(self, database: Database) -> None:
        async def fail() -> None:
            async with database.transaction() as connection:
                await connection.execute(sa.insert(appointment_slices), _slice("a1"))
                raise LookupError

        with pytest.raises(LookupError):
            await fail()
        assert await occupied(database) == set()

    async def test_being_cancelled_leaves_nothing_and_blocks_nobody(self, database: Database) -> None:
        inside = asyncio.Event()

        async def hang() -> None:
            async with database.transaction() as connection:
                await connection.execute(sa.insert(appointment_slices), _slice("a1"))
                inside.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(hang())
        await inside.wait()
        task.cancel()
        await asyncio.wait([task])
        assert await occupied(database) == set()
        assert (await Appointments(database).book("k", "f", appointment())).name == "done"

    async def test_being_cancelled_while_waiting_for_another_writer(self, database: Database, other: Database) -> None:
        async with other.transaction() as connection:
            await connection.execute(sa.insert(appointment_slices), _slice("stranger"))
            booking = asyncio.create_task(Appointments(database).book("k", "f", appointment()))
            await asyncio.sleep(0.1)  # for it to reach the lock
            assert not booking.done()
            booking.cancel()
            await asyncio.wait([booking])
            await connection.execute(sa.delete(appointment_slices))
        # On SQLite the booking goes on without its caller, so either may come first; and it stays like that.
        names = [(await Appointments(other).book("k2", "f", appointment(2))).name]
        names.append((await Appointments(database).book("k", "f", appointment())).name)
        assert sorted(names) == ["done", "taken"]
        assert await occupied(database) == needed(appointment(2 if names[0] == "done" else 0))
        found = await Appointments(other).lookup("salon", "k")
        assert found is not None
        assert found.name == names[1]

    async def test_a_reader_does_not_wait_for_a_writer(self, database: Database, other: Database) -> None:
        async with database.transaction() as connection:
            await connection.execute(sa.insert(appointment_slices), _slice("a1"))
            assert await occupied(other) == set()
        assert len(await occupied(other)) == 1


def _slice(owner: str) -> dict[str, object]:
    first = int(NOON.timestamp()) // 300
    return {"tenant": "salon", "resource": "staff:lena", "slice": first, "appointment": owner}


async def no_trace(url: str) -> None:
    """Nothing of the booking stands anywhere, and the same key does it now."""
    database = await Database.open(url)
    for table in (appointments, appointment_slices, ledger):
        assert await rows_of(database, table) == []
    assert await Appointments(database).lookup("salon", "k") is None
    assert (await Appointments(database).book("k", "f", appointment())).name == "done"
    assert await occupied(database) == needed(appointment())
    await database.close()


class TestTrouble:
    async def test_killed_in_the_middle(self, url: str) -> None:
        process = started(STOP_BEFORE_THE_OUTCOME, url)
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        await no_trace(url)


class TestTroubleWithSqlite:
    async def test_a_file_locked_for_too_long(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(database_module, "BUSY_MS", 40)
        database = await Database.open(f"sqlite:///{tmp_path / 'records.db'}")
        holder = _holding(tmp_path)
        with pytest.raises(StorageUnavailable, match="locked"):
            await Appointments(database).book("k", "f", appointment())
        holder.close()
        assert (await Appointments(database).book("k", "f", appointment())).name == "done"
        await database.close()

    async def test_a_file_locked_for_a_moment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(database_module, "BUSY_MS", 300)
        database = await Database.open(f"sqlite:///{tmp_path / 'records.db'}")
        holder = _holding(tmp_path)
        booking = asyncio.create_task(Appointments(database).book("k", "f", appointment()))
        await asyncio.sleep(0.4)  # longer than one attempt waits
        holder.close()
        assert (await booking).name == "done"
        await database.close()

    async def test_a_reader_cannot_write(self, tmp_path: Path) -> None:
        database = await Database.open(f"sqlite:///{tmp_path / 'records.db'}")
        async with database.reading() as connection:
            with pytest.raises(OperationalError, match="readonly"):
                await connection.execute(sa.insert(appointment_slices), _slice("a1"))
        await database.close()

    async def test_a_look_sees_what_anybody_has_written_and_cannot_write(self, tmp_path: Path) -> None:
        database = await Database.open(f"sqlite:///{tmp_path / 'records.db'}")
        everything = sa.select(appointment_slices.c.appointment)
        assert await database.look(everything, {}) == []
        with sqlite3.connect(tmp_path / "records.db") as other:
            other.execute("INSERT INTO appointment_slices VALUES ('salon', 'desk', 1, 'a1')")
            assert await database.look(everything, {}) == []
        other.close()
        assert [tuple(row) for row in await database.look(everything, {})] == [("a1",)]
        near = database._near
        assert near is not None and near._connection is not None
        with pytest.raises(OperationalError, match="readonly"):
            near._connection.execute(sa.insert(appointment_slices), _slice("a2"))
        await database.close()

    async def test_a_look_at_a_locked_file_takes_the_long_way(self, tmp_path: Path) -> None:
        database = await Database.open(f"sqlite:///{tmp_path / 'records.db'}")
        with contextlib.closing(sqlite3.connect(tmp_path / "locked.db", isolation_level=None)) as holder:
            holder.execute("CREATE TABLE publications (number)")
            holder.execute("INSERT INTO publications VALUES (7)")
            holder.execute("BEGIN EXCLUSIVE")
            database._near = Near(tmp_path / "locked.db")
            statement = sa.select(sa.func.count()).select_from(publications)
            assert database._near.look(statement, {}) is None
            assert [tuple(row) for row in await database.look(statement, {})] == [(0,)]
            holder.execute("COMMIT")
            assert [tuple(row) for row in await database.look(statement, {})] == [(1,)]
        await database.close()

    async def test_the_file_is_its_owners_alone(self, tmp_path: Path) -> None:
        database = await Database.open(f"sqlite:///{tmp_path / 'new' / 'records.db'}")
        modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "new").iterdir()}
        assert set(modes.values()) == {0o600}
        await database.close()

    async def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "records.db").write_bytes(b"something else entirely " * 100)
        with pytest.raises(StorageUnavailable):
            await Database.open(f"sqlite:///{tmp_path / 'records.db'}")


def _holding(folder: Path) -> sqlite3.Connection:
    holder = sqlite3.connect(folder / "records.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    return holder


class TestTroubleWithPostgresql:
    async def test_a_server_that_is_not_there(self) -> None:
        with pytest.raises(StorageUnavailable):
            await Database.open("postgresql://nobody@127.0.0.1:1/nothing")

    @pytest.mark.outside("database")
    async def test_a_connection_cut_in_the_middle(self, url: str) -> None:
        if not url.startswith("postgresql"):
            return
        database = await Database.open(url)
        admin = await asyncpg.connect(url.replace("+asyncpg", ""))
        async with admin.transaction():
            values = _slice("stranger")
            await admin.execute("INSERT INTO appointment_slices VALUES ($1, $2, $3, $4)", *values.values())
            booking = asyncio.create_task(Appointments(database).book("k", "f", appointment()))
            await _cut_the_waiting(admin)
            with pytest.raises(StorageUnavailable):
                await booking
            await admin.execute("DELETE FROM appointment_slices")
        await admin.close()
        await database.close()
        await no_trace(url)

    @pytest.mark.outside("database")
    async def test_idle_connections_cut_are_replaced_unnoticed(self, url: str) -> None:
        if not url.startswith("postgresql"):
            return
        database = await Database.open(url)
        await Appointments(database).all()
        admin = await asyncpg.connect(url.replace("+asyncpg", ""))
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        await admin.execute(f"{others} AND pid <> pg_backend_pid()")
        await admin.close()
        assert await Appointments(database).all() == ()
        await database.close()


async def _cut_the_waiting(admin: asyncpg.Connection) -> None:
    """Terminate whoever waits for a lock in this database, once somebody does."""
    waiting = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    end = time.monotonic() + 10
    while not await admin.fetchval(f"SELECT count(*) {waiting}"):
        assert time.monotonic() < end
        await asyncio.sleep(0.01)
    await admin.execute(f"SELECT pg_terminate_backend(pid) {waiting}")


class TestAddresses:
    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
    def test_postgresql_under_all_its_names(self, scheme: str) -> None:
        address = read_address(f"{scheme}://user:secret@host/name?sslmode=require&channel_binding=prefer")
        assert address.url.render_as_string(hide_password=False) == "postgresql+asyncpg://user:secret@host/name"
        assert address.arguments == {"ssl": "require"}
        assert "secret" not in repr(address)

    @pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
    def test_sqlite_under_both_its_names(self, scheme: str) -> None:
        assert read_address(f"{scheme}:////var/lib/records.db").file == "/var/lib/records.db"

    @pytest.mark.parametrize(
        "text", ["", "nonsense", "mysql://user:secret@host/name", "sqlite://", "sqlite:///:memory:"]
    )
    def test_what_we_cannot_use_is_refused_without_its_password(self, text: str) -> None:
        with pytest.raises(ConfigurationError) as error:
            read_address(text)
        assert "secret" not in str(error.value)
