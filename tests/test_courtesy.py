"""Whoever knocks is answered before a turn begins, for a while; a tenant's document is read once however many ask."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from runtime import courtesy
from runtime.courtesy import FEW, Courtesy
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
