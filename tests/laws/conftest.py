"""One Redis for all laws, an empty place and a desk for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from runtime.app import FrontDesk
from tests.faults.desks import Place, prepare
from tests.faults.servers import PrivateRedis, private_redis


@pytest.fixture(scope="module")
def redis_server() -> Iterator[PrivateRedis]:
    """One Redis for all laws."""
    with private_redis() as server:
        yield server


@pytest.fixture
async def place(redis_server: PrivateRedis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty Redis and an empty SQLite."""
    redis_server.ask("FLUSHDB")
    sql = f"sqlite+aiosqlite:///{tmp_path / 'frontdesk.db'}"
    return await prepare(Place(redis_server.url, sql, tmp_path), monkeypatch)


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[FrontDesk]:
    """One desk at work."""
    async with place.desk() as opened:
        yield opened
