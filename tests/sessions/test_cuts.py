"""Connections cut at any moment, a server that stops answering, scripts forgotten, a group deleted by hand."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from itertools import product
from pathlib import Path

import pytest

from runtime.errors import StorageUnavailable
from runtime.sessions.keys import SessionKey, ready_key
from runtime.sessions.shapes import Commit, Committed, LeaseLost, Taken, Timing
from runtime.sessions.store import Sessions
from runtime.sessions.wire import ConnectionCut
from runtime.settings import Settings
from tests.sessions.desk import BRISK, KEY, Opener, bot, finish, own_server, said, take, taken
from tests.support.redis_cluster import every_node


async def cut(url: str, stop: asyncio.Event) -> int:
    """Kill every connection again and again."""
    cuts = 0
    with every_node(url) as nodes:
        while not stop.is_set():
            await asyncio.sleep(random.uniform(0.005, 0.06))
            for node, kind in product(nodes, ("normal", "pubsub")):
                node.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")  # type: ignore[no-untyped-call]  # redis' own
            cuts += 1
    return cuts


async def insist(sessions: Sessions, key: SessionKey, number: int) -> None:
    """Append as a provider does: again until it is taken in."""
    event = said(b"%d" % number, id=f"{key.conversation}-{number}")
    while True:
        try:
            await sessions.append(key, event)
            return
        except StorageUnavailable:
            await asyncio.sleep(0.01)


async def work(sessions: Sessions, done: dict[str, list[bytes]]) -> None:
    """A worker that takes trouble as it comes: what it could not write is somebody's later."""
    while True:
        with contextlib.suppress(StorageUnavailable, LeaseLost):
            turn = await take(sessions, 60)
            if isinstance(turn, Taken):
                await one_turn(sessions, turn, done)


async def one_turn(sessions: Sessions, turn: Taken, done: dict[str, list[bytes]]) -> None:
    """As the loop does it: whatever happens, the turn is given up in the end."""
    body = b",".join(turn.events)
    try:
        result = await sessions.commit(turn.lease, Commit(len(turn.events), None, body, parts=(bot(body),)))
    except StorageUnavailable:
        await sessions.release(turn.lease)
        raise
    assert isinstance(result, Committed)
    done.setdefault(turn.lease.key.name, []).extend(turn.events)
    if result.outbox is not None:
        await sessions.deliver_local(result.outbox)


async def deliver(sessions: Sessions) -> None:
    """What a cut kept from being shown is due again after a while, at whatever process."""
    while True:
        lease = await sessions.next_due_outbox()
        with contextlib.suppress(StorageUnavailable):
            await sessions.deliver_local(lease)


async def test_every_event_is_committed_once_and_in_order_though_connections_are_cut(opener: Opener) -> None:
    processes = [await opener(), await opener()]
    keys = [SessionKey("salon", f"k{number}") for number in range(8)]
    done: dict[str, list[bytes]] = {}
    stop = asyncio.Event()
    cutting = asyncio.create_task(cut(opener.url, stop))
    workers = [asyncio.create_task(work(process, done)) for process in processes for _ in range(4)]
    workers += [asyncio.create_task(deliver(process)) for process in processes]
    for number in range(25):
        await asyncio.gather(*(insist(processes[number % 2], key, number) for key in keys))
    await asyncio.sleep(0.3)
    stop.set()
    assert await cutting > 5
    wanted = [b"%d" % number for number in range(25)]
    async with asyncio.timeout(30):
        await all_shown(processes[0], keys, 25)
    for task in workers:
        task.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    for key in keys:
        assert await shown(processes[0], key) == wanted


async def all_shown(sessions: Sessions, keys: list[SessionKey], count: int) -> None:
    """Wait until every chat answers so many events."""
    for key in keys:
        while True:
            if len(await shown(sessions, key)) >= count:
                break
            await asyncio.sleep(0.05)


async def shown(sessions: Sessions, key: SessionKey) -> list[bytes]:
    """What the chat shows, split into the events it answers."""
    return [event for _, line in await sessions.read_chat(key, 0) for event in line.split(b",")]


async def test_a_commit_whose_answer_was_lost_is_answered_again(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = await opener()
    await sessions.append(KEY, said())
    turn = await taken(sessions)
    route = sessions._routes.work
    plain, calls = route.run_durable, 0

    async def losing(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        reply = await plain(*arguments)  # type: ignore[arg-type]  # handed through
        if calls == 1:
            raise ConnectionCut("lost on the way")
        return reply

    monkeypatch.setattr(type(route), "run_durable", lambda _, *arguments: losing(*arguments))
    done = await finish(sessions, turn, bot(b"hi"))
    assert calls == 2
    assert done.outbox is not None
    assert (await sessions.outbox(done.outbox)).parts == (bot(b"hi"),)


async def test_scripts_are_loaded_again_when_redis_forgot_them(opener: Opener) -> None:
    sessions = await opener()
    await sessions._routes.work.call(0, "SCRIPT", "FLUSH")
    await sessions.append(KEY, said())
    await finish(sessions, await taken(sessions))


async def test_a_deleted_group_is_made_again(opener: Opener) -> None:
    sessions = await opener()
    await sessions._routes.work.call(KEY.partition, "XGROUP", "DESTROY", ready_key(KEY.partition), "workers")
    await asyncio.sleep(0.1)
    await sessions.append(KEY, said())
    await finish(sessions, await taken(sessions))


async def test_a_server_that_hangs_is_unavailable_and_comes_back(tmp_path: Path) -> None:
    with own_server(tmp_path) as server:
        async with Opener(server.url, tmp_path) as opener:
            sessions = await opener(Timing(answer_ms=400, block_ms=200))
            os.kill(server.pid, signal.SIGSTOP)
            try:
                with pytest.raises(StorageUnavailable):
                    await asyncio.wait_for(sessions.append(KEY, said()), 2)
            finally:
                os.kill(server.pid, signal.SIGCONT)
            async with asyncio.timeout(5):
                await insist(sessions, KEY, 2)
                assert b"2" in (await taken(sessions)).events


async def test_a_killed_server_is_revived_with_everything_it_had_acknowledged(tmp_path: Path) -> None:
    sessions = await Sessions.open(Settings(data=tmp_path), timing=BRISK)
    for number in range(50):
        await sessions.append(SessionKey("salon", f"c{number}"), said())
    assert sessions._server is not None
    os.kill(sessions._server.pid, signal.SIGKILL)
    seen: set[SessionKey] = set()
    async with asyncio.timeout(10):
        while len(seen) < 50:
            try:
                turn = await take(sessions)
                if isinstance(turn, Taken):
                    await finish(sessions, turn)
                    seen.add(turn.lease.key)
            except (StorageUnavailable, LeaseLost):
                await asyncio.sleep(0.05)
    await sessions.close()
