"""Answers about services, prices, durations and who does what."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.opening_answers import hours_answer
from knowledge.question import Question
from knowledge.wording import duration, listed, price, spoken
from runtime.core.business import Business, Person, Service

_MOST = 8


def prices_answer(question: Question, language: str) -> str:
    """The price of the services named, else all of them, shortly."""
    priced = [service for service in question.services or question.business.services if service.price]
    if not priced or (question.services and len(priced) < len(question.services)):
        return ""
    if len(priced) == 1:
        return _one_price(priced[0], question.business, language)
    shown = [f"{_name(s, language)} {price(s, question.business, language)}" for s in priced]
    return _text(language, de="Preise: {list}.", en="Prices: {list}.").format(list=_short(shown, language))


def duration_answer(question: Question, language: str) -> str:
    """How long the services named take."""
    if not question.services:
        return ""
    if len(question.services) == 1:
        service = question.services[0]
        text = _text(language, de="Für {name} sind etwa {time} eingeplant.", en="Allow about {time} for {name}.")
        return text.format(name=_name(service, language), time=duration(service.duration_min, language))
    text = _text(language, de="Dauer: {list}.", en="Durations: {list}.")
    shown = [f"{_name(s, language)} {duration(s.duration_min, language)}" for s in question.services]
    return text.format(list=_short(shown, language))


def services_answer(question: Question, language: str) -> str:
    """What is on offer, or something about the one service named."""
    business = question.business
    if len(question.services) == 1:
        return _about(question.services[0], business, language)
    offered = question.services or business.services
    if not offered:
        return ""
    text = _text(language, de="Angeboten werden {list}.", en="On offer: {list}.")
    return text.format(list=_short([_name(service, language) for service in offered], language))


def staff_answer(question: Question, language: str) -> str:
    """Who does the service named, or who there is."""
    business = question.business
    if question.people:
        return hours_answer(question, language)
    if not business.staff:
        return ""
    if len(question.services) == 1:
        able = _able(question.services[0], business)
        text = _text(language, de="{service}: {names}.", en="{service}: {names}.")
        names = listed([person.name for person in able], language)
        return text.format(service=_name(question.services[0], language), names=names) if able else ""
    text = _text(language, de="Zum Team gehören {names}.", en="The team: {names}.")
    if len(business.staff) == 1:
        text = _text(language, de="Hier arbeitet {names}.", en="The team: {names}.")
    return text.format(names=listed([person.name for person in business.staff], language))


def _about(service: Service, business: Business, language: str) -> str:
    text = _text(language, de="{name} gibt es hier: {facts}.", en="On offer: {name}, {facts}.")
    facts = [duration(service.duration_min, language)]
    if service.price:
        facts.insert(0, price(service, business, language))
    described = service.description.get(language, "")
    sentence = text.format(name=_name(service, language), facts=", ".join(facts))
    return f"{sentence} {described}".strip()


def _one_price(service: Service, business: Business, language: str) -> str:
    return f"{_name(service, language)}: {price(service, business, language)}."


def _short(items: Sequence[str], language: str) -> str:
    if len(items) <= _MOST:
        return listed(items, language)
    more = _text(language, de="weitere", en="more")
    return listed([*items[: _MOST - 1], more], language)


def _able(service: Service, business: Business) -> tuple[Person, ...]:
    return tuple(person for person in business.staff if not service.staff or person.id in service.staff)


def _name(service: Service, language: str) -> str:
    return service.names.get(language) or next(iter(service.names.values()), service.id)


def _text(language: str, *, de: str, en: str) -> str:
    return de if spoken(language) == "de" else en
