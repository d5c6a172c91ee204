"""Which times are free: hours, breaks, buffers, notice, horizon, holidays, rooms, and nights of 23 or 25 hours."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from runtime.core.business import Business, Opening, Person, Policies, Service
from skills.booking.day_plans import MOST_BUSINESSES, plans_of
from skills.booking.free_times import Busy, Calendar, staff_of
from skills.booking.local_time import instant_of, slice_of, slices_for, wall_to_slice
from tests.support.tenants import business, inline

BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = date(2026, 11, 24)
FRIDAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
EARLY = datetime(2026, 1, 2, 12, tzinfo=UTC)
SPRING = date(2027, 3, 28)
AUTUMN = date(2026, 10, 25)


def calendar(own: Business, *, now: datetime = FRIDAY, service: str = "cut") -> Calendar:
    wanted = own.service(service)
    assert wanted is not None
    return Calendar(own, wanted, staff_of(own, wanted), now)


def clocks(own: Business, day: date = TUESDAY, busy: Busy | None = None, now: datetime = FRIDAY) -> list[str]:
    return [f"{free.start:%H:%M}" for free in calendar(own, now=now).free_on(day, busy or {})]


def shop(
    hours: str = '{tue: "9-12"}', service: str = "duration_min: 60", policies: str = "", more: str = ""
) -> Business:
    return inline(
        f"hours: {hours}\nservices: [{{id: cut, {service}}}]\n"
        f"policies: {{lead_min: 0, slot_step_min: 30, {policies}}}\n{more}\n"
    )


def taken(resource: str, start: str, end: str, day: date = TUESDAY) -> Busy:
    first, last = (slice_of(datetime.combine(day, time.fromisoformat(clock), BERLIN)) for clock in (start, end))
    return {resource: frozenset(range(first, last))}


def test_the_last_start_lets_the_service_end_by_closing_time() -> None:
    assert clocks(shop()) == ["09:00", "09:30", "10:00", "10:30", "11:00"]


def test_starts_are_aligned_to_opening() -> None:
    assert clocks(shop('{tue: "9:20-11:30"}')) == ["09:20", "09:50", "10:20"]


def test_durations_and_steps_are_rounded_up_to_slices() -> None:
    assert slices_for(61) == 13 and slices_for(60) == 12 and slices_for(0) == 0
    found = calendar(shop(service="duration_min: 58, buffer_min: 3")).free_on(TUESDAY, {})[0]
    assert f"{found.end:%H:%M}" == "09:58" and f"{found.busy_end:%H:%M}" == "10:05"


def test_nothing_runs_through_the_lunch_break() -> None:
    own = shop('{tue: ["9-12", "13-15"]}')
    assert clocks(own) == ["09:00", "09:30", "10:00", "10:30", "11:00", "13:00", "13:30", "14:00"]


def test_a_persons_own_break_counts_too() -> None:
    own = shop('{tue: "9-14"}', more='staff: [{id: a, hours: {tue: ["9-10:30", "11:30-13"]}}]')
    assert clocks(own) == ["09:00", "09:30", "11:30", "12:00"]


def test_a_persons_hours_end_with_the_business() -> None:
    own = shop('{tue: "9-11"}', more='staff: [{id: a, hours: {tue: "8-18"}}]')
    assert clocks(own) == ["09:00", "09:30", "10:00"]


def test_staff_hours_alone_open_a_business_without_hours() -> None:
    own = inline(
        "services: [{id: cut, duration_min: 60}]\npolicies: {lead_min: 0, slot_step_min: 60}\n"
        'staff: [{id: a, hours: {tue: "9-11"}}, {id: b, hours: {tue: "10-12"}}]'
    )
    assert clocks(own) == ["09:00", "10:00", "11:00"]


def test_a_buffer_keeps_the_next_one_away_but_may_run_past_closing() -> None:
    own = shop(service="duration_min: 30, buffer_min: 30")
    assert clocks(own)[-1] == "11:30"
    assert clocks(own, busy=taken("desk", "10:00", "11:00")) == ["09:00", "11:00", "11:30"]


def test_busy_times_are_left_out() -> None:
    assert clocks(shop(), busy=taken("desk", "10:00", "10:05")) == ["09:00", "10:30", "11:00"]


def test_notice_and_horizon() -> None:
    now = datetime.combine(TUESDAY, time(9, 10), BERLIN)
    own = shop(policies="horizon_days: 7", service="duration_min: 30")
    assert clocks(own, now=now)[0] == "09:30"
    late = inline(
        'hours: {tue: "9-12"}\nservices: [{id: cut, duration_min: 30}]\npolicies: {lead_min: 90, horizon_days: 7}'
    )
    assert clocks(late, now=now)[0] == "10:45"
    assert clocks(own, TUESDAY + timedelta(days=7), now=now)
    assert not clocks(own, TUESDAY + timedelta(days=14), now=now)
    assert not clocks(own, TUESDAY - timedelta(days=7), now=now)


def test_holidays_close_and_may_have_their_own_hours() -> None:
    own = shop(more='holidays: [2026-11-24, {date: 2026-12-01, hours: "9-10"}]')
    assert clocks(own) == []
    assert clocks(own, date(2026, 12, 1)) == ["09:00"]


def test_everybody_who_does_the_service_counts_the_least_busy_first() -> None:
    own = shop('{tue: "9-11"}', more="staff: [{id: a}, {id: b}]")
    free = calendar(own).free_on(TUESDAY, taken("staff:a", "10:00", "11:00"))
    assert [(f"{one.start:%H:%M}", one.staff) for one in free] == [("09:00", "b"), ("09:30", "b"), ("10:00", "b")]
    both = {**taken("staff:a", "09:00", "09:30"), **taken("staff:b", "09:30", "11:00")}
    full = calendar(own).free_on(TUESDAY, both)
    assert [(f"{one.start:%H:%M}", one.staff) for one in full] == [("09:30", "a"), ("10:00", "a")]


def test_a_newly_published_snapshot_has_days_of_its_own() -> None:
    before = shop('{tue: "9-10"}')
    assert clocks(before) == clocks(before) == ["09:00"]
    for hour in range(10, 12):
        assert clocks(shop(f'{{tue: "{hour}-{hour + 1}"}}')) == [f"{hour}:00"]
    assert clocks(before) == ["09:00"]


def test_only_so_many_snapshots_are_kept() -> None:
    first = shop('{tue: "9-10"}')
    kept = plans_of(first)
    assert plans_of(first) is kept
    for _ in range(MOST_BUSINESSES):
        plans_of(dataclasses.replace(first))
    assert plans_of(first) is not kept


def test_a_room_is_needed_where_the_service_names_rooms() -> None:
    own = shop(
        '{tue: "9-11"}', service="duration_min: 60, rooms: [one, two]", more="staff: [{id: a}]\nrooms: [one, two]"
    )
    one_taken = taken("room:one", "09:00", "10:00")
    first = calendar(own).free_on(TUESDAY, one_taken)[0]
    assert first.resources == ("staff:a", "room:two")
    assert clocks(own, busy={**one_taken, **taken("room:two", "09:00", "10:00")}) == ["10:00"]


def night_shop() -> Business:
    return shop('{sun: "00:00-06:00"}', service="duration_min: 30")


def test_the_hour_that_spring_skips_is_not_offered() -> None:
    found = clocks(night_shop(), SPRING, now=datetime(2027, 3, 20, tzinfo=UTC))
    assert "01:30" in found and "02:00" not in found and "02:30" not in found and "03:00" in found
    assert len(found) == 10  # five hours


def test_the_hour_that_autumn_repeats_is_offered_once() -> None:
    free = calendar(night_shop(), now=datetime(2026, 10, 20, tzinfo=UTC)).free_on(AUTUMN, {})
    found = [f"{one.start:%H:%M}" for one in free]
    assert found == sorted(set(found)) and "02:30" in found
    half_past_two = next(one for one in free if f"{one.start:%H:%M}" == "02:30")
    assert half_past_two.start.utcoffset() == timedelta(hours=2)


def test_services_last_as_long_in_those_nights() -> None:
    own = shop('{sun: "00:00-06:00"}', service="duration_min: 180")
    for day, now in ((SPRING, datetime(2027, 3, 20, tzinfo=UTC)), (AUTUMN, datetime(2026, 10, 20, tzinfo=UTC))):
        for one in calendar(own, now=now).free_on(day, {}):
            assert (one.end.astimezone(UTC) - one.start.astimezone(UTC)) == timedelta(hours=3)
            assert one.end.astimezone(UTC) <= datetime.combine(day, time(6), BERLIN).astimezone(UTC)
    assert clocks(own, SPRING, now=datetime(2027, 3, 20, tzinfo=UTC))[-1] == "03:00"
    assert clocks(own, AUTUMN, now=datetime(2026, 10, 20, tzinfo=UTC))[-1] == "03:00"


def test_opening_in_the_gap_means_after_the_gap() -> None:
    for minute in (120, 150, 175):
        assert instant_of(wall_to_slice(BERLIN, SPRING, minute)) == datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert instant_of(wall_to_slice(BERLIN, SPRING, 1440)) == datetime(2027, 3, 28, 22, tzinfo=UTC)


def test_a_day_in_graz_and_one_in_london() -> None:
    graz = business("physio")
    found = calendar(graz, service="lymphe").free_on(date(2026, 11, 27), {})
    assert {one.staff for one in found} == {"kofler"} and f"{found[-1].start:%H:%M}" == "12:00"
    london = business("bikes")
    free = calendar(london, service="puncture").free_on(date(2026, 11, 28), {})
    assert {one.staff for one in free} == {"desk"} and free[0].resources == ("desk",)
    assert f"{free[0].start:%H:%M}" == "10:00" and f"{free[-1].start:%H:%M}" == "15:40"


quarter = st.integers(0, 95).map(lambda number: number * 15)


@st.composite
def openings(draw: st.DrawFn) -> tuple[Opening, ...]:
    found = []
    for weekday in range(7):
        edges = sorted(draw(st.sets(quarter, min_size=0, max_size=4)))
        for start, end in zip(edges[::2], edges[1::2], strict=False):
            found.append(Opening(weekday, time(start // 60, start % 60), time(end // 60, end % 60)))
    return tuple(found)


@st.composite
def businesses(draw: st.DrawFn) -> Business:
    zone = draw(st.sampled_from(["Europe/Berlin", "Europe/London", "America/St_Johns", "Australia/Lord_Howe"]))
    staff = tuple(Person(name, name, draw(openings())) for name in draw(st.sampled_from([(), ("a",), ("a", "b")])))
    service = Service(
        "cut", {"de": "x"}, (), draw(st.integers(1, 200)), "", (), buffer_min=draw(st.integers(0, 40)),
        rooms=draw(st.sampled_from([(), ("r",)])),
    )  # fmt: skip
    policies = Policies(lead_min=draw(st.integers(0, 300)), horizon_days=400, slot_step_min=draw(st.integers(5, 60)))
    return Business(
        "t", "T", zone, "DE", ("de",), hours=draw(openings()), staff=staff, services=(service,), policies=policies
    )


days = st.one_of(
    st.dates(date(2026, 1, 3), date(2026, 12, 31)),
    st.sampled_from(
        [
            date(2026, 3, 29),
            date(2026, 10, 25),
            date(2026, 3, 8),
            date(2026, 11, 1),
            date(2026, 4, 5),
            date(2026, 10, 4),
        ]
    ),
)
busies = st.dictionaries(
    st.sampled_from(["desk", "staff:a", "staff:b", "room:r"]),
    st.lists(st.tuples(st.integers(0, 287), st.integers(1, 40))),
)


@given(businesses(), days, busies)
def test_every_offered_time_is_allowed_and_free(
    own: Business, day: date, spans: dict[str, list[tuple[int, int]]]
) -> None:
    zone = ZoneInfo(own.timezone)
    midnight = slice_of(datetime.combine(day, time(), zone))
    busy = {
        name: frozenset(n for start, length in ranges for n in range(midnight + start, midnight + start + length))
        for name, ranges in spans.items()
    }
    searched = calendar(own, now=EARLY)
    service = own.services[0]
    for free in searched.free_on(day, busy):
        start, end = free.start.astimezone(UTC), free.end.astimezone(UTC)
        assert free.start.date() == day and start >= EARLY + timedelta(minutes=own.policies.lead_min)
        assert end - start == timedelta(minutes=service.duration_min)
        assert free.start.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == free.start.replace(tzinfo=None)
        needed = range(
            slice_of(start), slice_of(start) + slices_for(service.duration_min) + slices_for(service.buffer_min)
        )
        assert all(busy.get(resource, frozenset()).isdisjoint(needed) for resource in free.resources)
        assert any(_within(opening, free.start, end, zone) for opening in searched.openings_on(day))
        person = own.person(free.staff)
        assert person is None or not person.hours or any(_within(o, free.start, end, zone) for o in person.hours)
        assert searched.at(free.start, free.staff, busy) == free
        assert free.staff in searched.staff and len(free.resources) == 1 + bool(service.rooms)


def _within(opening: Opening, start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    if opening.weekday != start.weekday() or not opening.start <= start.time():
        return False
    closing = datetime.combine(start.date(), opening.end, zone)
    # In the spring gap a closing time that does not exist is the moment after the gap.
    return end <= max(closing.astimezone(UTC), closing.replace(fold=1).astimezone(UTC))
