"""Situation C16 against the real calendar: people in the order in which they are wished for."""

from __future__ import annotations

from datetime import date, time

import pytest

from runtime.core.values import Value, When
from skills.booking.in_order import people_in_order
from tests.skills.desks import Booking

THREE = "2026-11-24T15:00:00+01:00"
AT_THREE = When(days=(date(2026, 11, 24),), clock=(time(15),))


@pytest.mark.parametrize(
    ("wished", "order"),
    [("", ("",)), ("mara", ("mara",)), ("mara,*", ("mara", "")), ("mara, jonas", ("mara", "jonas"))],
)
def test_c16_an_order(wished: str, order: tuple[str, ...]) -> None:
    assert people_in_order(wished) == order


async def test_c16_who_is_wished_for_first_is_taken_when_free(studio: Booking) -> None:
    wish: dict[str, Value] = {"service": "haircut_women", "start": AT_THREE, "staff": "mara,*"}
    found = await studio.call("find_free_times", wish)
    assert found.name == "found" and not found.values["notice"] and found.offers[0].values["staff"] == "mara"


@pytest.mark.parametrize("order", ["mara,*", "mara,jonas"])
async def test_c16_else_the_next_one_and_it_is_said(studio: Booking, order: str) -> None:
    await studio.book(THREE, "haircut_women", "mara")
    wish: dict[str, Value] = {"service": "haircut_women", "start": AT_THREE, "staff": order}
    found = await studio.call("find_free_times", wish)
    assert found.name == "found" and found.offers[0].values["staff"] == "jonas"
    assert (found.values["notice"], found.values["staff_a"], found.values["staff_b"]) == ("staff_else", "mara", "jonas")


async def test_c16_nobody_free_is_as_without_an_order(studio: Booking) -> None:
    for person in ("mara", "jonas"):
        await studio.book(THREE, "haircut_women", person)
    wish: dict[str, Value] = {"service": "haircut_women", "start": AT_THREE, "staff": "mara,*"}
    found = await studio.call("find_free_times", wish)
    assert found.name == "offers" and found.values["notice"] == "taken" and found.offers
