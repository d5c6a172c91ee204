"""Sayings into words: reply files, values as people read them (times, money, names), one bubble from several sayings.

A reply file maps a saying's name to a text, to a list of variants, or to {formal, informal}. `{x}` is a value,
`[[...]]` is left out when a value in it is missing, and `[[...||...]]` says the second half then. Names fall back:
`ask.book_appointment.start.short` to `ask.start.short`, `ask.book_appointment.start`, `ask.start`. No state.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from babel.dates import format_date
from babel.numbers import format_currency

from runtime.core.business import Business, Desk
from runtime.core.effects import Send
from runtime.core.messages import PartClass, RenderedButton, Say
from runtime.core.values import ANY, Value, When
from runtime.errors import ConfigurationError

Entry = str | Sequence[str] | Mapping[str, str | Sequence[str]]
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_PLACE = re.compile(r"\{(\w+)\}")
_FORMS = ("short", "again", "options", "none_fits", "one", "guest", "plain")
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d$")


@dataclass(frozen=True, slots=True)
class Context:
    """What words depend on: the business, the language, and the turn (which picks a variant)."""

    desk: Desk
    language: str
    turn: int = 0


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of a template: texts and names of values in turn."""

    pieces: tuple[str, ...]
    otherwise: tuple[str, ...] | None = None
    """What is said instead where a value is missing; None for a stretch that is always said."""


class Wording:
    """All reply files, read once."""

    def __init__(self, replies: Mapping[str, Mapping[str, Entry]]) -> None:
        self.replies = replies
        self.hash = _hash(replies)
        """Tells one version of all replies from another."""
        self._entries: dict[tuple[str, str], Entry] = {}

    @classmethod
    def read(cls, folder: Path) -> Wording:
        """Every `<language>/*.yaml` below a folder; a name twice in a language is refused."""
        replies: dict[str, dict[str, Entry]] = {}
        for path in sorted(folder.glob("*/*.yaml")):
            into = replies.setdefault(path.parent.name, {})
            for name, entry in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
                if name in into:
                    raise ConfigurationError(f"{path}: the saying `{name}` stands twice for {path.parent.name}.")
                into[name] = entry
        return cls(replies)

    def has(self, name: str, language: str) -> bool:
        """Whether a saying has words in a language, by its own name or one it falls back to."""
        return self._entry(name, language) is not None

    def _entry(self, name: str, language: str) -> Entry | None:
        entry = self._entries.get((name, language))
        if entry is None:
            entry = self._own_entry(name, language)
            if entry is not None:
                self._entries[name, language] = entry
        return entry

    def _own_entry(self, name: str, language: str) -> Entry | None:
        known = self.replies.get(language) or {}
        return next((known[n] for n in _candidates(name) if n in known), None)

    def _any_entry(self, name: str, language: str) -> Entry | None:
        """The entry in this language, else in one that many read: words in another language beat none."""
        for code in (language, "en", *self.replies):
            if (entry := self._entry(name, code)) is not None:
                return entry
        return None

    def text(self, say: Say, context: Context) -> str:
        """One saying in words; a saying without words anywhere is a mistake of ours and shows its name."""
        if say.name == "known_answer":
            return str(say.values.get("text", ""))
        if say.name == "own_words":  # a flow file's own words, which may name values
            return self._filled(str(say.values.get("text", "")), say.values, context)
        entry = self._any_entry(say.name, context.language)
        if entry is None:
            return say.name
        if say.name == "ack" and "list" not in say.values:
            return self._acknowledgement(say, context)
        return self._filled(_variant(entry, context), say.values, context)

    def _acknowledgement(self, say: Say, context: Context) -> str:
        """The values just taken, joined: "Haarschnitt bei Anna, Dienstag, 24. November, 15 Uhr, gern."."""
        told = {name: self._told(name, value, say.values, context) for name, value in say.values.items()}
        subject = " ".join(filter(None, (told.pop("service", ""), told.pop("staff", ""))))
        joined = ", ".join(filter(None, (subject, *told.values())))
        name = say.values.get("name", "")
        if joined:
            form = "ack.named" if name else "ack"
        else:
            form = "ack.name" if name else "ack.phone" if "phone" in say.values else ""
        return self.text(Say(form, {"list": joined, "name": name}), context) if form else ""

    def _told(self, name: str, value: Value, values: Mapping[str, Value], context: Context) -> str:
        """One value of an acknowledgement; people, numbers and relations are worded elsewhere."""
        if name in ("name", "phone", "guest"):
            return ""
        text = self._value(name, value, values, context)
        return self.text(Say("ack.staff", {name: value}), context) if text and name == "staff" else text

    def _filled(self, template: str, values: Mapping[str, Value], context: Context) -> str:
        return "".join(self._stretch(stretch, values, context) for stretch in _stretches(template)).strip()

    def _stretch(self, stretch: _Stretch, values: Mapping[str, Value], context: Context) -> str:
        words = [self._place(p, values, context) if n % 2 else p for n, p in enumerate(stretch.pieces)]
        if stretch.otherwise is None or all(words[1::2]):
            return "".join(words)
        return self._stretch(_Stretch(stretch.otherwise), values, context)

    def _place(self, name: str, values: Mapping[str, Value], context: Context) -> str:
        if name.startswith("list_"):
            options = context.desk.options.get(name.removeprefix("list_"), ())
            return ", ".join(option.name(context.language) for option in options)
        fixed = _business_value(name, context.desk.business, context.language)
        if fixed is not None:
            return fixed
        value = values.get(name)
        return "" if value is None else self._value(name, value, values, context)

    def _value(self, name: str, value: Value, values: Mapping[str, Value], context: Context) -> str:
        if isinstance(value, When):
            return when_words(value, context.language)
        if value == ANY or value == "":
            return ""
        if not isinstance(value, str):
            return str(value)
        return self._text_value(name, value, values, context)

    def _text_value(self, name: str, value: str, values: Mapping[str, Value], context: Context) -> str:
        name = name.removesuffix("_a").removesuffix("_b")  # two readings of one value
        base = name.rpartition("_")[2] if name.startswith(("done_", "appointment_", "before_", "mine_")) else name
        if name.endswith("_items"):
            return self._items(value, context)
        if base == "price":
            return money(value, context, str(values.get(name.removesuffix("price") + "service", "")))
        if base in ("service", "staff"):
            return _option_name(context, {"service": "services"}.get(base, base), value)
        if base == "phone":
            return f"…{value[-2:]}"
        if base == "guest":
            return self.text(Say(f"relation.{value}"), context)
        if base == "flow" or name.startswith("flow_") or name == "waiting":
            return self.text(Say(f"flow_name.{value}"), context)
        if _ISO_TIME.match(value):
            return moment_words(datetime.fromisoformat(value), context)
        return day_words(date.fromisoformat(value), context.language) if _ISO_DAY.match(value) else value

    def _items(self, value: str, context: Context) -> str:
        """A list of appointments, a line each."""
        lines = []
        for item in filter(None, value.split(";")):
            start, service, staff = [*item.split("|"), "", ""][:3]
            values: dict[str, Value] = {"start": start, "service": service, "staff": staff}
            lines.append("– " + self.text(Say("appointment_line", values), context))
        return "\n".join(lines)

    def bubble(self, send: Send, context: Context) -> str:
        """The text of one part: sayings in their order; the question stands on its own line below an answer."""
        if send.text:
            return send.text
        said = [(kind, self.text(say, context)) for kind, say in send.sayings]
        return _joined([(kind, text) for kind, text in said if text])

    def buttons(self, send: Send, context: Context) -> tuple[RenderedButton, ...]:
        """The buttons with their labels."""
        return tuple(RenderedButton(self.text(b.label, context), b.payload) for b in send.buttons)


def _hash(replies: Mapping[str, Mapping[str, Entry]]) -> str:
    text = json.dumps(replies, sort_keys=True, default=str)
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


def _joined(said: Sequence[tuple[PartClass, str]]) -> str:
    text = ""
    before: PartClass | None = None
    for kind, words in said:
        glue = " " if before in ("notice", "acknowledgement") and "\n" not in text else "\n"
        text = f"{text}{glue}{words}" if text else words
        before = kind
    return text


def _candidates(name: str) -> Iterator[str]:
    """A saying's own name, then without its flow, then without its form."""
    yield name
    parts = name.split(".")
    if len(parts) > 2:
        yield ".".join([parts[0], *parts[2:]])
    if parts[-1] in _FORMS:
        yield from _candidates(".".join(parts[:-1]))
    elif len(parts) == 2:
        yield parts[0]


@lru_cache(maxsize=2048)
def _stretches(template: str) -> tuple[_Stretch, ...]:
    """A template taken apart, once; every other part of a split is what stood in brackets."""
    found = []
    for number, text in enumerate(_OPTIONAL.split(template)):
        said, _, otherwise = text.partition("||") if number % 2 else (text, "", "")
        found.append(_Stretch(tuple(_PLACE.split(said)), tuple(_PLACE.split(otherwise)) if number % 2 else None))
    return tuple(found)


def _variant(entry: Entry, context: Context) -> str:
    if isinstance(entry, Mapping):
        entry = entry.get(context.desk.business.formality) or next(iter(entry.values()))
    return entry if isinstance(entry, str) else entry[context.turn % len(entry)]


def _business_value(name: str, business: Business, language: str) -> str | None:
    match name:
        case "business":
            return business.name
        case "assistant":
            return business.policies.assistant_name
        case "city":
            return _city(business.address.get(language) or next(iter(business.address.values()), ""))
        case "contact_line":
            return business.phone or business.email
        case _:
            return None


def _city(address: str) -> str:
    """The place at the end of an address, without its code."""
    return re.sub(r"^[\d\s-]+", "", address.rpartition(",")[2].strip())


def _option_name(context: Context, options: str, value: str) -> str:
    for option in context.desk.options.get(options, ()):
        if option.id == value:
            return option.name(context.language)
    return "" if options == "staff" else value


def money(amount: str, context: Context, service: str = "") -> str:
    """An amount in the business's currency as this language writes it; whole amounts without cents."""
    business = context.desk.business
    text = _amount(amount, business.currency, context.language)
    if text is None:
        return amount
    offered = business.service(service)
    least = {"de": "ab ", "en": "from "}.get(context.language, "") if offered and offered.price_from else ""
    return least + text


@lru_cache(maxsize=2048)
def _amount(amount: str, currency: str, language: str) -> str | None:
    """The amount alone; None for what is no number."""
    try:
        number = float(amount)
    except ValueError:
        return None
    locale = "de" if language == "de" else "en_GB"
    text = format_currency(number, currency, locale=locale)
    if number == int(number):
        text = text.replace(",00" if locale == "de" else ".00", "")
    return text.replace("\u00a0", " ")


def moment_words(moment: datetime, context: Context) -> str:
    """ "Dienstag, 24. November, 15 Uhr", in the business's own zone."""
    local = moment.astimezone(ZoneInfo(context.desk.business.timezone)) if moment.tzinfo else moment
    return f"{day_words(local.date(), context.language)}, {clock_words(local.time(), context.language)}"


@lru_cache(maxsize=2048)
def day_words(day: date, language: str) -> str:
    """A day with its weekday."""
    return (
        format_date(day, "EEEE, d. MMMM", locale="de") if language == "de" else format_date(day, "EEEE d MMMM", "en_GB")
    )


@lru_cache(maxsize=2048)
def clock_words(clock: time, language: str) -> str:
    """A clock time: "15 Uhr", "15:30 Uhr", "3 pm", "3:30 pm"."""
    if language == "de":
        return f"{clock.hour}:{clock.minute:02d} Uhr" if clock.minute else f"{clock.hour} Uhr"
    hour = clock.hour % 12 or 12
    half = "am" if clock.hour < 12 else "pm"
    return f"{hour}:{clock.minute:02d} {half}" if clock.minute else f"{hour} {half}"


def when_words(wish: When, language: str) -> str:
    """A wished time, as far as it says something."""
    days = [day_words(day, language) for day in wish.days]
    glue = " oder " if language == "de" else " or "
    clocks = [clock_words(t, language) for t in wish.clock[:1]]
    return ", ".join(filter(None, [glue.join(days), *clocks]))
