"""Reading what a provider sent without ever trusting its shape.

A missing field, a field of another type and an invented one all read as "nothing there". Providers add fields and kinds
without notice, so only a body that is not a JSON object at all is an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from runtime.errors import BadRequest

_NO_FIELDS: Mapping[str, object] = {}
_UNSTORABLE = {0: None, **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")}
"""NUL, which PostgreSQL refuses, and half surrogate pairs, which no UTF-8 text can hold."""
_LATEST_S = 32_503_680_000  # the year 3000
_MOST_DIGITS = 15
_LARGEST = 1e15
"""Of a number with a fraction; what is larger was no place and no price."""


def clean_text(text: str) -> str:
    """The text without what storage cannot hold."""
    return text.translate(_UNSTORABLE) if "\0" in text or not _is_encodable(text) else text


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object, read field by field; whatever is not of the wanted type counts as absent."""

    values: Mapping[str, object]

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def __bool__(self) -> bool:
        return bool(self.values)

    def text(self, name: str) -> str:
        """A string, "" where there is none."""
        value = self.values.get(name)
        return clean_text(value) if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """A whole number, 0 where there is none."""
        value = self.values.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else 0

    def ident(self, name: str) -> str:
        """An id as a string, whether it came as a number or as a string."""
        value = self.values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return clean_text(value) if isinstance(value, str) else ""

    def decimal(self, name: str) -> str:
        """A number with or without a fraction, as text; "" where there is none."""
        value = self.values.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            return ""
        return str(value) if abs(value) < _LARGEST else ""

    def is_true(self, name: str) -> bool:
        """Whether the field is a literal true."""
        return self.values.get(name) is True

    def child(self, name: str) -> Fields:
        """An object inside, an empty one where there is none."""
        return as_fields(self.values.get(name))

    def children(self, name: str) -> tuple[Fields, ...]:
        """The objects of a list inside."""
        value = self.values.get(name)
        return tuple(as_fields(item) for item in value if isinstance(item, dict)) if isinstance(value, list) else ()

    def several(self, name: str) -> tuple[Fields | None, ...]:
        """The objects of a list, None for each thing that is none; an object in the list's place is its only one."""
        value = self.values.get(name)
        if isinstance(value, list):
            return tuple(as_fields(item) if isinstance(item, dict) and item else None for item in value)
        return () if value is None else (as_fields(value) if isinstance(value, dict) and value else None,)

    def idents(self, name: str) -> tuple[str, ...]:
        """The ids of a list inside."""
        value = self.values.get(name)
        items = value if isinstance(value, list) else []
        return tuple(ident for item in items if (ident := Fields({"id": item}).ident("id")))

    def moment(self, name: str) -> datetime | None:
        """Seconds since 1970 as a time, None where there is none or it makes no sense."""
        seconds = self.number(name)
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LATEST_S else None

    def stamp_ms(self, name: str) -> int:
        """Milliseconds since 1970 from seconds or milliseconds, number or digits; 0 where there are none."""
        digits = self.ident(name)
        value = int(digits) if digits.isdecimal() and len(digits) <= _MOST_DIGITS else 0
        value = value * 1000 if value < _LATEST_S else value
        return value if value < _LATEST_S * 1000 else 0

    def stamp(self, name: str) -> datetime | None:
        """`stamp_ms` as a time, None where there is none."""
        found = self.stamp_ms(name)
        return datetime.fromtimestamp(found / 1000, UTC) if found else None


def as_fields(value: object) -> Fields:
    """The value if it is a JSON object, else an empty one."""
    return Fields(value if isinstance(value, dict) else _NO_FIELDS)


def read_json(body: bytes) -> Fields:
    """The body's JSON object; raises BadRequest for anything else."""
    try:
        value = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON. Send the provider's payload as it came.") from error
    if not isinstance(value, dict):
        raise BadRequest("The body is JSON, but not an object. Send the provider's payload as it came.")
    return Fields(value)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
