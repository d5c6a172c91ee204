"""The laws over random conversations. `HYPOTHESIS_PROFILE=thorough` runs 2,000 of them instead of a quick few."""

from __future__ import annotations

import dataclasses
import os
import re
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from runtime.codec import State, dump_state, load_state
from runtime.core.commands import Affirm, Cancel, Command, Deny, Pick, Set, Start
from runtime.core.conversation import CONFIRM_MINUTES, Draft, flow_of
from runtime.core.effects import Act, Send
from runtime.core.events import Pressed, Understood
from runtime.core.facts import bound_facts, values_of
from runtime.core.step import step
from runtime.core.values import ANY, Value, When
from runtime.core.waiting import MOST_OPEN
from tests.core.moves import Answer, Hear, Later, Move, Operator, Press, Say, World, play
from tests.core.moves import moves as happenings
from tests.core.talk import BOOK, TUESDAY, WEDNESDAY, Reply, Talk, at, wish

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
LAWS = settings(max_examples=2000 if THOROUGH else 80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MORE = settings(max_examples=300 if THOROUGH else 25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BYTES = 16 * 1024


# ---- what holds after every turn


def check_turn(talk: Talk, happening: Move, reply: Reply, before_turn: int, before_phase: str) -> None:
    """One turn against the laws."""
    conversation = talk.conversation
    assert conversation.turn == before_turn + 1
    assert conversation.draft == Draft()
    assert len(conversation.stack) <= MOST_OPEN and len(conversation.todo) <= 3
    assert not any(frame.confirmed or frame.waiting for frame in conversation.stack)
    if isinstance(happening, Say | Answer | Press | Hear) and not reply.sends:
        assert conversation.phase == "owned" or (conversation.phase == "queued" and before_phase == "queued")
    for send in reply.sends:
        assert send.generation <= conversation.generation
        assert send.author != "bot" or conversation.phase != "owned"
    for text in reply.texts:
        assert text.strip() and text.count("?") <= 1 and not re.search(r"[{}\[\]]|None|\w\.\w+_", text), text
    if conversation.question is not None and any(send.question for send in reply.sends):
        assert reply.text.count("?") == 1
    if conversation.phase in ("queued", "owned"):
        assert conversation.question is None


def check_writes(talk: Talk) -> None:
    """Every write stands on a live confirm of just these facts, and each key is used once."""
    keys: list[str] = []
    for before, event, after, effects in talk.steps:
        for act in effects:
            if not isinstance(act, Act) or not act.write:
                continue
            keys.append(act.key)
            question, frame = before.question, after.top
            assert before.phase == "bot" and question is not None and frame is not None
            assert question.kind == "confirm" and not question.failed
            assert event.now - question.asked_at <= timedelta(minutes=CONFIRM_MINUTES)
            flow = flow_of(after, frame)
            assert flow is not None and bound_facts(after, frame, flow) == question.fingerprint
            facts = values_of(after, frame)
            assert all(facts.get(n, after.facts.get(n)) == value for n, value in act.arguments.items())
            assert _is_yes(event, question.id)
            assert not before.draft.late
    assert len(keys) == len(set(keys))


def _is_yes(event: object, question: str) -> bool:
    if isinstance(event, Pressed):
        return event.payload == f"yes|{question}|"
    return isinstance(event, Understood) and any(isinstance(c, Affirm) for c in event.commands)


def check_confirms_were_sent(talk: Talk) -> None:
    """A confirm that a write stood on was sent before, with all its facts in the words."""
    sent = {send.question: send for _, _, _, effects in talk.steps for send in effects if isinstance(send, Send)}
    for before, _, _, effects in talk.steps:
        if any(isinstance(effect, Act) and effect.write for effect in effects):
            assert before.question is not None and before.question.id in sent


def run(moves: list[Move]) -> Talk:
    """Play the moves, each turn checked."""
    talk = Talk()
    for happening in moves:
        turn, phase = talk.conversation.turn, talk.conversation.phase
        reply = play(talk, happening)
        if reply is not None:
            check_turn(talk, happening, reply, turn, phase)
    return talk


def rescued(talk: Talk) -> None:
    """Whatever happened, a few words lead to a booking, unless a person has the conversation."""
    if talk.conversation.phase == "owned":
        return
    talk.diary.dictated.clear()
    booked = len(talk.booked)
    for _ in range(8):
        talk.say(Cancel())
    talk.say(Start(BOOK), Set("service", "", "cut"))
    reply = talk.say(wish(ANY))
    if reply.asks == ("offer", "start"):
        reply = talk.say(Pick(talk.conversation.stack[-1].results["free_times"].offers[0].id))
    for slot, value in (("name", "Meier"), ("phone", "+4915123456")):
        if reply.asks == ("slot", slot):
            reply = talk.say(Set(slot, "", value))
    assert reply.asks == ("confirm", ""), (reply.asks, talk.conversation.phase)
    talk.say(Affirm())
    assert len(talk.booked) == booked + 1


@given(happenings)
@LAWS
@example([Say((Start(BOOK),)), Later(300), Operator("take"), Operator("resume"), World("parked")])
def test_the_laws_hold_whatever_happens(moves: list[Move]) -> None:
    talk = run(moves)
    check_writes(talk)
    check_confirms_were_sent(talk)
    assert len(dump_state(State(talk.conversation))) < BYTES
    rescued(talk)
    check_writes(talk)


@given(happenings)
@MORE
def test_the_same_events_give_the_same_end(moves: list[Move]) -> None:
    talk = run(moves)
    for before, event, after, effects in talk.steps:
        assert step(before, event) == (after, effects)
    for (_, _, after, _), (before, _, _, _) in pairwise(talk.steps):
        assert dataclasses.replace(after, desk=None) == dataclasses.replace(before, desk=None)


@given(happenings)
@MORE
def test_a_state_that_was_stored_in_between_goes_on_the_same(moves: list[Move]) -> None:
    straight, stored = Talk(), Talk()
    for happening in moves:
        first, second = play(straight, happening), play(stored, happening)
        if first is not None and second is not None:
            assert (first.texts, first.question, first.writes) == (second.texts, second.question, second.writes)
        loaded = load_state(dump_state(State(stored.conversation))).conversation
        stored.conversation = dataclasses.replace(loaded, desk=stored.desk)
        same_version = dataclasses.replace(stored.conversation, version=straight.conversation.version)
        assert same_version == straight.conversation, "a stored session says itself which version it needs"


@pytest.mark.slow
@given(happenings)
@settings(MORE, max_examples=20 if THOROUGH else 3)
def test_four_hundred_turns_stay_small(moves: list[Move]) -> None:
    talk = Talk()
    for number in range(400):
        play(talk, moves[number % len(moves)])
        if talk.conversation.phase == "owned":
            talk.release("resume")
        if talk.conversation.phase == "queued":
            talk.say(Deny())
    assert len(dump_state(State(talk.conversation))) < BYTES


# ---- a corrected dialogue ends like one that was right from the start

RIGHT: dict[str, tuple[Value, ...]] = {
    "service": ("cut", "colour", "beard"),
    "start": (at(TUESDAY, 15), at(WEDNESDAY, 10), at(TUESDAY, 17), When(days=(TUESDAY,)), When(days=(WEDNESDAY,))),
    "staff": ("anna", "paul", ANY),
    "name": ("Meier", "Maier"),
    "phone": ("+4915123456", "+49301234567"),
}


@st.composite
def corrected(draw: st.DrawFn) -> tuple[dict[str, Value], list[list[Set]]]:
    """The values meant in the end, and turns that first say some of them wrongly and then right."""
    meant = {name: draw(st.sampled_from(values)) for name, values in RIGHT.items()}
    order = draw(st.permutations(list(meant)))
    wrong = draw(st.sets(st.sampled_from(order), min_size=1))
    said: list[Set] = []
    for name in order:
        if name in wrong:
            said.append(Set(name, "", draw(st.sampled_from([v for v in RIGHT[name] if _alike(v, meant[name])]))))
    rest = draw(st.permutations([Set(name, "", meant[name]) for name in order]))
    said += rest
    turns: list[list[Set]] = []
    while said:
        size = draw(st.integers(1, 3))
        turns.append(said[:size])
        said = said[size:]
    return meant, turns


def _alike(value: Value, meant: Value) -> bool:
    """Wishes of the same exactness: a bare day keeps the hour that was said before, as it should."""
    return not isinstance(value, When) or not isinstance(meant, When) or value.exact == meant.exact


def _ended(turns: list[list[Set]], interlude: tuple[Command, ...] = ()) -> tuple[object, ...]:
    """What a booking of these turns ends with: slots, choice, offers, facts, and what was written."""
    talk = Talk()
    reply = talk.say(Start(BOOK), *turns[0])
    for turn in turns[1:]:
        if interlude:
            talk.say(*interlude)
        reply = talk.say(*turn)
    frame = talk.conversation.stack[-1]
    offers = frame.results["free_times"].offers
    slots = {name: filled.value for name, filled in frame.slots.items()}
    if reply.asks == ("offer", "start"):
        reply = talk.say(Pick(offers[-1].id))
    assert reply.asks == ("confirm", ""), reply.asks
    assert reply.question is not None
    (act,) = talk.say(Affirm()).writes
    return slots, offers, frame.chosen, reply.question.fingerprint, dict(act.arguments), len(talk.diary.written)


@given(corrected())
@MORE
def test_a_corrected_dialogue_ends_like_one_that_was_right_from_the_start(
    case: tuple[dict[str, Value], list[list[Set]]],
) -> None:
    meant, turns = case
    right = [[Set(name, "", value) for name, value in meant.items()]]
    assert _ended(turns) == _ended(right)


@given(corrected(), st.sampled_from([(Deny(),), (Affirm(), Deny())]))
@MORE
def test_a_no_before_a_correction_changes_nothing(
    case: tuple[dict[str, Value], list[list[Set]]], interlude: tuple[Command, ...]
) -> None:
    meant, _ = case
    first = [Set(name, "", RIGHT[name][0]) for name in meant]
    last = [Set(name, "", value) for name, value in meant.items() if name != "start"]
    start = meant["start"]
    if isinstance(start, When) and start.exact:
        last.append(Set("start", "", start))
        assert _ended([first, last], interlude) == _ended([[Set(name, "", value) for name, value in meant.items()]])
