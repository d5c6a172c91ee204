"""The journal's way to the projector: at least once, to the last entry (law 12)."""

from __future__ import annotations

import asyncio

from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import Commit, JournalEntry
from runtime.sessions.store import Sessions
from tests.sessions.desk import Opener, said, taken


async def write(sessions: Sessions, count: int) -> None:
    """So many turns in as many conversations."""
    for number in range(count):
        await sessions.append(SessionKey("salon", f"c{number}"), said())
    for _ in range(count):
        turn = await taken(sessions)
        body = turn.lease.key.conversation.encode()
        await sessions.commit(turn.lease, Commit(1, turn.words, b"", journal=body))


async def test_entries_are_read_in_batches_and_dropped_when_acknowledged(opener: Opener) -> None:
    sessions = await opener()
    await write(sessions, 30)
    assert await sessions.journal_depth() == 30
    seen = []
    while batch := await sessions.read_journal(7, 0):
        assert len(batch) <= 7
        assert all(entry.body.decode() == entry.key.conversation for entry in batch)
        seen += batch
        await sessions.ack_journal(batch)
    assert len({entry.key for entry in seen}) == len(seen) == 30
    assert await sessions.journal_depth() == 0


async def test_a_reader_waits_for_the_next_entry(opener: Opener) -> None:
    sessions = await opener()
    reading = asyncio.create_task(sessions.read_journal(10, 400))
    await asyncio.sleep(0.05)
    await write(sessions, 1)
    assert len(await asyncio.wait_for(reading, 1)) == 1
    assert await sessions.read_journal(10, 20) == []


async def test_the_turns_of_one_conversation_come_in_order(opener: Opener) -> None:
    sessions = await opener()
    for number in range(5):
        await sessions.append(SessionKey("salon", "one"), said())
        turn = await taken(sessions)
        await sessions.commit(turn.lease, Commit(1, turn.words, b"", journal=b"%d" % number))
    assert [entry.body for entry in await sessions.read_journal(10, 0)] == [b"0", b"1", b"2", b"3", b"4"]


async def test_what_a_dead_projector_had_read_comes_again(opener: Opener) -> None:
    doomed, successor = await opener(), await opener()
    await successor.stop_intake()
    await write(doomed, 5)
    assert len(await doomed.read_journal(10, 100)) == 5
    await opener.kill(doomed)
    assert len(await _until_found(successor)) == 5


async def test_what_was_read_and_never_acknowledged_comes_again(opener: Opener) -> None:
    sessions = await opener()
    await write(sessions, 3)
    first = await sessions.read_journal(10, 100)
    again = await _until_found(sessions)
    assert sorted(entry.body for entry in again) == sorted(entry.body for entry in first)


async def _until_found(sessions: Sessions) -> list[JournalEntry]:
    found: list[JournalEntry] = []
    async with asyncio.timeout(3):
        while not found:
            found += await sessions.read_journal(10, 50)
    return found
