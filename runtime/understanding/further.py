"""Two appointments in one message: the second is read on its own and waits for its turn (D6)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from runtime.core.commands import Command, Further, Pick, Set, Start
from runtime.core.effects import Expectation
from runtime.core.values import When
from runtime.understanding.desks import PHRASES, index_of
from runtime.understanding.reading import Reading
from runtime.understanding.relations import FOR, RELATIONS
from runtime.understanding.routing import BOOK
from runtime.understanding.tokens import Token, tokenise, word_set

Entry = tuple[Command, str]
STAGE = "rules:further"
_AND = word_set("und and sowie plus ausserdem zusaetzlich dann danach also then")
_SHORTEST = 2
_CONTACT = ("name", "phone", "email")


def two_wishes(text: str, expectation: Expectation) -> tuple[str, str] | None:
    """The text cut where a second appointment begins: each half names what and when of its own."""
    if BOOK not in expectation.desk.flows or (expectation.flow is not None and expectation.flow.id != BOOK):
        return None
    if expectation.expecting is not None and expectation.expecting.kind != "slot":
        return None
    tokens = tokenise(text)
    cuts = list(_cuts(tokens))
    if not cuts:
        return None
    several = any(hit.label == "two_appointments" for hit in PHRASES.scan([token.norm for token in tokens]))
    for at in cuts:
        first, second = tokens[:at], tokens[at + 1 :]
        named = _names_what(first, expectation), _names_what(second, expectation)
        if (all(named) or (several and any(named))) and _named_apart(named, several):
            return text[: tokens[at].start], text[tokens[at].end :]
    return None


def _cuts(tokens: tuple[Token, ...]) -> Iterator[int]:
    """Where an "und" stands with enough on both sides."""
    for at, token in enumerate(tokens):
        if token.norm in _AND and _SHORTEST <= at < len(tokens) - _SHORTEST:
            yield at


def _names_what(tokens: tuple[Token, ...], expectation: Expectation) -> str:
    """The service, or for whom, that a half names."""
    index = index_of(expectation.desk).choices.get("services")
    words = [token.norm for token in tokens if token.kind == "word"]
    chosen = index.find(words, range(len(words))) if index else None
    if chosen is not None:
        return chosen.option
    for place, word in enumerate(words):
        if word in FOR and any(later in RELATIONS for later in words[place + 1 : place + 3]):
            return "for somebody"
    return ""


def _named_apart(named: tuple[str, str], several: bool) -> bool:
    """The same service twice is more likely one wish with two days, unless two appointments were said."""
    return several or named[0] != named[1]


def second_wish(entries: list[Entry], first: list[Entry], text: str) -> tuple[list[Entry], Further | None]:
    """What the second half adds: a wish of its own if it has a time, and the contact for both."""
    sets = [command for command, _ in entries if isinstance(command, Set)]
    given = {command.slot for command, _ in first if isinstance(command, Set)}
    guest = any(command.slot == "guest" for command in sets)
    shared = [c for c in sets if c.slot in _CONTACT and not (guest and c.slot == "name") and c.slot not in given]
    own = tuple(c for c in sets if c not in shared)
    own = tuple(_on_the_same_day(c, first) for c in own)
    timed = any(isinstance(command.value, When) for command in own)
    first_timed = any(isinstance(c, Set) and isinstance(c.value, When) for c, _ in first)
    if not timed or not first_timed:
        return [], None
    if not any(command.slot == "service" for command in own):
        own = (*own, *(c for c, _ in first if isinstance(c, Set) and c.slot == "service"))
    return [(command, STAGE) for command in shared], Further(BOOK, own, text.strip())


def _on_the_same_day(command: Set, first: list[Entry]) -> Set:
    """ "... am Dienstag um 10 und für meinen Sohn um 11" is the same Tuesday."""
    if not isinstance(command.value, When) or command.value.names_day:
        return command
    before = [c.value for c, _ in first if isinstance(c, Set) and c.slot == command.slot and isinstance(c.value, When)]
    return dataclasses.replace(command, value=before[0].merged(command.value)) if before else command


def first_wish(entries: list[Entry]) -> list[Entry]:
    """The first half without what its announcement looks like: "zwei Termine" is no name."""
    return [entry for entry in entries if not (isinstance(entry[0], Set) and _announces(entry[0]))]


def _announces(command: Set) -> bool:
    words = [token.norm for token in tokenise(command.words)]
    return command.slot == "name" and any(hit.label == "two_appointments" for hit in PHRASES.scan(words))


def both_offers(reading: Reading) -> bool:
    """ "Beide", "die erste und die dritte": every one of the offers that is meant, when it is more than one."""
    offers = reading.expectation.offers
    if reading.kind != "offer" or len(offers) < 2 or not _can_be_both(reading):
        return False
    places = sorted({_PLACES[hit.label] for _, hit in reading.hits(*_PLACES) if _PLACES[hit.label] < len(offers)})
    if reading.says("both") and (len(offers) == 2 or _says_all(reading)):
        places = list(range(len(offers)))
    digits = sorted({int(t.norm[:3]) - 1 for t in reading.tokens if t.kind == "digits"})
    small = len(reading.tokens) <= 6 and any(t.norm in _AND for t in reading.tokens)
    if not places and small and len(digits) == 2 and all(0 <= place < len(offers) for place in digits):
        places = digits
    if len(places) < 2:
        return False
    for place in places:
        reading.add(Pick(offers[place].id, reading.text.strip()), STAGE)
    reading.claim(0, len(reading.tokens))
    return True


_PLACES = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4}


def _says_all(reading: Reading) -> bool:
    return any(token.norm in ("alle", "all") for token in reading.tokens)


def _can_be_both(reading: Reading) -> bool:
    """Of free times several can be had; an appointment that is meant is one."""
    asked = reading.asked
    return (
        asked is not None
        and asked.type == "datetime"
        and reading.expectation.flow is not None
        and (reading.expectation.flow.id == BOOK)
    )


def begins_booking(entries: list[Entry]) -> bool:
    """Whether the first half starts a booking or goes on with one."""
    starts = [command for command, _ in entries if isinstance(command, Start)]
    return all(start.flow == BOOK for start in starts)


def fresh(expectation: Expectation) -> Expectation:
    """The expectation for a second wish: a booking that has just begun."""
    flow = expectation.desk.flows.get(BOOK)
    return dataclasses.replace(expectation, flow=flow, filled={}, expecting=None, offers=(), can_undo=False)
