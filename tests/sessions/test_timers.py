"""Timers: into the box when due, replaced by name, dropped by name, fired once over all processes."""

from __future__ import annotations

import time

from runtime.sessions.shapes import Commit, Committed, TimerSet
from runtime.sessions.store import Sessions
from tests.sessions.desk import KEY, Opener, finish, nothing_ready, said, taken


def timer(name: str, generation: int, in_s: float) -> TimerSet:
    """A timer due in so many seconds of real time."""
    return TimerSet(name, generation, int((time.time() + in_s) * 1000), f"{name} {generation}".encode())


async def turn_with(sessions: Sessions, *timers: TimerSet, dropped: tuple[str, ...] = ()) -> None:
    """One whole turn that sets and drops timers."""
    await sessions.append(KEY, said())
    turn = await taken(sessions)
    commit = Commit(1, turn.words, b"", timers=timers, dropped_timers=dropped)
    assert isinstance(await sessions.commit(turn.lease, commit), Committed)


async def test_a_due_timer_starts_a_turn_once(opener: Opener) -> None:
    sessions, _other = await opener(), await opener()
    await turn_with(_other if await _other.ready_depth() else sessions, timer("remind", 1, 0.15))
    await _other.stop_intake()
    turn = await taken(sessions, 2)
    assert turn.events == (b"remind 1",)
    assert turn.words == 1  # a timer is no word of the customer
    await finish(sessions, turn)
    assert await nothing_ready(sessions, 0.3)


async def test_the_same_name_replaces_and_a_dropped_one_vanishes(opener: Opener) -> None:
    sessions = await opener()
    await turn_with(sessions, timer("remind", 1, 0.1), timer("close", 1, 0.1))
    await turn_with(sessions, timer("remind", 2, 0.3), dropped=("close", "never set"))
    turn = await taken(sessions, 2)
    assert turn.events == (b"remind 2",)
    await finish(sessions, turn)
    assert await nothing_ready(sessions, 0.3)


async def test_a_timer_waits_for_the_turn_that_runs(opener: Opener) -> None:
    sessions = await opener()
    await turn_with(sessions, timer("remind", 1, 0.05))
    await sessions.append(KEY, said(b"words"))
    turn = await taken(sessions)
    assert await nothing_ready(sessions, 0.3)
    await finish(sessions, turn)
    if b"remind 1" not in turn.events:
        assert (await taken(sessions, 1)).events == (b"remind 1",)


async def test_a_deleted_session_has_no_timers(opener: Opener) -> None:
    sessions = await opener()
    await turn_with(sessions, timer("remind", 1, 0.1))
    await sessions.delete_session(KEY)
    assert await nothing_ready(sessions, 0.4)
