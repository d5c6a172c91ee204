"""A business's facts with their words folded, once for each snapshot: every question meets all of them. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from knowledge.words import content
from runtime.core.business import Business, Fact

MOST_BUSINESSES = 256


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A fact and the stems in it."""

    fact: Fact
    phrases: tuple[tuple[str, ...], ...]
    """Of each of its own questions."""
    own: frozenset[str]
    """Of all of them."""
    answer: frozenset[str]


_KNOWN: OrderedDict[int, tuple[Business, tuple[KnownFact, ...]]] = OrderedDict()


def known_facts(business: Business) -> tuple[KnownFact, ...]:
    """The facts of this snapshot; a newly published one is another object and is read anew."""
    found = _KNOWN.get(id(business))
    if found is None or found[0] is not business:
        found = _KNOWN[id(business)] = business, tuple(_known(fact) for fact in business.facts)
        if len(_KNOWN) > MOST_BUSINESSES:
            _KNOWN.popitem(last=False)
    return found[1]


def _known(fact: Fact) -> KnownFact:
    phrases = tuple(content(phrase) for phrases in fact.questions.values() for phrase in phrases)
    own = frozenset(word for phrase in phrases for word in phrase)
    return KnownFact(fact, phrases, own, frozenset(word for text in fact.answers.values() for word in content(text)))
