"""A7, L3, L5, L8: what the desk tells on its own, and answers that mean what it told."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from runtime.core.commands import Affirm, Ask, Cancel, Deny, Pick, Smalltalk, Start, Unclear
from runtime.core.events import OptedOut, Prompted
from runtime.core.values import Value
from tests.core.talk import BOOK, THURSDAY, Reply, Talk, at, wish

BERLIN = ZoneInfo("Europe/Berlin")
APPOINTMENT = datetime(2026, 11, 25, 15, tzinfo=BERLIN)


def remind(talk: Talk, start: datetime = APPOINTMENT, kind: str = "reminder", **more: Value) -> Reply:
    """An appointment from before, and its reminder now."""
    old = talk.diary.add("cut", start)
    facts: dict[str, Value] = {"appointment": old.id, "service": "cut", "staff": "anna", "start": start.isoformat()}
    claim = "booking.remind" if kind == "reminder" else "booking.follow_up"
    return talk.happen(Prompted(kind, {**facts, **more}, claim, talk.now))


def only(talk: Talk) -> str:
    """The one appointment's start in the diary."""
    return " ".join(f"{one.start:%d %H:%M}" for one in talk.booked)


def test_l3_a_reminder_names_the_appointment_and_three_ways() -> None:
    reply = remind(Talk())
    assert reply.asks == ("prompt", "reminder")
    for word in (
        "Haarschnitt",
        "Anna",
        "Mittwoch, 25. November, 15 Uhr",
        "1 = passt",
        "2 = verschieben",
        "3 = absagen",
    ):
        assert word in reply.text
    assert [button.text for button in reply.buttons] == ["Passt", "Verschieben", "Absagen"]
    assert not any(word in reply.text.upper() for word in ("STOP", "CANCEL"))


def test_l3_in_english_no_word_that_ends_all_messages() -> None:
    reply = remind(Talk(language="en"))
    assert "1 = fine" in reply.text
    assert not any(word in reply.text.upper() for word in ("STOP", "CANCEL"))


def test_l3_an_appointment_that_is_gone_is_not_told() -> None:
    talk = Talk()
    old = talk.diary.add("cut", APPOINTMENT)
    talk.diary.appointments.clear()
    facts: dict[str, Value] = {"appointment": old.id, "start": APPOINTMENT.isoformat()}
    reply = talk.happen(Prompted("reminder", facts, "booking.remind", talk.now))
    assert reply.sends == () and reply.recorded("prompt.dropped")


@pytest.mark.parametrize(
    "answer", [(Affirm(),), (Pick("fine"),), (Smalltalk("thanks"),), (Affirm(), Smalltalk("thanks"))]
)
def test_a7_passt_leaves_the_appointment(answer: tuple[Affirm | Pick | Smalltalk, ...]) -> None:
    talk = Talk()
    remind(talk)
    reply = talk.say(*answer)
    assert "prompt.reminder.fine" in reply.names and reply.asks == ("", "")
    assert only(talk) == "25 15:00" and not reply.writes


@pytest.mark.parametrize("answer", [Deny(), Pick("cannot"), Cancel()])
def test_a7_kann_nicht_asks_whether_to_move_or_call_off(answer: Deny | Pick | Cancel) -> None:
    talk = Talk()
    remind(talk)
    reply = talk.say(answer)
    assert reply.text.startswith("Schade. Soll ich den Termin am Mittwoch")
    assert reply.asks == ("prompt", "reminder_cannot") and only(talk) == "25 15:00"


def test_a7_kann_nicht_touches_the_reminded_appointment_though_a_booking_is_open() -> None:
    talk = Talk()
    talk.diary.add("colour", datetime(2026, 11, 27, 9, tzinfo=BERLIN))
    talk.to_confirm(start=at(THURSDAY, 10))
    talk.later(hours=3)
    remind(talk)
    talk.say(Pick("cannot"))
    talk.press("Absagen")
    reply = talk.press("Ja, absagen")
    assert [write.action for write in reply.writes] == ["booking.cancel"]
    assert only(talk) == "27 09:00"
    assert "flow.back" in reply.names and talk.conversation.top is not None and talk.conversation.top.flow == BOOK


def test_a7_a_yes_to_the_reminder_confirms_no_open_booking() -> None:
    talk = Talk()
    talk.to_confirm(start=at(THURSDAY, 10))
    talk.later(minutes=5)
    remind(talk)
    reply = talk.say(Affirm())
    assert not reply.writes and "prompt.reminder.fine" in reply.names
    assert reply.asks == ("confirm", "")


def test_a7_two_moves_that_appointment() -> None:
    talk = Talk()
    talk.diary.add("colour", datetime(2026, 11, 27, 9, tzinfo=BERLIN))
    remind(talk)
    assert talk.say(Pick("move")).asks == ("slot", "start")
    reply = talk.say(wish(at(THURSDAY, 10)))
    assert reply.asks == ("confirm", "") and "Mittwoch, 25. November, 15 Uhr" in reply.text
    talk.say(Affirm())
    assert only(talk) == "26 10:00 27 09:00"


def test_a7_another_time_said_at_once_is_the_move() -> None:
    talk = Talk()
    remind(talk)
    assert talk.say(wish(at(THURSDAY, 10))).asks == ("confirm", "")
    talk.say(Affirm())
    assert only(talk) == "26 10:00"


def test_a7_three_calls_off_behind_its_confirm() -> None:
    talk = Talk()
    remind(talk)
    reply = talk.say(Cancel(ambiguous=True))
    assert reply.asks == ("confirm", "") and not reply.writes
    talk.say(Affirm())
    assert talk.booked == []


def test_a7_a_question_in_between_comes_back_to_the_reminder() -> None:
    talk = Talk()
    remind(talk)
    reply = talk.say(Ask("Was kostet das?", "prices"))
    assert "Ab 45 Euro." in reply.text and reply.asks == ("prompt", "reminder")
    assert "prompt.reminder.fine" in talk.say(Affirm()).names


def test_a7_not_understood_is_asked_in_other_words() -> None:
    talk = Talk()
    first = remind(talk).text
    again = talk.say(Unclear())
    assert again.asks == ("prompt", "reminder") and again.text != first


def test_a7_another_wish_is_no_answer() -> None:
    talk = Talk()
    remind(talk)
    reply = talk.say(Start(BOOK))
    assert reply.asks == ("slot", "service") and only(talk) == "25 15:00"


def test_a7_after_the_appointment_a_yes_means_nothing() -> None:
    talk = Talk()
    remind(talk)
    talk.now = datetime(2026, 11, 25, 16, tzinfo=BERLIN)
    assert "prompt.reminder.fine" not in talk.say(Affirm()).names


def test_a7_an_answer_after_days_does_not_drag_the_old_flow_in_unasked() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    talk.later(days=2)
    remind(talk)
    talk.later(hours=1)
    assert talk.say(Affirm()).asks == ("resume", "")


def test_k7_in_an_owned_conversation_it_is_a_note() -> None:
    talk = Talk()
    talk.claim(takeover=True)
    reply = remind(talk)
    assert reply.sends == () and "reminder" in str(reply.recorded("note")[0].facts["text"])


def test_n1_who_opted_out_gets_none() -> None:
    talk = Talk()
    talk.happen(OptedOut(talk.now))
    assert remind(talk).sends == ()


def test_l5_at_night_nothing_is_told_and_nothing_claimed() -> None:
    talk = Talk(now=datetime(2026, 11, 24, 3, tzinfo=BERLIN))
    reply = remind(talk)
    assert reply.sends == () and not reply.writes


def test_l5_the_customers_own_zone_counts() -> None:
    talk = Talk(now=datetime(2026, 11, 24, 8, 30, tzinfo=BERLIN))
    assert remind(talk, zone="Atlantic/Azores").sends == ()
    assert remind(talk).sends


def test_l6_who_writes_just_now_is_not_interrupted() -> None:
    talk = Talk()
    talk.to_confirm(start=at(THURSDAY, 10))
    reply = remind(talk)
    assert reply.sends == () and not reply.writes
    assert talk.say(Affirm()).writes


def test_l8_after_a_no_show_one_friendly_question() -> None:
    talk = Talk(now=datetime(2026, 11, 25, 17, tzinfo=BERLIN))
    reply = remind(talk, kind="no_show")
    assert reply.asks == ("prompt", "no_show") and "vermisst" in reply.text
    assert talk.say(Affirm()).asks == ("slot", "start")
    assert talk.conversation.top is not None and talk.conversation.top.slots["service"].value == "cut"


def test_l8_no_thanks_is_the_end_of_it() -> None:
    talk = Talk(now=datetime(2026, 11, 25, 17, tzinfo=BERLIN))
    remind(talk, kind="no_show")
    assert talk.say(Deny()).names == ["prompt.no_show.no"]
