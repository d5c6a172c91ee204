"""L5: quiet hours, also in the nights when clocks change and for a customer in another zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from runtime.core.quiet import QuietHours, is_quiet, told_at

BERLIN, LONDON, SYDNEY = "Europe/Berlin", "Europe/London", "Australia/Sydney"
NIGHT = QuietHours(time(21), time(8))


def awake_from(moment: datetime, zone: str, quiet: QuietHours) -> datetime:
    """When something is told that is due now and early enough in the morning, too."""
    return told_at(moment, moment + timedelta(days=2), zone, quiet)


def utc(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "awake"),
    [
        (utc(28, 23), utc(29, 6)),  # the night to 29 March has an hour less: 8:00 is 6:00 UTC
        (utc(28, 20), utc(29, 6)),
        (utc(29, 1, 30), utc(29, 6)),
        (utc(28, 6, 30), utc(28, 7)),
        (utc(28, 12), utc(28, 12)),
    ],
)
def test_l5_the_night_when_clocks_go_forward(moment: datetime, awake: datetime) -> None:
    assert awake_from(moment, BERLIN, NIGHT) == awake


def test_l5_the_night_when_clocks_go_back() -> None:
    assert awake_from(utc(24, 22, month=10), BERLIN, NIGHT) == utc(25, 7, month=10)
    assert awake_from(utc(25, 0, 30, month=10), BERLIN, NIGHT) == utc(25, 7, month=10)
    assert awake_from(utc(25, 1, 30, month=10), BERLIN, NIGHT) == utc(25, 7, month=10)


def test_l5_two_zones_have_two_nights() -> None:
    moment = utc(10, 20, 30)
    assert is_quiet(moment, BERLIN, NIGHT) and not is_quiet(moment, LONDON, NIGHT)
    assert awake_from(moment, SYDNEY, NIGHT) == utc(10, 21)


def test_l5_too_late_in_the_morning_is_told_the_evening_before() -> None:
    deadline = utc(10, 6, 45)  # 7:45 in Berlin
    assert told_at(utc(10, 5), deadline, BERLIN, NIGHT) == utc(9, 19, 59)
    assert told_at(utc(10, 5), utc(10, 9), BERLIN, NIGHT) == utc(10, 7)


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    noon = QuietHours(time(12), time(14))
    assert awake_from(utc(10, 12), BERLIN, noon) == utc(10, 13)
    assert not is_quiet(utc(10, 3), BERLIN, QuietHours(time(), time()))
