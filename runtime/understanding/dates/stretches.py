"""What rows of items say about stretches of days: weeks, months, quarters, seasons, and days counted in them."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from runtime.understanding.dates.days import added, monday, next_weekday
from runtime.understanding.dates.feasts import nth_weekday
from runtime.understanding.dates.language import LAST_OF_MONTH, MONTH, QUARTER, YEAR
from runtime.understanding.dates.lexicon import Item
from runtime.understanding.dates.pieces import PAST, Moment, Piece, count_of, first_of
from runtime.understanding.dates.written import full_year, make_day

WEEK = 10_080
DAY = 1_440


def _stretch(start: date, end: date, moment: Moment) -> Piece | None:
    if moment.mentions:
        return Piece(start=start, end=end, past=end < moment.today)
    return Piece(start=max(start, moment.today), end=end) if end >= moment.today else PAST


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _shift(items: list[Item]) -> int:
    return {"N": 1, "G": 2, "L": -1, "0": -2}.get(items[0].code, 0)


def _week(items: list[Item], moment: Moment) -> date:
    return monday(moment.today) + timedelta(days=7 * _shift(items))


def period(items: list[Item], moment: Moment) -> Piece | None:
    """ "nächste Woche", "diesen Monat"."""
    if items[-1].second and items[0].code == "N":
        return coming(items, moment)
    match items[-1].value:
        case minutes if minutes == WEEK:
            return _stretch(_week(items, moment), _week(items, moment) + timedelta(days=6), moment)
        case minutes if minutes == DAY:
            found = moment.today + timedelta(days=_shift(items))
            return Piece(days=(found,), past=found < moment.today) if _shift(items) else None
        case minutes if minutes in (MONTH, QUARTER, YEAR):
            return _whole(minutes, _shift(items), moment)
    return None


def _whole(minutes: int, shift: int, moment: Moment) -> Piece | None:
    """The month, quarter or year that is so many away."""
    months = minutes // MONTH if minutes != YEAR else 12
    first = moment.today.replace(day=1, month=(moment.today.month - 1) // months * months + 1)
    start = added(first, shift * months, MONTH)
    return _months(start, months, moment) if start else None


def _months(start: date, count: int, moment: Moment) -> Piece | None:
    last = added(start, count - 1, MONTH)
    return _stretch(start, _month_end(last), moment) if last else None


def quarter(items: list[Item], moment: Moment) -> Piece | None:
    """ "im ersten Quartal 2027", "Q3"."""
    number, year = first_of(items, "Oon"), first_of(items, "Y")
    if number is None or not 1 <= number.value <= 4:
        return None
    this = (moment.today.month - 1) // 3 + 1
    chosen = year.value if year else moment.today.year + (number.value < this)
    start = make_day(chosen, number.value * 3 - 2, 1)
    return _months(start, 3, moment) if start else None


def year(items: list[Item], moment: Moment) -> Piece | None:
    """ "im Jahr 2027"."""
    said = first_of(items, "Y")
    start = make_day(said.value, 1, 1) if said and 1900 <= said.value < 2200 else None
    return _months(start, 12, moment) if start else None


def year_month(items: list[Item], moment: Moment) -> Piece | None:
    """2016/05, 2016.05."""
    said, number = first_of(items, "Y"), first_of(items, "nO")
    start = make_day(said.value, number.value, 1) if said and number and 1900 <= said.value < 2200 else None
    return _months(start, 1, moment) if start else None


def month_year(items: list[Item], moment: Moment) -> Piece | None:
    """12/2026."""
    return year_month(items, moment) if items[0].value <= 12 else None


def season(items: list[Item], moment: Moment) -> Piece | None:
    """ "im Sommer", "next spring": from the 21st of its first month."""
    said, stated = first_of(items, "5"), first_of(items, "Y")
    if said is None:
        return None
    back = items[0].code == "L"
    this = stated.value if stated else moment.today.year
    for chosen in (this - 1, this, this + 1):
        start = make_day(chosen, said.value, 21)
        end = added(start, 3, MONTH) if start else None
        if start and end and (chosen == this if stated else back != (end > moment.today)):
            return _stretch(start, end - timedelta(days=1), moment)
    return None


def numbered_week(items: list[Item], moment: Moment) -> Piece | None:
    """ "KW 48", "in der 3. Kalenderwoche 2027"."""
    number, stated = first_of(items, "nO"), first_of(items, "Y")
    if number is None:
        return None
    for chosen in (stated.value,) if stated else (moment.today.year, moment.today.year + 1):
        try:
            start = date.fromisocalendar(chosen, number.value, 1)
        except ValueError:
            continue
        if stated or start + timedelta(days=6) >= moment.today:
            return _stretch(start, start + timedelta(days=6), moment)
    return None


def nth_day(items: list[Item], moment: Moment) -> Piece | None:
    """ "erster Dienstag im Oktober", "the last Friday of next month", "dritter Tag im Oktober"."""
    number = LAST_OF_MONTH if items[0].code == "L" else items[0].value
    named, rest = first_of(items, "m"), items[2:]
    stated = first_of(items, "Y")
    if items[1].code == "u" and items[1].value != DAY:
        return None
    if named is None and rest and (rest[-1].code != "u" or rest[-1].value != MONTH):
        return None
    if named is not None:
        starts = [make_day(y, named.value, 1) for y in ((stated.value,) if stated else _years(moment))]
    else:
        turn = next((_shift([item]) for item in rest if item.code in "NLG0"), 0)
        fixed = any(item.code in "NLGS0" for item in rest) or not rest
        first = moment.today.replace(day=1)
        starts = [added(first, months, MONTH) for months in ((turn,) if fixed else (0, 1))]
    found = [day for start in starts if start and (day := _counted_day(start, number, items[1]))]
    coming = [day for day in found if day >= moment.today] or found
    return Piece(days=(coming[0],), past=coming[0] < moment.today) if coming else None


def _years(moment: Moment) -> tuple[int, int]:
    return moment.today.year, moment.today.year + 1


def _counted_day(start: date, number: int, item: Item) -> date | None:
    if item.code == "W":
        return nth_weekday(start.year, start.month, number, item.value)
    return make_day(start.year, start.month, _month_end(start).day if number == LAST_OF_MONTH else number)


def section(items: list[Item], moment: Moment) -> Piece | None:
    """ "Anfang nächster Woche", "Ende Dezember", "middle of the month"."""
    third = "sMe".index(items[0].code)
    rest = [item for item in items[1:] if item.code != "d"]
    whole = month(rest, moment) if first_of(rest, "m") else period(rest, moment) if first_of(rest, "u") else None
    if whole is None or whole.end is None or (first_of(rest, "u") and rest[-1].value < WEEK):
        return None
    if first_of(rest, "u") and rest[-1].value == WEEK:
        first_day = monday(whole.end)
        start, end = ((0, 1), (1, 3), (3, 4))[third]
        return _stretch(first_day + timedelta(days=start), first_day + timedelta(days=end), moment)
    if rest[-1].value == YEAR and not first_of(rest, "m"):
        return _stretch(
            date(whole.end.year, third * 4 + 1, 1), _month_end(date(whole.end.year, third * 4 + 4, 1)), moment
        )
    first = whole.end.replace(day=third * 10 + 1)
    return _stretch(first, _month_end(first) if third == 2 else first + timedelta(days=9), moment)


def week_of_month(items: list[Item], moment: Moment) -> Piece | None:
    """ "erste Dezemberwoche", "last week of November": seven days each, counted from the first or from the end."""
    unit = first_of(items, "u")
    whole = month([item for item in items if item.code in "mY"], moment)
    if whole is None or whole.end is None or unit is None or unit.value != WEEK:
        return None
    if items[0].code == "L":
        return _stretch(whole.end - timedelta(days=6), whole.end, moment)
    first = make_day(whole.end.year, whole.end.month, 7 * (items[0].value - 1) + 1)
    return _stretch(first, min(first + timedelta(days=6), whole.end), moment) if first else None


def coming(items: list[Item], moment: Moment) -> Piece | None:
    """ "in den nächsten Tagen", "the next two weeks"."""
    unit = items[-1].value
    if unit < DAY:
        return None
    count = count_of(items) if first_of(items, "n") else (7 if unit == DAY else 3)
    end = added(moment.today, count, unit)
    return Piece(start=moment.today, end=end) if end else None


def month(items: list[Item], moment: Moment) -> Piece | None:
    """ "im Dezember", "next March": the one that is not over yet."""
    said, year = first_of(items, "m"), first_of(items, "Y")
    if said is None:
        return None
    number = (
        moment.today.year + (said.value < moment.today.month) if year is None else full_year(year.value, moment.today)
    )
    if items[0].code == "N" and said.value == moment.today.month:
        number += 1
    elif items[0].code == "L":
        number = moment.today.year - (said.value >= moment.today.month)
    first = make_day(number, said.value, 1)
    return _stretch(first, _month_end(first), moment) if first else None


def weekend(items: list[Item], moment: Moment) -> Piece | None:
    """ "am Wochenende", "next weekend"."""
    nearest = moment.tokens[items[0].first].norm.startswith(("kommend", "coming", "upcoming"))
    saturday = monday(moment.today) + timedelta(days=5 + (0 if nearest else 7 * _shift(items)))
    return _stretch(saturday, saturday + timedelta(days=1), moment)


def day_in_month(items: list[Item], moment: Moment) -> Piece | None:
    """ "the 20th of next month"."""
    if items[-1].value != MONTH:
        return None
    first = added(moment.today.replace(day=1), _shift(items[-2:]), MONTH)
    found = make_day(first.year, first.month, items[0].value) if first else None
    return Piece(days=(found,), past=found < moment.today) if found else None


def after_next(items: list[Item], moment: Moment) -> Piece | None:
    """ "friday after next", "the week after next"."""
    said = items[0]
    if said.code == "W":
        return Piece(days=(next_weekday(moment.today, said.value) + timedelta(days=7),))
    return weekend(items[::-1], moment) if said.code == "K" else period(items[::-1], moment)


def quarter_of(items: list[Item], moment: Moment) -> Piece | None:
    """ "im ersten Quartal"."""
    unit = first_of(items, "u")
    return quarter(items, moment) if unit is not None and unit.value == QUARTER else None
