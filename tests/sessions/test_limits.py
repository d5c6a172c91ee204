"""Limits over all workers: a burst, then one after the other; who is patient has its place."""

from __future__ import annotations

import asyncio

import pytest

from runtime.ports import Allowance
from tests.sessions.desk import Opener

PAIR = Allowance("pair", 1 / 6, 3)


async def test_a_burst_then_one_after_the_other_over_two_workers(opener: Opener) -> None:
    one, two = await opener(), await opener()
    waits = [await sessions.limits.wait_s("n1", [PAIR]) for sessions in (one, two, one, two)]
    assert waits[:3] == [0, 0, 0] and 5 < waits[3] <= 6
    assert await two.limits.wait_s("n1", [PAIR]) <= waits[3], "who was told to wait took nothing"
    assert await one.limits.wait_s("n2", [PAIR]) == 0, "another number has its own"


async def test_who_is_patient_has_a_place(opener: Opener) -> None:
    sessions = await opener()
    every = Allowance("all", 10.0)
    waits = await asyncio.gather(*(sessions.limits.wait_s("n1", [every], patience_s=1.0) for _ in range(5)))
    assert sorted(waits) == [pytest.approx(number / 10, abs=0.09) for number in range(5)]


async def test_all_or_nothing(opener: Opener) -> None:
    sessions = await opener()
    both = [Allowance("all", 1.0, 2), PAIR]
    assert [await sessions.limits.wait_s("n1", both) for _ in range(2)] == [0, 0]
    assert await sessions.limits.wait_s("n1", both) > 0
    assert await sessions.limits.wait_s("n1", [PAIR]) == 0, "the refused one took no place of the pair"


async def test_no_allowance_costs_nothing(opener: Opener) -> None:
    sessions = await opener()
    await sessions.close()
    assert await sessions.limits.wait_s("n1") == 0
