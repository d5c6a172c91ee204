"""A cluster that loses a node: the others go on, what was taken in is there when it is back, a replica takes over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.errors import StorageUnavailable
from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import Commit, Committed, Taken, Timing
from runtime.sessions.store import Sessions
from tests.sessions.desk import BRISK, Opener, bot, said, take, taken
from tests.support.redis_cluster import Node, RedisCluster, redis_cluster

pytestmark = pytest.mark.slow
LIVELY = Timing(
    lease_ms=1500, renew_ms=300, claim_ms=2000, sweep_ms=100, block_ms=500, live_ms=600, journal_claim_ms=300,
    answer_ms=4000,
)  # fmt: skip
"""A lease shorter than the time that a frozen node is waited for."""


@pytest.fixture
def cluster() -> Iterator[RedisCluster]:
    """Three masters that a test may treat badly."""
    with redis_cluster(3) as cluster:
        yield cluster


@pytest.fixture
def with_replicas() -> Iterator[RedisCluster]:
    """Three masters with a replica each."""
    with redis_cluster(3, 3) as cluster:
        yield cluster


def keys_by_node(sessions: Sessions, count: int) -> dict[int, list[SessionKey]]:
    """`count` conversations on each node, by the node's port."""
    found: dict[int, list[SessionKey]] = {}
    for number in range(1000):
        key = SessionKey("salon", f"c{number}")
        port = sessions._routes.work.address(key.partition).port
        if len(found.setdefault(port, [])) < count:
            found[port].append(key)
    return found


def other_nodes(cluster: RedisCluster, keys: dict[int, list[SessionKey]], away: Node) -> list[SessionKey]:
    return [key for node in cluster.masters if node is not away for key in keys[node.port]]


async def play(sessions: Sessions, done: dict[SessionKey, list[bytes]], count: int, within_s: float) -> None:
    """Take turns until `count` events were committed."""
    async with asyncio.timeout(within_s):
        while sum(map(len, done.values())) < count:
            try:
                turn = await take(sessions, 1)
                if isinstance(turn, Taken):
                    await commit(sessions, turn)
                    done.setdefault(turn.lease.key, []).extend(turn.events)
            except (StorageUnavailable, TimeoutError):
                continue


async def commit(sessions: Sessions, turn: Taken) -> None:
    result = await sessions.commit(turn.lease, Commit(len(turn.events), None, b"s", parts=(bot(b"x"),), journal=b"j"))
    assert isinstance(result, Committed)
    if result.outbox is not None:
        await sessions.deliver_local(result.outbox)


async def insist(sessions: Sessions, key: SessionKey, event_id: str, within_s: float = 20) -> None:
    """As a provider does: again until it is taken in."""
    event = said(event_id.encode(), id=event_id)
    async with asyncio.timeout(within_s):
        while True:
            try:
                await sessions.append(key, event)
                return
            except StorageUnavailable:
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("how", ["killed", "frozen"])
async def test_the_others_go_on_and_the_rest_waits_until_it_is_back(
    cluster: RedisCluster, tmp_path: Path, how: str
) -> None:
    async with Opener(cluster.url, tmp_path) as opener:
        sessions, other = await opener(LIVELY), await opener(LIVELY)
        keys = keys_by_node(sessions, 5)
        away, done = cluster.masters[1], dict[SessionKey, list[bytes]]()
        for key in keys[away.port]:
            await insist(sessions, key, f"before-{key}")
        away.kill() if how == "killed" else away.freeze()
        began, well = time.monotonic(), other_nodes(cluster, keys, away)
        for key in well:
            await insist(sessions, key, f"meanwhile-{key}", 3)
        await asyncio.gather(*(play(one, done, len(well), 6) for one in (sessions, other)))
        assert sorted(done, key=str) == sorted(well, key=str)
        took_s = time.monotonic() - began
        first = keys[away.port][0]
        with pytest.raises(StorageUnavailable):  # a frozen node may do it later: the provider's next try finds it there
            await sessions.append(first, said(f"after-{first}".encode(), id=f"after-{first}"))
        away.start() if how == "killed" else away.thaw()
        await asyncio.to_thread(cluster.whole)
        for key in keys[away.port]:
            await insist(other, key, f"after-{key}")
        everything = len(well) + 2 * len(keys[away.port])
        await asyncio.gather(*(play(one, done, everything, 20) for one in (sessions, other)))
        for key in keys[away.port]:
            assert done[key] == [f"before-{key}".encode(), f"after-{key}".encode()]
        assert took_s < 8


async def test_a_frozen_node_costs_nobody_elses_lease(cluster: RedisCluster, tmp_path: Path) -> None:
    async with Opener(cluster.url, tmp_path) as opener:
        sessions = await opener(LIVELY)
        keys = keys_by_node(sessions, 1)
        away = cluster.masters[2]
        held = []
        for port in keys:
            await insist(sessions, keys[port][0], f"held-{port}")
            held.append(await taken(sessions))
        away.freeze()
        await asyncio.sleep(2 * LIVELY.lease_ms / 1000)
        for turn in held:
            if turn.lease.key != keys[away.port][0]:
                assert not turn.lease.lost
                await commit(sessions, turn)
        away.thaw()


async def test_a_replica_takes_over_and_nothing_acknowledged_is_lost(
    with_replicas: RedisCluster, tmp_path: Path
) -> None:
    cluster = with_replicas
    async with Opener(cluster.url, tmp_path, durability="strict") as opener:
        sessions = await opener(BRISK)
        keys = keys_by_node(sessions, 5)
        away, done = cluster.masters[0], dict[SessionKey, list[bytes]]()
        for key in keys[away.port]:
            await insist(sessions, key, f"before-{key}")
        away.kill()
        replica = cluster.replicas[0]
        async with asyncio.timeout(20):
            while replica.replication["role"] != "master":  # noqa: ASYNC110  # it tells nobody
                await asyncio.sleep(0.1)
        away.start()  # it comes back as the replica of its replica, and strict writes have a second copy again
        for key in keys[away.port]:
            await insist(sessions, key, f"after-{key}")
        await play(sessions, done, 2 * len(keys[away.port]), 20)
        for key in keys[away.port]:
            assert done[key] == [f"before-{key}".encode(), f"after-{key}".encode()]
