"""Money, dates, times and lists as the customer's language writes them. Sentences are neutral: neither Sie nor du."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, get_day_names
from babel.lists import format_list
from babel.numbers import format_currency

from runtime.core.business import Business, Opening, Service
from runtime.core.opening import minutes


def spoken(language: str) -> str:
    """The language our sentences exist in that is closest."""
    return "de" if language == "de" else "en"


def locale_of(business: Business, language: str) -> Locale:
    """German or English as written in the business's country, where that exists."""
    tag = spoken(language)
    territory = business.country if (tag, business.country) in _KNOWN else {"de": "DE", "en": "GB"}[tag]
    return Locale(tag, territory)


_KNOWN = {
    ("de", "DE"),
    ("de", "AT"),
    ("de", "CH"),
    ("en", "GB"),
    ("en", "US"),
    ("en", "IE"),
    ("en", "AU"),
    ("en", "CA"),
}


def money(amount: str, business: Business, language: str) -> str:
    """ "45 €" or "€45.50": no cents where there are none."""
    value = Decimal(amount)
    # Austria and Switzerland put the sign first; the shops there write it like everybody else on the web.
    locale = Locale("de", "DE") if spoken(language) == "de" else locale_of(business, language)
    pattern = locale.currency_formats["standard"].pattern
    if value == value.to_integral():
        pattern = pattern.replace(".00", "")
    text = format_currency(value, business.currency, pattern, locale=locale, currency_digits=False)
    return text.replace("\xa0", " ").replace("\u202f", " ")


def price(service: Service, business: Business, language: str) -> str:
    """A service's price, with "ab" or "from" where it is the least."""
    if Decimal(service.price) == 0:
        return {"de": "kostenlos", "en": "free of charge"}[spoken(language)]
    text = money(service.price, business, language)
    return ({"de": "ab ", "en": "from "}[spoken(language)] if service.price_from else "") + text


def day_name(weekday: int, language: str, *, short: bool = False) -> str:
    """Montag or Mo, Monday or Mon."""
    names = get_day_names("abbreviated" if short else "wide", "stand-alone", Locale(spoken(language)))
    return str(names[weekday]).rstrip(".")


def long_date(day: date, business: Business, language: str) -> str:
    """ "Dienstag, 24. November" or "Tuesday, 24 November"."""
    locale = locale_of(business, language)
    pattern = (
        "EEEE, d. MMMM" if locale.language == "de" else "EEEE, MMMM d" if locale.territory == "US" else "EEEE, d MMMM"
    )
    return format_date(day, pattern, locale=locale)


def listed(items: Sequence[str], language: str) -> str:
    """ "a, b und c"."""
    return format_list(items, locale=Locale(spoken(language), "GB" if spoken(language) == "en" else "DE"))


def span(opening: Opening, language: str) -> str:
    """ "9–18 Uhr", "9:30–13 Uhr", "9 am–6 pm"."""
    start, end = clock(opening.start, language), clock(opening.end, language)
    return f"{start}–{end} Uhr" if spoken(language) == "de" else f"{start}–{end}"


def spans(openings: Sequence[Opening], language: str) -> str:
    """All hours of a day."""
    return listed([span(opening, language) for opening in openings], language)


def from_to(openings: Sequence[Opening], language: str) -> str:
    """ "von 9 bis 18 Uhr", "from 9 am to 6 pm"."""
    parts = [(clock(o.start, language), clock(o.end, language)) for o in openings]
    if spoken(language) == "de":
        return listed([f"von {start} bis {end} Uhr" for start, end in parts], language)
    return listed([f"from {start} to {end}" for start, end in parts], language)


def clock(moment: time, language: str) -> str:
    """ "9", "9:30", "24"; "9 am", "6:30 pm"."""
    total = minutes(moment)
    hour, minute = divmod(total, 60)
    if spoken(language) == "de":
        return f"{hour}:{minute:02}" if minute else str(hour)
    if total in (0, 1440):
        return "midnight"
    shown = f"{hour % 12 or 12}:{minute:02}" if minute else str(hour % 12 or 12)
    return f"{shown} {'am' if hour < 12 else 'pm'}"


def duration(total: int, language: str) -> str:
    """ "45 Minuten", "2 Stunden", "1 Stunde 30 Minuten"."""
    hours, rest = divmod(total, 60)
    if total < 90:
        hours, rest = 0, total
    german = spoken(language) == "de"
    parts = []
    if hours:
        parts.append(f"{hours} {_plural(hours, 'Stunde', 'Stunden') if german else _plural(hours, 'hour', 'hours')}")
    if rest:
        parts.append(f"{rest} {_plural(rest, 'Minute', 'Minuten') if german else _plural(rest, 'minute', 'minutes')}")
    return " ".join(parts)


def _plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many
