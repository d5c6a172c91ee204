"""What only an outside Redis has: replicas that must confirm, and a cluster."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import redis

from runtime.errors import StorageUnavailable
from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import Commit, Committed, Taken
from runtime.sessions.store import Sessions
from runtime.settings import Settings
from tests.sessions.desk import BRISK, KEY, bot, finish, said, take, taken
from tests.sessions.server_for_tests import port_server


async def test_strict_durability_wants_a_replica(tmp_path: Path) -> None:
    with port_server(tmp_path / "primary", "--repl-diskless-sync-delay", "0") as primary:
        settings = Settings(data=tmp_path, redis_url=primary.url, durability="strict")
        sessions = await Sessions.open(settings, timing=BRISK)
        with pytest.raises(StorageUnavailable, match="No replica"):
            await sessions.append(KEY, said(id="first"))
        replicates = f"127.0.0.1 {primary.port}"
        with port_server(tmp_path / "replica", "--replicaof", *replicates.split()) as replica:
            async with asyncio.timeout(20):
                await _insist(sessions, "first")
            await finish(sessions, await taken(sessions), bot(b"hi"))
            with redis.Redis(port=replica.port) as client:
                tag = f"fd:{{p{KEY.partition:02d}}}"
                assert client.get(f"{tag}:state:{KEY.name}") == b"state"
            await sessions.close()


async def _insist(sessions: Sessions, event_id: str) -> None:
    """As a provider does: the same event again until it is taken in."""
    while True:
        try:
            assert not await sessions.append(KEY, said(id=event_id))  # it was in, only not confirmed
            return
        except StorageUnavailable:
            await asyncio.sleep(0.05)


async def test_a_replica_takes_nothing_in(tmp_path: Path) -> None:
    with (
        port_server(tmp_path / "primary") as primary,
        port_server(tmp_path / "second") as second,
    ):
        sessions = await Sessions.open(Settings(data=tmp_path, redis_url=second.url), timing=BRISK)
        with redis.Redis(port=second.port) as client:
            client.replicaof("127.0.0.1", str(primary.port))
            with pytest.raises(StorageUnavailable):
                await sessions.append(KEY, said())
            client.replicaof("NO", "ONE")
        await sessions.close()


async def test_a_cluster_of_two(tmp_path: Path) -> None:
    options = ("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf")
    with port_server(tmp_path / "a", *options) as one, port_server(tmp_path / "b", *options) as two:
        await _join(one.port, two.port)
        settings = Settings(data=tmp_path, redis_url=one.url, redis_cluster=True)
        sessions = await Sessions.open(settings, timing=BRISK)
        other = await Sessions.open(settings, timing=BRISK)
        keys = [SessionKey("salon", f"c{number}") for number in range(40)]
        async with sessions.live(keys[0]) as seat:
            await asyncio.gather(*(sessions.append(key, said()) for key in keys))
            done: list[SessionKey] = []
            async with asyncio.timeout(10):
                await asyncio.gather(_turns(sessions, done, 40), _turns(other, done, 40))
            assert await seat.wait(2)
        assert sorted(done, key=str) == sorted(keys, key=str)
        assert len(await _journal(sessions, 40)) == 40
        with redis.Redis(port=one.port) as first, redis.Redis(port=two.port) as second:
            assert first.dbsize() > 0
            assert second.dbsize() > 0
        await sessions.close()
        await other.close()


async def test_a_cluster_moves_a_partition(tmp_path: Path) -> None:
    options = ("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf")
    with port_server(tmp_path / "a", *options) as one, port_server(tmp_path / "b", *options) as two:
        await _join(one.port, two.port)
        settings = Settings(data=tmp_path, redis_url=one.url, redis_cluster=True)
        sessions = await Sessions.open(settings, timing=BRISK)
        right = sessions._routes.ingest.wire(KEY.partition)
        for route in sessions._routes.all():
            elsewhere = next(wire for wire in route._wires if route._addresses[wire] != route.address(KEY.partition))
            route._wires[KEY.partition] = elsewhere
        assert await sessions.append(KEY, said())
        await finish(sessions, await taken(sessions))
        assert sessions._routes.ingest.wire(KEY.partition) is right
        await sessions.close()


async def _turns(sessions: Sessions, done: list[SessionKey], count: int) -> None:
    """Take turns until all are done, by whomever."""
    while len(done) < count:
        try:
            turn = await take(sessions, 0.2)
        except TimeoutError:
            continue
        if isinstance(turn, Taken):
            await _turn(sessions, turn)
            done.append(turn.lease.key)


async def _turn(sessions: Sessions, turn: Taken) -> None:
    done = await sessions.commit(turn.lease, Commit(1, turn.words, b"s", parts=(bot(b"x"),), journal=b"j"))
    assert isinstance(done, Committed)
    assert done.outbox is not None
    await sessions.deliver_local(done.outbox)


async def _journal(sessions: Sessions, count: int) -> list[object]:
    found: list[object] = []
    async with asyncio.timeout(5):
        while len(found) < count:
            batch = await sessions.read_journal(100, 200)
            await sessions.ack_journal(batch)
            found += batch
    return found


async def _join(first: int, second: int) -> None:
    """Two nodes with half the slots each."""
    with redis.Redis(port=first) as one, redis.Redis(port=second) as two:
        one.execute_command("CLUSTER", "ADDSLOTS", *range(8192))
        two.execute_command("CLUSTER", "ADDSLOTS", *range(8192, 16384))
        two.execute_command("CLUSTER", "SET-CONFIG-EPOCH", 2)
        one.execute_command("CLUSTER", "MEET", "127.0.0.1", second)
        async with asyncio.timeout(20):
            while True:
                if all(_agreed(node.execute_command("CLUSTER", "INFO")) for node in (one, two)):
                    return
                await asyncio.sleep(0.1)


def _agreed(info: object) -> bool:
    return "cluster_state:ok" in str(info) or "'cluster_state': 'ok'" in str(info)
