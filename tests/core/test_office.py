"""When people are there, and until when something is promised in their name."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from runtime.core.business import Business, Opening, Policies
from runtime.core.office import closing, due_by, people_from
from runtime.core.values import When
from tests.core.desk import business
from tests.core.talk import NOW, SUNDAY, TUESDAY

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = datetime(2026, 11, 20, 22, 0, tzinfo=BERLIN)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


def with_people(*hours: Opening) -> Business:
    return dataclasses.replace(business(), policies=Policies(handoff_hours=hours))


def test_without_hours_of_their_own_people_are_there_when_it_is_open() -> None:
    assert people_from(business(), NOW) is None and closing(business(), NOW) == at(20, 18)
    assert people_from(business(), NIGHT) == at(21, 9) and closing(business(), NIGHT) is None


def test_people_have_hours_of_their_own() -> None:
    own = with_people(Opening(4, time(14), time(16)))
    assert people_from(own, NOW) == at(20, 14)
    assert people_from(own, NIGHT) == at(27, 14)
    assert people_from(own, at(20, 15)) is None


WISHES = [
    (NOW, None, at(20, 18)),
    (at(20, 17, 30), None, at(21, 18)),  # half an hour before closing promises nothing for today
    (NIGHT, None, at(21, 18)),
    (NOW, When(days=(TUESDAY,)), at(24, 18)),
    (NOW, When(days=(TUESDAY,), clock=(time(15),)), at(24, 15, 30)),
    (NOW, When(clock=(time(3), time(15))), at(20, 15, 30)),
    (NOW, When(from_clock=time(12), until_clock=time(14)), at(20, 14)),
    (at(20, 15), When(until_clock=time(12)), at(21, 12)),
    (NOW, When(weekdays=(1,)), at(24, 18)),
    (NOW, When(days=(SUNDAY,)), at(20, 18)),  # nobody is there on Sunday
    (NOW, When(clock=(time(22),)), at(20, 18)),
]


@pytest.mark.parametrize(("now", "wish", "due"), WISHES)
def test_what_is_promised_lies_within_the_wish_and_the_hours(now: datetime, wish: When | None, due: datetime) -> None:
    assert due_by(business(), now, wish) == due


def test_a_business_without_hours_promises_a_day() -> None:
    nothing = dataclasses.replace(business(), hours=())
    assert due_by(nothing, NOW) == NOW + timedelta(days=1) and people_from(nothing, NOW) is None
    assert NOW.tzinfo is UTC
