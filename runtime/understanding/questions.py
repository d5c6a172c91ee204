"""Questions about the business: found by their words, claimed whole, so that "Was kostet Färben?" chooses nothing."""

from __future__ import annotations

from runtime.core.commands import Ask, Set
from runtime.understanding.reading import Reading, Segment
from runtime.understanding.routing import BOOK, near_own_flow
from runtime.understanding.stopwords import STOPWORDS
from runtime.understanding.tokens import word_set

STAGE = "rules:question"
_TOPICS = {
    "ask_cancellation": "cancellation", "ask_prices": "prices", "ask_duration": "duration", "ask_parking": "parking",
    "ask_payment": "payment", "ask_holidays": "holidays", "ask_hours": "hours", "ask_address": "address",
    "ask_phone": "phone", "ask_staff": "staff", "ask_services": "services",
}  # fmt: skip
"""Label -> topic, the telling ones first."""
_YIELDING = frozenset({"ask_hours", "ask_staff", "ask_services", "ask_phone", "ask_address", "ask_holidays"})
"""Topics whose words also stand in wishes for an appointment."""
_TASKS = ("book", "move", "cancel_appointment", "list")
_PRECEDE = ("identity", "wellbeing", "human", "callback", "repeat", "help", "english", "german", "refused", "unknown")
_OWN = ("cancel", "undo", "back", "restart", "wait", "more", "later", "earlier", "other_day", "other_time", "yes", "no",
        "suggest", "any", "any_person", "name_intro", "first", "second", "praise", "blame")  # fmt: skip
"""Phrases that mean our own talk and no foreign matter."""
FACT = 0.5
"""How close a question must be to one of the tenant's own."""


def ask_topics(reading: Reading) -> None:
    """Take every segment that asks about a known topic or one of the tenant's own facts."""
    if _is_full_name(reading):
        return
    for segment in reading.segments:
        label = _label(reading, segment)
        if label in ("ask_services", "ask_staff") and _timed(reading, segment):
            continue
        if label:
            _ask(reading, segment, _TOPICS[label])
        elif _asks_on(reading, segment):
            _ask(reading, segment, "prices")
        elif (
            _asks(segment)
            and not _answers_back(reading, {hit.label for hit in segment.hits})
            and (_is_fact(reading, segment) or _is_foreign(reading, segment))
        ):
            _ask(reading, segment, "")


def _is_full_name(reading: Reading) -> bool:
    """ "James Park" where a name is asked for."""
    asked, words = reading.asked, [token for token in reading.tokens if token.kind == "word"]
    return (
        asked is not None
        and asked.type == "person"
        and 2 <= len(words) <= 3
        and all(word.text[0].isupper() for word in words)
        and not any(segment.question for segment in reading.segments)
    )


_ONWARD = frozenset(["und", "and", "what", "how", "about", "was", "mit", "ist", "fuer", "for", "with", "is"])


def _asks_on(reading: Reading, segment: Segment) -> bool:
    """ "Und Färben?" while nothing runs: the price of that one too."""
    if reading.expectation.flow is not None or not segment.question or segment.words[0] not in ("und", "and", "what"):
        return False
    if segment.has(*_TASKS, "wish", "new_one") or _timed(reading, segment):
        return False
    rest = [word for word in segment.words if word not in _ONWARD and word not in STOPWORDS]
    return bool(rest) and all(reading.index.mentions(word) for word in rest)


def _timed(reading: Reading, segment: Segment) -> bool:
    """ "Can you do 4 pm?" wants a time and asks for no list."""
    if segment.has("later", "earlier"):
        return True
    kinds = {reading.tokens[place].kind for place in segment.places}
    return bool(kinds & {"digits", "clock", "dotted", "slashed", "pair"}) and not segment.question & segment.has(
        "options"
    )


def _label(reading: Reading, segment: Segment) -> str:
    labels = {hit.label for hit in segment.hits}
    if _answers_back(reading, labels) or labels & {"identity", "human", "callback", "wellbeing"}:
        return ""
    for label in _TOPICS:
        if label in labels and not (label in _YIELDING and labels & set(_TASKS)):
            return label if _is_question(reading, segment, label) else ""
    return ""


def _answers_back(reading: Reading, labels: set[str]) -> bool:
    """Whether it asks back about our own open question: what there is, or why we want to know."""
    asked = reading.asked
    if asked is None:
        return False
    if "why" in labels or "refused" in labels:
        return True
    options = {"services": "ask_services", "staff": "ask_staff"}.get(asked.options, "")
    return asked.type == "choice" and bool(labels & {"options", options})


def _is_question(reading: Reading, segment: Segment, label: str) -> bool:
    """A topic's noun inside a statement is no question: "Meine Adresse ist ..."."""
    if _asks(segment) or segment.question:
        return True
    hit = max((hit for hit in segment.hits if hit.label == label), key=lambda hit: hit.end - hit.start)
    if hit.end - hit.start <= 2 and label != "ask_prices" and segment.has("wish", "new_one"):
        return False
    if near_own_flow(reading):
        return False
    return len(segment.words) - (hit.end - hit.start) <= 4 and not segment.has("mine", "name_intro")


def _asks(segment: Segment) -> bool:
    return segment.question or segment.has("ask_any")


def _is_fact(reading: Reading, segment: Segment) -> bool:
    if segment.has(*_TASKS, *_PRECEDE, "why", "options"):
        return False
    ranked = reading.index.facts.ranked(segment.words)
    return bool(ranked) and ranked[0][1] >= FACT


_OPENERS = word_set(
    """
    wie was wer wo warum weshalb wieso welche welcher welches what who where why which how whose
    """
)


def _is_foreign(reading: Reading, segment: Segment) -> bool:
    """A question that begins like one and speaks of no appointment: "Wie wird das Wetter morgen?"."""
    if segment.words[0] not in _OPENERS or len(segment.words) < 3 or segment.has(*_TASKS, *_PRECEDE, *_OWN):
        return False
    if reading.asked is not None and segment.has("why", "options"):
        return False
    return not any(reading.index.mentions(word) for word in segment.words)


def _mention(reading: Reading, places: list[int]) -> None:
    """The service that a question is about while nothing runs: "gut, dann am Freitag" will mean it."""
    if reading.expectation.flow is not None:
        return
    asking = {
        place
        for segment in reading.segments
        for hit in segment.hits
        if hit.label in ("ask_duration", "ask_any")
        for place in segment.places[hit.start : hit.start + 2]
    }
    places = [place for place in places if place not in asking]
    words = [reading.tokens[place].norm for place in places]
    booking = reading.expectation.desk.flows.get(BOOK)
    for slot in booking.slots.values() if booking else ():
        index = reading.index.choices.get(slot.options) if slot.type == "choice" and not slot.optional else None
        chosen = index.find(words, places) if index else None
        if chosen is not None:
            reading.add(Set(slot.name, reading.words(chosen.words[0], chosen.words[-1] + 1), chosen.option), STAGE)


def _ask(reading: Reading, segment: Segment, topic: str) -> None:
    starts = [hit.start for hit in segment.hits if hit.label.startswith("ask_")]
    first = segment.places[min(starts, default=0)]
    places = [place for place in segment.places if place >= first]
    end = _extended(reading, segment, places[-1] + 1)
    reading.add(Ask(reading.words(places[0], end), topic), STAGE)
    if topic in ("prices", "duration", "services", ""):
        _mention(reading, places)
    reading.claim(places[0], end)


def _extended(reading: Reading, segment: Segment, end: int) -> int:
    """A comma or "und" inside a list of services still belongs to the question."""
    while end < len(reading.tokens) and reading.tokens[end].norm in ("?", "!"):
        end += 1
    return end


def ask_anything(reading: Reading) -> None:
    """What is left and has the shape of a question is one, on an unknown topic."""
    for segment in reading.segments:
        rest = reading.rest(segment)
        if len(rest) == len(segment.places) and len(rest) > 1 and _asks(segment) and not segment.has(*_PRECEDE):
            end = _extended(reading, segment, segment.places[-1] + 1)
            reading.add(Ask(reading.words(segment.places[0], end), ""), STAGE)
            reading.claim(segment.places[0], end)
