"""Appointments: no double booking, no doubled write, nothing half done, on every engine."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.errors import BugError
from runtime.records.appointments import Appointment, Appointments, Written, slice_numbers
from runtime.records.database import Database
from runtime.records.tables import appointments as appointments_table
from runtime.records.tables import ledger
from tests.records.samples import NOON, appointment, needed, occupied, rows_of
from tests.support.chance import tries

FIVE = timedelta(minutes=5)


async def move(desk: Appointments, key: str, one: Appointment, by: timedelta, contact: str = "") -> Written:
    """Move to another time, everything else as it was."""
    return await desk.move(
        key,
        f"move {by}",
        one.tenant,
        one.id,
        contact,
        start=one.start + by,
        end=one.end + by,
        busy_end=one.busy_end + by,
        person=one.person,
        resources=one.resources,
        price=one.price,
    )


class TestBooking:
    async def test_what_was_booked_is_read_back(self, database: Database) -> None:
        desk = Appointments(database)
        wanted = appointment(note="Bitte Termin per SMS bestätigen")
        assert await desk.book("k1", "f", wanted) == Written("done", wanted)
        assert await desk.get("salon", "a0") == wanted
        assert await desk.all() == (wanted,)
        assert await occupied(database) == needed(wanted)

    async def test_fifty_at_once_for_one_time_make_one_appointment(self, database: Database, other: Database) -> None:
        desks = [Appointments(database), Appointments(other)]
        writes = [desks[n % 2].book(f"k{n}", "f", appointment(n)) for n in range(50)]
        written = await asyncio.gather(*writes)
        assert Counter(one.name for one in written) == {"done": 1, "taken": 49}
        (booked,) = await desks[0].all()
        assert await occupied(database) == needed(booked)
        assert Counter(row["name"] for row in await rows_of(database, ledger)) == {"done": 1, "taken": 49}

    async def test_overlapping_spans_in_any_order_never_deadlock_for_good(
        self, database: Database, other: Database
    ) -> None:
        desks = [Appointments(database), Appointments(other)]
        rooms = [("staff:lena", "room:1"), ("room:1", "staff:lena"), ("room:2", "staff:lena"), ("room:1", "room:2")]
        writes = [
            desks[n % 2].book(f"k{n}", "f", appointment(n, start=NOON + FIVE * (n % 5), resources=rooms[n % 4]))
            for n in range(40)
        ]
        written = await asyncio.gather(*writes)
        booked = [one.appointment for one in written if one.appointment]
        assert booked
        assert await occupied(database) == needed(*booked)

    async def test_the_buffer_belongs_to_the_occupied_time(self, database: Database) -> None:
        desk = Appointments(database)
        await desk.book("k0", "f", appointment(0))
        assert (await desk.book("k1", "f", appointment(1, start=NOON + timedelta(minutes=35)))).name == "taken"
        assert (await desk.book("k2", "f", appointment(2, start=NOON + timedelta(minutes=40)))).name == "done"

    async def test_odd_minutes_are_rounded_outwards(self, database: Database) -> None:
        desk = Appointments(database)
        await desk.book("k0", "f", appointment(0, start=NOON + timedelta(minutes=2), minutes=31))
        busy = await desk.busy("salon", ["staff:lena", "room:9"], NOON - FIVE, NOON + timedelta(hours=1))
        first = int(NOON.timestamp()) // 300
        assert busy == {"staff:lena": frozenset(range(first, first + 9)), "room:9": frozenset()}

    async def test_busy_leaves_the_appointment_out_that_is_to_be_moved(self, database: Database) -> None:
        desk = Appointments(database)
        await desk.book("k0", "f", appointment(0))
        free = await desk.busy("salon", ["staff:lena"], NOON, NOON + timedelta(hours=1), without="a0")
        assert free == {"staff:lena": frozenset()}

    @pytest.mark.parametrize(
        "wrong",
        [
            {"resources": ()},
            {"end": NOON - FIVE},
            {"busy_end": NOON + FIVE},
            {"start": datetime(2026, 11, 24, 12, 0)},  # noqa: DTZ001  # naive on purpose
        ],
    )
    async def test_what_could_be_double_booked_is_a_bug(self, database: Database, wrong: dict[str, Any]) -> None:
        with pytest.raises(BugError):
            await Appointments(database).book("k", "f", dataclasses.replace(appointment(), **wrong))
        assert await rows_of(database, ledger) == []

    async def test_the_hour_that_comes_twice_has_two_times(self, database: Database) -> None:
        desk = Appointments(database)
        berlin = ZoneInfo("Europe/Berlin")
        first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=0)
        second = first.replace(fold=1)
        middle = first.astimezone(UTC) + timedelta(minutes=30)
        one = appointment(1, start=first, end=middle, busy_end=middle)
        end = second.astimezone(UTC) + timedelta(minutes=30)
        two = appointment(2, start=second, end=end, busy_end=end)
        assert (await desk.book("k1", "f", one)).name == "done"
        assert (await desk.book("k2", "f", two)).name == "done"
        starts = [found.start for found in await desk.all("salon")]
        assert starts == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)]
        assert not set(slice_numbers(first, middle)) & set(slice_numbers(second, end))


class TestOnce:
    async def test_the_same_key_gives_the_first_outcome_again(self, database: Database, other: Database) -> None:
        first = await Appointments(database).book("k", "f", appointment())
        again = await Appointments(other).book("k", "f", appointment())
        assert again == first == await Appointments(other).lookup("salon", "k")
        assert len(await rows_of(database, appointments_table)) == 1

    async def test_two_workers_race_one_key(self, database: Database, other: Database) -> None:
        desks = [Appointments(database), Appointments(other)]
        written = await asyncio.gather(*(desks[n % 2].book("k", "f", appointment()) for n in range(20)))
        assert set(written) == {Written("done", appointment())}
        assert len(await rows_of(database, ledger)) == 1

    async def test_two_workers_race_one_move(self, database: Database, other: Database) -> None:
        desks = [Appointments(database), Appointments(other)]
        await desks[0].book("k", "f", appointment())
        written = await asyncio.gather(*(move(desks[n % 2], "m", appointment(), FIVE) for n in range(10)))
        assert len(set(written)) == 1
        assert written[0].appointment is not None
        assert written[0].appointment.version == 2

    async def test_other_arguments_under_a_known_key_are_an_alarm(
        self, database: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        desk = Appointments(database)
        await desk.book("k", "f", appointment(1))
        with pytest.raises(BugError, match="alarm"):
            await desk.book("k", "other", appointment(2, start=NOON + timedelta(hours=2)))
        assert "alarm" in caplog.text
        assert await desk.all() == (appointment(1),)

    async def test_taken_is_an_outcome_that_stays(self, database: Database) -> None:
        desk = Appointments(database)
        await desk.book("k1", "f", appointment(1))
        assert (await desk.book("k2", "f", appointment(2))).name == "taken"
        await desk.cancel("k3", "f", "salon", "a1", "")
        assert await desk.book("k2", "f", appointment(2)) == Written("taken") == await desk.lookup("salon", "k2")

    async def test_an_id_used_for_two_appointments_is_a_bug_and_leaves_nothing(self, database: Database) -> None:
        desk = Appointments(database)
        await desk.book("k1", "f", appointment(1))
        with pytest.raises(BugError, match="another key"):
            await desk.book("k2", "f", appointment(1, start=NOON + timedelta(hours=2)))
        assert await desk.lookup("salon", "k2") is None
        assert await occupied(database) == needed(appointment(1))

    async def test_a_write_that_never_happened_is_not_known(self, database: Database) -> None:
        assert await Appointments(database).lookup("salon", "k") is None


class TestChanges:
    async def test_moving_by_one_slice(self, database: Database) -> None:
        desk = Appointments(database)
        before = appointment()
        await desk.book("k", "f", before)
        written = await move(desk, "m", before, FIVE)
        after = dataclasses.replace(
            before, start=NOON + FIVE, end=before.end + FIVE, busy_end=before.busy_end + FIVE, version=2
        )
        assert written == Written("done", after, before) == await desk.lookup("salon", "m")
        assert await occupied(database) == needed(after)
        assert await desk.get("salon", "a0") == after

    async def test_a_move_onto_a_taken_time_changes_nothing(self, database: Database) -> None:
        desk = Appointments(database)
        one, two = appointment(1), appointment(2, start=NOON + timedelta(hours=1))
        await desk.book("k1", "f", one)
        await desk.book("k2", "f", two)
        assert await move(desk, "m", one, timedelta(hours=1)) == Written("taken", before=one)
        assert await occupied(database) == needed(one, two)
        assert await desk.get("salon", "a1") == one

    async def test_two_that_swap_their_times_at_once_both_survive(self, database: Database, other: Database) -> None:
        desks = [Appointments(database), Appointments(other)]
        one, two = appointment(1), appointment(2, start=NOON + timedelta(hours=1))
        await desks[0].book("k1", "f", one)
        await desks[0].book("k2", "f", two)
        hour = timedelta(hours=1)
        written = await asyncio.gather(move(desks[0], "m1", one, hour), move(desks[1], "m2", two, -hour))
        assert {found.name for found in written} == {"taken"}
        assert await occupied(database) == needed(one, two)

    async def test_cancelling_frees_the_time_and_restoring_takes_it_again(self, database: Database) -> None:
        desk = Appointments(database)
        await desk.book("k", "f", appointment())
        cancelled = await desk.cancel("c", "f", "salon", "a0", "contact0")
        assert cancelled.appointment == appointment(status="cancelled", version=2)
        assert await occupied(database) == set()
        restored = await desk.restore("r", "f", "salon", "a0", "contact0")
        assert restored.appointment == appointment(version=3)
        assert await occupied(database) == needed(appointment())

    async def test_restoring_finds_that_the_time_has_gone(self, database: Database) -> None:
        desk = Appointments(database)
        await desk.book("k1", "f", appointment(1))
        await desk.cancel("c", "f", "salon", "a1", "")
        await desk.book("k2", "f", appointment(2))
        assert (await desk.restore("r", "f", "salon", "a1", "")).name == "taken"
        assert await occupied(database) == needed(appointment(2))

    async def test_what_is_not_in_the_needed_state_is_gone(self, database: Database) -> None:
        desk = Appointments(database)
        await desk.book("k", "f", appointment())
        assert await desk.restore("r", "f", "salon", "a0", "") == Written("gone")
        await desk.cancel("c1", "f", "salon", "a0", "")
        assert await desk.cancel("c2", "f", "salon", "a0", "") == Written("gone")
        assert await move(desk, "m", appointment(), FIVE) == Written("gone")
        assert await desk.cancel("c3", "f", "salon", "nothing", "") == Written("gone")

    async def test_somebody_elses_appointment_is_gone(self, database: Database) -> None:
        desk = Appointments(database)
        await desk.book("k", "f", appointment())
        assert (await desk.cancel("c", "f", "salon", "a0", "stranger")).name == "gone"
        assert (await move(desk, "m", appointment(), FIVE, contact="stranger")).name == "gone"
        assert await desk.all() == (appointment(),)


class TestReading:
    async def test_of_a_contact_by_id_or_by_phone(self, database: Database) -> None:
        desk = Appointments(database)
        mine = appointment(1, contact="me", phone="+4930111")
        later = appointment(2, contact="me", phone="+4930222", start=NOON + timedelta(days=1))
        by_phone = appointment(3, contact="them", phone="+4930111", start=NOON + timedelta(days=2))
        past = appointment(4, contact="me", start=NOON - timedelta(days=1))
        gone = appointment(5, contact="me", start=NOON + timedelta(days=3))
        for number, one in enumerate([by_phone, later, mine, past, gone]):
            await desk.book(f"k{number}", "f", one)
        await desk.cancel("c", "f", "salon", "a5", "")
        assert await desk.of_contact("salon", "me", after=NOON) == (mine, later)
        assert await desk.of_contact("salon", "me", after=NOON, phone="+4930111") == (mine, later, by_phone)
        assert await desk.of_contact("salon", "", after=NOON) == ()
        assert len(await desk.all("salon")) == 5

    async def test_tenants_are_walls(self, database: Database) -> None:
        desk = Appointments(database)
        ours, theirs = appointment(1), appointment(1, tenant="clinic")
        assert (await desk.book("k", "f", ours)).name == "done"
        assert (await desk.book("k", "other", theirs)).name == "done"
        assert await desk.get("salon", "a1") == ours
        assert await desk.get("garage", "a1") is None
        assert await desk.lookup("garage", "k") is None
        assert await desk.of_contact("garage", "contact1", after=NOON, phone=ours.phone) == ()
        assert await desk.busy("garage", ["staff:lena"], NOON, NOON + FIVE) == {"staff:lena": frozenset()}
        assert (await desk.cancel("c", "f", "garage", "a1", "")).name == "gone"
        assert await desk.all("clinic") == (theirs,)
        await desk.cancel("c", "f", "clinic", "a1", "")
        assert await occupied(database) == needed(ours)


Step = tuple[str, int, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["book", "move", "cancel", "restore"]),
        st.integers(0, 3),  # which appointment
        st.integers(0, 12),  # starts so many times five minutes after noon
        st.integers(0, 2),  # with whom
    ),
    max_size=14,
)
PEOPLE = (("staff:lena",), ("staff:tom", "room:1"), ("staff:lena", "room:1"))


async def run_step(desk: Appointments, tenant: str, number: int, step: Step) -> None:
    verb, which, offset, who = step
    wanted = appointment(which, tenant=tenant, start=NOON + FIVE * offset, minutes=20, resources=PEOPLE[who])
    key = f"{tenant}/{number}"
    # Each appointment has an id of its own, so a second booking of one is a booking of another.
    if verb == "book":
        await desk.book(key, "f", dataclasses.replace(wanted, id=f"{wanted.id}-{number}"))
        return
    here = [one for one in await desk.all(tenant) if one.id.startswith(f"a{which}-")]
    if not here:
        return
    if verb == "move":
        await move(desk, key, dataclasses.replace(here[-1], resources=PEOPLE[who]), wanted.start - here[-1].start)
    elif verb == "cancel":
        await desk.cancel(key, "f", tenant, here[-1].id, "")
    else:
        await desk.restore(key, "f", tenant, here[-1].id, "")


@settings(max_examples=tries(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_the_slices_are_always_those_of_the_booked(database: Database, steps: list[Step]) -> None:
    desk, tenant = Appointments(database), secrets.token_hex(6)
    for number, step in enumerate(steps):
        await run_step(desk, tenant, number, step)
        booked = [one for one in await desk.all(tenant) if one.status == "booked"]
        assert {row for row in await occupied(database) if row[0] == tenant} == needed(*booked)
        spans = [(r, n) for one in booked for r in one.resources for n in slice_numbers(one.start, one.busy_end)]
        assert len(spans) == len(set(spans))
