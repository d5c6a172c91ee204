"""What rows of items say about the time of day: clock times with their readings, parts of the day, no limit at all."""

from __future__ import annotations

from datetime import time, timedelta

from runtime.understanding.dates.lexicon import Item
from runtime.understanding.dates.pieces import Moment, Piece, all_of, count_of, first_of

NOON = (11, 14)
"""Around noon, which is also said for noon itself."""

# clock times


def readings(hour: int, minute: int, moment: Moment, sure: bool = False) -> tuple[time, ...]:
    """The clock times that an hour may mean, the one in business hours first."""
    if hour == 24:
        hour = 0
        sure = True
    if not (0 <= hour < 24 and 0 <= minute < 60):
        return ()
    said = time(hour, minute)
    if sure or hour >= 12 or hour == 0:
        return (said,)
    other = time(hour + 12, minute)
    inside = moment.opens <= hour < moment.closes
    return (said, other) if inside or not moment.opens <= hour + 12 < moment.closes else (other, said)


def _clock(hour: int, minute: int, items: list[Item], moment: Moment, sure: bool = False) -> Piece | None:
    half = first_of(items, "aA")
    if half is not None and hour <= 12:
        hour, sure = hour % 12 + (12 if half.code == "A" else 0), True
    found = readings(hour, minute, moment, sure)
    return Piece(clocks=found) if found else None


def clock(items: list[Item], moment: Moment) -> Piece | None:
    """ "15:30", "15.30 Uhr", "3:30 pm"; a leading zero leaves no doubt."""
    said = items[0]
    written = moment.tokens[said.first].norm
    piece = _clock(said.value, said.second, items, moment, written.startswith("0") or written.count(":") == 2)
    if piece is None or written.count(":") < 2:
        return _as_written(piece, said, moment)
    second = int(written.rpartition(":")[2])
    exact = tuple(at.replace(second=second) for at in piece.clocks) if second < 60 else ()
    return Piece(clocks=exact) if exact else None


def _as_written(piece: Piece | None, said: Item, moment: Moment) -> Piece | None:
    """Where the clock has 24 hours, "3:30" is read as it stands by who asks what was said."""
    return _as_stated(piece, said.value) if moment.mentions and moment.language != "en" else piece


def _as_stated(piece: Piece | None, hour_said: int) -> Piece | None:
    return Piece(clocks=tuple(sorted(piece.clocks, key=lambda at: at.hour != hour_said))) if piece else None


def hour(items: list[Item], moment: Moment) -> Piece | None:
    """ "15 Uhr", "drei Uhr dreißig", "3 pm", "um drei"."""
    numbers = all_of(items, "n")
    minute = numbers[1].value if len(numbers) > 1 else 0
    sure = moment.tokens[numbers[0].first].norm.startswith("0")
    if len(numbers) > 1 and minute < 10 and first_of(items, "h4") is None:
        return None
    piece = _clock(numbers[0].value, minute, items, moment, sure)
    written = any(item.code == "h" and moment.tokens[item.first].norm == "h" for item in items)
    return _as_stated(piece, numbers[0].value) if written and moment.mentions else piece


def one_oclock(items: list[Item], moment: Moment) -> Piece | None:
    """ "um ein Uhr", "ein Uhr dreißig"."""
    minute = first_of(items, "n")
    return _clock(1, minute.value if minute else 0, items, moment)


def four_digits(items: list[Item], moment: Moment) -> Piece | None:
    """ "1530 Uhr"."""
    return _clock(*divmod(items[0].value, 100), items, moment)


def hour_before_part(items: list[Item], moment: Moment) -> Piece | None:
    """ "3 in the afternoon": the part decides."""
    return hour(items, moment) if items[0].value <= 12 else None


def half_before(items: list[Item], moment: Moment) -> Piece | None:
    """ "halb drei" is half an hour before three."""
    return _before(count_of(items), 30, items, moment)


def _before(hour_said: int, minutes: int, items: list[Item], moment: Moment) -> Piece | None:
    return _clock(*_minutes_from(hour_said, -minutes), items, moment)


def _minutes_from(hour_said: int, minutes: int) -> tuple[int, int]:
    """Minutes before or after an hour; in the twelve hours' clock one comes after twelve."""
    found, minute = divmod(hour_said * 60 + minutes, 60)
    return (12 if found == 0 and hour_said == 1 else found % 24), minute


def past_noon(items: list[Item], moment: Moment) -> Piece | None:
    """ "a quarter past noon", "zehn vor Mitternacht"."""
    base, number = items[-1], first_of(items, "n")
    minutes = number.value if number else 15
    if base.second - base.value != 1 or not 0 < minutes < 30:
        return None
    hour_said, minute = divmod(base.value * 60 + (minutes if first_of(items, ">P") else -minutes), 60)
    return Piece(clocks=(time(hour_said % 24, minute),))


def half_past(items: list[Item], moment: Moment) -> Piece | None:
    """ "half past three", "half three"."""
    return _clock(count_of(items), 30, items, moment)


def quarter(items: list[Item], moment: Moment) -> Piece | None:
    """ "Viertel vor drei", "viertel drei" (a quarter of the third hour), "dreiviertel acht"."""
    number = count_of(items)
    if first_of(items, ">P"):
        return _clock(number, 15, items, moment)
    if items[0].code == "Z" or first_of(items, "<-"):
        return _before(number, 15, items, moment)
    eastern, western = _before(number, 45, items, moment), _clock(number, 15, items, moment)
    if eastern is None or western is None or not moment.mentions:
        return eastern
    return Piece(clocks=(*eastern.clocks, *western.clocks))  # "viertel drei" may be meant for a quarter past, too


def minutes_off(items: list[Item], moment: Moment) -> Piece | None:
    """ "zehn nach drei", "fünf vor halb drei", "twenty to four"."""
    minutes, number = all_of(items, "n")[:2]
    if not 0 < minutes.value < 30 or number.value > 24:
        return None
    off = minutes.value if first_of(items, ">Pf") else -minutes.value
    return _clock(*_minutes_from(number.value, off - (30 if first_of(items, "H") else 0)), items, moment)


# parts of the day, and no limit


def _at(hour_said: int) -> time | None:
    return time(hour_said) if hour_said < 24 else None


def part(items: list[Item], moment: Moment) -> Piece | None:
    """ "nachmittags"; "tonight" is today's."""
    said = items[-1]
    word = moment.tokens[said.first].norm
    if said.second - said.value == 1:
        return Piece(clocks=(_at(said.value) or time(0),))
    days = (moment.today,) if word == "tonight" else ()
    noon = time(12) if (said.value, said.second) == NOON else None
    return Piece(days=days, from_clock=_at(said.value), until_clock=_at(said.second), middle=noon)


def last_part(items: list[Item], moment: Moment) -> Piece | None:
    """ "last night"."""
    said = items[-1]
    days = (moment.today - timedelta(days=1),)
    return Piece(days=days, from_clock=_at(said.value), until_clock=_at(said.second), past=True)


def part_of_today(items: list[Item], moment: Moment) -> Piece | None:
    """ "this evening", "diesen Nachmittag"."""
    said = items[-1]
    start, end = (said.value, said.second) if said.code == "p" else (6, 12)
    return Piece(days=(moment.today,), from_clock=_at(start), until_clock=_at(end))


def morning(items: list[Item], moment: Moment) -> Piece | None:
    """ "am Morgen", "Dienstag Morgen"."""
    return Piece(from_clock=time(6), until_clock=time(12))


def anything(items: list[Item], moment: Moment) -> Piece | None:
    """ "egal wann", "asap"."""
    return Piece(anything=True)


def spelt(items: list[Item], moment: Moment) -> Piece | None:
    """ "twelve-zero-three"."""
    hours, nought, minute = (item.value for item in all_of(items, "n"))
    return _clock(hours, minute, items, moment) if nought == 0 and minute < 10 else None
