"""Reads a database address the way operators write them: `postgres://`, `postgresql://`, `sqlite:///path`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from runtime.errors import ConfigurationError

DRIVERS = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}
WRITE_INSTEAD = "write sqlite:///path/to/file.db or postgresql://user:password@host/database"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the records live. `file` is set for SQLite only."""

    url: URL = dataclasses.field(repr=False)
    file: str = ""
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def read_address(text: str) -> Address:
    """The address; raises ConfigurationError for one that we cannot use, and never repeats its password."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ConfigurationError(f"DATABASE_URL cannot be read: {WRITE_INSTEAD}.") from error
    driver = DRIVERS.get(url.drivername)
    if driver is None:
        raise ConfigurationError(f"DATABASE_URL names the engine {url.drivername!r}: {WRITE_INSTEAD}.")
    url = url.set(drivername=driver)
    return _sqlite(url) if driver.startswith("sqlite") else _postgresql(url)


def _sqlite(url: URL) -> Address:
    if url.database in (None, "", ":memory:"):
        raise ConfigurationError(f"DATABASE_URL names no file; records in memory would be lost: {WRITE_INSTEAD}.")
    return Address(url, file=str(url.database))


def _postgresql(url: URL) -> Address:
    """asyncpg calls libpq's `sslmode` differently and does not know `channel_binding`; hosted addresses carry both."""
    arguments: dict[str, Any] = {}
    if sslmode := url.query.get("sslmode"):
        arguments["ssl"] = sslmode
    return Address(url.difference_update_query(["sslmode", "channel_binding"]), arguments=arguments)
