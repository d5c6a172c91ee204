"""Reaching a socket wherever it is held, and notices to a process."""

from __future__ import annotations

import asyncio
import time

from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import Commit, Taken
from runtime.sessions.store import Sessions
from tests.sessions.desk import KEY, Opener, bot, finish, said, taken


async def test_a_chat_in_another_process_is_nudged(opener: Opener) -> None:
    edge = await opener()
    await edge.stop_intake()
    worker = await opener()
    async with edge.live(KEY) as seat, edge.live(SessionKey("salon", "else")) as bystander:
        await seat.wait(0)
        await worker.append(KEY, said())
        done = await finish(worker, await taken(worker), bot(b"hi"))
        assert done.outbox is not None
        began = time.monotonic()
        await worker.deliver_local(done.outbox)
        assert await seat.wait(1)
        assert time.monotonic() - began < 0.2
        assert await edge.read_chat(KEY, 0) == [(1, b"hi")]
        assert not await bystander.wait(0.05)
        assert not await seat.wait(0.02)


async def test_a_nudge_between_two_waits_is_not_lost(opener: Opener) -> None:
    sessions = await opener()
    async with sessions.live(KEY) as seat:
        seat.nudge()
        assert await seat.wait(0)
        assert not await seat.wait(0)


async def test_two_windows_of_one_chat_are_both_nudged_and_registered_until_the_last_is_closed(opener: Opener) -> None:
    first, second = await opener(), await opener()
    live = f"fd:{{p{KEY.partition:02d}}}:live:{KEY.name}"
    async with first.live(KEY) as one, second.live(KEY) as two:
        async with first.live(KEY) as three:
            await first.append(KEY, said())
            holder, turn = await _first_of(first, second)
            done = await finish(holder, turn, bot(b"x"))
            assert done.outbox is not None
            await holder.deliver_local(done.outbox)
            assert all(await asyncio.gather(one.wait(1), two.wait(1), three.wait(1)))
        assert await first._routes.work.call(KEY.partition, "ZCARD", live) == 2
        await asyncio.sleep(0.8)  # longer than a registration lasts: it is renewed
        assert await first._routes.work.call(KEY.partition, "ZCARD", live) == 2
    assert await first._routes.work.call(KEY.partition, "ZCARD", live) == 0


async def test_the_dead_do_not_pile_up_in_a_chat_that_stays_open(opener: Opener) -> None:
    sessions = await opener()
    live = f"fd:{{p{KEY.partition:02d}}}:live:{KEY.name}"
    await sessions._routes.work.call(KEY.partition, "ZADD", live, 1, "died-long-ago")
    async with sessions.live(KEY):
        members = await sessions._routes.work.call(KEY.partition, "ZRANGE", live, 0, -1)
    assert members == [sessions.process.encode()]


async def test_notices_reach_the_process_they_are_for(opener: Opener) -> None:
    waiting, worker = await opener(process="web1"), await opener()
    await waiting.stop_intake()
    heard: list[bytes] = []
    arrived = asyncio.Event()
    waiting.on_notice(heard.append)
    waiting.on_notice(lambda _: arrived.set())
    await worker.append(KEY, said())
    turn = await taken(worker)
    notices = (("web1", b"done\x00\xff"), ("nobody", b"x"))
    await worker.commit(turn.lease, Commit(1, turn.words, b"", notices=notices))
    await asyncio.wait_for(arrived.wait(), 1)
    assert heard == [b"done\x00\xff"]


async def test_after_a_lost_subscription_every_seat_looks_for_itself(opener: Opener) -> None:
    sessions = await opener()
    async with sessions.live(KEY) as seat:
        await sessions._routes.work.call(0, "CLIENT", "KILL", "TYPE", "pubsub")
        assert await seat.wait(2)
    heard = asyncio.Event()
    sessions.on_notice(lambda _: heard.set())
    await sessions.append(KEY, said())
    turn = await taken(sessions)
    await sessions.commit(turn.lease, Commit(1, turn.words, b"", notices=((sessions.process, b"x"),)))
    await asyncio.wait_for(heard.wait(), 1)


async def _first_of(*processes: Sessions) -> tuple[Sessions, Taken]:
    tasks = {asyncio.create_task(taken(process)): process for process in processes}
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    winner = done.pop()
    return tasks[winner], winner.result()
