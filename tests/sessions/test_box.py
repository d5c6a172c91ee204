"""Events into the box: once each, in order, and gathered into one turn (laws 1 to 3)."""

from __future__ import annotations

import asyncio
import time

from runtime.sessions.keys import PARTITIONS, SessionKey
from runtime.sessions.shapes import BoxEvent, Empty, Later, ReadyEntry, Taken
from runtime.sessions.store import Sessions
from tests.sessions.desk import KEY, Opener, finish, nothing_ready, said, take, taken


async def test_an_event_is_taken_with_its_bytes_untouched(opener: Opener) -> None:
    sessions = await opener()
    body = bytes(range(256))
    assert await sessions.append(KEY, said(body))
    turn = await taken(sessions)
    assert turn.events == (body,)
    assert (turn.state, turn.words, turn.tries, turn.lease.key) == (None, 1, 1, KEY)


async def test_the_same_event_twice_is_one(opener: Opener) -> None:
    sessions = await opener()
    event = said(id="wamid.1")
    results = await asyncio.gather(*(sessions.append(KEY, event) for _ in range(8)))
    assert sorted(results) == [False] * 7 + [True]
    assert len((await taken(sessions)).events) == 1


async def test_the_same_event_is_seen_by_every_process_and_after_its_turn(opener: Opener) -> None:
    first, second = await opener(), await opener()
    event = said()
    assert await first.append(KEY, event)
    await finish(first, await taken(first)) if await first.ready_depth() else None
    assert not await second.append(KEY, event)


async def test_the_same_id_in_another_conversation_is_another_event(opener: Opener) -> None:
    sessions = await opener()
    event = said(id="1")
    assert await sessions.append(KEY, event)
    assert await sessions.append(SessionKey("salon", "other"), event)
    assert await sessions.append(SessionKey("garage", KEY.conversation), event)


async def test_concurrent_appends_keep_their_order(opener: Opener) -> None:
    sessions = await opener()
    bodies = [b"%d" % number for number in range(200)]
    await asyncio.gather(*(sessions.append(KEY, said(body)) for body in bodies))
    assert list((await taken(sessions)).events) == bodies


async def test_a_burst_becomes_one_turn_after_the_quiet(opener: Opener) -> None:
    sessions = await opener()
    began = time.monotonic()
    for word in (b"good", b"morning", b"!"):
        await sessions.append(KEY, said(word, gather_ms=200))
        await asyncio.sleep(0.08)
    turn = await taken(sessions)
    assert turn.events == (b"good", b"morning", b"!")
    assert turn.words == 3
    assert 0.34 <= time.monotonic() - began < 0.8
    await finish(sessions, turn)
    assert await nothing_ready(sessions)


async def test_a_burst_waits_no_longer_than_its_limit(opener: Opener) -> None:
    sessions = await opener()
    began = time.monotonic()
    for number in range(5):
        await sessions.append(KEY, BoxEvent(f"b{number}", b"x", True, 200, 300))
        await asyncio.sleep(0.04)
    await taken(sessions)
    assert 0.28 <= time.monotonic() - began < 0.45


async def test_a_button_is_taken_at_once(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said(b"button"))
    await sessions.append(KEY, said(b"words", gather_ms=3000))
    assert (await taken(sessions, 1)).events == (b"button", b"words")


async def test_a_button_behind_words_does_not_prolong_their_quiet(opener: Opener) -> None:
    sessions = await opener()
    began = time.monotonic()
    await sessions.append(KEY, said(b"words", gather_ms=150))
    await asyncio.sleep(0.1)
    await sessions.append(KEY, said(b"button"))
    assert (await taken(sessions)).events == (b"words", b"button")
    assert time.monotonic() - began < 0.22


async def test_a_delivery_mark_does_not_prolong_the_quiet(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said(b"words", gather_ms=150))
    await asyncio.sleep(0.1)
    await sessions.append(KEY, said(b"read", words=False, gather_ms=150))
    began = time.monotonic()
    turn = await taken(sessions)
    assert turn.words == 1
    assert time.monotonic() - began < 0.12


async def test_later_says_how_long_and_defer_brings_the_entry_back(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said(b"one", gather_ms=100))
    await asyncio.sleep(0.06)
    await sessions.append(KEY, said(b"two", gather_ms=100))
    entry = await sessions.next_ready()
    later = await sessions.take(entry)
    assert isinstance(later, Later)
    assert 0 < later.wait_ms <= 100
    sessions.defer(entry, later.wait_ms)
    again = await asyncio.wait_for(sessions.next_ready(), 1)
    assert again == entry
    assert isinstance(await sessions.wait_and_take(again), Taken)


async def test_an_entry_without_work_is_gone(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said())
    await finish(sessions, await taken(sessions))
    assert await sessions.take(ReadyEntry(KEY, "1-1")) == Empty()
    assert await sessions.ready_depth() == 0


async def test_two_processes_share_the_work_and_take_each_conversation_once(opener: Opener) -> None:
    first, second = await opener(), await opener()
    keys = [SessionKey("salon", f"c{number}") for number in range(60)]
    await asyncio.gather(*(first.append(key, said()) for key in keys))

    async def work(process: Sessions) -> list[SessionKey]:
        done: list[SessionKey] = []
        while True:
            try:
                turn = await take(process, 0.5)
            except TimeoutError:
                return done
            assert isinstance(turn, Taken)
            await finish(process, turn)
            done.append(turn.lease.key)

    by_first, by_second = await asyncio.gather(work(first), work(second))
    # Who gets how many is Redis' matter and a quick process may get them all; twice or never is ours.
    assert sorted(by_first + by_second, key=str) == sorted(keys, key=str)


async def test_depth_and_oldest_wait(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said())
    await asyncio.sleep(0.05)
    assert await sessions.ready_depth() == 1
    assert 0.04 <= await sessions.oldest_wait_s() < 2
    await finish(sessions, await taken(sessions))
    assert await sessions.oldest_wait_s() == 0


def test_partitions_are_stable_and_all_used() -> None:
    assert SessionKey("salon", "c0ffee").partition == 14
    assert {SessionKey("t", str(number)).partition for number in range(500)} == set(range(PARTITIONS))
