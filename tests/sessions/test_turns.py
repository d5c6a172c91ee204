"""Leases, fences, stale turns, takeovers, parking: who may write a conversation, and when not (laws 1 to 4)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from runtime.sessions.commits import _COMMIT
from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import Commit, Committed, Empty, Held, Later, LeaseLost, ReadyEntry, Stale, Taken
from runtime.sessions.store import Sessions
from tests.sessions.desk import BRISK, IDLE, KEY, Opener, bot, finish, nothing_ready, said, take, taken


async def test_a_commit_writes_the_state_and_empties_the_box(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said())
    turn = await taken(sessions)
    await finish(sessions, turn, state=b"\x00first")
    assert await sessions.read_state(KEY) == b"\x00first"
    assert turn.lease.lost
    assert await nothing_ready(sessions)
    await sessions.append(KEY, said())
    assert (await taken(sessions)).state == b"\x00first"


async def test_what_arrives_during_a_turn_is_the_next_turn(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said(b"one"))
    turn = await taken(sessions)
    await sessions.append(KEY, said(b"seen", words=False))
    await finish(sessions, turn)
    assert (await taken(sessions)).events == (b"seen",)


async def test_a_turn_that_has_not_seen_newer_words_is_refused(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said(b"at three"))
    turn = await taken(sessions)
    await sessions.append(KEY, said(b"no, at four", gather_ms=120))
    commit = Commit(1, turn.words, b"stale", parts=(bot(b"Three it is"),), journal=b"j")
    stale = await sessions.commit(turn.lease, commit)
    assert isinstance(stale, Stale)
    assert 0 <= stale.wait_ms <= 120
    assert await sessions.read_state(KEY) is None
    assert await sessions.journal_depth() == 0
    again = await sessions.retake(turn.lease)
    assert isinstance(again, Taken)
    assert again.events == (b"at three", b"no, at four")
    assert again.words == 2
    assert again.lease is turn.lease
    await finish(sessions, again)
    assert await sessions.read_state(KEY) == b"state"


async def test_retake_waits_for_the_quiet(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said(b"a", gather_ms=40))
    turn = await taken(sessions)
    await sessions.append(KEY, said(b"b", gather_ms=150))
    stale = await sessions.commit(turn.lease, Commit(1, turn.words, b""))
    assert isinstance(stale, Stale)
    assert stale.wait_ms > 50
    later = await sessions.retake(turn.lease)
    assert isinstance(later, Later)
    await asyncio.sleep(later.wait_ms / 1000 + 0.01)
    assert isinstance(await sessions.retake(turn.lease), Taken)


async def test_a_delivery_mark_never_refuses_a_turn_and_a_closed_turn_is_never_refused(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said(b"a"))
    turn = await taken(sessions)
    await sessions.append(KEY, said(b"read", words=False))
    assert isinstance(await sessions.commit(turn.lease, Commit(1, turn.words, b"", keep=True)), Committed)
    await sessions.append(KEY, said(b"more words"))
    assert isinstance(await sessions.commit(turn.lease, Commit(0, None, b"")), Committed)
    assert (await taken(sessions)).events == (b"read", b"more words")


async def test_a_held_conversation_is_nobody_elses(opener: Opener) -> None:
    first, second = await opener(), await opener()
    await first.append(KEY, said())
    turn = await _whoever(first, second)
    other = second if turn.lease.token.startswith(first.process) else first
    assert await other.take(ReadyEntry(KEY, turn.lease.entry_id)) == Held()
    assert await other.ready_depth() == 1


async def test_a_lease_is_renewed_as_long_as_the_turn_runs(opener: Opener) -> None:
    sessions = await opener()
    other = await opener()
    await sessions.append(KEY, said())
    turn = await _whoever(sessions, other)
    await asyncio.sleep(1.4)  # longer than two leases
    assert not turn.lease.lost
    assert turn.lease.left_s() > 0.1
    holder = sessions if turn.lease.token.startswith(sessions.process) else other
    assert await nothing_ready(other) and await nothing_ready(sessions)
    await finish(holder, turn)


async def test_a_worker_that_hangs_is_replaced_though_its_process_lives(opener: Opener) -> None:
    sessions = await opener(replace(BRISK, longest_ms=200))
    await sessions.append(KEY, said())
    hanging = await taken(sessions)
    again = await taken(sessions, 4)
    assert again.lease.fence > hanging.lease.fence
    assert hanging.lease.lost
    with pytest.raises(LeaseLost):
        await finish(sessions, hanging)


async def test_a_stopped_worker_is_fenced_off(opener: Opener) -> None:
    stopped = await opener(IDLE)
    await stopped.append(KEY, said())
    old = await taken(stopped)
    successor = await opener()
    new = await taken(successor)
    assert old.lease.lost
    assert (new.events, new.tries) == (old.events, 2)
    assert new.lease.fence > old.lease.fence
    for commit in (Commit(1, None, b"old"), Commit(1, None, b"old", keep=True)):
        with pytest.raises(LeaseLost):
            await stopped.commit(old.lease, commit)
    with pytest.raises(LeaseLost):
        await stopped.retake(old.lease)
    with pytest.raises(LeaseLost):
        await stopped.park(old.lease, 1, "old")
    await stopped.release(old.lease)
    await finish(successor, new, state=b"new")
    assert await successor.read_state(KEY) == b"new"
    assert await successor.parked() == []


async def test_a_killed_worker_is_replaced(opener: Opener) -> None:
    doomed = await opener()
    await doomed.append(KEY, said(b"help"))
    await taken(doomed)
    await opener.kill(doomed)
    assert (await taken(await opener(), 3)).events == (b"help",)


async def test_entries_that_a_killed_process_had_only_fetched_are_taken_over(opener: Opener) -> None:
    doomed = await opener()
    for number in range(20):
        await doomed.append(SessionKey("salon", f"c{number}"), said())
    await asyncio.sleep(0.1)
    await opener.kill(doomed)
    successor = await opener()
    seen = {(await taken(successor)).lease.key for _ in range(20)}
    assert len(seen) == 20


async def test_an_open_intent_is_finished_by_another_worker_though_the_box_is_empty(opener: Opener) -> None:
    doomed = await opener()
    await doomed.append(KEY, said(b"yes"))
    turn = await taken(doomed)
    await doomed.commit(turn.lease, Commit(1, turn.words, b"intent", keep=True))
    await opener.kill(doomed)
    successor = await opener()
    finishing = await taken(successor, 3)
    assert (finishing.state, finishing.events) == (b"intent", ())
    await finish(successor, finishing, state=b"booked")
    assert await nothing_ready(successor, 0.8)
    assert await successor.ready_depth() == 0


async def test_release_gives_the_turn_to_the_next_worker(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said(b"x"))
    turn = await taken(sessions)
    await sessions.release(turn.lease)
    again = await taken(sessions, 1)
    assert (again.events, again.tries) == ((b"x",), 2)
    await sessions.release(again.lease, blame=False)
    assert (await taken(sessions, 1)).tries == 2


async def test_release_can_wait(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said(b"x"))
    await sessions.release((await taken(sessions)).lease, wait_ms=200)
    assert await nothing_ready(sessions, 0.12)
    await taken(sessions, 1)


async def test_what_arrives_while_a_turn_is_given_up_is_not_forgotten(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said(b"one"))
    turn = await taken(sessions)
    await asyncio.gather(sessions.append(KEY, said(b"two")), sessions.release(turn.lease))
    assert (await taken(sessions, 1)).events == (b"one", b"two")


async def test_a_poison_event_counts_its_tries_and_can_be_parked_and_put_back(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said(b"poison"))
    await sessions.append(KEY, said(b"good"))
    for _ in range(2):
        await sessions.release((await taken(sessions)).lease)
    turn = await taken(sessions)
    assert turn.tries == 3
    await sessions.park(turn.lease, 1, "IndexError: 3 x\n")
    assert not turn.lease.lost
    retaken = await sessions.retake(turn.lease)
    assert isinstance(retaken, Taken)
    assert (retaken.events, retaken.tries) == ((b"good",), 0)
    await finish(sessions, retaken)
    (parked,) = await sessions.parked("salon")
    assert (parked.key, parked.body, parked.reason) == (KEY, b"poison", "IndexError: 3 x\n")
    assert await sessions.parked("other") == []
    assert await sessions.requeue(parked.id)
    assert not await sessions.requeue(parked.id)
    assert not await sessions.requeue("99-nonsense")
    assert (await taken(sessions, 1)).events == (b"poison",)
    assert await sessions.parked() == []


async def test_a_final_commit_forgives_the_tries(opener: Opener) -> None:
    sessions = await opener()
    for _ in range(2):
        await sessions.append(KEY, said())
        turn = await taken(sessions)
        assert turn.tries == 1
        await finish(sessions, turn)


async def test_a_repeated_commit_is_the_same_commit(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said())
    turn = await taken(sessions)
    commit = Commit(1, turn.words, b"s", parts=(bot(b"hi"),), journal=b"j")
    arguments = sessions._commits._arguments(turn.lease, commit, "token")
    route = sessions._routes.work
    first = await route.run(_COMMIT, KEY.partition, *arguments)
    second = await route.run(_COMMIT, KEY.partition, *arguments)
    assert first == second == [1, 1]
    assert await sessions.journal_depth() == 1


async def test_drain_hands_back_what_was_not_started(opener: Opener) -> None:
    leaving = await opener()
    for number in range(20):
        await leaving.append(SessionKey("salon", f"c{number}"), said())
    await leaving.append(KEY, said(b"typing", gather_ms=100))
    await asyncio.sleep(0.05)
    turn = await taken(leaving)
    await leaving.stop_intake()
    staying = await opener(BRISK)
    others = {(await taken(staying, 1)).lease.key for _ in range(20)}
    assert KEY in others
    await finish(leaving, turn)
    assert await nothing_ready(leaving)


async def test_a_box_that_nobody_was_told_of_is_found(opener: Opener) -> None:
    sessions = await opener(IDLE)
    await sessions.append(KEY, said(b"lost"))
    await sessions._routes.work.call(KEY.partition, "DEL", f"fd:{{p{KEY.partition:02d}}}:ready")
    assert (await taken(await opener(), 3)).events == (b"lost",)


async def test_deleted_means_gone_and_the_holder_writes_nothing(opener: Opener) -> None:
    sessions = await opener()
    await sessions.append(KEY, said())
    turn = await taken(sessions)
    await sessions.delete_session(KEY)
    with pytest.raises(LeaseLost):
        await finish(sessions, turn, bot(b"x"))
    assert await sessions.read_state(KEY) is None
    assert await sessions.take(ReadyEntry(KEY, turn.lease.entry_id)) == Empty()
    await sessions.append(KEY, said(b"again"))
    fresh = await taken(sessions, 1)
    assert (fresh.state, fresh.events) == (None, (b"again",))
    assert fresh.lease.fence > turn.lease.fence


async def _whoever(*processes: Sessions) -> Taken:
    tasks = [asyncio.create_task(take(process)) for process in processes]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    turn = done.pop().result()
    assert isinstance(turn, Taken)
    return turn
