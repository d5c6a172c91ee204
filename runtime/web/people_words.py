"""Words, times and numbers of people's pages, in German and English. What has no words yet is shown by its name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from runtime.web.chat_page import accepted_languages
from runtime.web.pages import CONSOLE

TEXTS: Mapping[str, Mapping[str, str]] = {
    language: json.loads((CONSOLE / f"texts_{language}.json").read_text(encoding="utf-8")) for language in ("de", "en")
}
LANGUAGE_COOKIE = "frontdesk-people-language"
THEME_COOKIE = "frontdesk-people-theme"
THIN = "\u00a0"


def language_of(request: web.Request) -> str:
    """As the address, the cookie or the browser says."""
    wishes = (
        request.query.get("lang", ""),
        request.cookies.get(LANGUAGE_COOKIE, ""),
        *accepted_languages(request.headers.get("Accept-Language", "")),
    )
    return next((wish for wish in wishes if wish in TEXTS), "en")


def theme_of(request: web.Request) -> str:
    """light or dark where somebody chose, else nothing: then the system decides."""
    chosen = request.query.get("theme", "") or request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in ("light", "dark") else ""


@dataclass(frozen=True, slots=True)
class Words:
    """One language, seen from one business's clock. `now` is real time."""

    language: str
    zone: ZoneInfo
    now: datetime
    currency: str = "EUR"

    def __call__(self, key: str, **values: object) -> str:
        """A text of the page; an unknown key is a mistake of ours."""
        text = TEXTS[self.language][key]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def named(self, group: str, name: str) -> str:
        """What people call a flow, a slot, an action, a channel."""
        known = TEXTS[self.language].get(f"{group}.{name}")
        return known if known is not None else name.replace("_", " ").replace(".", ": ")

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in TEXTS[self.language]

    def many(self, key: str, number: int) -> str:
        """A text with a number in it."""
        return self(f"{key}.one" if number == 1 else f"{key}.more", n=number)

    def clock(self, at: datetime) -> str:
        """14:05."""
        return f"{at.astimezone(self.zone):%H:%M}"

    def seconds(self, at: datetime) -> str:
        """14:05:11."""
        return f"{at.astimezone(self.zone):%H:%M:%S}"

    def date(self, at: datetime) -> str:
        """25. November, 25 November; with the year where it is another."""
        there = at.astimezone(self.zone)
        month = self(f"month.{there.month}")
        year = f" {there.year}" if there.year != self.now.astimezone(self.zone).year else ""
        return f"{there.day}. {month}{year}" if self.language == "de" else f"{there.day} {month}{year}"

    def weekday(self, at: datetime) -> str:
        """Mi, Wed."""
        return self(f"weekday.{at.astimezone(self.zone).weekday()}")

    def month(self, at: datetime) -> str:
        """Nov."""
        return self(f"month.{at.astimezone(self.zone).month}")[:3]

    def short(self, at: datetime) -> str:
        """The clock for today, the weekday for this week, else the date."""
        days = self.days_ago(at)
        if days == 0:
            return self.clock(at)
        there = at.astimezone(self.zone)
        if 0 < days < 7:
            return self.weekday(at)
        return f"{there.day}.{there.month}." if self.language == "de" else f"{there.day} {self.month(at)}"

    def day(self, at: datetime) -> str:
        """Heute, 20. November."""
        near = {0: self("today"), 1: self("yesterday")}.get(self.days_ago(at))
        return f"{near or self.weekday(at)}, {self.date(at)}"

    def days_ago(self, at: datetime) -> int:
        """By the calendar of the business."""
        return (self.now.astimezone(self.zone).date() - at.astimezone(self.zone).date()).days

    def number(self, value: float, digits: int = 0) -> str:
        """1.284,5 or 1,284.5."""
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "de" else text

    def ms(self, value: float) -> str:
        """0,3 ms, 812 ms, 1,2 s."""
        if value >= 10_000:
            return f"{self.number(value / 1000, 1)}{THIN}s"
        return f"{self.number(value, 1 if value < 10 else 0)}{THIN}ms"

    def money(self, value: float, currency: str) -> str:
        """0,0006 €; small amounts keep their digits."""
        sign = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF"}.get(currency, currency)
        amount = self.number(value, 4 if value < 0.1 else 2)
        return f"{amount}{THIN}{sign}" if self.language == "de" or len(sign) > 1 else f"{sign}{amount}"

    def quoted(self, text: str) -> str:
        """„so“ or “so”."""
        return f"„{text}“" if self.language == "de" else f"“{text}”"


def words_for(language: str, zone: str, currency: str = "EUR") -> Words:
    """The words as of now."""
    return Words(language, ZoneInfo(zone), datetime.now(UTC), currency)


def masked(phone: str) -> str:
    """A number but for its beginning and its last two digits."""
    digits = [sign for sign in phone if sign.isdigit() or sign == "+"]
    if len(digits) < 7:
        return phone
    shown = "".join(digits)
    head = shown[:6] if shown.startswith("+") else shown[:4]
    return f"{head} ••• {shown[-2:]}"
