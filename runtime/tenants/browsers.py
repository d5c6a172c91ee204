"""What a business's file says about its chat in browsers, read: websites, a colour, an address."""

from __future__ import annotations

import re
from typing import Any

from runtime.core.origins import read_origin
from runtime.tenants.document import Unreadable

_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})")


def read_origins(value: Any) -> tuple[str, ...]:
    """Websites as browsers name them."""
    written = value.split(",") if isinstance(value, str) else value or []
    if not isinstance(written, list | tuple) or not all(isinstance(one, str) for one in written):
        raise Unreadable("expected a list of websites, such as [https://www.salon.example].")
    try:
        return tuple(dict.fromkeys(read_origin(one) for one in written if one.strip()))
    except ValueError as error:
        raise Unreadable(str(error)) from error


def read_colour(value: Any) -> str:
    """#rrggbb in small letters; "" for nothing."""
    text = "" if value is None else str(value).strip().lower()
    found = _HEX.fullmatch(text)
    if text and found is None:
        raise Unreadable(f"'{value}' is no colour. Write it as #rrggbb in quotes, such as \"#24504b\".")
    digits = found[1] if found else ""
    return f"#{digits if len(digits) == 6 else ''.join(digit * 2 for digit in digits)}" if digits else ""


def read_web_address(value: Any) -> str:
    """An address that a link may lead to."""
    text = "" if value is None else str(value).strip()
    if text and not re.fullmatch(r"https?://[^\s\"<>]+", text):
        raise Unreadable(f"'{value}' is no address. Write it whole, such as https://www.salon.example/datenschutz.")
    return text
