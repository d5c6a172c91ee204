"""What may happen to a conversation, as data that hypothesis draws, and how a talk plays it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta

from hypothesis import strategies as st

from runtime.core.commands import (
    Affirm,
    Ask,
    Back,
    Cancel,
    Clarify,
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
    Unclear,
    Undo,
    Wait,
    Why,
)
from runtime.core.events import HandoffExpired, OperatorNoted, OperatorSaid, Outcome, Parked, Pressed
from runtime.core.values import ANY, Value, When
from tests.core.desk import business
from tests.core.talk import BOOK, CANCEL, MOVE, SUNDAY, TUESDAY, WEDNESDAY, Reply, Talk, at


@dataclass(frozen=True, slots=True)
class Say:
    """The customer writes; `offer` picks one of those on offer; `late_s` is how old the words are."""

    commands: tuple[Command, ...]
    offer: int = -1
    language: str = ""
    late_s: int = 0
    pressed_too: int = -1
    """Which button, of all ever shown, was pressed just before in the same turn."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The customer answers what is asked, as one who wants to get on."""

    number: int


@dataclass(frozen=True, slots=True)
class Press:
    """The customer presses one of all buttons ever shown, the newest first."""

    back: int


@dataclass(frozen=True, slots=True)
class Hear:
    """Words that the guard knows, or no words."""

    text: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Later:
    """Time goes by."""

    minutes: int


@dataclass(frozen=True, slots=True)
class Operator:
    """Something that a person at the desk does."""

    what: str


@dataclass(frozen=True, slots=True)
class World:
    """Something that happens elsewhere: an outcome to come, a price, a timer, a delivery that failed."""

    what: str
    number: int = 0


Move = Say | Answer | Press | Hear | Later | Operator | World

TIMES: tuple[Value, ...] = (
    at(TUESDAY, 15), at(WEDNESDAY, 10), at(SUNDAY, 10), When(days=(TUESDAY,)), When(weekdays=(2, 3)),
    When(from_clock=time(13)), When(days=(WEDNESDAY,), until_clock=time(12)), ANY,
)  # fmt: skip
SETS = (
    *(Set("start", "w", value) for value in TIMES),
    *(Set("service", "w", value) for value in ("cut", "colour", "beard", ANY)),
    *(Set("staff", "w", value) for value in ("anna", "paul", ANY)),
    *(Set("name", "w", value) for value in ("Meier", "Maier")),
    *(Set("phone", "w", value) for value in ("+4915123456", "+49301234567")),
    Set("guest", "w", "mother"), Set("when", "w", When(days=(TUESDAY,))), Set("nonsense", "w", "x"),
)  # fmt: skip
STARTS = tuple(Start(flow) for flow in (BOOK, MOVE, CANCEL, "my_appointments", "undo_last", "unknown"))
ANSWERS = (Affirm(), Affirm(firm=False), Deny(), Deny(offers=True), Pick("day"), Pick("time"), Pick("name"), Pick("?"))
REFINES = tuple(Refine(how) for how in ("later", "earlier", "other_day", "other_time", "more"))
REST: tuple[Command, ...] = (
    Skip("refused"), Skip("unknown"), Wait(), Cancel(), Cancel(ambiguous=True), Undo(), Back(), Restart(),
    Ask("Was kostet das?", "prices"), Why(), Why(options=True), Handoff(), Clarify((BOOK, MOVE)), Repeat(), Help(),
    Smalltalk("greeting"), Smalltalk("thanks"), Smalltalk("identity"), Language("en"), Language("de"), Language("tr"),
    Unclear(), Unclear("scope"), Unclear("media"),
)  # fmt: skip

_command: st.SearchStrategy[Command] = st.one_of(
    st.sampled_from(SETS), st.sampled_from(STARTS), st.sampled_from(ANSWERS), st.just(Affirm()),
    st.sampled_from(REFINES), st.sampled_from(REST),
)  # fmt: skip
_says = st.builds(
    Say,
    commands=st.lists(_command, max_size=3).map(tuple),
    offer=st.sampled_from((-1, -1, 0, 1, 2)),
    language=st.sampled_from(("", "", "", "de", "en", "tr")),
    late_s=st.sampled_from((0, 0, 0, 60, 7200)),
    pressed_too=st.sampled_from((-1, -1, -1, 0, 1, 5)),
)
_whole = st.just(Say((Start(BOOK), *(Set(n, "", v) for n, v in (
    ("service", "cut"), ("start", at(TUESDAY, 15)), ("name", "Meier"), ("phone", "+4915123456"))))))  # fmt: skip
WORLD = ("outcome", "price", "timer", "expired", "undelivered", "parked")
_rare: st.SearchStrategy[Move] = st.one_of(
    st.builds(Hear, st.sampled_from(("STOP", "START", "Es brennt!", "")), st.sampled_from(("text", "image"))),
    st.builds(Operator, st.sampled_from(("claim", "take", "other", "say", "note", "resume", "drop", "close"))),
    st.builds(World, st.sampled_from(WORLD), st.integers(0, 9)),
)
_usual: st.SearchStrategy[Move] = st.one_of(
    st.builds(Answer, st.integers(0, 9)), st.builds(Answer, st.integers(0, 9)), _whole, st.just(Say((Affirm(),))),
    st.builds(Press, st.integers(0, 2)), st.builds(Operator, st.sampled_from(("resume", "close"))),
)  # fmt: skip
_odd: st.SearchStrategy[Move] = st.one_of(
    _says,
    _says,
    st.builds(Press, st.integers(0, 12)),
    st.builds(Later, st.sampled_from((1, 10, 31, 300, 1440, 11520))),
)
_kinds = {0: _rare, 1: _odd, 2: _odd, 3: _odd, 4: _usual, 5: _usual, 6: _usual, 7: _usual, 8: _usual, 9: _odd}
move: st.SearchStrategy[Move] = st.sampled_from(sorted(_kinds)).flatmap(_kinds.__getitem__)
moves = st.integers(1, 40).flatmap(lambda size: st.lists(move, min_size=size, max_size=size))
"""Up to forty moves, as often many as few."""

OUTCOMES = (
    Outcome("refused", "failed"), Outcome("refused", "taken"), Outcome("unknown", "unknown"),
    Outcome("refused", "gone"), Outcome("done", "none", {"notice": "nothing_then"}), Outcome("refused", "closed"),
    Outcome("refused", "past"), Outcome("refused", "strange"),
)  # fmt: skip
WRITES = ("booking.book", "booking.move", "booking.cancel", "booking.undo")
READS = ("booking.find_free_times", "booking.my_appointments")


def play(talk: Talk, happening: Move) -> Reply | None:
    """Play one move; a turn's reply, or None where no turn came of it."""
    match happening:
        case Say():
            return _say(talk, happening)
        case Answer(number):
            return talk.say(_answer(talk, number))
        case Press(back):
            return talk.press_payload(_payload(talk, back))
        case Hear(text, kind):
            return talk.hear(text, kind)
        case Later(minutes):
            talk.later(minutes=minutes)
            return None
        case Operator(what):
            return _operator(talk, what)
        case World(what, number):
            return _world(talk, what, number)


def _say(talk: Talk, said: Say) -> Reply:
    commands = said.commands
    offers = [o for frame in talk.conversation.stack[-1:] for r in frame.results.values() for o in r.offers]
    if 0 <= said.offer < len(offers):
        commands = (*commands, Pick(offers[said.offer].id))
    if said.pressed_too >= 0:
        talk.before_words = Pressed(_payload(talk, said.pressed_too), "p", talk.now, talk.now)
    return talk.say(*commands, language=said.language, at=talk.now - timedelta(seconds=said.late_s))


def _answer(talk: Talk, number: int) -> Command:
    """A fitting answer to the open question; without one, a task."""
    question = talk.conversation.question
    if question is None:
        return Undo() if number == 3 else STARTS[number % 3]
    if question.kind == "offer":
        offers = [
            o for r in talk.conversation.stack[-1].results.values() for o in r.offers if question.slot in o.values
        ]
        return Pick(offers[number % len(offers)].id) if offers else Affirm()
    if question.kind == "change":
        return Pick(("day", "time", "name", "service", "phone")[number % 5])
    fitting = [one for one in SETS if one.slot == question.slot]
    return fitting[number % len(fitting)] if fitting else Affirm()


def _payload(talk: Talk, back: int) -> str:
    shown = [button.payload for reply in reversed(talk.replies) for button in reply.buttons]
    return shown[back] if back < len(shown) else "yes|old|"


def _operator(talk: Talk, what: str) -> Reply:
    match what:
        case "claim" | "take":
            return talk.claim(takeover=what == "take")
        case "other":
            return talk.claim("Petri")
        case "say":
            return talk.happen(OperatorSaid("Linde", "Guten Tag", "o", talk.now))
        case "note":
            return talk.happen(OperatorNoted("Linde", "Notiz", talk.now))
        case _:
            return talk.release(what)


def _world(talk: Talk, what: str, number: int) -> Reply | None:
    match what:
        case "outcome":
            actions = WRITES if number % 2 else READS
            outcome = OUTCOMES[number % len(OUTCOMES)]
            if outcome.kind == "unknown" and not number % 2:
                outcome = OUTCOMES[0]
            talk.diary.dictated.setdefault(actions[number % len(actions)], []).append(outcome)
        case "price":
            talk.change_desk(business(cut_price=f"{40 + number}.00"))
        case "timer":
            return talk.fire("handoff", talk.conversation.generation - number % 3)
        case "expired":
            return talk.happen(HandoffExpired(talk.conversation.generation - number % 2, talk.now))
        case "undelivered":
            if talk.conversation.question is not None:
                talk.fail_delivery()
        case _:
            return talk.happen(Parked(f"e{number}", talk.now))
    return None
