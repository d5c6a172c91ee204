"""What refuses to start, and says what to do."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from runtime.errors import ConfigurationError, StorageUnavailable
from runtime.sessions.clients import read_address
from runtime.sessions.keys import COUNT_KEY
from runtime.sessions.server import ask
from runtime.sessions.store import Sessions
from runtime.settings import Settings
from tests.sessions.desk import IDLE, KEY, Opener, bot, finish, own_server, said, taken
from tests.support.redis_cluster import command_on


async def test_another_partition_count_refuses_to_start(opener: Opener) -> None:
    await opener()
    command_on(opener.url, "SET", COUNT_KEY, 8)
    with pytest.raises(ConfigurationError, match="8 partitions, this version uses 16"):
        await opener()


async def test_an_evicting_redis_refuses_to_start(tmp_path: Path) -> None:
    with own_server(tmp_path) as server:
        ask(server.socket, "CONFIG SET maxmemory-policy allkeys-lru")
        with pytest.raises(ConfigurationError, match="CONFIG SET maxmemory-policy noeviction"):
            await Opener(server.url, tmp_path)()


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1", "unix:///nowhere/redis.sock"])
async def test_no_redis_is_unavailable(url: str, tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        await Opener(url, tmp_path)()


async def test_an_address_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="REDIS_URL"):
        await Opener("http://example.org", tmp_path)()


def test_the_parts_of_an_address() -> None:
    address = read_address("rediss://frontdesk:secret@redis.example.org:6380/3")
    assert (address.host, address.port, address.db) == ("redis.example.org", 6380, 3)
    assert (address.username, address.password) == ("frontdesk", "secret")
    assert address.tls is not None
    assert "secret" not in repr(address)
    assert read_address("unix:///run/redis.sock?db=2").path == "/run/redis.sock"


async def test_without_an_address_the_embedded_server_is_started_shared_and_stopped(tmp_path: Path) -> None:
    sessions = await Sessions.open(Settings(data=tmp_path))
    other = await Sessions.open(Settings(data=tmp_path))
    await other.append(KEY, said(b"kept"))
    await other.close()
    assert await sessions.ready_depth() == 1
    await sessions.close()
    again = await Sessions.open(Settings(data=tmp_path))
    assert await again.ready_depth() == 1
    await again.close()


async def test_a_process_that_does_not_work_is_given_nothing(opener: Opener) -> None:
    asking = await opener(works=False)
    worker = await opener(IDLE)
    await asking.append(KEY, said())
    turn = await taken(worker)
    await finish(worker, turn, bot(b"nobody delivers this"))
    await asyncio.sleep(1)  # longer than the claim of the outbox
    assert asking._sweep.due.empty()
    assert (await asyncio.wait_for((await opener()).next_due_outbox(), 3)).key == KEY


async def test_a_server_with_a_password_and_a_database(tmp_path: Path) -> None:
    with own_server(tmp_path) as server:
        ask(server.socket, "CONFIG SET requirepass geheim")
        with pytest.raises(StorageUnavailable, match="NOAUTH"):
            await Opener(server.url, tmp_path)()
        async with Opener(f"unix://:geheim@{server.socket}?db=5", tmp_path) as opener:
            sessions = await opener()
            await sessions.append(KEY, said())
            assert (await taken(sessions)).words == 1
