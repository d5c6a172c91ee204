"""Rooms and equipment beside people, several of a kind, and days that somebody is away."""

from __future__ import annotations

import asyncio
from datetime import date

from runtime.records.appointments import Appointments
from tests.skills.desks import TUESDAY, Booking, on, starts
from tests.support.tenants import inline

WEDNESDAY = date(2026, 11, 25)
SPA = """
hours: {mon-fri: "09:00-12:00"}
staff:
  - {id: anna, name: Anna}
  - {id: ben, name: Ben, absences: [{from: 2026-11-24, to: 2026-11-25}, 2026-12-24]}
  - {id: cem, name: Cem}
rooms:
  - {id: sauna, name: Sauna, capacity: 2}
  - {id: blue, name: Blue room}
equipment:
  - {id: laser, name: Laser, count: 2}
  - {id: table, name: Table}
services:
  - {id: hair, name: Hair removal, duration_min: 60, equipment: [laser]}
  - {id: twin, name: Twin treatment, duration_min: 60, equipment: [laser, laser]}
  - {id: massage, name: Massage, duration_min: 60, rooms: [blue], equipment: [table]}
  - {id: steam, name: Steam, duration_min: 60, rooms: [sauna]}
  - {id: wax, name: Waxing, duration_min: 60, rooms: [blue, sauna]}
"""
NINE = "2026-11-24T09:00"


def spa(store: Appointments) -> Booking:
    return Booking(store, inline(SPA))


async def booked(store: Appointments) -> list[tuple[str, ...]]:
    return [one.resources for one in await store.all("test")]


async def test_as_many_at_a_time_as_there_are_pieces(store: Appointments) -> None:
    one = spa(store)
    names = [(await one.book(NINE, "hair", person)).name for person in ("anna", "cem")]
    assert names == ["done", "done"]
    assert set(await booked(store)) == {("staff:anna", "equipment:laser"), ("staff:cem", "equipment:laser#2")}
    assert (await one.book("2026-11-26T09:00", "hair", "ben")).name == "done"


async def test_a_third_one_is_taken_though_somebody_is_free(store: Appointments) -> None:
    one = Booking(store, inline(SPA.replace("count: 2", "count: 1")))
    await one.book(NINE, "hair", "anna")
    assert (await one.book(NINE, "hair", "cem")).name == "taken"
    found = await one.find(service="hair", start=on(TUESDAY, 9))
    assert found.name == "offers" and found.values["notice"] == "taken"
    assert "24 09:00" not in starts(found) and "24 10:00" in starts(found)


async def test_what_needs_two_pieces_takes_two(store: Appointments) -> None:
    one = spa(store)
    await one.book(NINE, "hair", "anna")
    assert (await one.book(NINE, "twin", "cem")).name == "taken"
    assert (await one.book("2026-11-24T10:00", "twin", "cem")).name == "done"


async def test_room_and_equipment_are_both_needed(store: Appointments) -> None:
    one = spa(store)
    await one.book(NINE, "massage", "anna")
    assert ("staff:anna", "room:blue", "equipment:table") in await booked(store)
    assert (await one.book(NINE, "massage", "cem")).name == "taken"
    assert (await one.book(NINE, "wax", "cem")).name == "done"


async def test_a_room_with_places_takes_several(store: Appointments) -> None:
    one = spa(store)
    assert [(await one.book(NINE, "steam", p)).name for p in ("anna", "cem")] == ["done", "done"]
    assert {resources[1] for resources in await booked(store)} == {"room:sauna", "room:sauna#2"}


async def test_two_at_once_get_a_unit_each_by_the_key_alone(store: Appointments) -> None:
    """Both saw the first unit free; who comes second takes the other one instead of losing the time."""
    one = spa(store)
    outcomes = await asyncio.gather(one.book(NINE, "hair", "anna"), one.book(NINE, "hair", "cem"))
    assert [outcome.name for outcome in outcomes] == ["done", "done"]
    assert {resources[1] for resources in await booked(store)} == {"equipment:laser", "equipment:laser#2"}


async def test_a_cancelled_one_frees_its_unit(store: Appointments) -> None:
    one = Booking(store, inline(SPA.replace("count: 2", "count: 1")))
    booking = await one.book(NINE, "hair", "anna")
    await one.call("cancel", {"appointment": booking.values["appointment"]})
    assert (await one.book(NINE, "hair", "cem")).name == "done"


async def test_who_is_away_is_not_offered(store: Appointments) -> None:
    one = spa(store)
    found = await one.find(service="hair", start=on(TUESDAY, 9), staff="ben")
    assert found.values["notice"] == "staff_off"
    assert (await one.book(NINE, "hair", "ben")).name == "closed"
    assert all(offer.values["staff"] != "ben" for offer in (await one.find(service="hair", start=on(WEDNESDAY))).offers)
