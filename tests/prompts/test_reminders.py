"""Reminders: once for each version of an appointment, whatever becomes of Redis, and answers that mean that one."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from runtime.app import FrontDesk
from runtime.prompter import Prompter
from tests.prompts.desks import Customer, desk_at

REMINDER = "Erinnerung an Ihren Termin"
TUESDAY = "Herrenhaarschnitt bei Mara am Dienstag um 15 Uhr"


async def forget(desk: FrontDesk) -> None:
    """Redis loses all that it has."""
    await desk.sessions._routes.work.call(0, "FLUSHALL")


async def settled(anna: Customer, words: str = REMINDER) -> list[str]:
    """All parts with these words, once everything that may come has had the time to."""
    await asyncio.sleep(1.3)
    return [part.text for part in await anna.parts() if words in part.text]


@pytest.mark.slow
async def test_l3_a_reminder_in_forty_days_comes_once_though_redis_was_wiped(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as (desk, clock):
        anna = Customer(desk, clock)
        assert "Gebucht" in await anna.book("Herrenhaarschnitt bei Mara am 30. Dezember um 11 Uhr")
        assert await anna.later(days=20) == 0
        assert await anna.later(days=18, hours=23) == 1  # within a day: a timer in Redis
        assert await anna.later(minutes=1) == 0
        await forget(desk)
        assert await anna.later(minutes=1) == 1  # found again
        await anna.later(hours=2, minutes=10)
        part = await anna.waits_for(REMINDER)
        assert "Mittwoch, 30. Dezember, 11 Uhr" in part.text and "digitale Rezeption" in part.text
        await forget(desk)
        assert await anna.later(minutes=10) == 0  # told is told, whatever Redis remembers
        assert await settled(anna) == []


@pytest.mark.slow
async def test_a7_the_answer_moves_that_appointment(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as (desk, clock):
        anna = Customer(desk, clock)
        await anna.book(TUESDAY)
        await anna.later(days=3, hours=5, minutes=6)
        part = await anna.waits_for(REMINDER)
        assert [button.text for button in part.buttons] == ["Passt", "Verschieben", "Absagen"]
        assert "Schade" in await anna.say("Ich kann morgen leider nicht")
        await anna.press("Verschieben")
        assert "Soll ich den Termin so verschieben" in await anna.say("Mittwoch um 10 Uhr")
        assert "Verschoben" in await anna.say("ja")
        [booked] = await desk.appointments.all("demo")
        assert (booked.version, f"{booked.start:%d %H}") == (2, "25 09")


@pytest.mark.slow
async def test_l3_the_reminder_of_a_moved_or_cancelled_appointment_is_dead(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as (desk, clock):
        anna, ben = Customer(desk, clock), Customer(desk, clock, "ben")
        await anna.book(TUESDAY)
        await ben.book("Herrenhaarschnitt bei Jonas am Dienstag um 15 Uhr")
        assert await anna.later(days=3, hours=4) == 2  # both have a timer that is due in an hour
        await anna.say("Ich möchte meinen Termin auf Donnerstag um 11 Uhr verschieben")
        assert "Verschoben" in await anna.say("ja")
        await ben.say("Ich möchte meinen Termin absagen")
        assert "Abgesagt" in await ben.say("ja")
        await anna.later(hours=1, minutes=6)
        assert await settled(anna) == [] and await settled(ben) == []
        await anna.later(days=1, hours=20)
        assert "Donnerstag, 26. November, 11 Uhr" in (await anna.waits_for(REMINDER)).text


async def test_l3_what_was_agreed_on_after_its_time_is_not_told(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as (desk, clock):
        anna = Customer(desk, clock)
        await anna.book("Herrenhaarschnitt bei Jonas morgen um 9 Uhr")
        assert await anna.later(minutes=10) == 0


@pytest.mark.slow
async def test_l3_two_processes_that_look_at_once_tell_it_once(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as (desk, clock):
        anna = Customer(desk, clock)
        await anna.book(TUESDAY)
        await anna.later(days=3)
        clock.move(timedelta(hours=5, minutes=10))
        others = [Prompter(desk.sessions, desk.desks, desk.prompter.sources, clock, 0) for _ in range(3)]
        await asyncio.gather(*(one.once() for one in (desk.prompter, *others)))
        await anna.waits_for(REMINDER)
        await asyncio.gather(*(one.once() for one in (desk.prompter, *others)))
        assert len(await settled(anna)) == 1


@pytest.mark.slow
async def test_l3_a_process_that_dies_before_the_timer_does_not_take_it_along(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as (desk, clock):
        anna = Customer(desk, clock)
        await anna.book(TUESDAY)
        await anna.later(days=3)
    async with desk_at(tmp_path, "2026-11-23T15:10") as (desk, clock):
        bea = Customer(desk, clock)
        await bea.later(minutes=0)
        await bea.waits_for(REMINDER)
        assert "bis dann" in await bea.say("passt, danke")


@pytest.mark.slow
async def test_l8_a_no_show_is_asked_about_once_and_only_when_marked(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as (desk, clock):
        anna = Customer(desk, clock)
        await anna.book(TUESDAY)
        assert await anna.later(days=4, hours=7) == 0
        [booked] = await desk.appointments.all("demo")
        await desk.appointments.mark_no_show("demo", booked.id, clock.now())
        assert await anna.later(minutes=1) == 1
        await anna.waits_for("vermisst")
        await desk.appointments.mark_no_show("demo", booked.id, clock.now())
        await anna.later(minutes=20)
        assert len(await settled(anna, "vermisst")) == 1
