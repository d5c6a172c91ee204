"""Pieces of a text to one wish: bounds, ranges, alternatives, exclusions and corrections between them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from runtime.core.values import When
from runtime.understanding.dates.pieces import Moment, Piece
from runtime.understanding.dates.written import with_weekday

NO_WISH = When()


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece with what stands before it."""

    piece: Piece
    first: int
    last: int
    """Of the items."""
    negated: bool = False
    corrects: bool = False
    joined: bool = False
    """An "or" or "and" ties it to the piece before."""
    bound: str = ""
    """after, from, before, until, range (the end of one), between, target ("auf Mittwoch") or nothing."""
    about: bool = False


@dataclass(slots=True)
class _Gathered:
    """What one stretch without a correction says, before it becomes a wish."""

    dates: list[Spoken] = field(default_factory=list)
    stretches: list[Piece] = field(default_factory=list)
    recurring: list[int] = field(default_factory=list)
    not_days: list[date] = field(default_factory=list)
    not_weekdays: list[int] = field(default_factory=list)
    from_day: date | None = None
    until_day: date | None = None
    clocks: list[tuple[time, ...]] = field(default_factory=list)
    from_clock: time | None = None
    until_clock: time | None = None
    windows: list[tuple[time | None, time | None]] = field(default_factory=list)
    middles: list[time] = field(default_factory=list)
    anything: bool = False
    now: bool = False


def wish_of(spoken: Sequence[Spoken], moment: Moment) -> When:
    """The wish of pieces that belong together; a correction replaces what it speaks of again."""
    wish, rest = NO_WISH, list(spoken)
    while rest:
        cut = next((at for at in range(1, len(rest)) if rest[at].corrects), len(rest))
        part, rest = rest[:cut], rest[cut:]
        wish = wish.merged(_wish(_gather(part, moment), moment))
    return wish


def _gather(spoken: Sequence[Spoken], moment: Moment) -> _Gathered:
    found = _Gathered()
    before: Spoken | None = None
    for one in spoken:
        if one.piece.past and not moment.mentions:
            continue
        if one.piece.names_day:
            _add_day(found, one, before)
        if one.piece.names_clock:
            _add_clock(found, one, before, moment)
        found.anything = found.anything or one.piece.anything
        found.now = found.now or one.piece.now
        before = one
    return found


def _add_day(found: _Gathered, one: Spoken, before: Spoken | None) -> None:
    piece = one.piece
    first = piece.days[0] if piece.days else piece.start
    last = piece.days[-1] if piece.days else piece.end
    if piece.recurring >= 0:
        (found.not_weekdays if one.negated else found.recurring).extend((piece.recurring, *piece.more))
    elif one.bound == "range" and before is not None and found.dates and first is not None and last is not None:
        start = found.dates.pop().piece.days[0]
        found.from_day, found.until_day = start, last if last >= start else last + timedelta(days=7)
    elif one.bound and one.bound not in ("range", "between", "target"):
        _add_day_bound(found, one, first, last)
    elif one.negated:
        _add_exclusion(found, piece)
    elif piece.days:
        found.dates.append(one)
    else:
        found.stretches.append(piece)


def _add_exclusion(found: _Gathered, piece: Piece) -> None:
    if piece.weekday >= 0:
        found.not_weekdays.append(piece.weekday)
    elif piece.start is not None and piece.end is not None:
        span = (piece.end - piece.start).days
        found.not_days.extend(piece.start + timedelta(days=n) for n in range(min(span, 40) + 1))
    else:
        found.not_days.extend(piece.days)


def _add_day_bound(found: _Gathered, one: Spoken, first: date | None, last: date | None) -> None:
    day = timedelta(days=1)
    match _turned(one):
        case "from" if first is not None:
            found.from_day = first
        case "after" if last is not None:
            found.from_day = last + day
        case "before" if first is not None:
            found.until_day = first - day
        case "until" if last is not None:
            found.until_day = last


def _turned(one: Spoken) -> str:
    """ "nicht vor neun" is from nine."""
    return (
        {"before": "from", "until": "after", "after": "until", "from": "before"}.get(one.bound, one.bound)
        if (one.negated)
        else one.bound
    )


def _add_clock(found: _Gathered, one: Spoken, before: Spoken | None, moment: Moment) -> None:
    piece = one.piece
    if not piece.clocks:
        _add_window(found, one)
    elif one.bound == "range" and found.clocks:
        found.from_clock, found.until_clock = _span(found.clocks.pop(), piece.clocks)
    elif one.bound == "range" and found.from_clock is not None:
        found.until_clock = _span((found.from_clock,), piece.clocks)[1]
    elif one.bound in ("from", "after", "before", "until", "between"):
        match _turned(one):
            case "from" | "after" | "between":
                found.from_clock = piece.clocks[0]
            case _:
                found.until_clock = piece.clocks[0]
    elif not one.negated:
        found.clocks.append(piece.clocks)


def _span(starts: tuple[time, ...], ends: tuple[time, ...]) -> tuple[time, time]:
    """The first reading of the start, and the next reading of the end after it."""
    start = starts[0]
    return start, min((end for end in ends if end > start), default=ends[0])


def _add_window(found: _Gathered, one: Spoken) -> None:
    start, end = one.piece.from_clock, one.piece.until_clock
    match _turned(one):
        case "after":
            found.from_clock = end
        case "from":
            found.from_clock = start
        case "before":
            found.until_clock = start
        case "until":
            found.until_clock = end
        case _ if one.negated and start is not None and start >= time(12):
            found.until_clock = start
        case _ if one.negated:
            found.from_clock = end
        case _:
            found.windows.append((start, end))
            found.middles.extend([one.piece.middle] if one.piece.middle else [])


# what was gathered, to a wish


def _wish(found: _Gathered, moment: Moment) -> When:
    if moment.mentions and found.now and not (found.dates or found.clocks or found.from_clock or found.until_clock):
        return When(days=(moment.today,), clock=(moment.clock,))
    days, weekdays, start, end = _days(found, moment)
    clocks, from_clock, until_clock = _clocks(found)
    if moment.mentions and not clocks and found.middles and from_clock and until_clock:
        clocks = tuple(found.middles)
    if days == (moment.today,) and len(clocks) > 1:
        clocks = tuple(clock for clock in clocks if clock > moment.clock) or clocks
    named = bool(days or weekdays or start or end)
    wish = When(
        days=days,
        weekdays=weekdays,
        from_day=start,
        until_day=end,
        not_days=() if days else tuple(dict.fromkeys(found.not_days)),
        not_weekdays=() if days else tuple(dict.fromkeys(found.not_weekdays)),
        clock=clocks,
        from_clock=from_clock,
        until_clock=until_clock,
    )
    open_wish = found.anything and not named and not wish.names_clock and not wish.names_day
    return dataclasses.replace(wish, anything=True) if open_wish else wish


def _days(found: _Gathered, moment: Moment) -> tuple[tuple[date, ...], tuple[int, ...], date | None, date | None]:
    start, end = _stretch(found)
    weekdays = tuple(dict.fromkeys(found.recurring))
    if not found.dates:
        return (), weekdays, start, end
    exact = [one for one in found.dates if one.piece.weekday < 0]
    named = [one for one in found.dates if one.piece.weekday >= 0]
    if exact and not any(one.joined for one in found.dates):
        return _ranked([_agreed(one.piece, named, moment) for one in exact], moment), weekdays, None, None
    if start is not None and end is not None and named and not exact:
        return _weekdays_within(named, start, end, weekdays)
    return _ranked([one.piece for one in found.dates], moment), weekdays, None, None


def _agreed(piece: Piece, named: list[Spoken], moment: Moment) -> Piece:
    """A number of a day beside a weekday: for who asks what was said, the day that both fit."""
    if not moment.mentions or not piece.open_part or not named or not piece.days:
        return piece
    fitting = with_weekday(piece.days[0], piece.open_part, named[0].piece.weekday, moment.today)
    if not fitting or fitting[0].year > moment.today.year + 1:  # the weekday is likelier wrong than the year far
        return dataclasses.replace(piece, others=(*fitting, *piece.others))
    return dataclasses.replace(piece, days=(fitting[0],), others=_distinct((*fitting[1:], *piece.days, *piece.others)))


def _ranked(pieces: list[Piece], moment: Moment) -> tuple[date, ...]:
    """The days of pieces; with every reading, those to come before those that are over, and the unlikely ones last."""
    days = _distinct(day for piece in pieces for day in piece.days)
    if not moment.mentions:
        return days
    ordered = days if len(pieces) == 1 else tuple(sorted(days, key=lambda day: day < moment.today))
    return _distinct((*ordered, *(day for piece in pieces for day in piece.others)))


def _distinct(days: Iterable[date]) -> tuple[date, ...]:
    return tuple(dict.fromkeys(days))


def _weekdays_within(
    named: list[Spoken], start: date, end: date, recurring: tuple[int, ...]
) -> tuple[tuple[date, ...], tuple[int, ...], date | None, date | None]:
    """ "Dienstag nächster Woche" is one day; "ein Dienstag im Dezember" is any of them."""
    weekdays = _weekday_numbers(named)
    if (end - start).days > 8:
        return (), (*recurring, *weekdays), start, end
    days = (start + timedelta(days=(weekday - start.weekday()) % 7) for weekday in weekdays)
    within = tuple(day for day in days if day <= end)
    return (within or tuple(day for one in named for day in one.piece.days)), recurring, None, None


def _weekday_numbers(named: list[Spoken]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(one.piece.weekday for one in named))


def _stretch(found: _Gathered) -> tuple[date | None, date | None]:
    start, end = found.from_day, found.until_day
    starts = [piece.start for piece in found.stretches if piece.start is not None]
    ends = [piece.end for piece in found.stretches if piece.end is not None]
    if starts and start is None:
        start = min(starts)
    if ends and end is None and (found.from_day is None or max(ends) >= found.from_day):
        end = max(ends)
    return (start, None) if start is not None and end is not None and end < start else (start, end)


def _clocks(found: _Gathered) -> tuple[tuple[time, ...], time | None, time | None]:
    if found.clocks:
        clocks = [_inside(readings, found.windows) for readings in found.clocks]
        ranked = [clock for rank in range(4) for one in clocks for clock in one[rank : rank + 1]]
        return tuple(dict.fromkeys(ranked)), None, None
    start, end = found.from_clock, found.until_clock
    if found.windows and start is None and end is None:
        starts = [window[0] for window in found.windows]
        ends = [window[1] for window in found.windows]
        start = min((one for one in starts if one is not None), default=None)
        end = None if None in ends else max(one for one in ends if one is not None)
    elif found.windows:
        start, end = _bounded(start, end, found.windows[0])
    return (), start, end if start is None or end is None or end > start else None


def _bounded(
    start: time | None, end: time | None, window: tuple[time | None, time | None]
) -> tuple[time | None, time | None]:
    """ "nachmittags ab 3": a bound inside the part of the day, shifted into it where it was said without one."""
    low, high = window
    return (start if start is not None else low), (end if end is not None else high)


def _inside(readings: tuple[time, ...], windows: list[tuple[time | None, time | None]]) -> tuple[time, ...]:
    """The readings that the part of the day allows, all of them when it allows none."""
    if not windows:
        return readings
    start, end = windows[0]
    inside = tuple(t for t in readings if (start is None or t >= start) and (end is None or t <= end))
    if inside or start is None:
        return inside or readings
    if start >= time(17) and readings[0].hour == 12:
        return (readings[0].replace(hour=0),)  # "12 Uhr nachts"
    if start >= time(20):
        inside = tuple(t for t in readings if t < time(6))
    return inside or tuple(t for t in readings if (t < time(12)) == (start < time(12))) or readings
