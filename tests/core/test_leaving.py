"""Situations F and G: leaving the path and coming back, stopping, undoing."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest

from runtime.core.commands import (
    Affirm,
    Ask,
    Cancel,
    Command,
    Deny,
    Handoff,
    Help,
    Pick,
    Repeat,
    Restart,
    Set,
    Smalltalk,
    Start,
    Undo,
    Wait,
)
from runtime.core.events import Outcome
from runtime.core.values import Value, When
from tests.core.talk import BOOK, CANCEL, MOVE, TUESDAY, WEDNESDAY, Reply, Talk, at, wish

STEPS = ["service", "start", "offer", "name", "phone", "confirm", "change", "clarify", "resume", "appointment"]


def bring_to(talk: Talk, place: str) -> Reply:
    """A talk at one of its questions."""
    values: dict[str, Value] = {"service": "cut", "start": at(TUESDAY, 15), "name": "Meier", "phone": "+4915123456"}
    names = list(values)
    match place:
        case "offer":
            return talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(TUESDAY,))))
        case "confirm":
            return talk.to_confirm()
        case "change":
            talk.to_confirm()
            return talk.say(Deny())
        case "clarify":
            talk.diary.add("cut", datetime(2026, 11, 24, 14, 0, tzinfo=UTC))
            talk.say(Start(MOVE))
            return talk.say(Cancel(ambiguous=True))
        case "resume":
            talk.say(Start(BOOK), Set("service", "", "cut"))
            return talk.later(hours=5).say(Smalltalk("greeting"))
        case "appointment":
            talk.diary.add("cut", datetime(2026, 11, 24, 14, 0, tzinfo=UTC))
            talk.diary.add("beard", datetime(2026, 11, 25, 14, 0, tzinfo=UTC))
            return talk.say(Start(MOVE))
        case _:
            given = names[: names.index(place)]
            return talk.say(Start(BOOK), *(Set(n, "", values[n]) for n in given))


@pytest.mark.parametrize("place", STEPS)
@pytest.mark.parametrize(
    "command",
    [Ask("Was kostet das?", "prices"), Smalltalk("thanks"), Smalltalk("wellbeing"), Smalltalk("identity"), Repeat(),
     Help(), Wait(), Smalltalk("greeting")],
    ids=lambda c: type(c).__name__ + getattr(c, "kind", ""),
)  # fmt: skip
def test_f1_a_digression_at_every_step_returns_to_the_same_question(place: str, command: Command) -> None:
    talk = Talk()
    before = bring_to(talk, place)
    stack = talk.conversation.stack
    after = talk.say(command)
    assert after.asks == before.asks
    assert talk.conversation.stack == stack
    assert after.question is not None and after.question.misses == 0
    assert after.text.count("?") == (0 if isinstance(command, Wait) else 1)
    if isinstance(command, Ask):
        assert after.text.startswith("Ab 45 Euro.")


def test_f1_the_question_comes_back_shorter() -> None:
    talk = Talk()
    full = bring_to(talk, "name").text.splitlines()[-1]
    short = talk.say(Ask("Wo kann man parken?", "parking")).text.splitlines()[-1]
    assert len(short) < len(full)


def test_f1_an_unknown_answer_says_so_and_is_kept() -> None:
    talk = Talk(answer="")
    bring_to(talk, "name")
    reply = talk.say(Ask("Habt ihr einen Pool?"))
    assert "no_answer" in reply.names and reply.asks == ("slot", "name")
    assert reply.recorded("gap")


@pytest.mark.parametrize("place", [p for p in STEPS if p not in ("service", "clarify", "resume", "appointment")])
def test_f2_another_task_in_between_comes_back_by_name_with_everything(place: str) -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 27, 14, 0, tzinfo=UTC))
    bring_to(talk, place)
    slots = talk.conversation.stack[0].slots
    reply = talk.say(Start(MOVE), wish(at(WEDNESDAY, 10)))
    assert reply.asks == ("confirm", "")
    assert "Zuerst Termin verschieben, danach geht es weiter mit: Termin buchen." in reply.text
    reply = talk.say(Affirm())
    assert reply.names[0] == "moved" and "flow.back" in reply.names and "Termin buchen" in reply.text
    assert talk.conversation.stack[-1].slots == slots
    assert reply.asks[0] in ("slot", "offer", "confirm")


def test_f2_a_flow_that_knows_nothing_yet_is_not_kept() -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 27, 14, 0, tzinfo=UTC))
    bring_to(talk, "service")
    reply = talk.say(Start(MOVE))
    assert [f.flow for f in talk.conversation.stack] == [MOVE] and "flow.first" not in reply.names


def test_f2_what_waits_is_done_with_its_own_values() -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 25, 10, 0, tzinfo=UTC))
    bring_to(talk, "name")
    talk.say(Start(MOVE), wish(at(WEDNESDAY, 15)))
    reply = talk.say(Start(BOOK), Set("service", "", "colour"))
    assert reply.asks == ("confirm", "") and "flow.later" in reply.names
    talk.say(Affirm())
    talk.say(Set("name", "", "Meier"), Set("phone", "", "+4915123456"))
    reply = talk.say(Affirm())
    assert "booked" in reply.names and "flow.next" in reply.names and reply.asks == ("slot", "start")
    assert talk.conversation.stack[-1].slots["service"].value == "colour"


@pytest.mark.parametrize("place", STEPS)
def test_g1_cancel_at_every_step_writes_nothing(place: str) -> None:
    talk = Talk()
    bring_to(talk, place)
    booked = talk.booked
    reply = talk.say(Cancel())
    assert not reply.writes and not talk.conversation.stack and talk.booked == booked
    assert any(name.startswith("cancelled.") for name in reply.names)
    assert reply.asks == ("", "")
    assert not talk.say(Affirm()).writes


@pytest.mark.parametrize("place", ["offer", "name", "confirm"])
def test_g1_what_waits_below_stays(place: str) -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 27, 14, 0, tzinfo=UTC))
    bring_to(talk, place)
    below = talk.conversation.stack
    talk.say(Start(MOVE))
    reply = talk.say(Cancel())
    assert [f.slots for f in talk.conversation.stack] == [f.slots for f in below]
    assert "cancelled.move_appointment" in reply.names and "flow.back" in reply.names


def test_g1_the_text_says_that_nothing_was_booked() -> None:
    talk = Talk()
    talk.to_confirm()
    assert "nichts gebucht" in talk.say(Cancel()).text


def test_g1_nothing_runs() -> None:
    reply = Talk().say(Cancel())
    assert "nothing_to_cancel" in reply.names and reply.sends


@pytest.mark.parametrize("ambiguous", [True, False])
@pytest.mark.parametrize("appointment", ["none", "just_booked", "older"])
@pytest.mark.parametrize("flow", ["none", BOOK, MOVE, CANCEL])
def test_g2_the_word_cancel_deletes_nothing_on_a_guess(flow: str, appointment: str, ambiguous: bool) -> None:
    talk = Talk()
    if appointment != "none":
        talk.to_confirm()
        talk.say(Affirm())
    if appointment == "older":
        talk.later(hours=3)
    if flow != "none":
        talk.say(Start(flow), *([Set("service", "", "colour")] if flow == BOOK else []))
    booked = talk.booked
    reply = talk.say(Cancel(ambiguous=ambiguous), text="absagen" if ambiguous else "abbrechen")
    assert talk.booked == booked and not reply.writes and reply.sends
    runs = flow if flow == BOOK or appointment != "none" else "none"
    exists = appointment != "none"
    expected = {
        # the word, the flow that runs, an appointment is known
        (True, "none", True): "confirm", (True, "none", False): "",
        (True, BOOK, True): "clarify", (True, BOOK, False): "",
        (True, MOVE, True): "clarify", (True, CANCEL, True): "confirm",
        (False, "none", True): "confirm" if appointment == "just_booked" else "",
        (False, "none", False): "", (False, BOOK, True): "", (False, BOOK, False): "",
        (False, MOVE, True): "", (False, CANCEL, True): "",
    }  # fmt: skip
    assert reply.asks[0] == expected[ambiguous, runs, exists]


@pytest.mark.parametrize("answer", ["stop", "appointment", "word again", "button stop", "button appointment"])
def test_g2_the_question_and_its_answers(answer: str) -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    talk.say(Start(BOOK), Set("service", "", "colour"))
    reply = talk.say(Cancel(ambiguous=True))
    assert reply.text.count("?") == 1 and [b.text for b in reply.buttons] == ["Hier aufhören", "Termin absagen"]
    match answer:
        case "stop":
            reply = talk.say(Cancel())
        case "appointment":
            reply = talk.say(Start(CANCEL))
        case "word again":
            reply = talk.say(Cancel(ambiguous=True))
        case "button stop":
            reply = talk.press("Hier aufhören")
        case _:
            reply = talk.press("Termin absagen")
    assert len(talk.booked) == 1
    if "stop" in answer:
        assert not talk.conversation.stack and "cancelled.book_appointment" in reply.names
    else:
        assert talk.conversation.stack[-1].flow == CANCEL and reply.asks == ("confirm", "")


def test_g3_cancel_after_the_write_offers_to_undo_it() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    reply = talk.say(Cancel(), text="halt, abbrechen")
    assert reply.asks == ("confirm", "") and not reply.writes
    assert "Dienstag, 24. November, 15 Uhr" in reply.text and "absagen" in reply.text
    assert len(talk.booked) == 1
    talk.say(Affirm())
    assert not talk.booked


def test_g3_in_the_turn_of_the_write_the_cancel_wins() -> None:
    talk = Talk()
    talk.to_confirm()
    assert not talk.say(Affirm(), Cancel()).writes


def test_g5_undo_after_a_booking_is_confirmed_and_frees_the_time() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    reply = talk.say(Undo(), text="doch nicht")
    assert reply.asks == ("confirm", "") and not reply.writes and "24. November" in reply.text
    reply = talk.say(Affirm())
    assert [act.action for act in reply.writes] == ["booking.undo"]
    assert not talk.booked
    assert talk.say(Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 15))).asks == ("confirm", "")


def test_g5_a_no_keeps_it() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    talk.say(Undo())
    assert "undo_kept" in talk.say(Deny()).names
    assert len(talk.booked) == 1


@pytest.mark.parametrize(("flow", "undone"), [(MOVE, "24. November, 15 Uhr"), (CANCEL, "24. November, 15 Uhr")])
def test_g5_moves_and_cancellations_come_back_too(flow: str, undone: str) -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    before = talk.booked
    talk.say(Start(flow), *([wish(at(WEDNESDAY, 10))] if flow == MOVE else []))
    talk.say(Affirm())
    assert talk.booked != before
    reply = talk.say(Undo())
    assert undone in reply.text and reply.asks == ("confirm", "")
    talk.say(Affirm())
    assert talk.booked == before


def test_g5_undo_when_there_is_nothing_to_undo() -> None:
    talk = Talk()
    reply = talk.say(Undo())
    assert not reply.writes and reply.sends
    talk.to_confirm()
    talk.say(Affirm())
    talk.say(Undo())
    talk.say(Affirm())
    reply = talk.say(Undo())
    assert "nothing_to_undo" in reply.names and not talk.conversation.stack


def test_g5_an_undo_whose_time_is_gone() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    talk.say(Start(CANCEL))
    talk.say(Affirm())
    talk.say(Undo())
    talk.diary.dictated["booking.undo"] = [Outcome("refused", "taken")]
    assert "undo_taken" in talk.say(Affirm()).names


def test_g4_from_the_top_keeps_the_person() -> None:
    talk = Talk(language="en")
    talk.to_confirm()
    talk.say(Affirm())
    talk.say(Start(BOOK), Set("service", "", "colour"))
    reply = talk.say(Restart())
    assert reply.asks == ("slot", "service") and not talk.conversation.stack[-1].slots
    assert talk.conversation.language == "en" and talk.conversation.facts["name"] == "Meier"


def test_a_change_of_mind_right_after_booking_moves_instead_of_booking_twice() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    reply = talk.say(Deny(), wish(When(days=(WEDNESDAY,))), text="nein, Mittwoch")
    assert reply.asks == ("confirm", "") and talk.conversation.stack[-1].flow == MOVE
    talk.say(Affirm())
    assert [a.start.isoformat() for a in talk.booked] == ["2026-11-25T15:00:00+01:00"]


def test_after_an_undone_booking_there_is_nothing_to_move() -> None:
    talk = Talk()
    talk.to_confirm()
    for command in (Affirm(), Undo(), Affirm()):
        talk.say(command)
    reply = talk.say(Deny(), wish(When(days=(WEDNESDAY,))))
    assert not talk.conversation.stack and reply.sends and not talk.booked


def test_moving_with_several_appointments_moves_the_one_picked() -> None:
    talk = Talk()
    bring_to(talk, "appointment")
    beard = next(a for a in talk.booked if a.service == "beard")
    talk.say(Pick(beard.id))
    talk.say(wish(at(WEDNESDAY, 9)))
    talk.say(Affirm())
    assert talk.diary.appointments[beard.id].start.hour == 9


def test_every_pair_of_tasks_ends_where_it_began() -> None:
    for first, second in itertools.permutations((BOOK, MOVE, CANCEL), 2):
        talk = Talk()
        talk.diary.add("cut", datetime(2026, 11, 27, 10, 0, tzinfo=UTC))
        talk.diary.add("beard", datetime(2026, 11, 28, 10, 0, tzinfo=UTC))
        talk.say(Start(first), *([Set("service", "", "cut")] if first == BOOK else []))
        talk.say(Start(second), *([Set("service", "", "cut")] if second == BOOK else []))
        for _ in range(3):
            talk.say(Cancel())
        assert not talk.conversation.stack and len(talk.booked) == 2


def test_a_person_can_be_asked_for_in_the_middle_of_everything() -> None:
    for place in STEPS:
        talk = Talk()
        bring_to(talk, place)
        talk.say(Handoff())
        assert talk.conversation.phase == "queued" and talk.conversation.stack


def test_g4_from_the_top_while_undoing_still_knows_what_to_undo() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    talk.say(Undo())
    reply = talk.say(Restart())
    assert reply.asks == ("confirm", "") and "Dienstag, 24. November, 15 Uhr" in reply.text
    talk.say(Affirm())
    assert not talk.booked


def test_g4_from_the_top_of_a_move_asks_which_one_again() -> None:
    talk = Talk()
    bring_to(talk, "appointment")
    talk.say(Pick(talk.booked[0].id))
    reply = talk.say(Restart())
    assert reply.asks == ("offer", "appointment") and not talk.conversation.stack[-1].chosen
