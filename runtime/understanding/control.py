"""Words that steer the conversation: yes and no, stop, undo, back, again, wait, why, a person, small talk."""

from __future__ import annotations

from typing import Literal

from runtime.core.commands import (
    Affirm,
    Ask,
    Back,
    Cancel,
    Command,
    Deny,
    Handoff,
    Help,
    Language,
    Pick,
    Refine,
    Repeat,
    Restart,
    Set,
    Skip,
    Smalltalk,
    Start,
    Undo,
    Wait,
    Why,
)  # fmt: skip
from runtime.core.values import ANY
from runtime.understanding.contacts import contacts_in
from runtime.understanding.desks import STAFF
from runtime.understanding.phrases import FILLERS
from runtime.understanding.reading import Reading, Segment
from runtime.understanding.stopwords import STOPWORDS
from runtime.understanding.tokens import word_set

STAGE = "rules:control"
CONFIRM = "rules:confirm"
CALLBACK, WAITING_LIST = "callback", "waiting_list"
_THUMBS_UP = frozenset("👍👌✅💯🙏🆗✔☑")
_THUMBS_DOWN = frozenset("👎❌🚫")
_VALUES = (Set, Pick, Refine)
STEERING = (Cancel, Undo, Back, Restart, Wait, Repeat, Help, Why, Skip)


# yes and no


def yes_or_no(reading: Reading) -> None:
    """A yes or a no, whatever else the text holds where one was asked for; alone elsewhere."""
    _emoji(reading)
    if _nothing_to_change(reading):
        return
    negative = next(reading.hits("no_offers"), None)
    if negative is not None and (reading.kind == "offer" or reading.expectation.offers):
        reading.add(Deny(reading.text.strip(), offers=True), "rules:offer")
        return
    answered = _polarity(reading)
    if (
        not answered
        and reading.kind == "confirm"
        and reading.says("change_name", "change_phone", "change_service", "change_staff")
    ):
        answered = "no"
    if not answered or (reading.found(*_VALUES) and not _answers_too(reading, answered)):
        return
    if answered == "no":
        _no(reading)
    elif reading.kind == "offer" and len(reading.expectation.offers) == 1 and not reading.found(*_VALUES):
        reading.add(Pick(reading.expectation.offers[0].id, reading.text.strip()), "rules:offer")
    else:
        reading.add(Affirm(reading.text.strip(), firm=answered == "yes"), CONFIRM)


def _nothing_to_change(reading: Reading) -> bool:
    """ "Nichts, passt doch": what was summed up is right after all, whatever else these words may mean."""
    if reading.kind != "change" or reading.found(*_VALUES) or not reading.says("nothing_to_change"):
        return False
    reading.add(Affirm(reading.text.strip()), CONFIRM)
    reading.claim(0, len(reading.tokens))
    return True


def other_time_than_made(reading: Reading, task: str) -> None:
    """ "Geht auch eine Stunde später?" turns the time just booked down, unless it is for one more appointment."""
    if not reading.shifts or reading.expectation.flow is not None or task == "move_appointment":
        return
    more = any(token.norm in ("noch", "another", "also", "zusaetzlich") for token in reading.tokens)
    others = ("service", "guest", "name")
    more = more or any(isinstance(command, Set) and command.slot in others for command, _ in reading.commands)
    if not more and not reading.found(Deny):
        reading.add(Deny(reading.text.strip()), CONFIRM)


def _answers_too(reading: Reading, answered: str) -> bool:
    """Whether a yes or no beside a value still answers: a question that wants one, or the booking just made."""
    if reading.kind in ("confirm", "resume", "change", "agree"):
        return True
    return answered == "no" and reading.kind == "" and reading.expectation.can_undo


def _emoji(reading: Reading) -> None:
    marks = {token.norm for token in reading.tokens if token.kind == "mark"}
    if marks & _THUMBS_UP and not reading.commands:
        reading.add(Affirm(reading.text.strip()), CONFIRM)
    elif marks & _THUMBS_DOWN and not reading.commands:
        reading.add(Deny(reading.text.strip()), CONFIRM)


def _polarity(reading: Reading) -> str:
    """ "yes", "soft", "no" or nothing; a no anywhere outweighs a yes, because a wrong no costs less."""
    found: set[str] = set()
    for segment in reading.segments:
        for hit in segment.hits:
            if hit.label in ("yes", "yes_soft", "no") and _counts(reading, segment, hit.label, hit.start, hit.end):
                found.add(hit.label)
    for label, answer in (("no", "no"), ("yes_soft", "soft"), ("yes", "yes")):
        if label in found:
            return answer
    return ""


def _counts(reading: Reading, segment: Segment, label: str, start: int, end: int) -> bool:
    """Whether a hit is an answer: not part of a longer phrase, and not the beginning of another sentence."""
    if segment.question and reading.kind not in ("confirm", "resume", "agree") and label != "no":
        return False
    for other in segment.hits:
        longer = other.start <= start and other.end >= end and other.end - other.start > end - start
        if longer and other.label in (
            "yes",
            "no",
            "yes_soft",
            "cancel",
            "undo",
            "human",
            "callback",
            "no_offers",
            "refused",
            "unknown",
        ):
            return False
    rest = [place for place in reading.rest(segment) if place not in segment.places[start:end]]
    words = [reading.tokens[place].norm for place in rest]
    first = segment.words[start]
    if first in _SURE:
        return True
    return all(word in STOPWORDS or word in _MILD for word in words) and len(words) <= (4 if label == "no" else 3)


_SURE = word_set(
    """
    ja jo jep jap jawohl yes yeah yep yup nein nee noe no nope nah jaa joa jup klar sure ok okay
    """
)


_MILD = FILLERS | frozenset({"ne", "na", "nun", "halt", "eben", "ach"})


def _no(reading: Reading) -> None:
    asked = reading.asked
    if reading.kind == "slot" and asked is not None and not reading.found(*_VALUES):
        if asked.optional and asked.options == STAFF:
            reading.add(Set(asked.name, reading.text.strip(), ANY), CONFIRM)
            return
        if asked.optional or asked.type not in ("choice", "datetime"):
            reading.add(Skip("refused"), CONFIRM)
            return
    reading.add(Deny(reading.text.strip(), offers=reading.kind == "offer"), CONFIRM)


# steering


def steer(reading: Reading) -> None:
    """Everything else that steers. A value beside it means that only the value was meant, mostly."""
    _skip(reading)
    _stop(reading)
    _undo(reading)
    quiet = not reading.found(*_VALUES, Ask, Start, Affirm, Deny, Skip)
    for label, command in _PLAIN:
        if reading.says(label) and quiet and not reading.found(Cancel, Undo):
            reading.add(command, STAGE)
            return
    if quiet:
        _asked_back(reading)


_PLAIN: tuple[tuple[str, Command], ...] = (
    ("restart", Restart()), ("back", Back()), ("slower", Repeat("slower")), ("simpler", Repeat("simpler")),
    ("repeat", Repeat()), ("wait", Wait()),
    ("help", Help()),
)  # fmt: skip


def _skip(reading: Reading) -> None:
    if reading.asked is None or reading.found(Set, Pick):
        return
    if reading.asked.type in ("phone", "email") and reading.says("none_to_give"):
        _without_answer(reading)
        reading.commands = [entry for entry in reading.commands if not isinstance(entry[0], Skip)]
        reading.add(Skip("unknown"), STAGE)
        return
    reasons: tuple[Literal["refused", "unknown"], ...] = ("refused", "unknown")
    for reason in reasons:
        if reading.says(reason):
            _without_answer(reading)
            if not reading.found(Skip):
                reading.add(Skip(reason), STAGE)
            return


def _stop(reading: Reading) -> None:
    refused = any(isinstance(command, Skip) and stage == STAGE for command, stage in reading.commands)
    if refused or reading.found(Set, Pick, Start):
        return
    if reading.says("cancel") and not (_confirms_calling_off(reading) and reading.says("call_off")):
        _without_answer(reading)
        reading.add(Cancel(reading.text.strip()), STAGE)
    elif reading.says("cancel_ambiguous"):
        if _confirms_calling_off(reading):
            return
        if reading.expectation.flow is None and "cancel_appointment" in reading.expectation.desk.flows:
            reading.add(Start("cancel_appointment", reading.text.strip()), "rules:route")
        else:
            reading.add(Cancel(reading.text.strip(), ambiguous=True), STAGE)


def _confirms_calling_off(reading: Reading) -> bool:
    """ "Ja, absagen", asked whether to call an appointment off, is the yes itself."""
    flow = reading.expectation.flow
    if reading.kind != "confirm" or flow is None or flow.id != "cancel_appointment" or reading.found(Deny):
        return False
    reading.add(Affirm(reading.text.strip()), CONFIRM)
    return True


def _undo(reading: Reading) -> None:
    """ "doch nicht" takes back what was done; before anything was done it is a no, or the end of the flow."""
    if _goes_on(reading):
        return
    if not reading.says("undo") or reading.found(Set, Pick, Start, Cancel):
        return
    _without_answer(reading)
    if reading.kind in ("confirm", "resume", "offer", "agree"):
        reading.add(Deny(reading.text.strip()), STAGE)
    elif reading.expectation.can_undo:
        reading.add(Undo(reading.text.strip()), STAGE)
    elif reading.expectation.flow is not None:
        reading.add(Cancel(reading.text.strip()), STAGE)
    else:
        reading.add(Undo(reading.text.strip()), STAGE)


def _goes_on(reading: Reading) -> bool:
    """ "Doch", right after a flow was cancelled: it goes on."""
    if not reading.expectation.can_go_on or reading.found(Set, Pick, Start, Cancel) or not reading.says("go_on"):
        return False
    _without_answer(reading)
    reading.add(Undo(reading.text.strip()), STAGE)
    return True


def _without_answer(reading: Reading) -> None:
    reading.commands = [entry for entry in reading.commands if not isinstance(entry[0], (Affirm, Deny, Skip))]


def _asked_back(reading: Reading) -> None:
    if [token.norm for token in reading.tokens] in (["?"], ["?", "?"], ["?", "?", "?"]):
        reading.add(Repeat(), STAGE)
    elif reading.expectation.expecting is None or reading.found(Wait, Repeat, Help, Cancel):
        return
    elif reading.says("options") or _asks_for_list(reading):
        reading.add(Why(options=True), STAGE)
    elif reading.says("why"):
        reading.add(Why(), STAGE)


def _asks_for_list(reading: Reading) -> bool:
    """ "Welche Leistungen haben Sie?" where a service is asked for."""
    asked = reading.asked
    if asked is None or asked.type != "choice":
        return False
    return reading.says("ask_staff" if asked.options == STAFF else "ask_services")


# a person, a language, small talk


def person_wanted(reading: Reading) -> None:
    """ "mit einem Menschen sprechen"; who asks whether we are one gets the honest answer instead."""
    list_wanted(reading)
    for segment, hit in reading.hits("human"):
        longer = any(o.label == "identity" and o.start <= hit.start and o.end >= hit.end for o in segment.hits)
        if not longer:
            reading.add(Handoff(), "rules:handoff")
            reading.claim(segment.places[hit.start], segment.places[hit.end - 1] + 1)
            return
    call_wanted(reading)


def call_wanted(reading: Reading) -> None:
    """ "Können Sie mich zurückrufen?": a flow of its own, and a person where the tenant has none."""
    for segment, hit in reading.hits("callback"):
        current = reading.expectation.flow
        if CALLBACK not in reading.expectation.desk.flows:
            reading.add(Handoff(), "rules:handoff")
        elif current is None or current.id != CALLBACK:
            reading.add(Start(CALLBACK, reading.text.strip()), "rules:handoff")
        reading.claim(segment.places[hit.start], segment.places[hit.end - 1] + 1)
        return
    _number_for_call(reading)


def _number_for_call(reading: Reading) -> None:
    """ "Soll jemand zurückrufen?", "Tobias Kranz, 0170 1234567": who writes a number there says yes."""
    expectation = reading.expectation
    expecting = expectation.expecting
    if expecting is None or expecting.kind != "clarify" or CALLBACK not in expecting.flows or reading.says("no"):
        return
    found = contacts_in(reading.text, expectation.desk.business.country)
    if any(contact.kind == "phone" for contact in found) and CALLBACK in expectation.desk.flows:
        reading.flow = expectation.desk.flows[CALLBACK]
        reading.add(Start(CALLBACK, reading.text.strip()), "rules:handoff")


def list_wanted(reading: Reading) -> None:
    """ "Setzen Sie mich auf die Warteliste": a flow of its own, where the business has such a list."""
    current = reading.expectation.flow
    for segment, hit in reading.hits("waiting_list", "when_free"):
        if WAITING_LIST in reading.expectation.desk.flows and (current is None or current.id != WAITING_LIST):
            reading.add(Start(WAITING_LIST, reading.text.strip()), "rules:route")
        if hit.label == "waiting_list":  # between "wenn" and "frei wird" stands the wished time
            reading.claim(segment.places[hit.start], segment.places[hit.end - 1] + 1)
        return


def beside_the_matter(reading: Reading) -> None:
    """ "Falsche Nummer", "ich kann nicht tippen": short words that are about no task, whatever else is in them."""
    kinds: tuple[SmalltalkKind, ...] = ("cannot_type", "wrong_place")
    if sum(len(segment.words) for segment in reading.segments) > SHORT:
        return
    for kind in kinds:
        if reading.says(kind) and (kind == "cannot_type" or reading.expectation.flow is None):
            reading.add(Smalltalk(kind), "rules:smalltalk")
            reading.claim(0, len(reading.tokens))


def language_wanted(reading: Reading) -> str:
    """The language asked for in so many words."""
    for label, code in (("english", "en"), ("german", "de")):
        for segment, hit in reading.hits(label):
            reading.claim(segment.places[hit.start], segment.places[hit.end - 1] + 1)
            return code
    return ""


def language_switch(reading: Reading, code: str) -> None:
    """Speak this language from now on."""
    if code != reading.expectation.language:
        reading.add(Language(code), "rules:language")


SHORT = 8
"""So many words are about one thing."""
SmalltalkKind = Literal[
    "greeting",
    "thanks",
    "bye",
    "wellbeing",
    "praise",
    "blame",
    "identity",
    "apology",
    "other",
    "wrong_place",
    "cannot_type",
]
_EXTRAS: tuple[SmalltalkKind, ...] = ("identity", "bye", "thanks", "greeting")
_ALONE: tuple[SmalltalkKind, ...] = ("wellbeing", "praise", "blame", "apology")


def small_talk(reading: Reading) -> None:
    """A friendly word beside the matter, or nothing but one."""
    for kind in _EXTRAS:
        if reading.says(kind):
            reading.add(Smalltalk(kind), "rules:smalltalk")
            break
    if any(not isinstance(command, (Smalltalk, Language)) for command, _ in reading.commands):
        return
    if reading.found(Smalltalk) and not reading.says("wellbeing", "blame"):
        return
    for kind in _ALONE:
        if reading.says(kind):
            reading.commands = [entry for entry in reading.commands if not isinstance(entry[0], Smalltalk)]
            reading.add(Smalltalk(kind), "rules:smalltalk")
            return
