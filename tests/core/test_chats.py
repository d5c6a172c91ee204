"""Situations L, M and P: timers, bursts, lateness, and when we are the trouble."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, time, timedelta

import pytest

from runtime.codec import State, dump_state, load_state
from runtime.core.commands import Affirm, Command, Deny, Handoff, Pick, Refine, Set, Smalltalk, Start, Unclear
from runtime.core.effects import DropTimer, SetTimer, Understand
from runtime.core.events import (
    Deleted,
    Edited,
    Event,
    Message,
    OptedIn,
    OptedOut,
    Outcome,
    Parked,
    Reacted,
    Said,
    TimerFired,
)
from runtime.core.flows import Flow
from runtime.core.step import step
from runtime.core.values import When
from tests.core.desk import business, desk, flows
from tests.core.talk import BOOK, CANCEL, MOVE, TUESDAY, WEDNESDAY, Talk, at, wish
from tests.core.test_leaving import bring_to


def test_l6_a_message_beats_the_timer_of_the_same_moment() -> None:
    talk = Talk()
    bring_to(talk, "name")
    talk.say(Handoff())
    generation = talk.conversation.generation
    talk.say(Deny(), text="nein, weiter")
    before = talk.conversation
    reply = talk.fire("handoff", generation)
    assert not reply.sends and talk.conversation.phase == "bot" and talk.conversation.stack == before.stack


@pytest.mark.parametrize("phase", ["bot", "queued", "owned"])
@pytest.mark.parametrize("name", ["handoff", "nudge", "unknown"])
def test_l7_a_timer_of_an_older_generation_does_nothing(phase: str, name: str) -> None:
    talk = Talk()
    bring_to(talk, "name")
    if phase != "bot":
        talk.say(Handoff())
    if phase == "owned":
        talk.claim()
    event = TimerFired(name, talk.conversation.generation - 1, talk.now)
    assert step(talk.conversation, event) == (talk.conversation, ())


def test_l7_every_handoff_sets_its_own_timer_and_its_end_drops_it() -> None:
    talk = Talk()
    opened, promise = talk.say(Handoff()).timers
    assert isinstance(promise, SetTimer) and promise.at == talk.now + timedelta(minutes=2)
    assert dataclasses.asdict(opened) == {
        "name": "handoff", "generation": talk.conversation.generation, "at": talk.now + timedelta(minutes=30),
    }  # fmt: skip
    claimed = talk.claim().timers
    assert {t.name for t in claimed if isinstance(t, DropTimer)} == {opened.name, promise.name}
    closed = talk.release("close").timers
    assert {t.name for t in closed} >= {t.name for t in (*claimed, opened)}


def test_m1_a_burst_is_one_turn_with_one_reply_and_all_texts() -> None:
    talk = Talk()
    texts = ("Hallo", "Termin", "Dienstag", "15 Uhr")
    messages = tuple(Message(f"m{number}", text, talk.now) for number, text in enumerate(texts))
    conversation, effects = step(talk.conversation, Said(messages, talk.now))
    (understand,) = effects
    assert isinstance(understand, Understand) and understand.texts == texts
    assert conversation.draft.said == "Hallo / Termin / Dienstag / 15 Uhr"
    reply = talk.say(Start(BOOK), wish(at(TUESDAY, 15)), Smalltalk("greeting"), text="Hallo", also="Dienstag")
    assert len(reply.sends) == 1 and talk.conversation.turn == 1


def test_m2_in_one_turn_the_last_value_wins() -> None:
    talk = Talk()
    reply = talk.to_confirm(name="Meier")
    talk.say(wish(When(days=(TUESDAY,))), wish(When(days=(WEDNESDAY,))), text="Dienstag", also="ne Mittwoch")
    reply = talk.replies[-1]
    assert reply.asks == ("confirm", "") and "Mittwoch, 25. November, 15 Uhr" in reply.text
    assert not reply.writes


def test_m11_the_same_press_twice_is_one_booking() -> None:
    talk = Talk()
    talk.to_confirm()
    yes = talk.payload("Ja, buchen")
    writes = [len(talk.press_payload(yes).writes) for _ in range(3)]
    assert writes == [1, 0, 0] and len(talk.booked) == 1


def test_m12_a_yes_that_is_older_than_what_was_answered_is_none() -> None:
    talk = Talk()
    talk.to_confirm()
    sent = talk.now + timedelta(seconds=10)
    talk.later(seconds=20).say(Deny(), wish(When(days=(WEDNESDAY,))), text="nein, Mittwoch")
    reply = talk.later(hours=2).say(Affirm(), text="ja", at=sent)
    assert not reply.writes and reply.sends
    assert talk.conversation.phase == "bot"


def test_m12_older_than_a_press_too() -> None:
    talk = Talk()
    talk.to_confirm()
    sent = talk.now + timedelta(seconds=5)
    talk.later(seconds=20).press("Ändern")
    talk.press("Uhrzeit")
    talk.press(talk.replies[-1].buttons[0].text)
    assert talk.conversation.question is not None and talk.conversation.question.kind == "confirm"
    assert not talk.say(Affirm(), text="ja", at=sent).writes
    assert len(talk.say(Affirm(), text="ja").writes) == 1


def test_m12_late_words_still_count_as_words() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    reply = talk.later(minutes=1).say(Set("service", "", "cut"), at=talk.now - timedelta(minutes=5))
    assert reply.asks == ("slot", "start")


TUESDAY_NINE = datetime(2026, 11, 24, 8, tzinfo=UTC)
QUIET: list[Event] = [
    Edited("older", "anders", datetime(2026, 11, 20, 9, tzinfo=UTC)),
    Deleted("m1", datetime(2026, 11, 20, 9, tzinfo=UTC)),
    Reacted("m1", "👍", datetime(2026, 11, 20, 9, tzinfo=UTC)),
    OptedOut(datetime(2026, 11, 20, 9, tzinfo=UTC)),
    OptedIn(datetime(2026, 11, 20, 9, tzinfo=UTC)),
]


@pytest.mark.parametrize("event", QUIET, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("place", ["name", "confirm"])
def test_right_silences_keep_the_question(event: Event, place: str) -> None:
    talk = Talk()
    before = bring_to(talk, place)
    reply = talk.happen(event)
    assert not reply.sends and not reply.writes and reply.question == before.question


def test_p4_a_write_that_surely_failed_is_said_and_a_person_helps() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.diary.dictated["booking.book"] = [Outcome("refused", "failed")]
    reply = talk.say(Affirm())
    assert "handoff.booking_failed" in reply.names and "nichts geändert" in reply.text
    assert talk.conversation.phase == "queued" and "Gebucht" not in reply.text


def test_p5_an_unknown_outcome_is_said_and_the_write_never_runs_again() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.diary.dictated["booking.book"] = [Outcome("unknown", "unknown")]
    reply = talk.say(Affirm())
    assert "handoff.outcome_unknown" in reply.names and "Gebucht" not in reply.text and len(reply.writes) == 1
    assert "cut" in str(reply.recorded("handoff.opened")[0].facts["summary"])
    back = talk.say(Deny(), text="doch nicht")
    assert talk.conversation.phase == "bot" and not back.writes
    assert not talk.say(Affirm()).writes and not talk.press_payload(talk.payload("Ja, buchen")).writes
    assert len(talk.diary.written) == 1


def test_p5_a_flow_below_goes_on_after_an_unknown_outcome() -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 27, 14, 0, tzinfo=UTC))
    bring_to(talk, "name")
    talk.say(Start(MOVE), wish(at(WEDNESDAY, 10)))
    talk.diary.dictated["booking.move"] = [Outcome("unknown", "unknown")]
    talk.say(Affirm())
    assert [frame.flow for frame in talk.conversation.stack] == [BOOK]


@pytest.mark.parametrize("name", ["taken", "closed", "past", "gone"])
def test_p4_every_refusal_has_a_reply_and_leaves_a_way_on(name: str) -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 27, 14, 0, tzinfo=UTC))
    talk.say(Start(MOVE), wish(at(WEDNESDAY, 10)))
    talk.diary.dictated["booking.move"] = [Outcome("refused", name)]
    reply = talk.say(Affirm())
    assert reply.text and talk.conversation.phase == "bot"
    assert reply.question is not None or not talk.conversation.stack


@pytest.mark.parametrize("flow", [BOOK, MOVE, CANCEL, "my_appointments"])
def test_p12_the_calendar_is_down_and_the_wish_is_kept(flow: str) -> None:
    talk = Talk()
    failed = Outcome("refused", "failed")
    talk.diary.dictated = {"booking.find_free_times": [failed], "booking.my_appointments": [failed]}
    sets: tuple[Command, ...] = (Set("service", "", "cut"), wish(at(TUESDAY, 15))) if flow == BOOK else ()
    reply = talk.say(Start(flow), *sets)
    assert "handoff.calendar_down" in reply.names and "Kalender antwortet gerade nicht" in reply.text
    assert talk.conversation.phase == "queued" and not reply.buttons[0].payload.startswith("pick")
    if flow == BOOK:
        assert "Dienstag, 24. November, 15 Uhr" in reply.text
        assert "2026-11-24 15:00" in str(reply.recorded("handoff.opened")[0].facts["summary"])


def test_p12_when_it_is_back_the_booking_goes_on() -> None:
    talk = Talk()
    talk.diary.dictated = {"booking.find_free_times": [Outcome("refused", "failed")]}
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 15)))
    assert talk.say(Deny(), text="nein, machen Sie weiter").asks == ("slot", "name")


def test_p13_four_hundred_turns_stay_small() -> None:
    talk = Talk()
    long = "x" * 3000
    for number in range(100):
        talk.say(Start(BOOK), Set("service", long, "cut"), wish(When(days=(TUESDAY,))), text=long)
        talk.say(Refine("more"), text=long)
        talk.say(Set("name", long, "Meier"), text=long)
        talk.say(Unclear() if number % 2 else Smalltalk("thanks"), text=long)
    assert talk.conversation.turn == 400
    assert len(dump_state(State(talk.conversation))) < 16 * 1024


def test_p13_of_the_words_for_a_value_only_the_first_are_kept() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "x" * 3000, "cut"))
    assert len(talk.conversation.stack[-1].slots["service"].words) == 200


def test_p13_what_is_dumped_is_loaded() -> None:
    talk = Talk()
    talk.to_confirm()
    state = load_state(dump_state(State(talk.conversation)))
    assert dataclasses.replace(state.conversation, desk=talk.desk) == talk.conversation
    talk.conversation = dataclasses.replace(state.conversation, desk=talk.desk)
    assert len(talk.say(Affirm()).writes) == 1


def test_p8_a_running_flow_keeps_its_version() -> None:
    talk = Talk()
    talk.to_confirm()
    new = dataclasses.replace(flows()[BOOK], hash="new", lines=flows()[BOOK].lines[:1])
    changed = desk()
    talk.desk = dataclasses.replace(
        changed, flows={**changed.flows, BOOK: new}, pinned={**changed.pinned, new.hash: new}
    )
    talk.conversation = dataclasses.replace(talk.conversation, desk=talk.desk)
    assert talk.say(Affirm()).names == ["booked"]
    talk.say(Start(BOOK))
    assert talk.conversation.stack[-1].hash == "new"


def test_p8_a_withdrawn_flow_is_said_and_the_person_is_kept() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    talk.say(Start(BOOK), Set("service", "", "cut"))
    nothing: dict[str, Flow] = {}
    talk.conversation = dataclasses.replace(
        talk.conversation, desk=dataclasses.replace(talk.desk, flows=nothing, pinned=nothing)
    )
    reply = talk.say(wish(at(TUESDAY, 16)))
    assert "flow.withdrawn" in reply.names and not talk.conversation.stack
    assert talk.conversation.facts["name"] == "Meier"


@pytest.mark.parametrize(
    ("day", "clock", "said"),
    [
        (datetime(2026, 10, 24, 8, tzinfo=UTC), time(10), "Samstag, 24. Oktober, 10 Uhr"),
        (datetime(2026, 10, 27, 9, tzinfo=UTC), time(10), "Dienstag, 27. Oktober, 10 Uhr"),
        (datetime(2027, 3, 27, 9, tzinfo=UTC), time(10), "Samstag, 27. März, 10 Uhr"),
        (datetime(2027, 3, 30, 8, tzinfo=UTC), time(10), "Dienstag, 30. März, 10 Uhr"),
        (datetime(2026, 12, 31, 9, tzinfo=UTC), time(10), "Donnerstag, 31. Dezember, 10 Uhr"),
        (datetime(2027, 1, 2, 9, tzinfo=UTC), time(10), "Samstag, 2. Januar, 10 Uhr"),
    ],
)
def test_p14_times_are_said_and_booked_in_the_businesss_zone(day: datetime, clock: time, said: str) -> None:
    talk = Talk(now=day - timedelta(days=4))
    reply = talk.to_confirm(start=When(days=(day.date(),), clock=(clock,)))
    assert said in reply.text
    assert said in talk.say(Affirm()).text
    assert talk.booked[0].start.astimezone(UTC) == day


def test_p14_an_offer_over_the_clock_change_is_taken_as_shown() -> None:
    talk = Talk(now=datetime(2026, 10, 23, 8, tzinfo=UTC))
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(weekdays=(1,))))
    offer = talk.conversation.stack[-1].results["free_times"].offers[0]
    reply = talk.say(Pick(offer.id), Set("name", "", "Meier"), Set("phone", "", "+4915123456"))
    assert reply.asks == ("confirm", "") and "27. Oktober, 9 Uhr" in reply.text
    talk.say(Affirm())
    assert talk.booked[0].start.isoformat() == offer.values["start"] == "2026-10-27T09:00:00+01:00"


@pytest.mark.parametrize("phase", ["bot", "queued", "owned"])
def test_an_event_that_killed_its_turn_is_answered_and_reported(phase: str) -> None:
    talk = Talk()
    bring_to(talk, "name")
    if phase != "bot":
        talk.say(Handoff())
    if phase == "owned":
        talk.claim()
    reply = talk.happen(Parked("e7", talk.now))
    assert reply.recorded("alert")[0].facts == {"kind": "parked", "event": "e7"}
    assert bool(reply.sends) is (phase != "owned")
    assert talk.conversation.phase == ("owned" if phase == "owned" else "queued")


def test_c20_a_very_long_text_is_cut_before_it_is_read() -> None:
    talk = Talk()
    conversation, effects = step(talk.conversation, Said((Message("m", "a" * 9000, talk.now),), talk.now))
    (understand,) = effects
    assert isinstance(understand, Understand) and len(understand.texts[0]) == 2000
    assert len(conversation.draft.said) <= 300


def test_another_business_has_its_own_hours_in_its_own_zone() -> None:
    own = dataclasses.replace(business(), timezone="Europe/London")
    talk = Talk(desk=desk(own), now=datetime(2026, 11, 24, 8, 30, tzinfo=UTC))
    assert "9 Uhr" in talk.say(Handoff()).text


def test_p13_more_appointments_than_can_be_shown_are_not_all_kept() -> None:
    talk = Talk()
    for number in range(40):
        talk.diary.add("beard", TUESDAY_NINE + timedelta(hours=number))
    reply = talk.say(Start(MOVE))
    assert len(reply.buttons) == len(talk.conversation.stack[-1].results["mine"].offers) == 10


def test_p13_what_was_shown_is_remembered_only_so_far() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(from_clock=time(9))))
    for _ in range(20):
        assert talk.say(Refine("more")).asks == ("offer", "start")
    assert len(talk.conversation.stack[-1].shown) == 30
