"""Servers for fault tests: those given by --redis and --database, else our own; each test gets them empty."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from tests.faults.desks import Place, prepare
from tests.faults.servers import (
    PrivateRedis,
    folder,
    postgresql_binaries,
    private_postgresql,
    private_redis,
    redis_command,
)


@pytest.fixture(scope="session")
def own_redis() -> Iterator[PrivateRedis]:
    """A Redis that a test may fill or kill."""
    with private_redis() as server:
        yield server


@pytest.fixture(scope="session")
def sql_server(outside_database: str) -> Iterator[str]:
    """A PostgreSQL, or nothing where there is none: SQLite then."""
    with contextlib.ExitStack() as stack:
        if outside_database or postgresql_binaries() is None:
            yield outside_database
        else:
            yield stack.enter_context(private_postgresql())


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for workers."""
    with folder() as path:
        yield path


@pytest.fixture
def redis_url(outside_redis: str, request: pytest.FixtureRequest) -> str:
    """An empty Redis."""
    url: str = outside_redis or request.getfixturevalue("own_redis").url
    redis_command(url, "FLUSHDB")
    return url


@pytest.fixture
def database_url(sql_server: str, home: Path) -> Iterator[str]:
    """An empty database."""
    if not sql_server:
        yield f"sqlite+aiosqlite:///{home / 'frontdesk.db'}"
        return
    name = f"faults_{secrets.token_hex(6)}"
    asyncio.run(_execute(sql_server, f'CREATE DATABASE "{name}"'))
    yield make_url(sql_server).set(database=name).render_as_string(hide_password=False)
    asyncio.run(_execute(sql_server, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def place(redis_url: str, database_url: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Servers with the tenants published."""
    return await prepare(Place(redis_url, database_url, home), monkeypatch)
