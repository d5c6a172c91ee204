"""Answers from the business's own facts, without documents or a model: `FactAnswers` is the port `Answers`.

Either everything in a question is explained by what we know, or the answer is None: never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from knowledge.known_facts import KnownFact, known_facts
from knowledge.opening_answers import holidays_answer, hours_answer
from knowledge.question import Question
from knowledge.service_answers import duration_answer, prices_answer, services_answer, staff_answer
from knowledge.wording import spoken
from knowledge.words import best_fit, content, fit, stem
from runtime.core.business import Business, Desk, Fact
from runtime.ports import KnownAnswer

EXPLAINED = 0.6
"""So much of a question's words must a fact explain."""
_BY_ANSWER = 0.6
"""A word that stands only in a fact's answer counts that much."""
_ALIKE = 0.85
_PHRASE = 0.45
"""So much of at least one of a fact's own phrases must be asked."""
_MEANS = frozenset(
    map(stem, ("karte", "eckarte", "kreditkarte", "card", "cards", "creditcard", "bar", "bargeld", "cash"))
)
_SURE = 0.95
"""From here on the tenant's own words win over ours."""
_PARTS = re.compile(r"[.?!;\n]+\s|\bund\b|\band\b|\bsowie\b", re.IGNORECASE)
_MOST_PARTS = 3
_LONGEST = 500
"""Letters of a question that are read; longer ones are no question to a list of facts."""

TopicAnswer = Callable[[Question, str], str]


class FactAnswers:
    """Answers from the tenant's file."""

    async def answer(self, desk: Desk, question: str, topic: str, language: str, now: datetime) -> KnownAnswer | None:
        """One or two sentences in the asked language where there is one, else in another; None when not known."""
        question = question[:_LONGEST]
        whole = _answer(desk.business, question, topic, language, now)
        if whole is not None:
            return whole
        # Two questions in one message: each on its own, and only if both are known.
        parts = [part for part in _PARTS.split(question) if content(part)]
        if not 1 < len(parts) <= _MOST_PARTS:
            return None
        answers = [_answer(desk.business, part, "", language, now) for part in parts]
        known = list(dict.fromkeys(answer for answer in answers if answer is not None))
        if len(known) < len(parts):
            return None
        return KnownAnswer(" ".join(a.text for a in known), tuple(source for a in known for source in a.sources))


def _answer(business: Business, question: str, topic: str, language: str, now: datetime) -> KnownAnswer | None:
    asked = Question(question, business, now)
    fact, explained = best_fact(business, question)
    text, source = _from_topic(asked, topic, language)
    if fact is not None and (explained >= _SURE or not text):
        text, source = _fact_text(fact, business, language), "facts"
    text = text.strip().rstrip("?").strip()
    return KnownAnswer(text, (source,)) if text else None


def best_fact(business: Business, question: str) -> tuple[Fact | None, float]:
    """The fact that explains most of the question, if it explains enough."""
    asked = list(dict.fromkeys(content(question)))
    if not asked:
        return None, 0.0
    known = enumerate(known_facts(business))
    ranked = sorted(((_explained(asked, fact), -index) for index, fact in known), reverse=True)
    if not ranked or ranked[0][0] < EXPLAINED:
        return None, 0.0
    return business.facts[-ranked[0][1]], ranked[0][0]


def _explained(asked: list[str], fact: KnownFact) -> float:
    """How much of the question this fact is about; at least one word must be its own question's."""
    own, answer = fact.own, fact.answer
    if any(_means_of_payment(word, own, answer) for word in asked):
        asked = [*(word for word in asked if word not in _MEANS), stem("zahlen")]
    by_question = [best_fit(word, own) for word in asked]
    if max(by_question) < _BY_ANSWER:
        return 0.0
    # Of words that only stand in the answer, whole ones count: a compound there is mostly something else.
    fits = [max(score, _BY_ANSWER * (word in answer)) for word, score in zip(asked, by_question, strict=True)]
    whole = max((_phrase_fit(asked, phrase) for phrase in fact.phrases if phrase), default=0.0)
    if whole < _PHRASE and max(by_question) < _SURE:
        return 0.0  # "Parkplätze" is not all that "bike parking" is about.
    return sum(fits) / len(fits) * (0.9 + 0.1 * whole)


def _means_of_payment(word: str, own: frozenset[str], answer: frozenset[str]) -> bool:
    """A card or cash is what "Wie kann ich bezahlen?" is about, if its answer says something about it."""
    return word in _MEANS and best_fit(stem("zahlen"), own) >= _ALIKE and best_fit(word, answer) >= _ALIKE


def _phrase_fit(asked: list[str], phrase: Sequence[str]) -> float:
    """How much of one of the fact's phrases was asked: tells apart facts that share a word."""
    return sum(max((fit(word, known) for word in asked), default=0.0) for known in phrase) / len(phrase)


def _fact_text(fact: Fact, business: Business, language: str) -> str:
    wanted = (language, "", *business.languages, *fact.answers)
    return next((fact.answers[one] for one in wanted if fact.answers.get(one)), "")


def _from_topic(question: Question, given: str, language: str) -> tuple[str, str]:
    topic = question.topic(given)
    if not topic:
        # "Machen Sie Balayage?" asks by the name of a service alone.
        topic = "services" if question.services and not question.people else ""
    if not topic or question.leftover(topic):
        return "", ""
    return _TOPIC_ANSWERS[topic](question, language), topic


def _address(question: Question, language: str) -> str:
    address = question.business.address
    shown = address.get(language) or next(iter(address.values()), "")
    return shown and _text(language, de="Die Adresse ist {x}.", en="The address is {x}.").format(x=shown)


def _phone(question: Question, language: str) -> str:
    shown = question.business.phone
    return shown and _text(language, de="Die Telefonnummer ist {x}.", en="The phone number is {x}.").format(x=shown)


def _email(question: Question, language: str) -> str:
    shown = question.business.email
    return shown and _text(language, de="Die E-Mail-Adresse ist {x}.", en="The email address is {x}.").format(x=shown)


def _cancellation(question: Question, language: str) -> str:
    hours = question.business.policies.cancel_notice_h
    if not hours:
        return ""
    text = _text(
        language,
        de="Absagen ist bis {hours} Stunden vor dem Termin kostenlos.",
        en="Cancelling is free until {hours} hours before the appointment.",
    )
    return text.format(hours=hours)


def _text(language: str, *, de: str, en: str) -> str:
    return de if spoken(language) == "de" else en


_TOPIC_ANSWERS: dict[str, TopicAnswer] = {
    "hours": hours_answer,
    "holidays": holidays_answer,
    "prices": prices_answer,
    "duration": duration_answer,
    "services": services_answer,
    "staff": staff_answer,
    "address": _address,
    "phone": _phone,
    "email": _email,
    "cancellation": _cancellation,
}
