"""A server for the folder, emptied before each test; providers of all three kinds; no long waits between tries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import runtime.delivery
from runtime.errors import ProviderUnavailable
from runtime.sessions.server import EmbeddedServer, start_server
from tests.delivering.post import Line, Workers
from tests.sessions.desk import Opener
from tests.support.redis_cluster import every_node


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    server = start_server(tmp_path_factory.mktemp("valkey"))
    yield server
    server.stop()


@pytest.fixture
async def workers(server: EmbeddedServer, tmp_path: Path) -> AsyncIterator[Workers]:
    with every_node(server.url) as nodes:
        for node in nodes:
            for key in node.scan_iter("fd:*", count=1000):
                node.delete(key)
    async with Opener(server.url, tmp_path) as opener:
        workers = Workers(opener)
        yield workers
        await workers.close()


@pytest.fixture(params=("whatsapp_cloud", "messenger", "telegram"))
async def line(request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    line = await Line.open(request.param)
    yield line
    await line.stub.stop()


@pytest.fixture
async def whatsapp() -> AsyncIterator[Line]:
    line = await Line.open("whatsapp_cloud")
    yield line
    await line.stub.stop()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[ProviderUnavailable]:
    """Every failure that is tried again, at once instead of later."""
    met: list[ProviderUnavailable] = []

    def at_once(error: ProviderUnavailable, failures: int) -> float:
        met.append(error)
        return 0.01

    monkeypatch.setattr(runtime.delivery, "wait_after", at_once)
    return met
