"""What a question is about: its words, the services, people and days it names, and the topic it asks for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from knowledge.vocabulary import (
    ALIASES,
    ASKS,
    BESIDE,
    DAY_WORDS,
    HOLIDAY_NAMES,
    MONTHS,
    NOW_WORDS,
    NUMERALS,
    PHRASES,
    SPRING_HOLIDAYS,
    WEEKDAYS,
)
from knowledge.words import STOP, contains, stem, stems, words
from runtime.core.business import Business, Holiday, Person, Service

TOPICS = tuple(ASKS)
_WEEKDAY_FORMS = re.compile(r"^([a-z]+?)(?:s|morgen|vormittag|mittag|nachmittag|abend)?$")


@dataclass(frozen=True)
class Question:
    """A question against one business."""

    text: str
    business: Business
    now: datetime

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its folded words."""
        return words(self.text)

    @cached_property
    def today(self) -> date:
        """The business's day."""
        return self.now.astimezone(ZoneInfo(self.business.timezone)).date()

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """The services it names; the longest name wins over those inside it."""
        found = [
            (service, called) for service in self.business.services if (called := self._called(service_names(service)))
        ]
        longest = max((len(words(called)) for _, called in found), default=0)
        exact = [service for service, called in found if len(words(called)) == longest]
        return tuple(exact) or self._kinds()

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """The staff it names."""
        return tuple(person for person in self.business.staff if self._called(person_names(person)))

    @cached_property
    def day(self) -> date | None:
        """The day it names: today, tomorrow, a weekday, a date or a holiday."""
        have = set(self.words)
        if have & {"uebermorgen"} or contains(self.words, "day after tomorrow"):
            return self.today + timedelta(days=2)
        if have & {"morgen", "tomorrow"}:
            return self.today + timedelta(days=1)
        if have & {"heute", "today", "tonight"}:
            return self.today
        if self.weekdays:
            return self.today + timedelta(days=(self.weekdays[0] - self.today.weekday()) % 7)
        holiday = self.holiday
        return holiday.day if holiday else self._date()

    @cached_property
    def weekdays(self) -> tuple[int, ...]:
        """The weekdays it names."""
        found = [WEEKDAYS[m[1]] for word in self.words if (m := _WEEKDAY_FORMS.match(word)) and m[1] in WEEKDAYS]
        return tuple(dict.fromkeys(found))

    @cached_property
    def holiday(self) -> Holiday | None:
        """The next holiday that it names."""
        coming = [holiday for holiday in self.business.holidays if holiday.day >= self.today]
        have = {stem(word) for word in self.words if word not in STOP}
        for holiday in coming:
            if any(parts and parts <= have for parts in map(_holiday_stems, holiday.name.values())):
                return holiday
        short = [word for word in self.words if word in HOLIDAY_NAMES or word in SPRING_HOLIDAYS]
        return next((h for h in coming if any(_short_holiday(h, word) for word in short)), None)

    @cached_property
    def now_asked(self) -> bool:
        """Whether it asks about this moment."""
        return bool(NOW_WORDS & set(self.words))

    def topic(self, given: str) -> str:
        """The topic: the one given by the rules that read the message, else the one its words ask for."""
        given = ALIASES.get(given, given)
        found = [topic for topic in TOPICS if self._asks(topic)]
        if given in found or (given in TOPICS and not found):
            return given
        ranked = sorted(found, key=lambda topic: (len(self.leftover(topic)), TOPICS.index(topic)))
        return ranked[0] if ranked else ""

    def leftover(self, topic: str) -> list[str]:
        """The words that neither the topic nor anything named explains."""
        explained = ASKS[topic] | BESIDE[topic] | self._named
        return [word for word in self.words if word not in STOP and not word.isdigit() and stem(word) not in explained]

    def _asks(self, topic: str) -> bool:
        if ASKS[topic] & {stem(word) for word in self.words}:
            return True
        return topic in PHRASES and re.search(PHRASES[topic], " ".join(self.words)) is not None

    @cached_property
    def _named(self) -> set[str]:
        names = [name for service in self.services for name in service_names(service)]
        names += [name for person in self.people for name in person_names(person)]
        names += [self.business.name]
        if self.holiday is not None:
            names += list(self.holiday.name.values())
        explained = {stem(word) for name in names for word in words(name)} | DAY_WORDS
        if self.services:
            explained |= {stem(word) for word in self.words if any(_compound(word, s) for s in self.services)}
        return explained | {stem(w) for w in self.words if (m := _WEEKDAY_FORMS.match(w)) and m[1] in WEEKDAYS}

    def _called(self, names: Iterable[str]) -> str:
        found = [name for name in names if contains(self.words, name)]
        return max(found, key=lambda name: len(words(name)), default="")

    def _kinds(self) -> tuple[Service, ...]:
        """ "Haarschnitt" names every service that is a kind of it."""
        asked = [word for word in self.words if word not in STOP and len(word) >= 5]
        return tuple(s for s in self.business.services if any(_compound(word, s) for word in asked))

    def _date(self) -> date | None:
        found = re.search(r"\b(\d{1,2})\.\s?(\d{1,2})\.?(?:\s?(\d{4}))?\b", self.text)
        if found:
            return self._next(int(found[2]), int(found[1]), found[3])
        return self._spelled_date()

    def _spelled_date(self) -> date | None:
        """ "24. Dezember", "24th of December", "December 24"."""
        for number, word in enumerate(self.words):
            month = MONTHS.get(word)
            near = [self.words[i] for i in (number - 1, number + 1, number - 2) if 0 <= i < len(self.words)]
            day = next((int(d[1]) for text in near if (d := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", text))), None)
            if month and day:
                return self._next(month, day, None)
        return None

    def _next(self, month: int, day: int, year: str | None) -> date | None:
        try:
            found = date(int(year) if year else self.today.year, month, day)
            return found if year or found >= self.today else found.replace(year=found.year + 1)
        except ValueError:
            return None


def service_names(service: Service) -> tuple[str, ...]:
    """Everything that a service is called."""
    return (*service.names.values(), *service.synonyms, service.id.replace("_", " ").replace("-", " "))


def person_names(person: Person) -> tuple[str, ...]:
    """Everything that somebody is called: the whole name, its parts, synonyms."""
    return (person.name, *(part for part in person.name.split() if len(part) > 2), *person.synonyms)


@lru_cache(maxsize=2048)
def _holiday_stems(name: str) -> frozenset[str]:
    """What must be said of a holiday's name."""
    return frozenset(stem(word) for word in words(name) if word not in STOP and not word.isdigit()) - NUMERALS


def _short_holiday(holiday: Holiday, word: str) -> bool:
    if HOLIDAY_NAMES.get(word) == (holiday.day.month, holiday.day.day):
        return True
    names = [part for name in holiday.name.values() for part in words(name)]
    return word in SPRING_HOLIDAYS and any(part.startswith(word[:5]) for part in names)


def _compound(asked: str, service: Service) -> bool:
    """Whether one of the service's names is this word with something before it."""
    wanted = stem(asked)
    return len(wanted) >= 5 and any(s.endswith(wanted) for name in service_names(service) for s in stems(words(name)))
