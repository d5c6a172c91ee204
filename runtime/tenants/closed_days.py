"""Closed days as people write them: dates, spans, or a region whose public holidays the `holidays` library knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import holidays as public_holidays

from runtime.core.business import Holiday
from runtime.tenants.document import Path, Unreadable
from runtime.tenants.hours import read_day_hours

FIRST_YEAR = 2024
YEARS_AHEAD = 6
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:T.*)?$")
_GERMAN = re.compile(r"^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})?$")
_YEARLY = re.compile(r"^(?:--)?(\d{2})-(\d{2})$")
_REGION = re.compile(r"^([A-Za-z]{2})(?:[-_ /]([A-Za-z0-9]{1,4}))?$")
_EXAMPLE = (
    "Write a date such as 2026-12-24, a span such as {from: 2026-08-03, to: 2026-08-14, name: Betriebsferien}, "
    "or a region such as DE-BY."
)
_REGION_KEYS = ("region", "country", "subdivision", "state", "province", "bundesland", "public")
_EXTRA_KEYS = ("dates", "extra", "closed", "days", "additional", "own")
_MOST_DAYS = 800

Names = Mapping[str, str]


def read_holidays(value: Any, country: str, languages: Sequence[str]) -> tuple[Holiday, ...]:
    """Every closed day, each once, the tenant's own entries winning over the region's."""
    own: dict[date, Holiday] = {}
    public: dict[date, Holiday] = {}
    for path, entry in _entries(value):
        region = _region(entry, country, path)
        if region is not None:
            public.update({day: Holiday(day, dict(names)) for day, names in _public(*region, tuple(languages))})
        else:
            own.update({holiday.day: holiday for holiday in _own(entry, path, languages)})
    return tuple(holiday for _, holiday in sorted({**public, **own}.items()))


def read_days_off(value: Any) -> tuple[date, ...]:
    """Somebody's days away: dates and spans, without regions."""
    found: set[date] = set()
    for path, entry in _entries(value):
        found |= set(_span(entry, path) if isinstance(entry, Mapping) else _dates(entry, path))
    return tuple(sorted(found))


def read_date(value: Any, path: Path = ()) -> date:
    """A date as ISO text, German text or a YAML date."""
    days = _dates(value, path)
    if len(days) != 1:
        raise Unreadable(f"'{value}' has no year. Write it as 2026-12-24.", path)
    return days[0]


def _entries(value: Any) -> Iterator[tuple[Path, Any]]:
    if value in (None, "", False) or value == "none":
        return
    if isinstance(value, Mapping):
        yield from _mapping_entries(value)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, entry in enumerate(value):
            inner = _mapping_entries(entry) if isinstance(entry, Mapping) else iter([((), entry)])
            yield from (((index, *path), found) for path, found in inner)
    else:
        yield (), value


def _mapping_entries(value: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """{region: ..., extra: [...]} holds several; {date: name} too; {date, name} is one."""
    if any(key in value for key in ("date", "from", "start", "day", "von", "datum")):
        yield (), value
        return
    region = {key: entry for key, entry in value.items() if key in _REGION_KEYS}
    if region:
        yield (), region
    for key, entry in value.items():
        if key in _EXTRA_KEYS:
            yield from (((key, *path), found) for path, found in _entries(entry))
        elif key not in _REGION_KEYS:
            shape = entry if isinstance(entry, Mapping) and not _texts(entry) else {"name": entry}
            yield (key,), {"date": key, **shape}


def _texts(entry: Mapping[str, Any]) -> bool:
    return bool(entry) and all(re.fullmatch(r"[a-z]{2}", key) for key in entry)


def _region(entry: Any, country: str, path: Path) -> tuple[str, str] | None:
    if isinstance(entry, str):
        text = entry.strip()
        match = _REGION.match(text)
        if match and match[2]:
            return _known(match[1], match[2], path)
        return _short_region(text, country, path) if match or text.isalpha() else None
    if not isinstance(entry, Mapping) or not any(key in entry for key in _REGION_KEYS):
        return None
    part = next((entry[key] for key in ("subdivision", "state", "province", "bundesland") if entry.get(key)), "")
    whole = next((entry[key] for key in ("region", "public") if entry.get(key)), "")
    if isinstance(whole, str) and whole and not part:
        return _region(whole, str(entry.get("country") or country), path)
    return _known(str(entry.get("country") or country), str(part), path)


def _short_region(text: str, country: str, path: Path) -> tuple[str, str]:
    """ "BY" in Germany is Bavaria, "DE" is Germany, "Bayern" is a name."""
    if text.upper() == country.upper():
        return _known(country, "", path)
    if country and _subdivision(country.upper(), text) is not None:
        return _known(country, text, path)
    if _is_country(text.upper()):
        return _known(text, "", path)
    raise Unreadable(f"'{text}' is neither a date nor a region that we know. {_EXAMPLE}", path)


def _subdivision(country: str, text: str) -> str | None:
    calendar = getattr(public_holidays, country, None)
    if calendar is None:
        return None
    names = {code.casefold(): code for code in calendar.subdivisions}
    names.update({alias.casefold(): code for alias, code in calendar.subdivisions_aliases.items()})
    return names.get(text.casefold())


def _known(country: str, part: str, path: Path) -> tuple[str, str]:
    code = country.upper()
    if not _is_country(code):
        raise Unreadable(f"no public holidays are known for the country '{country}'. {_EXAMPLE}", path)
    if not part:
        return code, ""
    found = _subdivision(code, part.removeprefix(f"{code}-"))
    if found is None:
        known = ", ".join(getattr(public_holidays, code).subdivisions) or "none"
        raise Unreadable(f"'{part}' is no region of {code}. It has: {known}.", path)
    return code, found


def _is_country(code: str) -> bool:
    """Whether the library knows it; asked by name, because its list of all countries loads every one of them."""
    return re.fullmatch("[A-Z]{2}", code) is not None and getattr(public_holidays, code, None) is not None


@lru_cache(maxsize=64)
def _public(
    country: str, part: str, languages: tuple[str, ...]
) -> tuple[tuple[date, tuple[tuple[str, str], ...]], ...]:
    names: dict[date, list[tuple[str, str]]] = {}
    years = _years()
    spoken = getattr(public_holidays, country).supported_languages
    for language in languages:
        code = next((known for known in spoken if known.split("_")[0] == language), None)
        if code is None and language != languages[0]:
            continue
        calendar = public_holidays.country_holidays(country, subdiv=part or None, years=years, language=code)
        for day, name in calendar.items():
            names.setdefault(day, []).append((language, name))
    return tuple((day, tuple(found)) for day, found in sorted(names.items()))


def _own(entry: Any, path: Path, languages: Sequence[str]) -> Iterator[Holiday]:
    if not isinstance(entry, Mapping):
        yield from (Holiday(day, {}) for day in _dates(entry, path))
        return
    names = _names(entry.get("name", entry.get("reason", entry.get("names"))), languages, path)
    hours = next((entry[key] for key in ("hours", "open", "opening", "times") if key in entry), None)
    for day in _span(entry, path):
        yield Holiday(day, names, read_day_hours(hours, day.weekday()))


def _span(entry: Mapping[str, Any], path: Path) -> list[date]:
    first = next((entry[key] for key in ("date", "from", "start", "day", "von", "datum") if key in entry), None)
    last = next((entry[key] for key in ("to", "end", "until", "bis") if key in entry), None)
    if last is None:
        return _dates(first, path)
    start, end = read_date(first, path), read_date(last, path)
    if not 0 <= (end - start).days <= _MOST_DAYS:
        raise Unreadable(f"closed from {start} to {end}: the end must come after the start.", path)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def _names(value: Any, languages: Sequence[str], path: Path) -> Names:
    if value is None:
        return {}
    if isinstance(value, str):
        return dict.fromkeys(languages, value)
    if isinstance(value, Mapping):
        return {str(key): str(text) for key, text in value.items()}
    raise Unreadable(f"{value!r} is no name of a holiday.", path)


def _dates(value: Any, path: Path) -> list[date]:
    if isinstance(value, datetime):
        return [value.date()]
    if isinstance(value, date):
        return [value]
    text = str(value).strip()
    try:
        if match := _ISO.match(text):
            return [date(int(match[1]), int(match[2]), int(match[3]))]
        if (match := _GERMAN.match(text)) and match[3]:
            return [date(int(match[3]), int(match[2]), int(match[1]))]
        if match:
            return _every_year(int(match[2]), int(match[1]))
        if match := _YEARLY.match(text):
            return _every_year(int(match[1]), int(match[2]))
    except ValueError as error:
        raise Unreadable(f"'{text}' is no day of the calendar. {_EXAMPLE}", path) from error
    raise Unreadable(f"'{text}' is neither a date nor a region that we know. {_EXAMPLE}", path)


def _years() -> range:
    return range(FIRST_YEAR, datetime.now(UTC).year + YEARS_AHEAD)


def _every_year(month: int, day: int) -> list[date]:
    if (month, day) == (2, 29):
        return [date(year, 2, 29) for year in _years() if year % 4 == 0]
    return [date(year, month, day) for year in _years()]
