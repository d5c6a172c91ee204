"""The order of the stages: texts in, commands out. What is expected reads first, then routing, then what is left.

`OfflineRules` is the first link of the cascade and always there; a classifier and a model come behind it as further
implementations of the same port. It never guesses on a write: where two readings are close, it says nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from runtime.core.commands import (
    Affirm,
    Ask,
    Clarify,
    Command,
    Deny,
    Either,
    Handoff,
    Language,
    Pick,
    Refine,
    Set,
    Smalltalk,
    Start,
    Unclear,
)
from runtime.core.effects import Expectation, Expecting, Understand
from runtime.core.events import Understood
from runtime.core.flows import Collect
from runtime.core.values import When
from runtime.ports import Patience
from runtime.understanding import (
    changes,
    control,
    early,
    further,
    matters,
    offers,
    persons,
    preferring,
    prompts,
    questions,
    respelling,
    routing,
    shifts,
    slots,
    strangers,
    which,
)
from runtime.understanding.dates.engine import Found
from runtime.understanding.desks import index_of
from runtime.understanding.foreign import foreign_language
from runtime.understanding.language import language_of, telling
from runtime.understanding.leftovers import unclear
from runtime.understanding.moves import target_of_move
from runtime.understanding.reading import Reading, ordered
from runtime.understanding.segments import segments_of
from runtime.understanding.tokens import tokenise, words_of
from runtime.understanding.wishes import wishes

Entry = tuple[Command, str]
MOST_TEXTS = 20


class OfflineRules:
    """Understanding without a model: grammar and tables for German and English."""

    async def understand(self, request: Understand, now: datetime, patience: Patience | None = None) -> Understood:
        """Commands with the customer's words and resolved values; never raises for any text."""
        return dataclasses.replace(self.read(request), now=now)

    def read(self, request: Understand) -> Understood:
        """The same, without waiting: every text of a burst on its own, and joined where that says more."""
        expectation = request.expectation
        texts = [text for text in request.texts if text.strip()][:MOST_TEXTS]
        if not texts:
            return Understood((Unclear("empty"),), expectation.language, expectation.now, ("rules:empty",))
        words = words_of(" ".join(texts))
        strange = _strange(texts, words, expectation)
        if strange:
            return Understood((Language(strange),), expectation.language, expectation.now, ("rules:foreign",))
        language = _language(words, expectation)
        entries = _burst(texts, expectation, language)
        entries = ordered(entries)
        language = next((command.code for command, _ in entries if isinstance(command, Language)), language)
        commands, stages = (tuple(command for command, _ in entries), tuple(stage for _, stage in entries))
        return Understood(commands, language, expectation.now, stages)


def _language(words: Sequence[str], expectation: Expectation) -> str:
    """The language of this turn."""
    fresh = expectation.flow is None and expectation.expecting is None
    return language_of(words, expectation.language, expectation.desk.business.languages, fresh)


def _strange(texts: Sequence[str], words: Sequence[str], expectation: Expectation) -> str:
    """A language that we do not speak; a name may be of any."""
    expecting, flow = expectation.expecting, expectation.flow
    slot = flow.slot(expecting.slot) if expecting and flow else None
    if slot and slot.type in ("person", "text"):
        return ""
    return foreign_language(" ".join(texts), words, telling(words))


def _burst(texts: list[str], expectation: Expectation, language: str) -> list[Entry]:
    entries = _wishes(texts[0], expectation, language)
    parts = [entries]
    for text in texts[1:]:
        parts.append(_wishes(text, _advanced(expectation, entries), language))
        entries = _merged(which.without_renamed(entries, text, parts[-1], expectation), parts[-1])
    if len(texts) > 1 and any(_nothing(part) for part in parts):
        joined = read_text(" ".join(texts), expectation, language)
        if not _nothing(joined) and _worth(joined) > _worth(entries):
            return joined
    return entries


def _wishes(text: str, expectation: Expectation, language: str) -> list[Entry]:
    """One text; a second appointment in it is read on its own, with nothing of the first one around it."""
    halves = further.two_wishes(text, expectation)
    if halves is not None:
        first = further.first_wish(read_text(halves[0], expectation, language))
        shared, wish = further.second_wish(read_text(halves[1], further.fresh(expectation), language), first, halves[1])
        if wish is not None and further.begins_booking(first):
            return ordered([*first, *shared, (wish, further.STAGE)])
    return wishes(text, expectation, language, read_text)


def _nothing(entries: list[Entry]) -> bool:
    return all(isinstance(command, Unclear) for command, _ in entries)


def _worth(entries: list[Entry]) -> int:
    return sum(not isinstance(command, (Unclear, Smalltalk, Language, Ask)) for command, _ in entries)


def _merged(entries: list[Entry], newer: list[Entry]) -> list[Entry]:
    """The last value wins; a later yes or no replaces an earlier one, a later pick an earlier one."""
    again = {command.slot for command, _ in newer if isinstance(command, Set)}
    replaced = tuple(
        kind for kind in ((Affirm, Deny), (Pick,), (Clarify,)) if any(isinstance(command, kind) for command, _ in newer)
    )
    kept: list[Entry] = []
    for command, stage in entries:
        if isinstance(command, Set) and command.slot in again:
            newer = _combined(command, newer)
        elif not isinstance(command, Unclear) and not any(isinstance(command, kind) for kind in replaced):
            kept.append((command, stage))
    fresh = [entry for entry in newer if not (isinstance(entry[0], Unclear) and kept) and entry not in kept]
    return kept + fresh


def _combined(older: Set, newer: list[Entry]) -> list[Entry]:
    """ "morgen" and then "um 15 Uhr" are one wish."""
    found: list[Entry] = []
    for command, stage in newer:
        if isinstance(command, Set) and command.slot == older.slot:
            words = f"{older.words} {command.words}" if isinstance(command.value, When) else command.words
            command = Set(command.slot, words, slots.merged_value(older.value, command.value))
        found.append((command, stage))
    return found


def _advanced(expectation: Expectation, entries: list[Entry]) -> Expectation:
    """What is expected after these commands, for the next text of the burst."""
    values = {command.slot: command.value for command, _ in entries if isinstance(command, Set)}
    start = next((command.flow for command, _ in entries if isinstance(command, Start)), "")
    flow = expectation.desk.flows.get(start) or expectation.flow
    if flow is None or not (values or start):
        return expectation
    filled = {**expectation.filled, **values} if flow is expectation.flow else values
    following = next((line.slot for line in flow.lines if isinstance(line, Collect) and line.slot not in filled), "")
    expecting = Expecting("slot", "", slot=following) if following else expectation.expecting
    if expectation.expecting is not None and expectation.expecting.kind != "slot" and not start:
        expecting = expectation.expecting
    return dataclasses.replace(expectation, flow=flow, filled=filled, expecting=expecting)


# one text


def read_text(text: str, expectation: Expectation, language: str) -> list[Entry]:
    """The commands of one text, each with the stage that found it."""
    tokens = tokenise(text)
    reading = Reading(
        text, tokens, segments_of(tokens), expectation, index_of(expectation.desk), language, [True] * len(tokens)
    )
    reading.flow = expectation.flow
    task = _opening(reading)
    _values(reading, task)
    control.yes_or_no(reading)
    control.other_time_than_made(reading, task)
    control.steer(reading)
    routing.route(reading, task)
    _finish(reading, task)
    prompts.answer(reading)
    return ordered(reading.commands)


def _opening(reading: Reading) -> str:
    """What must be known before values are read: questions, a person, the language, the task."""
    code = control.language_wanted(reading)
    if code:
        control.language_switch(reading, code)
    control.person_wanted(reading)
    control.beside_the_matter(reading)
    if not strangers.asked_about_stranger(reading):
        early.proof_needed(reading)
    if not matters.settled_by_people(reading):
        questions.ask_topics(reading)
    task = routing.task_of(reading)
    if reading.flow is None:
        reading.flow = reading.expectation.desk.flows.get(task or routing.BOOK)
    return task


def _values(reading: Reading, task: str) -> None:
    """Values for slots, offers, and what was asked for."""
    slots.contacts(reading)
    early.refused_before_asked(reading)
    respelling.respelling(reading)
    if early.soft_yes_alone(reading) or further.both_offers(reading) or which.answers_which(reading):
        return
    if offers.pick_by_place(reading):
        return
    persons.relations(reading)
    persons.introduced_names(reading)
    if persons.bare_name(reading):
        return
    changes.named_part(reading)
    slots.no_preference(reading)
    person = slots.people(reading)
    preferring.preference(reading)
    slots.choices(reading)
    which.two_services(reading)
    which.two_people(reading)
    slots.same_again(reading)
    slots.counts(reading)
    _times(reading, task, person)
    persons.loose_names(reading)
    slots.bare_answer(reading)


def _times(reading: Reading, task: str, person: str) -> None:
    target_of_move(reading, task)
    shift = shifts.shifted(reading)
    if shift is not None:
        reading.claim_text(*shift.span)
    away = offers.away(reading) if shift is None else ()
    found = slots.with_shift(shift, _in_context(reading, task, slots.wish(reading)))
    reading.shifts = shift is not None
    if offers.refine(reading, away, found.when if found else None):
        if found:
            reading.claim_text(*found.span)
        return
    if offers.pick_by_wish(reading, found.when if found else None, person):
        _drop_sets(reading)
        if found:
            reading.claim_text(*found.span)
        return
    if found is not None:
        if not which.set_two_days(reading, found):
            slots.set_wish(reading, found)
        return
    slots.no_matter(reading)
    if not reading.found(Set, Pick):
        offers.pick_by_label(reading)


def _in_context(reading: Reading, task: str, found: Found | None) -> Found | None:
    """A weekday goes by what was talked about, but not in a new wish beside an appointment."""
    if reading.expectation.flow is None and task != routing.MOVE and not reading.says("correction"):
        return found
    return shifts.in_that_week(reading, found)


def _drop_sets(reading: Reading) -> None:
    """What a picked offer holds needs no value of its own."""
    staff = {slot.name for slot in reading.slots("choice") if slot.options == "staff"}
    reading.commands = [e for e in reading.commands if not (isinstance(e[0], Set) and e[0].slot in staff)]


def _finish(reading: Reading, task: str) -> None:
    """Values without a task are none, but for what a question is about; then what nobody has taken yet."""
    if reading.expectation.flow is None and not reading.found(Start):
        kept = {"rules:question"} if reading.found(Ask) else set()
        reading.commands = [e for e in reading.commands if not isinstance(e[0], (Set, Either, Refine)) or e[1] in kept]
    routing.settle(reading)
    if not reading.found(Set, Either, Pick, Refine, Start, Ask, Handoff, Affirm, Deny, *control.STEERING):
        control.small_talk(reading)
        if not reading.found(Smalltalk):
            questions.ask_anything(reading)
    else:
        control.small_talk(reading)
    unclear(reading)
