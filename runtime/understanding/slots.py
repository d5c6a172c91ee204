"""Values for the flow's slots, wherever they stand in a text: choices, people, times, contacts, names, relations."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from runtime.core.commands import Pick, Set, Why
from runtime.core.flows import Slot
from runtime.core.values import ANY, Value, When
from runtime.understanding import names
from runtime.understanding.contacts import contacts_in
from runtime.understanding.dates.days import next_weekday
from runtime.understanding.dates.engine import Found, times_in
from runtime.understanding.dates.spoken_numbers import english_numbers, german_numbers
from runtime.understanding.desks import PHRASES, STAFF
from runtime.understanding.reading import Reading
from runtime.understanding.relations import SELF
from runtime.understanding.stopwords import STOPWORDS
from runtime.understanding.tokens import Token, word_set

STAGE = "rules:slot"
CANCEL = "cancel_appointment"
WHICH = "when"
"""The slot that tells an appointment by its day."""
_NEGATIONS = word_set(
    """
    nicht kein keine keinen statt anstatt ohne not instead no without
    """
)
_WITH = frozenset(["bei", "mit", "zu", "von", "with", "by", "to", "see", "durch"])
NUMBER_WORDS = {**german_numbers(), **english_numbers()}
_COUNTED = word_set(
    """
    personen person leute people persons gaeste guests plaetze kinder kids
    """
)


# phone and e-mail


def contacts(reading: Reading) -> None:
    """Phone numbers and addresses first, because their digits are no times."""
    phone_asked = reading.asked is not None and reading.asked.type == "phone"
    for found in contacts_in(reading.text, reading.expectation.desk.business.country, phone_asked):
        for slot in reading.slots(found.kind)[:1]:
            reading.add(Set(slot.name, found.words, found.value), STAGE)
        reading.claim_text(found.start, found.end)


# choices


def choices(reading: Reading) -> None:
    """Services and other configured options, then people of the staff."""
    for slot in reading.slots("choice"):
        if slot.options == STAFF:
            continue
        index = reading.index.choices.get(slot.options)
        if index is None:
            continue
        places = _open_places(reading)
        for part in _after_corrections(reading, places):
            chosen = index.find([reading.tokens[place].norm for place in part], part)
            if chosen is not None and not set(chosen.words) <= reading.shared:
                first, end = chosen.words[0], chosen.words[-1] + 1
                reading.add(Set(slot.name, reading.words(first, end), chosen.option), STAGE)
                for place in chosen.words:
                    reading.claim(place, place + 1)
                break
            reading.touched = reading.touched or bool(index.ranked([reading.tokens[p].norm for p in part], part))


def same_again(reading: Reading) -> None:
    """ "Das gleiche nochmal": the service of the appointment just made."""
    if reading.expectation.flow is not None or not reading.says("same_again"):
        return
    for slot in reading.slots("choice"):
        known = reading.expectation.filled.get(slot.name)
        if known is not None and not slot.optional and not _has_set(reading, slot.name):
            reading.add(Set(slot.name, reading.text.strip(), known), STAGE)


def _open_places(reading: Reading) -> list[int]:
    """Free words that no "nicht" or "statt" turns down."""
    tokens = reading.tokens
    return [
        at
        for at, token in enumerate(tokens)
        if (reading.free[at] or at in reading.shared)
        and token.kind in ("word", "digits")
        and not any(tokens[back].norm in _NEGATIONS for back in range(max(0, at - 2), at) if _tied(tokens, back, at))
    ]


def _tied(tokens: Sequence[Token], first: int, last: int) -> bool:
    return all(tokens[at].kind == "word" for at in range(first, last))


def _after_corrections(reading: Reading, places: list[int]) -> list[list[int]]:
    """What follows the last correction word first, then everything."""
    marks = [
        segment.places[hit.end - 1] for segment in reading.segments for hit in segment.hits if hit.label == "correction"
    ]
    if not marks:
        return [places]
    after = [place for place in places if place > max(marks)]
    return [after, places] if after and len(after) < len(places) else [places]


def people(reading: Reading) -> str:
    """Somebody of the staff: "bei Anna", "mit Frau Berg", or the name alone. Returns the id."""
    slots = [slot for slot in reading.slots("choice") if slot.options == STAFF]
    found = ""
    for at, token in enumerate(reading.tokens):
        if not reading.free[at] or token.kind != "word" or _negated(reading, at):
            continue
        owners = _owners(reading, token.norm, _led(reading, at))
        if not owners or not _speaks_of_staff(reading, at):
            continue
        end = at + 1
        if end < len(reading.tokens) and (both := set(owners) & set(_owners(reading, reading.tokens[end].norm, True))):
            owners, end = tuple(both), end + 1
        if len(owners) == 1:
            found = owners[0]
            first = at - 1 if at and reading.tokens[at - 1].norm in _WITH | names.TITLES else at
            for slot in slots[:1]:
                _replace(reading, Set(slot.name, reading.words(first, end), found))
            reading.claim(first, end)
    return found


def _replace(reading: Reading, command: Set) -> None:
    reading.commands = [
        entry for entry in reading.commands if not (isinstance(entry[0], Set) and entry[0].slot == command.slot)
    ]
    reading.add(command, STAGE)


def _led(reading: Reading, at: int) -> bool:
    """Whether "bei", "with" or a title stands before it, or somebody of the staff is asked for."""
    before = reading.tokens[at - 1].norm if at else ""
    asked = reading.asked is not None and reading.asked.options == STAFF
    return asked or before in _WITH or before in names.TITLES


def _owners(reading: Reading, word: str, led: bool) -> tuple[str, ...]:
    """Who bears this name; with a typing error only where a name of the staff is to be expected."""
    people_by_word = reading.index.people
    for form in (word, word.removesuffix("'s"), word.removesuffix("s")):
        if form in people_by_word:
            return people_by_word[form]
    if led and len(word) >= 5 and word not in STOPWORDS:
        return people_by_word.get(reading.index.spelling.correct(word), ())
    return ()


def _negated(reading: Reading, at: int) -> bool:
    before = [token.norm for token in reading.tokens[max(0, at - 2) : at]]
    return bool(set(before) & {"nicht", "not", "ausser", "except", "statt"})


def _speaks_of_staff(reading: Reading, at: int) -> bool:
    """A staff member's name that begins somebody else's full name is not the staff member."""
    tokens = reading.tokens
    before = tokens[at - 1].norm if at else ""
    if before in _WITH or before in names.TITLES:
        return True
    if at and _first_name(reading, tokens[at - 1], tokens[at]):
        return False
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if following is None or following.kind != "word" or following.norm in STOPWORDS:
        return True
    return not following.text[0].isupper() or bool(_owners(reading, following.norm, False)) or names.is_time(following)


def _first_name(reading: Reading, before: Token, token: Token) -> bool:
    """ "Sara Jonas" is a customer although a Jonas works here."""
    return (
        before.kind == "word"
        and before.text[0].isupper()
        and token.text[0].isupper()
        and before.norm not in STOPWORDS
        and before.norm not in PHRASES.spelling
        and not reading.index.mentions(before.norm)
        and not names.is_time(before)
    )


def no_preference(reading: Reading) -> None:
    """ "egal", "whoever": any value will do for what is asked, any person for "egal bei wem"."""
    staff = [slot for slot in reading.slots("choice") if slot.options == STAFF]
    for segment, hit in list(reading.hits("any_person")):
        if staff and not _has_set(reading, staff[0].name):
            reading.add(Set(staff[0].name, _hit_words(reading, segment.places, hit.start, hit.end), ANY), STAGE)
            reading.claim(segment.places[hit.start], segment.places[hit.end - 1] + 1)
    if reading.asked is not None and reading.asked.type == "choice":
        no_matter(reading)


def no_matter(reading: Reading) -> None:
    """ "egal" to the open question; for a time only when no time was named."""
    asked = reading.asked
    if asked is None or asked.type not in ("choice", "datetime", "offer") or _has_set(reading, asked.name):
        return
    for segment, hit in list(reading.hits("any")):
        if segment.has("more", "other_day", "other_time") or (reading.kind == "offer" and segment.has("no_offers")):
            continue
        if reading.kind == "offer" and reading.expectation.offers:
            reading.add(Pick(reading.expectation.offers[0].id, reading.text.strip()), "rules:offer")
            return
        value = When(anything=True) if asked.type == "datetime" else ANY
        reading.add(Set(asked.name, _hit_words(reading, segment.places, hit.start, hit.end), value), STAGE)
        reading.claim(segment.places[hit.start], segment.places[hit.end - 1] + 1)
        return


def _hit_words(reading: Reading, places: Sequence[int], start: int, end: int) -> str:
    return reading.words(places[start], places[end - 1] + 1)


def _has_set(reading: Reading, slot: str) -> bool:
    return any(isinstance(command, Set) and command.slot == slot for command, _ in reading.commands)


# times


def wish(reading: Reading) -> Found | None:
    """Everything that the text says about a time, as one wish."""
    asked = reading.asked
    bare = (asked is not None and asked.type == "datetime") or reading.kind in ("offer", "change")
    spoken_for = [not free or _stands_for(reading, at) for at, free in enumerate(reading.free)]
    tokens = tuple(_masked(token, not taken) for token, taken in zip(reading.tokens, spoken_for, strict=True))
    local = reading.local_now
    found = times_in(
        tokens,
        reading.text,
        reading.language,
        local,
        bare=bare,
        day_known=_day_known(reading),
        hours=reading.index.hours,
        month_first=reading.month_first,
    )
    found = [one for one in found if one.words.casefold() not in _NOW or not _day_known(reading)]
    if not found:
        return None
    when = found[0].when
    for later in found[1:]:
        when = _joined(when, later.when)
    start, end = found[0].span[0], found[-1].span[1]
    return Found(reading.text[start:end], when, (start, end))


def with_shift(shift: Found | None, found: Found | None) -> Found | None:
    """ "Eine Woche später, aber um 16 Uhr": what is said besides counts on top."""
    if shift is None or found is None:
        return shift or found
    span = min(shift.span[0], found.span[0]), max(shift.span[1], found.span[1])
    return Found(f"{shift.words} {found.words}", shift.when.merged(found.when), span)


_NOW = frozenset({"jetzt", "now"})
"""No wish when the time is known: "jetzt stimmt es"."""


def _joined(first: When, later: When) -> When:
    """Two stretches of a text: the later one counts where both speak of the same."""
    return first if later.anything else first.merged(later)


def _stands_for(reading: Reading, at: int) -> bool:
    """ "Friday's one", "the one with Anna": no hour."""
    if reading.tokens[at].norm not in ("one", "ones") or not at:
        return False
    before = reading.tokens[at - 1]
    return before.norm in (
        "first",
        "last",
        "next",
        "other",
        "the",
        "this",
        "that",
        "which",
        "earlier",
        "later",
    ) or names.is_time(before)


def _masked(token: Token, free: bool) -> Token:
    return token if free else token._replace(norm="\0", kind="mark")


def _day_known(reading: Reading) -> bool:
    filled = [reading.expectation.filled.get(slot.name) for slot in reading.slots("datetime")]
    return reading.kind == "offer" or any(isinstance(value, When) and value.names_day for value in filled)


def set_wish(reading: Reading, found: Found) -> None:
    """The wish as the value of the flow's time."""
    for slot in reading.slots("datetime")[:1]:
        calls_off = reading.flow is not None and reading.flow.id == CANCEL
        when = _named_day(found.when, reading) if calls_off else found.when
        reading.add(Set(slot.name, found.words, when), STAGE)
    reading.claim_text(*found.span)


def old_day(reading: Reading, places: Sequence[int]) -> None:
    """The day of the appointment that is to be moved, where the flow asks which one: "den am Dienstag"."""
    slots = [slot for slot in reading.slots("datetime") if slot.name == WHICH]
    if not slots:
        return
    tokens = tuple(_masked(token, at in places) for at, token in enumerate(reading.tokens))
    found = times_in(
        tokens,
        reading.text,
        reading.language,
        reading.local_now,
        hours=reading.index.hours,
        month_first=reading.month_first,
    )
    if found and found[0].when.names_day:
        reading.add(Set(WHICH, found[0].words, _named_day(found[0].when, reading)), STAGE)


def _named_day(when: When, reading: Reading) -> When:
    """ "Dienstag kann ich nicht kommen" names the day of the appointment to call off."""
    if when.not_weekdays and not when.days:
        days = tuple(next_weekday(reading.local_now.date(), weekday) for weekday in when.not_weekdays)
        return dataclasses.replace(when, days=days, not_weekdays=())
    if when.not_days and not when.days:
        return dataclasses.replace(when, days=when.not_days, not_days=())
    return when


def merged_value(older: Value, newer: Value) -> Value:
    """A newer value replaces the older one; two wishes for a time become one."""
    return older.merged(newer) if isinstance(older, When) and isinstance(newer, When) else newer


# what is asked, in a bare answer


def bare_answer(reading: Reading) -> None:
    """A value that only counts because it was asked for: an option's number, a count, free text, for whom."""
    asked = reading.asked
    if asked is None or (reading.commands and asked.type != "text"):
        return
    match asked.type:
        case "choice":
            if not reading.touched:
                _numbered_option(reading, asked)
            if reading.touched and not reading.commands:
                reading.add(Why(options=True), STAGE)
        case "number":
            _count(reading, asked)
        case "relation":
            _myself(reading, asked)
        case "text" if not reading.commands and not any(segment.question for segment in reading.segments):
            reading.add(Set(asked.name, reading.text.strip(), reading.text.strip()), STAGE)
            reading.claim(0, len(reading.tokens))


def _numbered_option(reading: Reading, asked: Slot) -> None:
    options = reading.expectation.desk.options.get(asked.options, ())
    place = None
    digits = [int(token.norm[:6]) for token in reading.tokens if token.kind == "digits"]
    if len(digits) == 1 and len(reading.tokens) <= 4:
        place = digits[0] - 1
    for _, hit in reading.hits("first", "second", "third", "fourth", "fifth"):
        place = ("first", "second", "third", "fourth", "fifth").index(hit.label)
    if place is not None and 0 <= place < len(options):
        reading.add(Set(asked.name, reading.text.strip(), options[place].id), STAGE)


def _count(reading: Reading, asked: Slot) -> None:
    from_words = [NUMBER_WORDS[token.norm] for token in reading.tokens if token.norm in NUMBER_WORDS]
    digits = [int(token.norm[:9]) for token in reading.tokens if token.kind == "digits"]
    for number in (digits + from_words)[:1]:
        reading.add(Set(asked.name, reading.text.strip(), number), STAGE)


def _myself(reading: Reading, asked: Slot) -> None:
    if any(token.norm in SELF for token in reading.tokens):
        reading.add(Set(asked.name, reading.text.strip(), "self"), STAGE)


def counts(reading: Reading) -> None:
    """ "für 3 Personen" for a slot that counts."""
    for slot in reading.slots("number")[:1]:
        for at in range(len(reading.tokens) - 1):
            token, noun = reading.tokens[at], reading.tokens[at + 1]
            value = int(token.norm[:6]) if token.kind == "digits" else NUMBER_WORDS.get(token.norm)
            if value is not None and noun.norm in _COUNTED and reading.free[at]:
                reading.add(Set(slot.name, reading.words(at, at + 2), value), STAGE)
                reading.claim(at, at + 2)
                return
