"""Random interleavings of two processes: whatever happens, each event is committed once and in order (laws 1 to 3).

A model of the right behaviour runs beside: the list of events appended, and the list of events committed. The leases
are short and not renewed, so that a worker that does something else in between loses its turn.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import Commit, Committed, LeaseLost, Stale, Taken, Timing
from runtime.sessions.store import Sessions
from tests.sessions.desk import Opener, bot, said

HASTY = Timing(lease_ms=60, renew_ms=60_000, claim_ms=80, sweep_ms=20, block_ms=100, live_ms=1000)
KEYS = [SessionKey("salon", f"r{number}") for number in range(4)]
EVENTS = 60


@dataclass(slots=True)
class Truth:
    """What was appended and what was committed, by conversation."""

    appended: dict[SessionKey, list[bytes]] = field(default_factory=lambda: {key: [] for key in KEYS})
    committed: dict[SessionKey, list[bytes]] = field(default_factory=lambda: {key: [] for key in KEYS})
    working: dict[SessionKey, int] = field(default_factory=lambda: dict.fromkeys(KEYS, 0))
    lost: int = 0
    stale: int = 0

    def whole(self) -> bool:
        """Whether everything that was appended is committed."""
        return self.appended == self.committed and sum(map(len, self.appended.values())) == EVENTS


async def customer(chance: random.Random, processes: list[Sessions], truth: Truth) -> None:
    """Says something somewhere, sometimes twice."""
    for number in range(EVENTS):
        key = chance.choice(KEYS)
        event = said(b"%d" % number, gather_ms=chance.choice((0, 0, 10)), words=chance.random() < 0.8)
        for process in chance.sample(processes, chance.choice((1, 2))):
            if await process.append(key, event):
                truth.appended[key].append(event.body)
        await asyncio.sleep(chance.choice((0, 0.002, 0.02)))


async def worker(chance: random.Random, process: Sessions, truth: Truth) -> None:
    """Takes turns and sometimes dawdles, gives up, forgets, or says its intent first."""
    while True:
        turn = await process.wait_and_take(await process.next_ready())
        if isinstance(turn, Taken):
            try:
                await one_turn(chance, process, turn, truth)
            except LeaseLost:
                truth.lost += 1


async def one_turn(chance: random.Random, process: Sessions, turn: Taken, truth: Truth) -> None:
    """One try of a turn; the state holds everything that was ever committed, as a second witness."""
    key, fate = turn.lease.key, chance.random()
    if fate < 0.1:
        return  # forgotten: not even released
    if fate < 0.2:
        await process.release(turn.lease)
        return
    await asyncio.sleep(chance.choice((0, 0.005, 0.03, 0.1)))
    state = b" ".join(filter(None, (turn.state, *turn.events)))
    if fate < 0.4 and turn.events:
        kept = await process.commit(turn.lease, Commit(len(turn.events), turn.words, state, keep=True))
        if isinstance(kept, Committed):
            truth.committed[key].extend(turn.events)
            await asyncio.sleep(chance.choice((0, 0.1)))
            await process.commit(turn.lease, Commit(0, None, state, parts=(bot(b"done"),)))
        else:
            await process.release(turn.lease)
        return
    result = await process.commit(turn.lease, Commit(len(turn.events), turn.words, state))
    if isinstance(result, Stale):
        truth.stale += 1
        await process.release(turn.lease, wait_ms=result.wait_ms)
    else:
        truth.committed[key].extend(turn.events)


@pytest.mark.parametrize("seed", range(6))
async def test_each_event_is_committed_once_and_in_order(opener: Opener, seed: int) -> None:
    chance, truth = random.Random(seed), Truth()
    processes = [await opener(HASTY), await opener(HASTY)]
    workers = [asyncio.create_task(worker(chance, process, truth)) for process in processes for _ in range(3)]
    await customer(chance, processes, truth)
    async with asyncio.timeout(20):
        await until_whole(truth, workers)
    for task in workers:
        task.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    for key in KEYS:
        state = await processes[0].read_state(key)
        assert (state or b"").split() == truth.appended[key]
    assert truth.lost  # otherwise this run has shown nothing about takeovers


async def until_whole(truth: Truth, workers: list[asyncio.Task[None]]) -> None:
    """Wait for the model to agree; a worker that fails ends the wait."""
    while True:
        for task in workers:
            if task.done():
                task.result()
        if truth.whole():
            return
        await asyncio.sleep(0.02)
