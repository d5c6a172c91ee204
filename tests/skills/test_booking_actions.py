"""Writes: done once however often they run, refused when the business's rules or another customer say no."""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.core.values import ANY, Value, When
from runtime.errors import BugError
from runtime.records.appointments import Appointment, Appointments
from runtime.records.database import Database
from tests.skills.desks import NOW, Booking
from tests.support.chance import tries
from tests.support.tenants import business, inline

THREE = "2026-11-24T15:00:00+01:00"
FOUR = "2026-11-24T16:00:00+01:00"


async def test_booking_writes_what_was_said(studio: Booking) -> None:
    said: dict[str, Value] = {"name": "Erika", "phone": "+4915155501", "guest": "Tochter", "price": "52.00"}
    what: dict[str, Value] = {"service": "haircut_women", "start": THREE, "staff": "mara"}
    outcome = await studio.call("book", {**what, **said})
    assert (outcome.kind, outcome.name) == ("done", "done")
    appointment = str(outcome.values["appointment"])
    assert outcome.values == {**what, "appointment": appointment, "end": FOUR, "price": "52.00"}
    stored = await studio.store.get("demo", appointment)
    assert stored is not None
    assert (stored.name, stored.phone, stored.note, stored.contact) == ("Erika", "+4915155501", "Tochter", "c1")
    assert stored.busy_end - stored.start == timedelta(minutes=65) and stored.resources == ("staff:mara",)


async def test_the_same_write_twice_is_one_appointment(studio: Booking) -> None:
    first = await studio.book(THREE, "haircut_women", "mara", key="k")
    again = await studio.book(THREE, "haircut_women", "mara", key="k")
    assert first == again and len(await studio.store.all("demo")) == 1
    assert await studio.lookup("book", "k", {"start": THREE}) == first
    assert await studio.lookup("book", "other", {}) is None
    with pytest.raises(BugError):
        await studio.book(FOUR, "haircut_women", "mara", key="k")


async def test_a_write_that_was_done_stands_when_rules_change(studio: Booking) -> None:
    first = await studio.book(THREE, "haircut_women", "mara", key="k")
    studio.now = datetime(2027, 1, 1, tzinfo=UTC)
    assert (await studio.book(THREE, "haircut_women", "mara", key="k")).values == first.values


async def test_anybody_is_somebody_who_is_free(studio: Booking) -> None:
    people = [(await studio.book(THREE, "haircut_women", ANY)).values.get("staff") for _ in range(3)]
    assert people == ["mara", "jonas", None]  # the third one is off on Tuesdays
    assert (await studio.book(THREE, "haircut_women", ANY)).name == "taken"


async def test_taken_stays_taken_for_its_key(studio: Booking) -> None:
    first = await studio.book(THREE, "haircut_women", "mara")
    refused = await studio.book(THREE, "haircut_women", "mara", key="late", contact="c2")
    assert (refused.kind, refused.name) == ("refused", "taken")
    await studio.call("cancel", {"appointment": first.values["appointment"]})
    assert (await studio.book(THREE, "haircut_women", "mara", key="late", contact="c2")).name == "taken"


@pytest.mark.parametrize(
    ("start", "staff", "name"),
    [
        ("2026-11-20T12:00:00+01:00", "mara", "past"),
        ("2026-11-22T15:00:00+01:00", "mara", "closed"),
        ("2026-11-24T17:30:00+01:00", "mara", "closed"),
        ("2026-11-28T10:00:00+01:00", "mara", "closed"),
        ("2026-12-24T10:00:00+01:00", "mara", "closed"),
        ("2026-11-20T13:15:00+01:00", "jonas", "done"),  # the notice was kept when it was offered
        ("soon", "mara", "failed"),
    ],
)
async def test_rules_are_checked_again(studio: Booking, start: str, staff: str, name: str) -> None:
    assert (await studio.book(start, "haircut_women", staff)).name == name


async def test_moving(studio: Booking) -> None:
    booked = await studio.book(THREE, "haircut_women", "mara")
    appointment = booked.values["appointment"]
    arguments = {"appointment": appointment, "start": "2026-11-24T15:30:00+01:00", "staff": ANY}
    moved = await studio.call("move", arguments, key="m")
    assert moved.values["before_start"] == THREE and moved.values["before_staff"] == "mara"
    assert moved.values["start"] == "2026-11-24T15:30:00+01:00" and moved.values["staff"] == "mara"
    assert await studio.call("move", arguments, key="m") == moved
    assert await studio.lookup("move", "m", arguments) == moved
    await studio.book("2026-11-25T10:00:00+01:00", "haircut_women", "mara", contact="c2")
    blocked = await studio.call(
        "move", {"appointment": appointment, "start": "2026-11-25T10:00:00+01:00", "staff": "mara"}
    )
    assert (blocked.kind, blocked.name) == ("refused", "taken")
    closed = await studio.call("move", {"appointment": appointment, "start": "2026-11-23T10:00:00+01:00"})
    assert closed.name == "closed"


async def test_cancelling(studio: Booking) -> None:
    booked = await studio.book(THREE, "haircut_women", "mara")
    arguments = {"appointment": booked.values["appointment"]}
    cancelled = await studio.call("cancel", arguments, key="c")
    assert cancelled.values == booked.values and await studio.call("cancel", arguments, key="c") == cancelled
    assert (await studio.call("cancel", arguments)).name == "gone"
    assert (await studio.book(THREE, "haircut_women", "mara")).name == "done"
    assert (await studio.call("cancel", {"appointment": "no-such"})).name == "gone"


async def test_others_appointments_are_out_of_reach(studio: Booking) -> None:
    booked = await studio.book(THREE, "haircut_women", "mara")
    arguments = {"appointment": booked.values["appointment"]}
    assert (await studio.call("cancel", arguments, contact="stranger")).name == "gone"
    assert (await studio.call("move", {**arguments, "start": FOUR}, contact="stranger")).name == "gone"
    elsewhere = Booking(studio.store, dataclasses.replace(business("demo"), tenant="other"))
    assert (await elsewhere.call("cancel", arguments)).name == "gone"


async def test_undoing_a_booking(studio: Booking) -> None:
    booked = await studio.book(THREE, "haircut_women", "mara", key="b")
    undone = await studio.call("undo", {"of": "b"}, key="u")
    assert undone.values["undone"] == "booked" and undone.values["appointment"] == booked.values["appointment"]
    assert await studio.call("undo", {"of": "b"}, key="u") == undone
    found = await studio.lookup("undo", "u", {"of": "b"})
    assert found is not None and found.values["undone"] == "booked"
    assert (await studio.call("undo", {"of": "b"})).name == "gone"
    assert (await studio.call("my_appointments", {})).name == "none"


async def test_undoing_a_move(studio: Booking) -> None:
    booked = await studio.book(THREE, "haircut_women", "mara")
    appointment = booked.values["appointment"]
    await studio.call("move", {"appointment": appointment, "start": "2026-11-25T10:00:00+01:00"}, key="m")
    undone = await studio.call("undo", {"of": "m"}, key="u")
    assert undone.values["undone"] == "moved" and undone.values["start"] == THREE
    assert await studio.call("undo", {"of": "m"}, key="u") == undone
    await studio.call("move", {"appointment": appointment, "start": "2026-11-25T10:00:00+01:00"}, key="m2")
    assert (await studio.book(THREE, "haircut_women", "mara", contact="c2")).name == "done"
    assert (await studio.call("undo", {"of": "m2"})).name == "taken"
    await studio.call("move", {"appointment": appointment, "start": "2026-11-25T16:00:00+01:00"})
    assert (await studio.call("undo", {"of": "m2"})).name == "gone"


async def test_undoing_a_cancellation(studio: Booking) -> None:
    booked = await studio.book(THREE, "haircut_women", "mara")
    arguments = {"appointment": booked.values["appointment"]}
    await studio.call("cancel", arguments, key="c")
    undone = await studio.call("undo", {"of": "c"}, key="u")
    assert undone.values["undone"] == "cancelled" and undone.values["start"] == THREE
    assert (await studio.call("undo", {"of": "u"})).values["undone"] == "booked"
    again = await studio.book(THREE, "haircut_women", "mara")
    await studio.call("cancel", {"appointment": again.values["appointment"]}, key="c2")
    await studio.book(THREE, "haircut_women", "mara", contact="c2")
    assert (await studio.call("undo", {"of": "c2"})).name == "taken"
    studio.now = datetime(2026, 12, 1, tzinfo=UTC)
    assert (await studio.call("undo", {"of": "c2"})).name == "past"
    assert (await studio.call("undo", {"of": "never"})).name == "gone"


async def test_my_appointments(studio: Booking) -> None:
    assert (await studio.call("my_appointments", {})).name == "none"
    first = await studio.book(THREE, "haircut_women", "mara")
    one = await studio.call("my_appointments", {})
    assert one.name == "one" and one.values["count"] == 1
    assert one.values["appointment"] == first.values["appointment"] and one.values["start"] == THREE
    await studio.book("2026-11-25T10:00:00+01:00", "beard", "jonas")
    several = await studio.call("my_appointments", {})
    assert several.name == "several" and several.values == {"count": 2}
    assert several.offers[0].values == {"appointment": first.values["appointment"]}
    assert several.offers[1].facts == {
        "service_name": "Bartpflege", "service": "beard", "start": "2026-11-25T10:00:00+01:00", "staff": "jonas",
        "staff_name": "Jonas Petri",
    }  # fmt: skip
    by_day = await studio.call("my_appointments", {"when": When(days=(date(2026, 11, 25),))})
    assert by_day.name == "one" and by_day.values["service"] == "beard"
    assert (await studio.call("my_appointments", {"service": "haircut_women"})).name == "one"
    assert (await studio.call("my_appointments", {"service": "color"})).name == "several"
    assert (await studio.call("my_appointments", {}, contact="c2")).name == "none"
    studio.now = NOW + timedelta(days=30)
    assert (await studio.call("my_appointments", {})).name == "none"


async def test_a_service_that_is_gone_can_still_be_moved(store: Appointments) -> None:
    hours = 'hours: {tue: "9-18"}\npolicies: {lead_min: 0}\nservices: '
    before = Booking(store, inline(hours + "[{id: cut, duration_min: 45, buffer_min: 15}]"))
    booked = await before.book("2026-11-24T09:00:00+01:00", "cut")
    after = Booking(store, inline(hours + "[{id: other, duration_min: 10}]"))
    appointment = booked.values["appointment"]
    moved = await after.call("move", {"appointment": appointment, "start": "2026-11-24T11:00:00+01:00"}, key="x")
    assert moved.values["end"] == "2026-11-24T11:45:00+01:00"
    assert (await after.call("my_appointments", {})).offers[0].facts["service_name"] == "cut"


wishes = st.lists(
    st.tuples(
        st.sampled_from(["book", "move", "cancel", "undo"]),
        st.integers(0, 35),
        st.sampled_from(["cut", "color"]),
        st.sampled_from(["a", "b", ANY]),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=14,
)


@given(wishes)
@settings(max_examples=tries(12), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_two_appointments_ever_overlap(steps: list[tuple[str, int, str, str, int]]) -> None:
    asyncio.run(_play(steps))


async def _play(steps: list[tuple[str, int, str, str, int]]) -> None:
    own = inline(
        'hours: {tue: "9-18"}\npolicies: {lead_min: 0}\nstaff: [a, b]\nrooms: [r]\n'
        "services:\n - {id: cut, duration_min: 40, buffer_min: 7}\n - {id: color, duration_min: 95, rooms: [r]}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite:///{Path(folder)}/records.db")
        try:
            booking = Booking(Appointments(database), own)
            made: list[str] = ["none"]
            for number, (action, quarter, service, staff, which) in enumerate(steps):
                start = (datetime(2026, 11, 24, 8, tzinfo=UTC) + timedelta(minutes=15 * quarter)).isoformat()
                target = made[which % len(made)]
                arguments = {
                    "service": service,
                    "start": start,
                    "staff": staff,
                    "appointment": target,
                    "of": f"k{which}",
                }
                outcome = await booking.call(action, dict(arguments), key=f"k{number}")
                if action == "book" and outcome.name == "done":
                    made.append(str(outcome.values["appointment"]))
                await _check_walls(booking)
        finally:
            await database.close()


async def _check_walls(booking: Booking) -> None:
    booked = [one for one in await booking.store.all("test") if one.status == "booked"]
    for resource in {resource for one in booked for resource in one.resources}:
        own = sorted((one for one in booked if resource in one.resources), key=lambda one: one.start)
        assert all(first.busy_end <= second.start for first, second in pairwise(own))


async def test_law_7_of_very_many_appointments_the_next_ones_are_named(studio: Booking) -> None:
    for number in range(20):
        start = datetime(2026, 12, 1, 8, tzinfo=UTC) + timedelta(days=number)
        end = start + timedelta(minutes=60)
        one = Appointment(
            f"a{number}", "demo", "c1", "haircut_women", "mara", "Erika", "", start, end, end, resources=("staff:mara",)
        )
        assert (await studio.store.book(f"k{number}", "f", one)).name == "done"
    named = [offer.id for offer in (await studio.call("my_appointments", {})).offers]
    assert named == [f"a{number}" for number in range(12)]
