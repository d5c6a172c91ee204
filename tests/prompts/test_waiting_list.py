"""The waiting list: a place that becomes free is offered to one after the other, and booked by its confirm alone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from runtime.app import FrontDesk
from runtime.records.appointments import Appointment
from tests.prompts.desks import Customer, desk_at

FREE = "Es ist etwas frei geworden"
DAY = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""Tuesday, nine o'clock in Kassel."""


async def block(desk: FrontDesk, hours: float = 9) -> None:
    """Somebody has Mara's whole Tuesday."""
    end = DAY + timedelta(hours=hours)
    day = Appointment("all", "demo", "ben", "updo", "mara", "Ben", "", DAY, end, end, resources=("staff:mara",))
    assert (await desk.appointments.book("k-all", "f", day)).name == "done"


async def unblock(desk: FrontDesk) -> None:
    await desk.appointments.cancel("k-off", "f", "demo", "all", "ben")


async def joins(who: Customer) -> None:
    await who.say("Setzen Sie mich bitte für eine Hochsteckfrisur am Dienstag auf die Warteliste")
    await who.say(who.name.title())
    await who.say("0151 23456789")
    assert "Sie stehen auf der Warteliste" in await who.say("ja"), who.replies


async def asked(who: Customer) -> list[str]:
    await asyncio.sleep(1.3)
    return [part.text for part in await who.parts() if FREE in part.text]


@pytest.mark.slow
async def test_d7_a_freed_place_goes_to_the_first_then_to_the_next(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as (desk, clock):
        anna, cora = Customer(desk, clock), Customer(desk, clock, "cora")
        await block(desk)
        await joins(anna)
        await joins(cora)
        assert await anna.later(hours=1) == 0
        await unblock(desk)
        clock.move(timedelta(minutes=5))
        assert await desk.prompter.once() == 2  # a place for each, never two that overlap
        first, second = await anna.waits_for(FREE), await cora.waits_for(FREE)
        assert "9 Uhr" in first.text and "10:30 Uhr" in second.text
        assert await anna.later(minutes=10) == 0
        assert "Soll ich das verbindlich buchen" in await anna.say("ja, gern")
        assert "Gebucht" in await anna.say("ja")
        [booked] = [one for one in await desk.appointments.all("demo") if one.status == "booked"]
        assert booked.service == "updo" and booked.start == DAY


@pytest.mark.slow
async def test_d7_one_place_is_offered_to_one_at_a_time(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as (desk, clock):
        anna, cora = Customer(desk, clock), Customer(desk, clock, "cora")
        await block(desk)
        await joins(anna)
        await joins(cora)
        await unblock(desk)
        await block_but_one(desk)
        assert await anna.later(minutes=5) == 1
        await anna.waits_for(FREE)
        assert await asked(cora) == []
        assert await anna.later(minutes=65) == 1  # the hour is over: the next one
        await cora.waits_for(FREE)
        assert "bleiben auf der Warteliste" in await cora.say("nein, danke")
        assert await anna.later(minutes=65) == 0  # nobody is asked twice about one place
        assert len(await asked(anna)) == 1


async def block_but_one(desk: FrontDesk) -> None:
    """Only 9:00 is left of Mara's Tuesday."""
    start, end = DAY + timedelta(minutes=100), DAY + timedelta(hours=9)
    rest = Appointment("rest", "demo", "ben", "updo", "mara", "Ben", "", start, end, end, resources=("staff:mara",))
    assert (await desk.appointments.book("k-rest", "f", rest)).name == "done"


@pytest.mark.slow
async def test_d7_a_place_that_somebody_else_took_is_not_told(tmp_path: Path) -> None:
    async with desk_at(tmp_path, "2026-11-20T22:00") as (desk, clock):
        anna = Customer(desk, clock)
        await block(desk)
        await joins(anna)
        await unblock(desk)
        assert await anna.later(minutes=5) == 1  # at night: told in the morning
        await block_again(desk)
        clock.move(timedelta(hours=11))
        await desk.prompter.once()
        assert await asked(anna) == []


async def block_again(desk: FrontDesk) -> None:
    end = DAY + timedelta(hours=9)
    day = Appointment("again", "demo", "ben", "updo", "mara", "Ben", "", DAY, end, end, resources=("staff:mara",))
    assert (await desk.appointments.book("k-again", "f", day)).name == "done"


@pytest.mark.slow
async def test_d7_what_is_on_its_way_in_the_morning_is_not_offered_to_another_at_night(tmp_path: Path) -> None:
    async with desk_at(tmp_path, "2026-11-20T22:00") as (desk, clock):
        anna, cora = Customer(desk, clock), Customer(desk, clock, "cora")
        await block(desk)
        await joins(anna)
        await joins(cora)
        await unblock(desk)
        await block_but_one(desk)
        assert await anna.later(minutes=5) == 1
        assert await anna.later(minutes=5) == 0, "the one place waits for the morning, and for Anna"
