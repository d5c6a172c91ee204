"""Who it is for: the customer's name, introduced or bare, and "für meine Mutter"."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.core.commands import Set
from runtime.core.flows import Slot
from runtime.understanding import names
from runtime.understanding.desks import PHRASES
from runtime.understanding.reading import Reading, Segment
from runtime.understanding.relations import FOR, POSSESSIVES, RELATIONS
from runtime.understanding.stopwords import STOPWORDS
from runtime.understanding.tokens import Token, word_set

STAGE = "rules:slot"


# names and for whom


def introduced_names(reading: Reading) -> None:
    """ "mein Name ist ...", "auf den Namen ...", "ich bin ..."."""
    slots = reading.slots("person")
    if not slots or _named_before(reading, slots[0]):
        return
    asked = reading.asked is not None and reading.asked.type == "person"
    for label in ("name_intro", "name_weak", *(("name_asked",) if asked else ())):
        for segment, hit in list(reading.hits(label)):
            last = segment.places[hit.end - 1]
            words = segment.words[: hit.end]
            found = names.introduced(
                reading.tokens,
                last + 1,
                reading.free,
                weak=_weak(reading, label, hit.end, segment.words),
                sure=bool((_NAME_WORDS | names.TITLES) & set(words[max(0, hit.end - 4) :])) or asked,
            )
            if found is not None and label == "name_asked" and reading.tokens[found[0]].text.islower():
                continue
            if found is not None and not (label == "name_weak" and _is_option(reading, found)):
                _name(reading, slots[0], found, segment.places[hit.start])
                return


def _named_before(reading: Reading, slot: Slot) -> bool:
    """ "Anna Thiel ist mein Name"."""
    for segment, hit in reading.hits("name_after"):
        places = segment.places[: hit.start]
        found = names.alone(reading.tokens[places[0] : places[-1] + 1], reading.free[places[0] :]) if places else None
        if found is not None:
            _name(reading, slot, (places[0] + found[0], places[0] + found[1]), places[0])
            return True
    return False


_NAME_WORDS = word_set(
    """
    name namen name's nachname vorname surname heisse heiss heissen heisst called
    """
)


def _weak(reading: Reading, label: str, end: int, words: Sequence[str]) -> bool:
    asked = reading.asked is not None and reading.asked.type == "person"
    return not asked and (label == "name_weak" or not _NAME_WORDS & set(words[max(0, end - 4) : end]))


def _is_option(reading: Reading, found: tuple[int, int]) -> bool:
    """Whether the words name a service after all: "das ist für Haarschnitt"."""
    words = [reading.tokens[place].norm for place in range(*found)]
    return any(index.find(words, range(*found)) is not None for index in reading.index.choices.values())


def _name(reading: Reading, slot: Slot, found: tuple[int, int], first: int) -> None:
    first_token, end = found
    name = names.written(reading.tokens[first_token:end], reading.text)
    known = reading.expectation.filled.get(slot.name)
    if isinstance(known, str):
        name = names.respelled(known, name)
    reading.add(Set(slot.name, reading.words(first_token, end), name), STAGE)
    reading.claim(first, end)


_STEERING = (
    "cancel", "undo", "repeat", "help", "wait", "unknown", "refused", "back", "restart", "thanks", "bye", "greeting",
    "any", "human", "callback", "english", "german", "identity", "yes_soft", "blame",
)  # fmt: skip
"""Phrases that are no name however name-like their words."""


def bare_name(reading: Reading) -> bool:
    """The whole text as a name, where a name is asked for; whether there is no more to be read."""
    asked = reading.asked
    if asked is None or asked.type != "person" or reading.found(Set):
        return _early_name(reading)
    if reading.says(*_STEERING):
        _name_in_first_segment(reading, asked)
        return False
    found = names.alone(reading.tokens, reading.free)
    if found is not None and _may_be_name(reading, found):
        _name(reading, asked, found, found[0])
        return True
    _name_in_first_segment(reading, asked)
    return False


def _early_name(reading: Reading) -> bool:
    """ "Nina Simone" before a name was asked for: two words in capitals that mean nothing else, and no more."""
    slots = [slot for slot in reading.slots("person") if slot.name not in reading.expectation.filled]
    places = range(len(reading.tokens))
    if not slots or reading.expectation.flow is None or len(places) not in (2, 3) or reading.says(*_STEERING):
        return False
    if not all(_unknown_capital(reading, at) for at in places):
        return False
    _name(reading, slots[0], (0, len(places)), 0)
    return True


def _may_be_name(reading: Reading, found: tuple[int, int]) -> bool:
    """No question, no service, and no small word that stands in a service's name ("das kleine")."""
    places = set(range(*found))
    if any(segment.question and places & set(segment.places) for segment in _asking(reading)):
        return False
    words = [token for token in reading.tokens[slice(*found)] if token.kind == "word"]
    if all(token.text[0].islower() and reading.index.mentions(token.norm) for token in words) and not (
        len(reading.tokens) == 1 and names.is_surname(words[0])
    ):
        return False
    return not _is_exact_option(reading, found)


def _asking(reading: Reading) -> list[Segment]:
    """The segments that a question mark ends, not those that only stand before one."""
    last = [segment for segment in reading.segments if segment.question][-1:]
    return [segment for segment in last if reading.rest(segment)]


def _name_in_first_segment(reading: Reading, asked: Slot) -> None:
    """ "Schmidt, und kann mein Hund mit?": the name comes first, more follows."""
    segments = [s for s in reading.segments if reading.rest(s) and not s.has(*_STEERING, "yes", "no")]
    if not segments or len(reading.segments) < 2:
        return
    ranges = [_alone_in(reading, segment) for segment in segments[:2]]
    found = ranges[0]
    if len(ranges) > 1 and found and ranges[1] and _again(reading, found, ranges[1]):
        found = ranges[1]
    if found and reading.tokens[found[0]].text[0].isupper() and _may_be_name(reading, found):
        _name(reading, asked, found, found[0])


def _alone_in(reading: Reading, segment: Segment) -> tuple[int, int] | None:
    first, end = segment.places[0], segment.places[-1] + 1
    found = names.alone(reading.tokens[first:end], reading.free[first:end])
    return (first + found[0], first + found[1]) if found else None


def _again(reading: Reading, short: tuple[int, int], full: tuple[int, int]) -> bool:
    """ "Ole. Ole Hansen": the second time in full."""
    said = [[token.norm for token in reading.tokens[slice(*part)]] for part in (short, full)]
    return len(said[1]) > len(said[0]) and said[1][: len(said[0])] == said[0]


def _is_exact_option(reading: Reading, found: tuple[int, int]) -> bool:
    words = [reading.tokens[place].norm for place in range(*found)]
    chosen = (index.find(words, range(*found)) for index in reading.index.choices.values())
    return any(one is not None and one.score >= 0.9 and len(one.words) == len(words) for one in chosen)


def loose_names(reading: Reading) -> None:
    """ "..., Meier, 0151 ...": a segment that is nothing but a name beside other values."""
    slots = [slot for slot in reading.slots("person") if slot.name not in reading.expectation.filled]
    sets = [command for command, _ in reading.commands if isinstance(command, Set)]
    phone = any(slot.name == one.slot for one in sets for slot in reading.slots("phone", "email"))
    if not slots or any(one.slot == slots[0].name for one in sets) or not (phone or len(sets) >= 2):
        return
    if _name_behind_auf(reading, slots[0]):
        return
    for segment in reading.segments:
        places = reading.rest(segment)
        if not places or any(hit.label in ("yes", "no", "thanks", "greeting", "bye") for hit in segment.hits):
            continue
        found = names.alone(reading.tokens[places[0] : places[-1] + 1], reading.free[places[0] : places[-1] + 1])
        if found is not None and found[1] - found[0] == 1 and len(places) < len(segment.places):
            continue  # One word left beside other things is rather a verb: "Ginge das am Freitag?".
        if found is not None and (phone or _all_capitals(reading, places[0] + found[0], places[0] + found[1])):
            _name(reading, slots[0], (places[0] + found[0], places[0] + found[1]), places[0])
            return
    if phone:
        _name_between(reading, slots[0])


def _all_capitals(reading: Reading, first: int, end: int) -> bool:
    """As names are written; "Rechnung möglich" is none."""
    words = [token for token in reading.tokens[first:end] if token.kind == "word"]
    return all(token.text[0].isupper() or token.norm in names.PARTICLES for token in words)


def _name_between(reading: Reading, slot: Slot) -> None:
    """ "Herren 26.11. 17:30 Ali Kaya 0176 ...": what is left between other values, in capitals."""
    at = 0
    while at < len(reading.tokens):
        end = at
        while end < len(reading.tokens) and _unknown_capital(reading, end):
            end += 1
        if end - at in (1, 2, 3) and (end - at > 1 or at > 0):
            _name(reading, slot, (at, end), at)
            return
        at = max(end, at + 1)


def _unknown_capital(reading: Reading, at: int) -> bool:
    token = reading.tokens[at]
    return (
        reading.free[at]
        and token.kind == "word"
        and token.text[0].isupper()
        and token.norm not in PHRASES.spelling
        and not reading.index.mentions(token.norm)
        and names.alone(reading.tokens[at : at + 1], reading.free[at : at + 1]) is not None
    )


_ON_THE_NAME = frozenset(["auf", "fuer", "for", "under", "unter"])
_NO_PEOPLE = word_set(
    """
    rechnung termin anfrage wunsch nachfrage kasse rezept deutsch englisch wiedersehen wiederhoeren dauer
    jeden fall keinen english german now today everything mich me uns us sie
    """
)


def _name_behind_auf(reading: Reading, slot: Slot) -> bool:
    """ "... um 10 Uhr auf Schmidt": capitals up to the end of a stretch."""
    for segment in reading.segments:
        places = reading.rest(segment)
        for at, place in enumerate(places[:-1]):
            behind = places[at + 1 :]
            if reading.tokens[place].norm not in _ON_THE_NAME or behind != list(range(behind[0], behind[-1] + 1)):
                continue
            words = [reading.tokens[other] for other in behind]
            if any(not word.text[0].isupper() or word.norm in _NO_PEOPLE for word in words):
                continue
            found = names.introduced(reading.tokens, behind[0], reading.free, weak=True)
            if found is not None and found[1] > behind[-1] and not _is_option(reading, found):
                _name(reading, slot, found, place)
                return True
    return False


def relations(reading: Reading) -> None:
    """ "für meine Mutter": whom it is for, and the name that may follow."""
    slots = reading.slots("relation")
    asked = reading.asked is not None and reading.asked.type == "relation"
    tokens = reading.tokens
    for at, token in enumerate(tokens):
        relation = RELATIONS.get(token.norm) if reading.free[at] else None
        if relation is None or not slots or not _for_somebody(tokens, at, asked) or _describes(tokens, at):
            continue
        first = at
        while first > 0 and tokens[first - 1].norm in POSSESSIVES | FOR:
            first -= 1
        reading.add(Set(slots[0].name, reading.words(first, at + 1), relation), STAGE)
        reading.claim(first, at + 1)
        reading.shared.add(at)
        _relative_name(reading, at + 1)
        return


_INDEFINITE = frozenset(["a", "ein", "eine", "einen", "einem", "einer", "nem", "ner", "ne"])


_TOLD_OF = word_set(
    """
    heiratet feiert empfohlen empfiehlt sagt sagte meint meinte erzaehlt war ist recommended recommends told said
    says married marries
    """
)


def _describes(tokens: Sequence[Token], at: int) -> bool:
    """ "meinen kleinen Hund", "meine Schwester heiratet": the word only tells of something else."""
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if following is not None and following.norm in _TOLD_OF:
        return True
    if tokens[at].norm not in ("kleine", "kleinen") or following is None:
        return False
    return following.kind == "word" and following.norm not in STOPWORDS


def _for_somebody(tokens: Sequence[Token], at: int, asked: bool) -> bool:
    before = [token.norm for token in tokens[max(0, at - 2) : at]]
    owned = bool(before) and before[-1] in POSSESSIVES
    if asked:
        return True
    if owned and before[-1] in _INDEFINITE and RELATIONS[tokens[at].norm] not in ("friend", "colleague", "neighbour"):
        return False
    return owned and (bool(FOR & set(before)) or before[-1] in ("mein", "meine", "meinen", "meinem", "meiner", "my"))


def _relative_name(reading: Reading, at: int) -> None:
    """ "für meine Tochter Lena"."""
    slots = reading.slots("person")
    while at < len(reading.tokens) and reading.tokens[at].norm in ("heisst", "namens", "named", "called", "is"):
        at += 1
    found = names.introduced(reading.tokens, at, reading.free, weak=True) if slots else None
    if found is not None and found[0] == at:
        _name(reading, slots[0], found, at)
