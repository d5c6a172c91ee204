"""Whoever knocks is answered before a turn begins, for a while; a tenant's document is read once however many ask."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from runtime import courtesy
from runtime.courtesy import FEW, Courtesy
from runtime.errors import ProviderUnavailable
from runtime.pacing import LONGEST_SPREAD, wait_after
from tests.support.real_desk import real_desk


async def test_a_turn_waits_while_there_is_a_queue_at_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "MOST_S", 30.0)
    door = Courtesy()
    with door.answering():
        await asyncio.wait_for(door.after_you(), 5)
    door.waiting = FEW + 1
    turn = asyncio.create_task(door.after_you())
    await asyncio.sleep(0)
    assert not turn.done()
    door.waiting = FEW
    await asyncio.wait_for(turn, 5)


async def test_a_flood_slows_turns_down_and_does_not_stop_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "MOST_S", 0.02)
    door = Courtesy()
    door.waiting = 1000
    began = time.monotonic()
    await asyncio.wait_for(door.after_you(), 5)
    assert time.monotonic() - began >= 0.02


def test_whoever_goes_away_with_an_error_is_not_waited_for() -> None:
    door = Courtesy()
    with pytest.raises(RuntimeError), door.answering():
        raise RuntimeError
    assert door.waiting == 0


async def test_turns_compute_one_in_each_round_while_somebody_knocks() -> None:
    door, rounds = Courtesy(), []
    loop = asyncio.get_running_loop()
    now = 0

    def tick() -> None:
        nonlocal now
        now += 1
        if now < 200:
            loop.call_soon(tick)

    async def turn() -> None:
        await door.one_by_one()
        rounds.append(now)

    with door.answering():
        loop.call_soon(tick)
        await asyncio.wait_for(asyncio.gather(*(turn() for _ in range(20))), 5)
    assert len(set(rounds)) == 20 and rounds == sorted(rounds)


async def test_turns_go_together_when_nobody_knocks() -> None:
    door = Courtesy()
    for _ in range(20):
        await asyncio.wait_for(door.one_by_one(), 5)
    assert not door._moving


async def test_a_turn_that_is_given_up_in_the_line_holds_nobody_up() -> None:
    door = Courtesy()
    with door.answering():
        turns = [asyncio.create_task(door.one_by_one()) for _ in range(5)]
        await asyncio.sleep(0)
        turns[2].cancel()
        ended = await asyncio.wait_for(asyncio.gather(*turns, return_exceptions=True), 5)
    assert [type(one) for one in ended].count(asyncio.CancelledError) == 1


def test_whoever_waits_for_our_own_pace_spreads_out() -> None:
    error = ProviderUnavailable("as fast as it may", retry_after_s=1.0, sent=False, kind="rate")
    assert all(1.0 <= wait_after(error, 1) <= 2.0 for _ in range(50))
    late = [wait_after(error, 9) for _ in range(200)]
    assert min(late) >= 1.0 and max(late) <= LONGEST_SPREAD and max(late) > 8.0
    told = ProviderUnavailable("429", retry_after_s=3.0, kind="rate")
    assert wait_after(told, 5) == 3.0, "what the provider itself says is kept"


@pytest.mark.slow
async def test_a_tenants_document_is_read_once_however_many_ask(tmp_path: Path) -> None:
    async with real_desk(tmp_path) as real:
        await real.add("salon")
        read = real.desk.tenants.published
        asked: list[str] = []

        async def counted(tenant: str, kind: str) -> object:
            asked.append(tenant)
            return await read(tenant, kind)

        real.desk.tenants.published = counted  # type: ignore[method-assign,assignment]  # only counts
        desks = await asyncio.gather(*(real.desk.desks.desk("salon") for _ in range(50)))
        assert asked.count("salon") == 1 and len({id(desk) for desk in desks}) == 1
        assert await real.desk.desks.desk("nobody") is None and await real.desk.desks.desk("nobody") is None
