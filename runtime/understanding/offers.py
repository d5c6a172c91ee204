"""Which of the offers shown a text means: by number, order, day and time, person, or words of its label."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from runtime.core.commands import Pick, Refine
from runtime.core.values import Offer, When
from runtime.understanding.families import stem
from runtime.understanding.reading import Reading, zone
from runtime.understanding.stopwords import STOPWORDS
from runtime.understanding.tokens import word_set, words_of

STAGE = "rules:offer"
How = Literal["later", "earlier", "other_day", "other_time", "more"]
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4}
_NUMBERED = word_set(
    """
    nummer nr no number option die der das den the termin vorschlag slot zeit nehme ich bitte gern gerne
    dann please i'll take choose waehle angebot und ok okay ja yes
    """
)


def pick_by_place(reading: Reading) -> bool:
    """ "2", "die zweite", "the last one", "das spätere"."""
    offers = reading.expectation.offers
    if not offers or reading.kind not in ("offer", "prompt"):
        return False
    place = _number(reading, len(offers))
    if place is None:
        place = _in_order(reading, offers)
    if place is None:
        return False
    _pick(reading, offers[place])
    return True


def _pick(reading: Reading, offer: Offer) -> None:
    reading.add(Pick(offer.id, reading.text.strip()), STAGE)


def _number(reading: Reading, count: int) -> int | None:
    """A digit that numbers an offer, with nothing but small words around it."""
    digits = [at for at, token in enumerate(reading.tokens) if token.kind == "digits" and reading.free[at]]
    others = [token.norm for token in reading.tokens if token.kind not in ("digits", "mark")]
    if len(digits) != 1 or any(norm not in _NUMBERED for norm in others):
        return None
    number = int(reading.tokens[digits[0]].norm[:6])
    if 1 <= number <= count:
        reading.claim(digits[0], digits[0] + 1)
        return number - 1
    return None


def _in_order(reading: Reading, offers: Sequence[Offer]) -> int | None:
    for segment, hit in reading.hits(*_ORDINALS, "last", "middle", "latest", "earliest"):
        if not _stands_alone(reading, segment.places, hit.start, hit.end):
            continue
        place = _ORDINALS.get(hit.label, len(offers) - 1 if hit.label == "last" else -1)
        if hit.label == "middle" and len(offers) == 3:
            place = 1
        if hit.label in ("latest", "earliest"):
            place = _extreme(offers, hit.label, reading)
        if 0 <= place < len(offers):
            reading.claim(segment.places[hit.start], segment.places[hit.end - 1] + 1)
            return place
    return None


def _stands_alone(reading: Reading, places: Sequence[int], start: int, end: int) -> bool:
    """ "zwei" after "um", or before "Uhr" and "Personen", is no offer's number."""
    before = reading.tokens[places[start] - 1].norm if places[start] else ""
    after = reading.tokens[places[end - 1] + 1].norm if places[end - 1] + 1 < len(reading.tokens) else ""
    return before not in _TIME_BEFORE and after not in _COUNTED_AFTER


_TIME_BEFORE = word_set(
    "um at ab nach vor bis gegen halb half am after before past to viertel dreiviertel quarter by until around"
)
_COUNTED_AFTER = word_set("uhr personen people o'clock pm am tage wochen euro maerz mal")


def _extreme(offers: Sequence[Offer], label: str, reading: Reading) -> int:
    starts = [(start_of(offer, reading), at) for at, offer in enumerate(offers)]
    known = [(start, at) for start, at in starts if start is not None]
    if not known:
        return -1
    return (max if label == "latest" else min)(known)[1]


def start_of(offer: Offer, reading: Reading) -> datetime | None:
    """When an offer begins, in the business's local time."""
    for value in (offer.values.get("start"), offer.facts.get("start"), offer.facts.get("when")):
        if isinstance(value, str):
            try:
                found = datetime.fromisoformat(value)
            except ValueError:
                continue
            there = zone(reading.expectation.desk.business.timezone)
            return found.astimezone(there).replace(tzinfo=None) if found.tzinfo else found
    return None


def fits(when: When, start: datetime) -> bool:
    """Whether a start is among what a wish allows."""
    day, clock = start.date(), start.time()
    if not _day_fits(when, day):
        return False
    if when.clock and clock not in when.clock:
        return False
    if when.from_clock is not None and clock < when.from_clock:
        return False
    return when.until_clock is None or clock < when.until_clock


def _day_fits(when: When, day: date) -> bool:
    if when.days and day not in when.days:
        return False
    if when.weekdays and day.weekday() not in when.weekdays:
        return False
    if day in when.not_days or day.weekday() in when.not_weekdays:
        return False
    return (when.from_day is None or day >= when.from_day) and (when.until_day is None or day <= when.until_day)


def pick_by_wish(reading: Reading, when: When | None, person: str) -> bool:
    """The one offer that the named time and person fit; none when several or no offers do."""
    offers = reading.expectation.offers
    if not offers or reading.kind != "offer" or (when is None and not person):
        return False
    fitting = [offer for offer in offers if _fits(offer, when, person, reading)]
    if len(fitting) != 1 or _asks_for_times(reading, when):
        return False
    _pick(reading, fitting[0])
    return True


def _asks_for_times(reading: Reading, when: When | None) -> bool:
    """ "Dienstag klingt gut, was habt ihr da vormittags?" wants to see more than the one shown."""
    if when is None or when.clock:
        return False
    return any(segment.question and segment.has("options", "more") for segment in reading.segments)


def _fits(offer: Offer, when: When | None, person: str, reading: Reading) -> bool:
    if person and offer.values.get("staff", offer.facts.get("staff")) != person:
        return False
    if when is None:
        return True
    start = start_of(offer, reading)
    if start is None:
        return False
    return fits(when, start) or (bool(when.days) and fits(_any_week(when, start), start))


def _any_week(when: When, start: datetime) -> When:
    """ "Dienstag um 10" also means the Tuesday shown, although it is not the very next one."""
    weekdays = {day.weekday() for day in when.days}
    if start.weekday() in weekdays and all(abs((day - start.date()).days) % 7 == 0 for day in when.days[:1]):
        return When(clock=when.clock, from_clock=when.from_clock, until_clock=when.until_clock)
    return When(days=(start.date() + timedelta(days=1),))


def pick_by_label(reading: Reading) -> bool:
    """The one offer whose label shares telling words with the text: "den Haarschnitt"."""
    offers = reading.expectation.offers
    if not offers or reading.kind != "offer":
        return False
    said = {stem(token.norm) for token, free in zip(reading.tokens, reading.free, strict=True) if free} - _SMALL
    scores = [len(said & _label(offer)) for offer in offers]
    best = max(scores)
    if not best or scores.count(best) != 1:
        return False
    _pick(reading, offers[scores.index(best)])
    return True


_SMALL = {stem(word) for word in STOPWORDS}


def _label(offer: Offer) -> set[str]:
    return {stem(word) for fact in offer.facts.values() if isinstance(fact, str) for word in words_of(fact)}


_REFINES: tuple[How, ...] = ("other_day", "other_time", "later", "earlier", "more")


def away(reading: Reading) -> tuple[How, ...]:
    """The ways in which a text leads away from what was shown; their words ("zu früh") are no times any more."""
    if any(segment.has("new_one") for segment in reading.segments):
        return ()
    if reading.flow is None or not (reading.expectation.offers or _has_time(reading)):
        return ()
    found: list[How] = []
    for how in _REFINES:
        for segment, hit in list(reading.hits(how)):
            if hit.end < len(segment.words) and segment.words[hit.end] in ("als", "than"):
                continue
            found.append(how)
            reading.claim(segment.places[hit.start], segment.places[hit.end - 1] + 1)
    return tuple(found)


def refine(reading: Reading, ways: tuple[How, ...], when: When | None) -> bool:
    """Move on from the offers, with a limit perhaps. Who names the new day or time has said more than "another"."""
    for how in ways:
        named = when is not None and {
            "other_day": when.names_day, "other_time": bool(when.clock), "later": bool(when.clock),
            "earlier": bool(when.clock),
            "more": when.names_day or when.names_clock,
        }[how]  # fmt: skip
        if not named:
            reading.add(Refine(how, reading.text.strip(), when), STAGE)
            return True
    return False


def _has_time(reading: Reading) -> bool:
    filled = reading.expectation.filled if reading.expectation.flow is not None else {}
    if any(slot.name in filled for slot in reading.slots("datetime")):
        return True
    return reading.kind in ("change", "confirm") and bool(reading.slots("datetime"))
