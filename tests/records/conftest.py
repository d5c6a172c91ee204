"""A fresh, migrated database for each test: SQLite always, PostgreSQL as well with `--database URL`."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Protocol

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from runtime.records.database import Database

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.outside("database"))]


class Places(Protocol):
    """Where databases can be had."""

    def new(self, *, empty: bool = False) -> str:
        """The URL of a database of its own, migrated or empty."""


class SqlitePlaces:
    """Files in a folder; the migrated one is made once and copied."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = folder / "made.db"

    def new(self, *, empty: bool = False) -> str:
        file = self._folder / f"{secrets.token_hex(6)}.db"
        if not empty:
            if not self._made.exists():
                asyncio.run(_migrate(f"sqlite:///{self._made}"))
            shutil.copy(self._made, file)
        return f"sqlite:///{file}"


class PostgresqlPlaces:
    """Databases of this run alone on the given server; all are dropped at the end."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._prefix = f"frontdesk_test_{secrets.token_hex(4)}"
        self._made = ""
        self._names: list[str] = []

    def new(self, *, empty: bool = False) -> str:
        if not empty and not self._made:
            self._made = self._create("template0")
            asyncio.run(_migrate(self._address(self._made)))
        return self._address(self._create("template0" if empty else self._made))

    def drop(self) -> None:
        for name in self._names:
            asyncio.run(self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

    def _create(self, template: str) -> str:
        name = f"{self._prefix}_{len(self._names)}"
        asyncio.run(self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
        self._names.append(name)
        return name

    def _address(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    async def _run(self, statement: str) -> None:
        plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(plain)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


async def _migrate(url: str) -> None:
    await (await Database.open(url)).close()


@pytest.fixture(scope="session", params=ENGINES)
def places(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """Databases of one engine; every test that uses one runs once for each engine."""
    if request.param == "sqlite":
        yield SqlitePlaces(tmp_path_factory.mktemp("sqlite"))
        return
    here = PostgresqlPlaces(str(request.config.getoption("--database", default="")))
    yield here
    here.drop()


@pytest.fixture
def url(places: Places) -> str:
    """A migrated database of this test alone."""
    return places.new()


@pytest.fixture
def empty_url(places: Places) -> str:
    """An empty database of this test alone."""
    return places.new(empty=True)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """Open."""
    opened = await Database.open(url)
    yield opened
    await opened.close()


@pytest.fixture
async def other(url: str, database: Database) -> AsyncIterator[Database]:
    """The same database, as another worker has it open."""
    opened = await Database.open(url)
    yield opened
    await opened.close()
