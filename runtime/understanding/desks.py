"""What a tenant's desk brings to understanding, prepared once per snapshot and kept in a bounded cache."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runtime.core.business import Desk
from runtime.core.values import Option
from runtime.understanding.choices import ChoiceIndex
from runtime.understanding.matter_index import MatterIndex
from runtime.understanding.names import NO_NAMES
from runtime.understanding.phrases import PhraseBook, read_phrases
from runtime.understanding.similar import Similar
from runtime.understanding.spelling import Spelling
from runtime.understanding.stopwords import STOPWORDS
from runtime.understanding.tokens import words_of

_WORDS = Path(__file__).resolve().parent / "words"
_TABLES = ("german", "english", "german_collecting", "english_collecting")
PHRASES = PhraseBook(*(read_phrases(_WORDS / f"{name}.txt") for name in _TABLES))
KEPT = 64
STAFF = "staff"


@dataclass(frozen=True, slots=True)
class DeskIndex:
    """A desk's names and examples, ready for searching."""

    choices: dict[str, ChoiceIndex]
    people: dict[str, tuple[str, ...]]
    """Word of a name -> ids of the staff who bear it."""
    spelling: Spelling
    """Of the people's names."""
    routes: Similar
    facts: Similar
    matters: MatterIndex
    hours: tuple[int, int]
    """From which to which hour the business is open at the most."""

    def mentions(self, word: str) -> bool:
        """Whether a word belongs to the name of a service or of somebody here."""
        return word in self.people or any(index.mentions(word) for index in self.choices.values())


_cache: OrderedDict[int, tuple[Desk, DeskIndex]] = OrderedDict()


def index_of(desk: Desk) -> DeskIndex:
    """The index of this very snapshot. The cache holds the snapshot too, so its identity cannot come back."""
    known = _cache.get(id(desk))
    if known is None:
        known = (desk, _index(desk))
        _cache[id(desk)] = known
        if len(_cache) > KEPT:
            _cache.popitem(last=False)
    else:
        _cache.move_to_end(id(desk))
    return known[1]


def _index(desk: Desk) -> DeskIndex:
    choices = {name: ChoiceIndex(options) for name, options in desk.options.items() if name != STAFF}
    examples = {
        flow.id: [text for texts in flow.examples.values() for text in texts] + list(flow.description.values())
        for flow in desk.flows.values()
    }
    facts = {str(n): [q for qs in fact.questions.values() for q in qs] for n, fact in enumerate(desk.business.facts)}
    people = _people(desk.options.get(STAFF, ()))
    return DeskIndex(
        choices, people, Spelling(people), Similar(examples), Similar(facts), MatterIndex(desk), _hours(desk)
    )


def _people(options: Sequence[Option]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for option in options:
        named = (*option.names.values(), *option.synonyms) or (option.id.replace("_", " "),)
        for word in {word for name in named for word in words_of(name)} - STOPWORDS - NO_NAMES:
            if len(word) > 1:
                found[word] = (*found.get(word, ()), option.id)
    return found


def _hours(desk: Desk) -> tuple[int, int]:
    """Seven to eight unless the business is open beyond that."""
    opens = min((opening.start.hour for opening in desk.business.hours), default=7)
    closes = max((opening.end.hour + (opening.end.minute > 0) for opening in desk.business.hours), default=20)
    return min(opens, 7), max(closes, 20)
