"""Brings a database to the newest schema, one process at a time.

Release n+1 only adds what release n can ignore (expand); what nobody reads any more goes one release later (contract).
So a process may meet a schema newer than its own during a rolling update: it goes on.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from runtime.records.migrations import HEAD

log = logging.getLogger(__name__)
Result = TypeVar("Result")

FOLDER = Path(__file__).resolve().parent / "migrations"
LOCK = 0x46_44_52_45_43  # any number of our own; advisory locks are per database
WAIT_S = 60
"""How long a process waits for another one that migrates."""


async def migrate(engine: AsyncEngine) -> None:
    """Run what is missing, under one lock: BEGIN EXCLUSIVE on SQLite, an advisory lock on PostgreSQL."""
    if engine.dialect.name == "sqlite":
        await _patiently(partial(_use_wal, engine))
    if await _patiently(partial(_present, engine)) < HEAD:
        await _patiently(partial(_migrate, engine))


async def _present(engine: AsyncEngine) -> str:
    async with engine.connect() as connection:
        return await connection.run_sync(present_version)


async def _migrate(engine: AsyncEngine) -> None:
    # Before the lock: others that start now would wait for the import, and SQLite's writers do not wait long.
    await asyncio.to_thread(importlib.import_module, "alembic.command")
    async with engine.execution_options(sqlite_begin="EXCLUSIVE").begin() as connection:
        await _lock(connection)
        await connection.run_sync(_upgrade)


async def _use_wal(engine: AsyncEngine) -> None:
    """The mode stays in the file."""
    async with engine.execution_options(sqlite_begin="").connect() as connection:
        await connection.exec_driver_sql("PRAGMA journal_mode=WAL")


async def _patiently(work: Callable[[], Awaitable[Result]]) -> Result:
    """Wait for others that start at the same time. SQLite gives up early, and on a change of mode at once."""
    end = time.monotonic() + WAIT_S
    while True:
        try:
            return await work()
        except OperationalError as error:
            if "locked" not in str(error.orig) or time.monotonic() > end:
                raise
        await asyncio.sleep(0.02)


async def _lock(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_S}s'")
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def present_version(connection: Connection) -> str:
    """The schema's number, empty for an empty database. Asked first: Alembic is imported only when it has work."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.exec_driver_sql("SELECT max(version_num) FROM alembic_version").scalar() or "")


def _upgrade(connection: Connection) -> None:
    before = present_version(connection)
    if before >= HEAD:
        return
    from alembic import command  # 60 ms, and only the first start after an update needs it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    log.info("database schema brought from %s to %s", before or "empty", HEAD)
