"""Single values of a tenant's file as people write them: texts per language, prices, spans of time, names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.numbers import get_territory_currencies

from runtime.core.quiet import QuietHours
from runtime.tenants.document import Unreadable

Texts = dict[str, str]
"""Language -> text; "" is a text that has no language of its own."""
TextLists = dict[str, tuple[str, ...]]
_LANGUAGE = re.compile(r"^[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?$")
_SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "$": "USD",
    "euro": "EUR",
    "euros": "EUR",
    "pfund": "GBP",
    "chf": "CHF",
    "fr.": "CHF",
}
_AMOUNT = re.compile(r"\d[\d.,' ]*")
_LEAST = re.compile(r"^(?:ab|from|starting(?: at| from)?|von|min\.?)\b\s*|\s*\+$")
_FREE = {"free", "kostenlos", "gratis", "kostenfrei", "umsonst", "free of charge"}
_OPEN = {"", "-", "–", "auf anfrage", "on request", "nach aufwand", "tba", "n/a", "nach vereinbarung", "by arrangement"}
_SPAN = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(h|hours?|hrs?|std\.?|stunden?|d|days?|tage?n?|m|min|mins|minutes?|minuten?|')?(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class Price:
    """An amount like "45.00" ("" for none), its currency where it was named, and whether it is the least."""

    amount: str
    currency: str = ""
    least: bool = False


def language_code(value: Any) -> str:
    """ "de-DE" -> "de"."""
    text = str(value).strip()
    if not _LANGUAGE.match(text):
        raise Unreadable(f"'{text}' is no language code. Write de or en.")
    return re.split("[-_]", text)[0].casefold()


def read_texts(value: Any) -> Texts:
    """A text, or texts by language."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return {_key(key): _text(text, (key,)) for key, text in value.items() if text is not None}
    return {"": _text(value)}


def read_text_lists(value: Any) -> TextLists:
    """Texts by language, each one or a list; or one list for all languages."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return {_key(key): _texts(texts, (key,)) for key, texts in value.items()}
    return {"": _texts(value)}


def read_synonyms(value: Any) -> TextLists:
    """As `read_text_lists`; a single text may hold several with commas."""
    lists = read_text_lists(value)
    return {
        language: tuple(part for text in texts for word in text.split(",") if (part := word.strip()))
        for language, texts in lists.items()
    }


def read_names(value: Any) -> tuple[str, ...]:
    """Ids or names: a list, or one text with commas; "all" is the empty list."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    names = _texts(value)
    return () if len(names) == 1 and names[0].casefold() in ("all", "any", "alle", "*", "everybody") else names


def read_address(value: Any) -> Texts:
    """An address: text, text by language, or street, zip and city."""
    if not isinstance(value, Mapping) or all(_LANGUAGE.match(str(key)) and len(str(key)) == 2 for key in value):
        return read_texts(value)
    parts = {str(key): str(text).strip() for key, text in value.items() if isinstance(text, str | int)}
    street = " ".join(
        parts[k] for k in ("street", "strasse", "straße", "line1", "number", "house_number") if k in parts
    )
    place = " ".join(
        parts[k] for k in ("zip", "postcode", "postal_code", "plz", "city", "town", "ort", "stadt") if k in parts
    )
    if not street and not place:
        raise Unreadable("an address needs a text, or street, zip and city.")
    extra = [parts[k] for k in ("line2", "district", "note") if k in parts]
    return {"": ", ".join(part for part in (street, *extra, place) if part)}


def _key(key: Any) -> str:
    if str(key) == "":
        return ""
    try:
        return language_code(key)
    except Unreadable as error:
        raise Unreadable(f"'{key}' is no language code. Write the text itself, or {{de: ..., en: ...}}.") from error


def _text(value: Any, path: tuple[str, ...] = ()) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unreadable(f"expected a text, found {type(value).__name__}. Write a text, or {{de: ..., en: ...}}.", path)
    return str(value).strip()


def _texts(value: Any, path: tuple[str, ...] = ()) -> tuple[str, ...]:
    if value is None:
        return ()
    entries = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return tuple(text for entry in entries if (text := _text(entry, path)))


def read_price(value: Any) -> Price:
    """A price: 45, "45,50 €", "ab 45 €", "from £45", {amount, currency, from}, free, or on request."""
    if value is None:
        return Price("")
    if isinstance(value, Mapping):
        return _mapped_price(value)
    if isinstance(value, bool):
        raise Unreadable(f"{value!r} is no price. Write 45, '45 €' or 'ab 45 €'.")
    text = str(value).strip().casefold()
    if text in _OPEN:
        return Price("")
    if text in _FREE:
        return Price("0.00")
    rest = _LEAST.sub("", text)
    match = _AMOUNT.search(rest)
    words = re.sub(r"[\s,.\-–]+", "", rest.replace(match[0], "", 1)) if match else ""
    currency = _SYMBOLS.get(words, words.upper() if re.fullmatch("[a-z]{3}", words) else "")
    if match is None or (words and not currency):
        raise Unreadable(f"'{value}' is no price. Write 45, '45 €' or 'ab 45 €'.")
    return Price(_amount(match[0], value), currency, rest != text)


def _mapped_price(value: Mapping[str, Any]) -> Price:
    least = value.get("from", value.get("ab"))
    amount = next((value[key] for key in ("amount", "value", "price", "betrag", "min") if key in value), None)
    if amount is None and least is not None and not isinstance(least, bool):
        amount, least = least, True
    if amount is None:
        raise Unreadable("a price needs an amount: {amount: 45, currency: EUR, from: true}.")
    price = read_price(amount)
    return Price(price.amount, str(value.get("currency") or price.currency).upper(), bool(least) or price.least)


def _amount(text: str, value: Any) -> str:
    digits = text.strip(" .,").replace("'", "").replace(" ", "")
    if "," in digits and "." in digits:
        digits = digits.replace("." if digits.rfind(",") > digits.rfind(".") else ",", "")
    elif re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits):
        digits = re.sub("[.,]", "", digits)
    try:
        return f"{Decimal(digits.replace(',', '.')):.2f}"
    except InvalidOperation as error:
        raise Unreadable(f"'{value}' is no price. Write 45, '45 €' or 'ab 45 €'.") from error


def read_minutes(value: Any) -> int:
    """A span in minutes: 45, "45 min", "1,5 h", "1 h 30", "1:30"."""
    return _span(value, 1)


def read_hours_span(value: Any) -> int:
    """A span in minutes whose bare number counts hours: 24, "24 h", "2 days"."""
    return _span(value, 60)


def read_days_span(value: Any) -> int:
    """A span in days: 90, "90 days", "12 weeks"."""
    if isinstance(value, str) and (match := re.fullmatch(r"(\d+)\s*(?:weeks?|wochen?)", value.strip().casefold())):
        return int(match[1]) * 7
    return _span(value, 24 * 60) // (24 * 60)


def read_spans(value: Any) -> tuple[int, ...]:
    """Spans in minutes whose bare numbers count hours, the longest first: "24h", [24, "2 h"]; off is none."""
    if value in (None, False, 0) or (isinstance(value, str) and value.strip().casefold() in _OFF):
        return ()
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]
    entries = value if isinstance(value, Sequence) else [value]
    return tuple(sorted({read_hours_span(entry) for entry in entries} - {0}, reverse=True))


_OFF = {"", "off", "none", "never", "no", "aus", "keine", "nie", "nein"}


def read_quiet(value: Any) -> QuietHours:
    """ "21:00-08:00", "21 bis 8 Uhr"; never for no quiet hours."""
    if value is False or (isinstance(value, str) and value.strip().casefold() in _OFF):
        return QuietHours(time(), time())
    parts = re.split(r"\s*(?:-|–|bis|to|until)\s*", str(value).casefold().replace("uhr", "").strip())
    match = [re.fullmatch(r"(\d{1,2})(?:[:.](\d\d))?", part.strip()) for part in parts]
    clocks = [(int(m[1]), int(m[2] or 0)) for m in match if m]
    if len(parts) != 2 or len(clocks) != 2 or any(hour > 24 or minute > 59 for hour, minute in clocks):
        raise Unreadable(f"'{value}' are no quiet hours. Write for example 21:00-08:00, or never.")
    start, end = (time(hour % 24, minute) for hour, minute in clocks)
    return QuietHours(start, end)


def _span(value: Any, unit: int) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unreadable(f"{value!r} is no span of time. Write a number, '45 min' or '1 h 30 min'.")
    if not isinstance(value, str):
        return _positive(round(value * unit), value)
    text = value.strip().casefold()
    if match := re.fullmatch(r"(\d{1,2}):(\d{2})(?:\s*h)?", text):
        return int(match[1]) * 60 + int(match[2])
    found = list(_SPAN.finditer(text))
    if not found or re.sub(r"\s|und|and|,", "", _SPAN.sub("", text)):
        raise Unreadable(f"'{value}' is no span of time. Write a number, '45 min' or '1 h 30 min'.")
    total, before = 0.0, 0
    for match in found:
        word = match[2] or ("min" if before == 60 else "")
        size = _unit(word, unit)
        total, before = total + float(match[1].replace(",", ".")) * size, size
    return _positive(round(total), value)


def _unit(word: str, bare: int) -> int:
    return {"": bare, "h": 60, "s": 60, "d": 1440, "t": 1440, "m": 1, "'": 1}[word[:1]]


def _positive(minutes: int, value: Any) -> int:
    if minutes < 0:
        raise Unreadable(f"{value!r} is less than nothing. Write how long it takes.")
    return minutes


def read_country(value: Any) -> str:
    """A country's two letters, or its name in German or English."""
    text = str(value).strip()
    code = {"UK": "GB", "EN": "GB"}.get(text.upper(), text.upper())
    names = _territories()
    found = code if code in names.values() else names.get(text.casefold(), "")
    if not found:
        raise Unreadable(f"'{text}' is no country. Write its two letters, such as DE, AT or GB.")
    return found


@lru_cache(maxsize=1)
def _territories() -> dict[str, str]:
    return {
        str(name).casefold(): str(code)
        for language in ("en", "de")
        for code, name in Locale(language).territories.items()
        if len(str(code)) == 2
    }


def currency_of(country: str) -> str:
    """The money of a country."""
    return next(iter(get_territory_currencies(country)), "EUR") if country else "EUR"
