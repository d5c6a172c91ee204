"""What is offered for a wish, and which reason is given when it cannot be had. The demo studio, a Friday at 13:00."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from runtime.core.events import Outcome
from runtime.core.values import ANY, Value, When
from runtime.records.appointments import Appointments
from tests.skills.desks import TUESDAY, Booking, on, starts
from tests.support.tenants import business, inline

SUNDAY, MONDAY, SATURDAY = date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 28)
TODAY = date(2026, 11, 20)


async def find(studio: Booking, start: Value, service: str = "haircut_women", **more: Value) -> Outcome:
    outcome = await studio.find(service=service, start=start, **more)
    assert outcome.kind == "done" and len(outcome.offers) <= 3
    assert outcome.name == "none" or outcome.offers
    moments = [str(offer.values["start"]) for offer in outcome.offers]
    assert moments == sorted(set(moments), key=datetime.fromisoformat)
    return outcome


async def test_an_exact_wish_that_is_free_is_found(studio: Booking) -> None:
    outcome = await find(studio, on(TUESDAY, 15, 3))
    assert outcome.name == "found" and outcome.values == {"notice": ""}
    (offer,) = outcome.offers
    assert offer.id == "20261124T1400-mara"
    assert offer.values == {"start": "2026-11-24T15:00:00+01:00", "staff": "mara", "end": "2026-11-24T16:00:00+01:00"}
    assert offer.facts == {"staff_name": "Mara Lindner", "service_name": "Damenhaarschnitt"}


async def test_an_iso_start_is_exact_too(studio: Booking) -> None:
    assert starts(await find(studio, "2026-11-24T15:00:00+01:00")) == ["24 15:00"]
    assert (await find(studio, "2026-11-24T14:00:00Z")).name == "found"
    assert (await find(studio, "2026-11-24T15:00")).name == "found"


async def test_the_first_reading_inside_opening_hours_wins(studio: Booking) -> None:
    assert starts(await find(studio, on(TUESDAY, 3, 15))) == ["24 15:00"]
    assert starts(await find(studio, on(TUESDAY, 10, 22))) == ["24 10:00"]


async def test_a_taken_time_gives_near_ones(studio: Booking) -> None:
    await studio.book("2026-11-24T15:00:00+01:00", "haircut_women", "mara")
    outcome = await find(studio, on(TUESDAY, 15), staff="mara")
    assert (outcome.name, outcome.values["notice"]) == ("offers", "taken")
    assert starts(outcome) == ["24 13:45", "24 16:15", "24 16:45"]


async def test_somebody_else_who_is_free_then_is_found(studio: Booking) -> None:
    await studio.book("2026-11-24T15:00:00+01:00", "haircut_women", "mara")
    outcome = await find(studio, on(TUESDAY, 15), staff=ANY)
    assert outcome.name == "found" and outcome.offers[0].values["staff"] == "jonas"


@pytest.mark.parametrize(
    ("wish", "notice"),
    [
        (on(TODAY, 10), "past"),
        (on(date(2026, 11, 17), 10), "past"),
        (When(days=(date(2026, 11, 17),)), "past"),
        (When(days=(TODAY,), clock=(time(13, 30),)), "too_soon"),
        (on(date(2027, 11, 20), 10), "too_far"),
        (When(days=(date(2027, 11, 20),)), "too_far"),
        (on(SUNDAY, 15), "closed"),
        (on(SATURDAY, 16), "closed"),
        (When(days=(SUNDAY,)), "closed"),
        (When(days=(SATURDAY,), from_clock=time(15), until_clock=time(18)), "closed"),
        (When(days=(date(2026, 12, 25),)), "closed"),
        (When(days=(TUESDAY,), clock=(time(17, 30),)), "nothing_then"),
    ],
)
async def test_reasons(studio: Booking, wish: When, notice: str) -> None:
    outcome = await find(studio, wish)
    assert (outcome.name, outcome.values["notice"]) == ("offers", notice)
    # A day is named only where nobody is in at any hour of it; on Saturday it was the hour.
    expected = wish.days[0].isoformat() if notice == "closed" and wish.days[0] != SATURDAY else None
    assert outcome.values.get("closed_day") == expected


async def test_alternatives_to_a_closed_day_keep_the_clock(studio: Booking) -> None:
    assert starts(await find(studio, on(SUNDAY, 15))) == ["24 15:00", "25 15:00", "26 15:00"]


async def test_a_person_who_is_off_that_day(studio: Booking) -> None:
    for wish in (on(SATURDAY, 10), When(days=(SATURDAY,))):
        outcome = await find(studio, wish, staff="mara")
        assert outcome.values["notice"] == "staff_off"
        assert {offer.values["staff"] for offer in outcome.offers} == {"mara"}


async def test_a_person_who_does_not_do_this(studio: Booking) -> None:
    outcome = await find(studio, on(TUESDAY, 10), service="beard", staff="mara")
    assert (outcome.name, outcome.values["notice"]) == ("offers", "staff_off")
    assert {offer.values["staff"] for offer in outcome.offers} == {"jonas"}


async def test_an_open_wish_gives_three_days(studio: Booking) -> None:
    wishes: tuple[dict[str, Value], ...] = ({"start": ANY}, {"start": When(anything=True)}, {})
    for wish in wishes:
        outcome = await studio.find(service="haircut_women", **wish)
        assert starts(outcome)[0] == "20 14:00"
        assert len({text[:2] for text in starts(outcome)}) == 3


async def test_a_day_is_spread_over(studio: Booking) -> None:
    assert starts(await find(studio, When(days=(TUESDAY,)))) == ["24 09:00", "24 13:30", "24 17:00"]
    afternoon = When(days=(TUESDAY,), from_clock=time(12), until_clock=time(18))
    assert all("12:00" <= text[3:] < "18:00" for text in starts(await find(studio, afternoon)))


async def test_a_week_gives_different_days(studio: Booking) -> None:
    week = When(from_day=MONDAY, until_day=MONDAY + timedelta(days=6), from_clock=time(12), until_clock=time(18))
    assert [text[:2] for text in starts(await find(studio, week))] == ["24", "25", "26"]


async def test_either_day_not_before_five(studio: Booking) -> None:
    wish = When(days=(TUESDAY, TUESDAY + timedelta(days=2)), from_clock=time(17))
    outcome = await find(studio, wish)
    assert {text[:2] for text in starts(outcome)} == {"24", "26"}
    assert all(text[3:] >= "17:00" for text in starts(outcome))


async def test_not_that_weekday(studio: Booking) -> None:
    for wish in (When(not_weekdays=(1, 2)), When(not_days=(TODAY,), not_weekdays=(1, 2), clock=(time(11),))):
        found = [datetime.fromisoformat(str(o.values["start"])) for o in (await find(studio, wish)).offers]
        assert not {moment.weekday() for moment in found} & {1, 2}


async def test_a_clock_without_a_day(studio: Booking) -> None:
    assert starts(await find(studio, When(clock=(time(15), time(3))))) == ["20 15:00", "24 15:00", "25 15:00"]


async def test_later_earlier_and_another_day(studio: Booking) -> None:
    later = await find(studio, on(TUESDAY, 15), after="2026-11-24T15:00:00+01:00")
    assert starts(later) == ["24 15:15", "24 16:00", "24 16:45"]
    earlier = await find(studio, on(TUESDAY, 15), before="2026-11-24T15:00:00+01:00")
    assert starts(earlier) == ["24 12:00", "24 13:45", "24 14:45"]
    other = await find(studio, on(TUESDAY, 15), not_days="2026-11-24,2026-11-25")
    assert starts(other) == ["20 15:00", "26 15:00", "27 15:00"]


async def test_later_than_the_last_one_of_the_day(studio: Booking) -> None:
    outcome = await find(studio, When(days=(TUESDAY,)), after="2026-11-24T17:00:00+01:00", shown="20261124T1600-mara")
    assert outcome.values["notice"] == "no_more" and all(text > "24 17:00" for text in starts(outcome))


async def test_another_time_on_the_same_day(studio: Booking) -> None:
    outcome = await find(studio, on(TUESDAY, 15), other_time=True, shown="20261124T1400-mara")
    assert outcome.values["notice"] == "" and len(outcome.offers) == 3
    assert {text[:2] for text in starts(outcome)} == {"24"} and "24 15:00" not in starts(outcome)
    unnamed = await find(studio, ANY, other_time="yes", shown="20261124T1400-mara")
    assert {text[:2] for text in starts(unnamed)} == {"24"}


async def test_nothing_is_offered_twice_until_nothing_is_left(studio: Booking) -> None:
    wish = When(days=(TUESDAY,), from_clock=time(16))
    shown: list[str] = []
    seen: set[str] = set()
    while (outcome := await find(studio, wish, shown=",".join(shown))).values["notice"] == "":
        new = {str(offer.values["start"]) for offer in outcome.offers}
        assert new and not new & seen
        seen |= new
        shown += [offer.id for offer in outcome.offers]
    assert outcome.values["notice"] == "no_more" and len(seen) == 5
    assert not {str(offer.values["start"]) for offer in outcome.offers} & seen


async def test_nothing_at_all(store: Appointments) -> None:
    closed = Booking(store, inline("services: [{id: cut, duration_min: 30}]\nhours: closed"))
    outcome = await closed.find(service="cut", start=ANY)
    assert (outcome.kind, outcome.name, outcome.offers) == ("done", "none", ())


async def test_a_week_that_is_full_gives_the_next(store: Appointments) -> None:
    own = Booking(
        store,
        inline('services: [{id: cut, duration_min: 60}]\nhours: {tue: "9-10", wed: "9-10"}\npolicies: {lead_min: 0}'),
    )
    await own.book("2026-11-24T09:00+01:00", "cut")
    outcome = await own.find(service="cut", start=When(days=(TUESDAY,)))
    assert outcome.values["notice"] == "nothing_then" and starts(outcome) == ["25 09:00", "01 09:00", "02 09:00"]


async def test_moving_leaves_its_own_time_out_of_the_way(studio: Booking) -> None:
    booked = await studio.book("2026-11-24T15:00:00+01:00", "haircut_women", "mara")
    moving = booked.values["appointment"]
    half_past = await studio.find(appointment=moving, start="2026-11-24T15:30:00+01:00")
    assert half_past.name == "found" and half_past.offers[0].values["staff"] == "mara"
    same_day = await studio.find(appointment=moving, start=When(clock=(time(16),)))
    assert same_day.name == "found" and starts(same_day) == ["24 16:00"]
    same = await studio.find(appointment=moving, start="2026-11-24T15:00:00+01:00")
    assert same.name == "offers" and "24 15:00" not in starts(same)
    day = await studio.find(appointment=moving, start=When(days=(date(2026, 11, 25),)))
    assert day.name == "found" and starts(day) == ["25 15:00"] and day.offers[0].values["staff"] == "mara"
    await studio.book("2026-11-25T15:00:00+01:00", "haircut_women", "mara", key="other")
    day = await studio.find(appointment=moving, start=When(days=(date(2026, 11, 25),)), staff="mara")
    assert day.name == "offers" and day.values["notice"] == ""


async def test_an_unknown_service_fails(studio: Booking) -> None:
    assert (await studio.find(service="tattoo", start=ANY)).name == "failed"
    assert (await studio.find(start=ANY)).name == "failed"


async def test_rooms_are_resources(store: Appointments) -> None:
    graz = Booking(store, business("physio"))
    wish = "2026-11-24T14:00:00+01:00"
    first = await graz.book(wish, "lymphe")
    assert first.name == "done" and first.values["staff"] == "kofler"
    second = await graz.find(service="einzel", start=wish)
    assert second.name == "found" and second.offers[0].values["staff"] == "hasani"
    assert (await graz.book(wish, "einzel", "hasani")).name == "done"
    assert (await graz.find(service="einzel", start=wish)).values["notice"] == "taken"
