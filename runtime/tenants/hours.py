"""Opening hours and holidays as people write them, in German and English, to our openings and closed days.

Reads liberally and never guesses: what does not parse raises Unreadable with the words and an example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import time
from typing import Any

from runtime.core.business import Opening
from runtime.tenants.document import Path, Unreadable

_WEEKDAYS = (
    ("monday", "mon", "mo", "montag", "montags"),
    ("tuesday", "tue", "tues", "tu", "dienstag", "di", "dienstags"),
    ("wednesday", "wed", "we", "mittwoch", "mi", "mittwochs"),
    ("thursday", "thu", "thur", "thurs", "th", "donnerstag", "do", "donnerstags"),
    ("friday", "fri", "fr", "freitag", "freitags"),
    ("saturday", "sat", "sa", "samstag", "samstags", "sonnabend"),
    ("sunday", "sun", "su", "sonntag", "so", "sonntags"),
)
_DAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in (*names, names[0] + "s")}
_GROUPS = {
    "weekdays": (0, 1, 2, 3, 4), "weekday": (0, 1, 2, 3, 4), "workdays": (0, 1, 2, 3, 4), "wochentags": (0, 1, 2, 3, 4),
    "weekend": (5, 6), "weekends": (5, 6), "wochenende": (5, 6), "am wochenende": (5, 6),
    "daily": tuple(range(7)), "everyday": tuple(range(7)), "every day": tuple(range(7)), "all": tuple(range(7)),
    "täglich": tuple(range(7)), "taeglich": tuple(range(7)), "alle": tuple(range(7)), "jeden tag": tuple(range(7)),
}  # fmt: skip
_CLOSED = {"", "closed", "geschlossen", "zu", "ruhetag", "off", "none", "no", "-", "–", "false", "keine"}
_DASH = r"\s*(?:-|–|—|\bbis\b|\bto\b|\buntil\b|\btill\b|/)\s*"
_CLOCK = re.compile(r"^(\d{1,2})(?:[:.h](\d{2}))?(?::00)?\s*(?:uhr|h|o'clock)?\s*([ap])?\.?(?:m\.?)?$")
_STARTS = ("open", "opens", "opening", "from", "start", "von", "begin", "öffnet")
_ENDS = ("close", "closes", "closing", "to", "end", "until", "till", "bis", "schließt")
_DAY_KEYS = ("days", "day", "weekday", "weekdays", "tag", "tage", "on")
_TIME_KEYS = ("hours", "times", "time", "open_hours", "intervals", "zeiten", "slots")
_BREAK_KEYS = ("break", "breaks", "pause", "lunch", "lunch_break", "mittagspause")
_EXAMPLE = 'Write for example mon: "09:00-18:00", tue: ["09:00-12:00", "14:00-18:00"] or sun: closed.'
_DAY_WORD = "|".join(sorted((re.escape(n) for n in (*_DAY, *_GROUPS)), key=len, reverse=True))
_DAY_PART = re.compile(
    rf"^\s*((?:{_DAY_WORD})\.?(?:(?:{_DASH}|\s*(?:,|&|\+|und|and)\s*)(?:{_DAY_WORD})\b\.?)*)\s*:?\s*", re.I
)

Interval = tuple[int, int]


def read_hours(value: Any) -> tuple[Opening, ...]:
    """The weekly hours in any of the usual shapes."""
    found: list[Opening] = []
    for path, days, intervals in _day_entries(value):
        for start, end in intervals:
            _check(start, end, path)
            for day in days:
                found.extend(_openings(day, start, end))
    return _merged(found)


def read_day_hours(value: Any, weekday: int) -> tuple[Opening, ...]:
    """The hours of one day, such as a holiday's own."""
    return _merged([o for start, end in _intervals(value, ()) for o in _openings(weekday, start, end)])


def _day_entries(value: Any) -> Iterator[tuple[Path, tuple[int, ...], list[Interval]]]:
    if value is None or (isinstance(value, str) and value.strip().casefold() in _CLOSED):
        return
    if isinstance(value, str):
        for words, times in _sentences(value):
            yield (), read_days(words), _intervals(times, ())
    elif isinstance(value, Mapping):
        for key, times in value.items():
            yield (key,), read_days(key, (key,)), _intervals(times, (key,))
    elif isinstance(value, Sequence):
        for index, entry in enumerate(value):
            yield from _listed(entry, (index,))
    else:
        raise Unreadable(f"{value!r} are no opening hours. {_EXAMPLE}")


def _listed(entry: Any, path: Path) -> Iterator[tuple[Path, tuple[int, ...], list[Interval]]]:
    if isinstance(entry, str):
        for words, times in _sentences(entry):
            yield path, read_days(words, path), _intervals(times, path)
        return
    if not isinstance(entry, Mapping):
        raise Unreadable(f"{entry!r} are no opening hours. {_EXAMPLE}", path)
    day_key = next((key for key in _DAY_KEYS if key in entry), None)
    if day_key is None:
        # A list of one-day mappings: [{mon: "9-18"}, {tue: "9-18"}].
        for key, times in entry.items():
            yield path, read_days(key, (*path, key)), _intervals(times, (*path, key))
        return
    days = read_days(entry[day_key], (*path, day_key))
    yield path, days, _intervals({k: v for k, v in entry.items() if k != day_key}, path)


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """ "Mo-Fr 9-18, Sa 9-14" -> its days and times."""
    days = ""
    for piece in re.split(r"[;\n,]|\bund\b|\band\b", text):
        match = _DAY_PART.match(piece)
        if match and not piece[match.end() :].strip():
            days = f"{days[:-1]},{match[1]}+" if days.endswith("+") else match[1] + "+"
            continue
        if match:
            named = f"{days[:-1]},{match[1]}" if days.endswith("+") else match[1]
            days, piece = named, piece[match.end() :]
        if not days or days.endswith("+"):
            raise Unreadable(f"no weekday before '{piece.strip()}'. {_EXAMPLE}")
        if piece.strip():
            yield days, piece.strip()


def read_days(value: Any, path: Path = ()) -> tuple[int, ...]:
    """Weekdays by name, list or range ("mon-fri", "Mo, Mi"), Monday is 0."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(day for entry in value for day in read_days(entry, path))
    text = str(value).strip().casefold().replace("_", "-")
    if text in _GROUPS:
        return _GROUPS[text]
    days: list[int] = []
    for piece in re.split(r"\s*(?:,|;|&|\+|\bund\b|\band\b)\s*", text):
        if piece in _GROUPS:
            days.extend(_GROUPS[piece])
            continue
        ends = [_day(name, path) for name in re.split(_DASH, piece)]
        first, last = ends[0], ends[-1]
        days.extend((first + step) % 7 for step in range((last - first) % 7 + 1))
    return tuple(days)


def _day(name: str, path: Path) -> int:
    day = _DAY.get(name.strip(" ."))
    if day is None:
        raise Unreadable(
            f"'{name}' is no weekday. Write mon, tue, ... or mo, di, ..., or a range such as mon-fri.", path
        )
    return day


def _intervals(value: Any, path: Path) -> list[Interval]:
    if value is None or value is False or (isinstance(value, str) and value.strip().casefold() in _CLOSED):
        return []
    if isinstance(value, str):
        return [_interval(piece, path) for piece in re.split(r"\s*(?:,|;|\bund\b|\band\b|&|\+)\s*", value) if piece]
    if isinstance(value, Mapping):
        return _mapped(value, path)
    if isinstance(value, Sequence):
        return _sequence(value, path)
    raise Unreadable(f"{value!r} is no time span. {_EXAMPLE}", path)


def _sequence(value: Sequence[Any], path: Path) -> list[Interval]:
    if len(value) == 2 and all(_is_clock(part) for part in value):
        return [(read_clock(value[0], path), read_clock(value[1], path, end=True))]
    return [span for index, part in enumerate(value) for span in _intervals(part, (*path, index))]


def _mapped(value: Mapping[str, Any], path: Path) -> list[Interval]:
    if value.get("closed") in (True, "true", "yes", "ja") or value.get("geschlossen") is True:
        return []
    unknown = set(value) - {*_STARTS, *_ENDS, *_TIME_KEYS, *_BREAK_KEYS, "closed", "geschlossen", "note"}
    if unknown:
        raise Unreadable(f"'{min(unknown)}' is not known in opening hours. {_EXAMPLE}", path)
    inner = next((key for key in _TIME_KEYS if key in value), None)
    if inner is not None:
        return _intervals(value[inner], (*path, inner))
    start = next((value[key] for key in _STARTS if key in value), None)
    end = next((value[key] for key in _ENDS if key in value), None)
    if start in (None, False) and end in (None, False):
        return []
    if start is None or end is None:
        raise Unreadable(f"opening hours need a start and an end. {_EXAMPLE}", path)
    spans = [(read_clock(start, path), read_clock(end, path, end=True))]
    for key in _BREAK_KEYS:
        for pause in _intervals(value.get(key), (*path, key)):
            spans = [part for span in spans for part in _without(span, pause)]
    return spans


def _without(span: Interval, pause: Interval) -> list[Interval]:
    if pause[1] <= span[0] or pause[0] >= span[1]:
        return [span]
    return [part for part in ((span[0], pause[0]), (pause[1], span[1])) if part[0] < part[1]]


def _interval(text: str, path: Path) -> Interval:
    words = re.sub(r"^(?:von|from|ab)\s+", "", text.strip().casefold())
    if words in ("24h", "24 h", "24/7", "always", "immer", "durchgehend", "rund um die uhr"):
        return 0, 24 * 60
    ends = re.split(_DASH, words)
    if len(ends) != 2:
        raise Unreadable(f"'{text}' is no time span. {_EXAMPLE}", path)
    start, end = read_clock(ends[0], path), read_clock(ends[1], path, end=True)
    bare = ends[0].isdigit()
    if bare and ends[1].isdigit() and end <= start < 12 * 60 and end < 12 * 60:
        return start, end + 12 * 60  # "9-5"
    if bare and re.search(r"p\.?m?\.?$", ends[1]) and start + 12 * 60 < end:
        return start + 12 * 60, end  # "1-5pm", but not "9-5pm"
    return start, end


def _is_clock(value: Any) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return True
    return isinstance(value, str) and _CLOCK.match(value.strip().casefold()) is not None


def read_clock(value: Any, path: Path = (), *, end: bool = False) -> int:
    """Minutes since midnight of "9", "09:00", "9 Uhr", "9.30", "6pm", 18 or 1080 (what YAML 1.1 makes of 18:00)."""
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _clock_number(value, path)
    match = _CLOCK.match(str(value).strip().casefold())
    if match is None:
        raise Unreadable(f"'{value}' is no time of day. Write 09:00 or 18:30.", path)
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3]:
        hour = hour % 12 + (12 if match[3] == "p" else 0)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise Unreadable(f"'{value}' is no time of day. Write 09:00 or 18:30.", path)
    return 24 * 60 if end and hour == 0 and minute == 0 else hour * 60 + minute


def _clock_number(value: float, path: Path) -> int:
    if 0 <= value <= 24:
        return round(value * 60) if float(value).is_integer() else int(value) * 60 + round(value % 1 * 100)
    if 60 <= value <= 24 * 60:
        return int(value)
    raise Unreadable(f"{value!r} is no time of day. Write 09:00 or 18:30.", path)


def _check(start: int, end: int, path: Path) -> None:
    if start == end:
        raise Unreadable(f"the hours start and end at the same time. {_EXAMPLE}", path)


def _openings(day: int, start: int, end: int) -> list[Opening]:
    if end > start:
        return [Opening(day, _time(start), _time(end))]
    # Past midnight: the rest belongs to the next weekday.
    return [Opening(day, _time(start), time.max), Opening((day + 1) % 7, time(0), _time(end))]


def _time(minutes: int) -> time:
    return time.max if minutes >= 24 * 60 else time(minutes // 60, minutes % 60)


def _merged(found: list[Opening]) -> tuple[Opening, ...]:
    merged: list[Opening] = []
    for opening in sorted(found, key=lambda o: (o.weekday, o.start, o.end)):
        last = merged[-1] if merged else None
        if last is not None and last.weekday == opening.weekday and opening.start <= last.end:
            merged[-1] = Opening(last.weekday, last.start, max(last.end, opening.end))
        else:
            merged.append(opening)
    return tuple(merged)
