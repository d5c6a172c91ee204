"""The waiting list in the records: a place is on offer to one at a time, whoever offers it and how often."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from runtime.records.appointments import Appointments
from runtime.records.database import Database
from runtime.records.prompts import Mark
from runtime.records.waiting import KIND, Waiting, WaitingList
from tests.records.samples import NOON, appointment

PLACE = "20261125T0800-lena"
HOUR = timedelta(hours=1)


def wish(name: str, **others: Any) -> Waiting:
    values: dict[str, Any] = {"tenant": "salon", "contact": f"k-{name}", "conversation": f"c-{name}", "service": "cut"}
    texts = {"person": "", "name": name.title(), "phone": "", "wish": {}}
    return Waiting(id=name, **{**values, **texts, "created_at": NOON, "until": NOON + timedelta(days=9), **others})


async def offered(database: Database, name: str, place: str = PLACE, *, key: str = "", version: int = 1) -> bool:
    mark = Mark("salon", KIND, name, version)
    until = await WaitingList(database).offer(
        key or f"k-{name}", mark, place, NOON + HOUR, NOON, lambda one: one.offered == place
    )
    return until is not None


@pytest.fixture
async def list_(database: Database) -> WaitingList:
    here = WaitingList(database)
    for name in ("anna", "ben", "cora"):
        await here.add(wish(name))
    return here


@pytest.mark.parametrize("number", range(5))
async def test_d7_one_place_at_the_same_moment_goes_to_one(
    database: Database, other: Database, list_: WaitingList, number: int
) -> None:
    names = ("anna", "ben", "cora")
    told = await asyncio.gather(*(offered((database, other)[n % 2], name) for n, name in enumerate(names)))
    assert sum(told) == 1


async def test_law_3_the_same_offer_again_is_the_same_and_another_key_is_refused(
    database: Database, list_: WaitingList
) -> None:
    assert await offered(database, "anna", key="k1") and await offered(database, "anna", key="k1")
    assert not await offered(database, "anna", key="k2")
    found = await list_.get("salon", "anna")
    assert found is not None and (found.version, found.passed) == (1, (PLACE,))


async def test_d7_who_was_refused_is_offered_another_place(database: Database, list_: WaitingList) -> None:
    assert await offered(database, "anna")
    assert not await offered(database, "ben")
    assert await offered(database, "ben", "20261125T1000-lena", key="k-ben-2")


async def test_d7_who_has_booked_meanwhile_is_not_told(database: Database, list_: WaitingList) -> None:
    booked = appointment(contact="k-anna", agreed_at=NOON + HOUR)
    assert (await Appointments(database).book("b", "f", booked)).name == "done"
    assert not await offered(database, "anna") and await offered(database, "ben")


async def test_law_9_another_tenants_offer_is_no_obstacle(database: Database, list_: WaitingList) -> None:
    await list_.add(wish("dora", tenant="clinic"))
    mark = Mark("clinic", KIND, "dora", 1)
    assert await list_.offer("k", mark, PLACE, NOON + HOUR, NOON, lambda one: one.offered == PLACE)
    assert await offered(database, "anna")
    assert not await list_.offer("k9", Mark("clinic", KIND, "anna", 1), PLACE, NOON + HOUR, NOON, lambda one: False)
