"""A full Redis: refuses what comes new, whole, and finishes everything it has accepted (law 2)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis

from runtime.errors import StorageUnavailable
from runtime.sessions.keys import SessionKey
from runtime.sessions.server import EmbeddedServer
from runtime.sessions.shapes import Commit, Committed, Taken, TimerSet
from runtime.sessions.store import Sessions
from tests.sessions.desk import KEY, Opener, bot, own_server, said, taken


@pytest.fixture
def small(tmp_path: Path) -> Iterator[EmbeddedServer]:
    """A server of its own, whose memory a test can take away."""
    with own_server(tmp_path) as server:
        yield server


@pytest.fixture
async def opener(small: EmbeddedServer, tmp_path: Path) -> AsyncIterator[Opener]:
    """Processes on this server."""
    async with Opener(small.url, tmp_path) as opener:
        yield opener


def fill(server: EmbeddedServer) -> None:
    """No memory any more."""
    with redis.Redis(unix_socket_path=str(server.socket)) as client:
        client.config_set("maxmemory", "1mb")
        with pytest.raises(redis.OutOfMemoryError):
            client.set("x", "x" * 100)


def keys(server: EmbeddedServer) -> set[bytes]:
    """Every key there is."""
    with redis.Redis(unix_socket_path=str(server.socket)) as client:
        return set(client.keys("*"))


async def test_an_append_to_a_full_redis_is_refused_whole(small: EmbeddedServer, opener: Opener) -> None:
    sessions = await opener()
    before = keys(small)
    fill(small)
    event = said(b"too much")
    with pytest.raises(StorageUnavailable):
        await sessions.append(KEY, event)
    assert keys(small) == before
    with redis.Redis(unix_socket_path=str(small.socket)) as client:
        client.config_set("maxmemory", "0")
    assert await sessions.append(KEY, event)


async def test_a_full_redis_still_drains(small: EmbeddedServer, opener: Opener) -> None:
    sessions = await opener()
    names = [SessionKey("salon", f"c{number}") for number in range(10)]
    for key in names:
        await sessions.append(key, said(b"x" * 1000))
    due = TimerSet("remind", 1, int(time.time() * 1000) + 50, b"timer")
    await sessions.append(KEY, said(b"sets a timer"))
    await _first(sessions, due)
    await opener.kill(sessions)
    fill(small)
    successor = await opener()  # a restart works on a full server too
    for _ in range(len(names) + 1):
        await _through(successor, await taken(successor))
    journal = await successor.read_journal(100, 0)
    assert len(journal) >= len(names) + 1
    await successor.ack_journal(journal)
    assert await successor.ready_depth() == 0
    assert len(await successor.read_chat(names[0], 0)) == 1


async def _first(sessions: Sessions, due: TimerSet) -> None:
    """Of all turns only the one that sets the timer is finished before memory runs out."""
    while True:
        turn = await taken(sessions)
        if turn.lease.key == KEY:
            await sessions.commit(turn.lease, Commit(1, None, b"", timers=(due,)))
            return


async def _through(sessions: Sessions, turn: Taken) -> None:
    """A whole turn with an intent, an answer, a poison event parked and delivery."""
    lease = turn.lease
    assert isinstance(await sessions.commit(lease, Commit(0, None, b"intent" * 100, keep=True)), Committed)
    await sessions.park(lease, 1, "poison")
    async with sessions.live(lease.key):
        done = await sessions.commit(lease, Commit(0, None, b"s" * 1000, parts=(bot(b"hi"),), journal=b"j" * 1000))
        assert isinstance(done, Committed)
        if done.outbox is not None:
            await sessions.deliver_local(done.outbox)
