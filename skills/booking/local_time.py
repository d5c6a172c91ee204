"""Wall clocks to instants and back, where a day has 23 or 25 hours. Instants are whole slices of five minutes, UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SLICE_S = 300


def slice_of(instant: datetime) -> int:
    """The slice that this instant lies in."""
    return int(instant.timestamp() // SLICE_S)


def instant_of(slice_number: int) -> datetime:
    """The first moment of a slice, UTC."""
    return datetime.fromtimestamp(slice_number * SLICE_S, UTC)


def slices_for(minutes_long: int) -> int:
    """How many slices a span needs, rounded up."""
    return -(-minutes_long * 60 // SLICE_S)


def exists(wall: datetime) -> bool:
    """Whether this local wall time happens at all; in the spring gap it does not."""
    there_and_back = wall.astimezone(UTC).astimezone(wall.tzinfo)
    return there_and_back.replace(tzinfo=None, fold=0) == wall.replace(tzinfo=None, fold=0)


def wall_to_slice(zone: ZoneInfo, day: date, minute: int) -> int:
    """The first slice at or after so many minutes on the day's wall clock (1440 is the next midnight).

    In the autumn fold the first of both is meant; a time in the spring gap is the moment after the gap.
    """
    day += timedelta(days=minute // 1440)
    wall = datetime.combine(day, time(minute % 1440 // 60, minute % 60), zone)
    if exists(wall):
        return -(-int(wall.timestamp()) // SLICE_S)
    # Two readings frame the gap's end: walk to the first slice whose clock has jumped past the wish.
    number = int(wall.replace(fold=1).timestamp() // SLICE_S)
    while instant_of(number).astimezone(zone).replace(tzinfo=None) < wall.replace(tzinfo=None):
        number += 1
    return number


def spans_in_slices(zone: ZoneInfo, day: date, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of minutes on the wall clock to half-open spans of slices; the end is rounded down."""
    found = []
    for start, end in spans:
        last = wall_to_slice(zone, day, end)
        if end % 5:
            last -= 1
        first = wall_to_slice(zone, day, start)
        if first < last:
            found.append((first, last))
    return found
