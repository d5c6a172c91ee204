"""What the setup asks for, and how each answer is read: a wrong one is a `Wrong`, which names the hint to show."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runtime.errors import ConfigurationError
from runtime.records.addresses import read_address
from runtime.sessions.clients import read_address as read_redis_address
from runtime.tenants.document import Unreadable
from runtime.tenants.hours import read_hours
from runtime.tenants.needs import NEEDS, is_id
from runtime.tenants.snapshot import slug
from runtime.tenants.values import read_country, read_minutes, read_price

ZONES = {
    "DE": "Europe/Berlin", "AT": "Europe/Vienna", "CH": "Europe/Zurich", "LI": "Europe/Vaduz",
    "LU": "Europe/Luxembourg", "GB": "Europe/London", "IE": "Europe/Dublin", "NL": "Europe/Amsterdam",
    "BE": "Europe/Brussels", "FR": "Europe/Paris", "IT": "Europe/Rome", "ES": "Europe/Madrid", "US": "America/New_York",
}  # fmt: skip
_TOKEN = re.compile(r"^\d{5,15}:[A-Za-z0-9_-]{20,}$")
_SLUG = re.compile(r"^[a-z0-9][a-z0-9_-]{0,62}$")


class Wrong(ValueError):
    """An answer that cannot be taken; `hint` is the name of the text that says what can, `why` what is wrong."""

    def __init__(self, hint: str, why: str = "") -> None:
        super().__init__(why or hint)
        self.hint = hint
        self.why = why


@dataclass(frozen=True, slots=True)
class Service:
    """One service as it was typed: names by language ("" for any), minutes, price."""

    names: dict[str, str]
    minutes: int
    price: str = ""


@dataclass(slots=True)
class Answers:
    """All answers; what was not asked for has its default."""

    name: str = ""
    slug: str = ""
    languages: list[str] = field(default_factory=list)
    formality: str = "formal"
    country: str = "DE"
    timezone: str = "Europe/Berlin"
    hours: str = ""
    services: list[Service] = field(default_factory=list)
    token: str = field(default="", repr=False)
    whatsapp: dict[str, str] = field(default_factory=dict, repr=False)
    """By the names of the connection's ids and secrets; empty without WhatsApp."""
    messenger: dict[str, str] = field(default_factory=dict, repr=False)
    public_url: str = ""
    redis_url: str = field(default="", repr=False)
    database_url: str = field(default="", repr=False)

    @property
    def variable(self) -> str:
        """How this business's secrets begin in the environment."""
        return re.sub(r"\W", "_", self.slug).upper()


def read_name(text: str) -> str:
    """What customers read."""
    if not text or len(text) > 80:
        raise Wrong("hint_name")
    return text


def read_slug(text: str) -> str:
    """The short name in addresses and commands."""
    if not _SLUG.match(text):
        raise Wrong("hint_slug", slug(text))
    return text


def read_languages(text: str) -> list[str]:
    """de, en or both, the first is the default."""
    words = [word[:2] for word in re.split(r"[\s,;+/&]+", text.casefold()) if word not in ("und", "and", "")]
    if any(word in ("be", "bo") for word in words):  # beide, both
        return ["de", "en"]
    if not words or set(words) - {"de", "en"}:
        raise Wrong("hint_languages")
    return list(dict.fromkeys(words))


def read_formality(text: str) -> str:
    """Sie or du."""
    known = {"sie": "formal", "formal": "formal", "du": "informal", "informal": "informal"}
    if text.casefold() not in known:
        raise Wrong("hint_formality")
    return known[text.casefold()]


def read_land(text: str) -> str:
    """Two letters."""
    try:
        return read_country(text)
    except Unreadable as error:
        raise Wrong("hint_country") from error


def read_zone(text: str) -> str:
    """A zone that this machine knows."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Wrong("hint_timezone") from error
    return text


def read_opening(text: str) -> str:
    """Hours as people write them."""
    try:
        if read_hours(text):
            return text
    except Unreadable:
        pass
    raise Wrong("hint_hours")


def read_service(text: str, languages: list[str]) -> Service:
    """`Haircut, 45 min, 48 €`; with two languages the name may be `Haarschnitt / Haircut`."""
    parts = [part.strip() for part in re.split(r"[,;](?!\d)", text, maxsplit=2)]
    try:
        name, minutes = parts[0], read_minutes(parts[1])
        price = parts[2] if len(parts) > 2 else ""
        if price:
            read_price(price)
    except (IndexError, Unreadable) as error:
        raise Wrong("hint_service") from error
    if not name or not 0 < minutes <= 24 * 60:
        raise Wrong("hint_service")
    names = [one.strip() for one in name.split(" / ")]
    if len(names) == len(languages) > 1:
        return Service(dict(zip(languages, names, strict=True)), minutes, price)
    return Service({"": name}, minutes, price)


def read_token(text: str) -> str:
    """A bot's token, by its looks; whose it is says the provider. Empty: none."""
    if text and not _TOKEN.match(text):
        raise Wrong("hint_token")
    return text


def read_meta(text: str) -> tuple[str, ...]:
    """Which of Meta's channels: whatsapp, messenger, both or none."""
    words = {word.strip() for word in re.split(r"[\s,;+/&]+", text.casefold()) if word.strip()}
    if words & {"beide", "both"}:
        return ("whatsapp", "messenger")
    known = {"whatsapp": "whatsapp", "messenger": "messenger", "facebook": "messenger"}
    if words - known.keys() - {"und", "and"}:
        raise Wrong("hint_meta")
    return tuple(sorted({known[word] for word in words if word in known}, reverse=True))


def read_id(text: str) -> str:
    """An id of Meta's: digits."""
    if not is_id(text):
        raise Wrong("hint_id")
    return text


def read_secret(text: str) -> str:
    """A secret or token as it was copied."""
    if len(text) < 8 or any(letter.isspace() for letter in text):
        raise Wrong("hint_secret")
    return text


def read_public(text: str) -> str:
    """An https address without a path's end; empty: none."""
    if not text:
        return ""
    found = urlsplit(text)
    if found.scheme != "https" or not found.hostname or "." not in found.hostname:
        raise Wrong("hint_public")
    return text.rstrip("/")


def read_redis(text: str) -> str:
    """A Redis address; empty: the embedded one."""
    if text and not text.startswith(("redis://", "rediss://", "unix://")):
        raise Wrong("hint_redis")
    try:
        if text:
            read_redis_address(text)
    except ConfigurationError as error:
        raise Wrong("hint_redis", str(error)) from error
    return text


def read_database(text: str) -> str:
    """A database address; empty: SQLite in the data folder."""
    try:
        if text:
            read_address(text)
    except ConfigurationError as error:
        raise Wrong("hint_database", str(error)) from error
    return text


def document_of(answers: Answers) -> dict[str, Any]:
    """The business's file as plain values, without any secret in it."""
    found: dict[str, Any] = {
        "tenant": answers.slug, "name": answers.name, "timezone": answers.timezone, "country": answers.country,
        "languages": answers.languages, "formality": answers.formality, "hours": answers.hours,
    }  # fmt: skip
    taken: set[str] = set()
    found["services"] = [_service(one, taken) for one in answers.services]
    if answers.token:
        secrets = {
            "bot_token": {"env": f"{answers.variable}_BOT_TOKEN"},
            "webhook_secret": {"env": f"{answers.variable}_WEBHOOK_SECRET"},
        }
        found["connections"] = [{"connector": "telegram", "secrets": secrets}]
    meta = [_meta_connection(answers, *one) for one in meta_answers(answers)]
    return {**found, "connections": [*found.get("connections", []), *meta]} if meta else found


def meta_answers(answers: Answers) -> list[tuple[str, dict[str, str]]]:
    """The connectors of Meta's that were chosen, with what was typed for them."""
    both = (("whatsapp_cloud", answers.whatsapp), ("messenger", answers.messenger))
    return [(connector, typed) for connector, typed in both if typed]


def secret_variable(answers: Answers, connector: str, name: str) -> str:
    """The environment variable of a secret."""
    return f"{answers.variable}_{NEEDS[connector].path}_{name}".upper()


def _meta_connection(answers: Answers, connector: str, typed: dict[str, str]) -> dict[str, Any]:
    needs = NEEDS[connector]
    secrets = {name: {"env": secret_variable(answers, connector, name)} for name in needs.secrets}
    return {"connector": connector, "config": {name: typed[name] for name in needs.ids}, "secrets": secrets}


def _service(service: Service, taken: set[str]) -> dict[str, Any]:
    base = slug(next(iter(service.names.values()))).replace("-", "_") or "service"
    name = next(one for number in range(1, 1000) if (one := base if number == 1 else f"{base}_{number}") not in taken)
    taken.add(name)
    shown: Any = service.names.get("", service.names)
    found = {"id": name, "name": shown, "duration_min": service.minutes}
    return {**found, "price": service.price} if service.price else found
