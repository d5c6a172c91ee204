"""Every test of this folder runs on the embedded Valkey, on a cluster of three masters of our own, and on an outside
Redis too when `--redis URL` names one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from runtime.sessions.server import EmbeddedServer, start_server
from tests.sessions.desk import Opener
from tests.support.redis_cluster import RedisCluster, every_node, redis_cluster


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """One embedded server for the whole run."""
    server = start_server(tmp_path_factory.mktemp("valkey"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def three_masters() -> Iterator[RedisCluster]:
    """One cluster for the whole run."""
    with redis_cluster(3) as cluster:
        yield cluster


SERVERS = (
    "embedded",
    pytest.param("cluster", marks=pytest.mark.slow),
    pytest.param("outside", marks=pytest.mark.outside("redis")),
)


@pytest.fixture(params=SERVERS)
def redis_url(request: pytest.FixtureRequest, embedded: EmbeddedServer, outside_redis: str) -> str:
    """A server without any of our keys."""
    if request.param == "cluster":
        cluster: RedisCluster = request.getfixturevalue("three_masters")
        cluster.clear()
        return cluster.url
    url = embedded.url if request.param == "embedded" else outside_redis
    with every_node(url) as nodes:
        for node in nodes:
            for key in node.scan_iter("fd:*", count=1000):
                node.delete(key)
    return url


@pytest.fixture
async def opener(redis_url: str, tmp_path: Path) -> AsyncIterator[Opener]:
    """Opens processes' stores on this server and closes them in the end."""
    opener = Opener(redis_url, tmp_path)
    yield opener
    await opener.close()
