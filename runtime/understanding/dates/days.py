"""What rows of items say about days: weekdays, days by their distance from today, and numbers that may be one.

Every builder gets the items of its match and the moment it was said. None says "no reading after all".
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from runtime.understanding.dates.clocks import hour
from runtime.understanding.dates.feasts import nth_weekday
from runtime.understanding.dates.language import MONTH, QUARTER, YEAR
from runtime.understanding.dates.lexicon import Item
from runtime.understanding.dates.pieces import Moment, Piece
from runtime.understanding.dates.written import day_number, make_day, one_day


def next_weekday(today: date, weekday: int) -> date:
    """The first such day after today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def weekday(items: list[Item], moment: Moment) -> Piece | None:
    """ "Dienstag" is the coming one; "next" leaves this week where the language says so."""
    said, today = items[-1].value, moment.today
    first = next_weekday(today, said)
    match items[0].code:
        case "L" | "0":
            return _last_weekday(said, items[0].code == "0", moment)
        case "S" if said == today.weekday():
            return Piece(days=(today,), weekday=said)
        case "G":
            return Piece(days=(monday(today) + timedelta(days=14 + said),))
        case "N" if _skips_this_week(items, moment) and monday(first) == monday(today):
            return Piece(days=(first + timedelta(days=7),))
    others = (today,) if said == today.weekday() else ()
    if items[0].code == "S" and monday(first) != monday(today):
        others = (first - timedelta(days=7),)
    return Piece(days=(first,), weekday=said, others=others)


def _last_weekday(said: int, before_last: bool, moment: Moment) -> Piece:
    """ "letzten Dienstag": the latest, or that of the week before; English means the latter first."""
    latest = next_weekday(moment.today, said) - timedelta(days=14 if said == moment.today.weekday() else 7)
    of_week = monday(moment.today) - timedelta(days=7 - said)
    first, second = (of_week, latest) if moment.language == "en" else (latest, of_week)
    if before_last:
        return Piece(days=(latest - timedelta(days=7),), past=True)
    return Piece(days=(first,), past=True, others=(second,) if second != first else ())


def _skips_this_week(items: list[Item], moment: Moment) -> bool:
    return moment.tokens[items[0].first].norm in ("next", "following")


def monday(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


_MONTHS = {MONTH: 1, QUARTER: 3, YEAR: 12}


def added(day: date, count: int, minutes: int) -> date | None:
    """The day so many units later; months and years keep the day of the month, or its last."""
    if minutes in _MONTHS:
        months = day.month - 1 + count * _MONTHS[minutes]
        year, month = day.year + months // 12, months % 12 + 1
        return make_day(year, month, min(day.day, calendar.monthrange(year, month)[1])) if 0 < year < 9999 else None
    days = count * minutes // 1_440
    return day + timedelta(days=days) if -36_500 < days < 36_500 else None


def recurring(items: list[Item], moment: Moment) -> Piece | None:
    """ "montags", "every Monday"."""
    return Piece(recurring=items[-1].value)


def workdays(items: list[Item], moment: Moment) -> Piece | None:
    """ "werktags", "unter der Woche"."""
    return Piece(recurring=0, more=(1, 2, 3, 4))


def relative(items: list[Item], moment: Moment) -> Piece | None:
    """ "heute", "übermorgen"."""
    day = moment.today + timedelta(days=items[0].value)
    return Piece(days=(day,), past=day < moment.today)


def tomorrow(items: list[Item], moment: Moment) -> Piece | None:
    """ "morgen" on its own."""
    return one_day(moment.today + timedelta(days=1))


# numbers that may be an hour or a day of the month


def daytime_hour(items: list[Item], moment: Moment) -> Piece | None:
    """ "morgen 10": an hour of the day, but the 24th in "Tuesday 24" when that is a Tuesday."""
    last_hour = 12 if moment.language == "en" else 21
    return hour(items, moment) if 1 <= items[-1].value <= last_hour else day_number(items, moment)


def bare_number(items: list[Item], moment: Moment) -> Piece | None:
    """A number alone, where a time is expected: an hour, or the day of the month when that is still open."""
    if 1 <= items[0].value <= (24 if moment.day_known else 20):
        return hour(items, moment)
    return None if moment.day_known else day_number(items, moment)


def first_weekday(items: list[Item], moment: Moment) -> Piece | None:
    """ "first Sunday" with nothing said of the month: of this one."""
    found = nth_weekday(moment.today.year, moment.today.month, items[0].value, items[1].value)
    return Piece(days=(found,), past=found < moment.today) if found else None


FEW_WORDS = 3


def this_moment(items: list[Item], moment: Moment) -> Piece | None:
    """ "right now", "so bald wie möglich": no limit for a booking, the moment itself for who asks what was said."""
    last = items[-1].last
    rest = [token for token in moment.tokens[last + 1 :] if token.kind != "mark"]
    filler = items[0].first == last and rest and len(moment.tokens) > FEW_WORDS  # "das ist jetzt der zweite"
    return None if filler and moment.mentions else Piece(anything=True, now=True)


def day_before(items: list[Item], moment: Moment) -> Piece | None:
    """ "the day before", with nothing after it."""
    return Piece(days=(moment.today - timedelta(days=1),), past=True)
