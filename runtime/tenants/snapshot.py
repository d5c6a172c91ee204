"""The layout as written to the frozen `Business`: languages filled in, names resolved to ids, defaults by country."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runtime.core.business import Business, Fact, Holiday, Matter, ModelUse, Person, Policies, Service, WebChat
from runtime.core.origins import EVERYWHERE
from runtime.errors import ConfigurationError
from runtime.tenants.closed_days import read_holidays
from runtime.tenants.document import Document, Path, Unreadable
from runtime.tenants.emergency import numbers_of
from runtime.tenants.layout import PersonModel, PoliciesModel, ServiceModel, TenantModel
from runtime.tenants.problems import real_path
from runtime.tenants.values import TextLists, Texts, currency_of, read_texts

SPOKEN = ("de", "en")
"""What the desk itself can speak: a folder each in configs/replies."""
_ZONES = {
    "DE": "Europe/Berlin", "AT": "Europe/Vienna", "CH": "Europe/Zurich", "GB": "Europe/London", "IE": "Europe/Dublin",
    "LI": "Europe/Vaduz",
    "LU": "Europe/Luxembourg", "NL": "Europe/Amsterdam", "FR": "Europe/Paris", "IT": "Europe/Rome",
}  # fmt: skip
_IDLE = {
    "services": ("category",), "staff": ("title", "email", "phone", "languages"),
    "facts": ("topic",),
}  # fmt: skip
"""Keys that many files have and that change nothing here yet: not refused, but said."""
_TITLES = {"herr", "frau", "dr", "dr.", "prof", "prof.", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "mag", "mag."}


class Snapshot:
    """One file on its way to a `Business`; collects warnings beside it."""

    def __init__(self, document: Document, model: TenantModel) -> None:
        self.document = document
        self.model = model
        self.warnings: list[str] = []
        self.languages = self._spoken()
        self._warn_of_idle_keys()
        self.staff_ids = self._ids("staff", [(p.id, p.name) for p in model.staff])
        self.room_ids = self._ids("rooms", [(r.id, r.name) for r in model.rooms])
        self.equipment_ids = self._ids("equipment", [(e.id, e.name) for e in model.equipment])
        self.service_ids = self._ids("services", [(s.id, s.name) for s in model.services])

    def business(self) -> Business:
        """The snapshot."""
        model = self.model
        timezone, country = self._place()
        policies, extra_facts = self._policies(model.policies or PoliciesModel(), country)
        priced = (s.price.currency or s.currency for s in model.services)
        currency = model.currency or next(filter(None, priced), "")
        return Business(
            tenant=model.tenant,
            name=self._one(model.name),
            timezone=timezone,
            country=country,
            languages=self.languages,
            formality=model.formality,
            currency=(currency or currency_of(country)).upper(),
            address=self._spread(model.address),
            phone=model.phone,
            email=model.email,
            hours=model.hours,
            holidays=self._holidays(country),
            services=self._services(),
            staff=tuple(self._person(i, p) for i, p in enumerate(model.staff)),
            facts=(*self._facts(), *extra_facts),
            matters=tuple(self._matters()),
            policies=policies,
            webchat=self._webchat(),
            model=ModelUse(**model.model.model_dump()),
            units=self._units(),
        )

    def _webchat(self) -> WebChat:
        if self.model.webchat is None:
            return WebChat()
        if EVERYWHERE in self.model.webchat.origins:
            self._warn(("webchat", "origins"), "origins: '*' lets every website show this chat. Name yours instead.")
        return WebChat(**dict(self.model.webchat))

    def _units(self) -> dict[str, int]:
        """How many of what there is more than one of."""
        rooms = {f"room:{own}": room.capacity for own, room in zip(self.room_ids, self.model.rooms, strict=True)}
        pieces = zip(self.equipment_ids, self.model.equipment, strict=True)
        counts = {**rooms, **{f"equipment:{own}": piece.count for own, piece in pieces}}
        return {name: count for name, count in counts.items() if count > 1}

    def _wrong(self, path: Path, text: str) -> ConfigurationError:
        return self.document.error(real_path(self.document.data, path), text)

    def _warn(self, path: Path, text: str) -> None:
        self.warnings.append(str(self._wrong(path, text)))

    def _spoken(self) -> tuple[str, ...]:
        """The languages that we have words for: in another one a customer would be answered with nothing readable."""
        spoken = tuple(language for language in self.model.languages if language in SPOKEN)
        others = ", ".join(language for language in self.model.languages if language not in SPOKEN)
        known = " and ".join(SPOKEN)
        if not spoken:
            raise self._wrong(("languages",), f"languages: {others} cannot be spoken yet. Add {known}, or one of them.")
        if others:
            self._warn(("languages",), f"languages: {others} cannot be spoken yet and was left out; {known} can.")
        return spoken

    def _warn_of_idle_keys(self) -> None:
        for part, idle in _IDLE.items():
            for key in idle:
                entries = enumerate(getattr(self.model, part))
                first = next((index for index, entry in entries if key in entry.model_fields_set), None)
                if first is not None:
                    self._warn((part, first, key), f"'{key}' in {part} changes nothing yet: it is only kept.")

    def _place(self) -> tuple[str, str]:
        country = self.model.country
        timezone = self.model.timezone or _ZONES.get(country, "")
        if not timezone:
            raise self._wrong((), "'timezone' is missing. Write for example timezone: Europe/Berlin.")
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            text = f"timezone: '{timezone}' is not known. Write for example Europe/Berlin or Europe/Vienna."
            raise self._wrong(("timezone",), text) from error
        if not country:
            country = next((code for code, zone in _ZONES.items() if zone == timezone), "DE")
        return timezone, country

    def _holidays(self, country: str) -> tuple[Holiday, ...]:
        try:
            return read_holidays(self.model.holidays, country, self.languages)
        except Unreadable as error:
            raise self._wrong(("holidays", *error.path), f"holidays: {error}") from error

    def _spread(self, texts: Texts) -> dict[str, str]:
        """A text without a language is everybody's."""
        plain = texts.get("")
        named = {language: text for language, text in texts.items() if language}
        return {**dict.fromkeys(self.languages, plain), **named} if plain else named

    def _one(self, texts: Texts) -> str:
        spread = self._spread(texts)
        return next(
            (spread[language] for language in self.languages if language in spread), next(iter(spread.values()))
        )

    def _ids(self, key: str, entries: list[tuple[str, Texts]]) -> list[str]:
        ids: list[str] = []
        for index, (own, names) in enumerate(entries):
            found = own or (slug(self._one(names)) if names else "")
            if not found:
                raise self._wrong((key, index), f"an entry of {key} needs an id or a name.")
            if found in ids:
                raise self._wrong((key, index), f"{key}: '{found}' is here twice. Give each its own id.")
            ids.append(found)
        return ids

    def _services(self) -> tuple[Service, ...]:
        return tuple(self._service(index, entry) for index, entry in enumerate(self.model.services))

    def _service(self, index: int, entry: ServiceModel) -> Service:
        own = self.service_ids[index]
        rooms = [self._named(("services", index, "rooms"), "rooms", name) for name in entry.rooms]
        return Service(
            id=own,
            names=self._spread(entry.name) or dict.fromkeys(self.languages, own.replace("_", " ").replace("-", " ")),
            synonyms=_flat(entry.synonyms),
            duration_min=entry.duration_min,
            price=entry.price.amount,
            staff=self._who(index, entry, own),
            rooms=tuple(rooms),
            equipment=tuple(self._named(("services", index, "equipment"), "equipment", e) for e in entry.equipment),
            buffer_min=entry.buffer_min,
            price_from=entry.price_from or entry.price.least,
            description=self._spread(entry.description),
        )

    def _who(self, index: int, entry: ServiceModel, service_id: str) -> tuple[str, ...]:
        if entry.staff:
            return tuple(self._named(("services", index, "staff"), "staff", name) for name in entry.staff)
        if not any(person.services for person in self.model.staff):
            return ()
        names = {service_id.casefold(), *(name.casefold() for name in entry.name.values())}
        return tuple(
            own
            for own, person in zip(self.staff_ids, self.model.staff, strict=True)
            if not person.services or names & {name.casefold() for name in person.services}
        )

    def _named(self, path: Path, key: str, name: str) -> str:
        """The id of a person or thing that is meant by id, by name or by first name."""
        ids = {"staff": self.staff_ids, "rooms": self.room_ids, "equipment": self.equipment_ids}[key]
        if name in ids or (key == "rooms" and not ids):
            return name
        names = [entry.name for entry in getattr(self.model, key)]
        wished = name.casefold()
        whole = [own for own, called in zip(ids, names, strict=True) if wished in _called(own, called)]
        parts = _words({wished})
        partly = [
            own for own, called in zip(ids, names, strict=True) if parts and parts <= _words(_called(own, called))
        ]
        for meant in (whole, partly):
            if len(meant) == 1:
                return meant[0]
        known = ", ".join(ids) or "nobody yet"
        raise self._wrong(
            path, f"{key}: there is no '{name}'. Known: {known}. Add it under '{key}' or correct the name."
        )

    def _person(self, index: int, entry: PersonModel) -> Person:
        own = self.staff_ids[index]
        name = self._one(entry.name) if entry.name else own.replace("_", " ").replace("-", " ").title()
        return Person(own, name, entry.hours, _flat(entry.synonyms), frozenset(entry.absences))

    def _facts(self) -> list[Fact]:
        facts = [Fact(entry.q, self._answers(entry.a)) for entry in self.model.facts]
        for text, questions in (
            (
                self.model.website and {"": self.model.website},
                {"": ("Website", "Webseite", "Homepage", "Internetseite")},
            ),
            (self.model.description, {"de": ("Was machen Sie?", "Was bieten Sie an?"), "en": ("What do you do?",)}),
        ):
            if text:
                facts.append(Fact(questions, dict(text)))
        return facts

    def _matters(self) -> Iterable[Matter]:
        for number, entry in enumerate(self.model.personal, 1):
            first = next((text for texts in entry.about.values() for text in texts), "")
            name = entry.id or "_".join(re.findall(r"\w+", first.lower())) or f"matter_{number}"
            ticket = not entry.say if entry.ticket is None else entry.ticket
            say, who = self._answers(entry.say), self._answers(entry.who)
            yield Matter(name, entry.about, say, who, ticket, entry.within_hours)

    def _answers(self, answers: Texts) -> dict[str, str]:
        return {language: text for language, text in answers.items() if text}

    def _policies(self, model: PoliciesModel, country: str) -> tuple[Policies, list[Fact]]:
        default = Policies()
        lead = model.lead_min if model.lead_min is not None else model.lead_hours
        return (
            Policies(
                lead_min=default.lead_min if lead is None else lead,
                horizon_days=default.horizon_days if model.horizon_days is None else model.horizon_days,
                slot_step_min=max(5, model.slot_step_min or default.slot_step_min),
                cancel_notice_h=default.cancel_notice_h if model.cancel_hours is None else model.cancel_hours // 60,
                handoff_minutes=default.handoff_minutes if model.handoff_minutes is None else model.handoff_minutes,
                handoff_hours=model.handoff_hours,
                handoff_wait_min=_or(model.handoff_wait_min, default.handoff_wait_min),
                sla_min=_or(model.sla_min, default.sla_min),
                sla_notice=model.sla_notice,
                away_min=_or(model.away_min, default.away_min),
                emergency_number=model.emergency_number or numbers_of(country).emergency,
                helpline=model.helpline or numbers_of(country).helpline,
                assistant_name=model.assistant_name,
                waiting_list=model.waiting_list,
                waiting_offer_min=model.waiting_offer_min,
                reminders_min=model.reminders,
                quiet=model.quiet_hours,
                messages_per_minute=_or(model.messages_per_minute, default.messages_per_minute),
                messages_per_day=_or(model.messages_per_day, default.messages_per_day),
            ),
            list(self._policy_facts(model)),
        )

    def _policy_facts(self, model: PoliciesModel) -> Iterable[Fact]:
        """A policy in words is an answer; a number whose meaning we do not know is only warned about."""
        for key, value in (model.model_extra or {}).items():
            try:
                texts = {} if isinstance(value, int | float) else read_texts(value)
            except Unreadable:
                texts = {}
            if texts:
                yield Fact({"": (key.replace("_", " "),)}, self._answers(texts))
            else:
                self._warn(("policies", key), f"the policy '{key}' is not known and was left out.")


def _or(written: int | None, default: int) -> int:
    return default if written is None else written


def slug(name: str) -> str:
    """An id made of a name."""
    text = name.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _called(own: str, name: Texts) -> set[str]:
    return {own.casefold(), *(text.casefold() for text in name.values())}


def _words(names: set[str]) -> set[str]:
    return {word for text in names for word in text.split() if word not in _TITLES}


def _flat(texts: TextLists) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for words in texts.values() for word in words))
