"""Situations C7, C10, C20, C23, D3, D7, D8, E4, E6, E8, E11: where a talk could get stuck, and how it does not."""

from __future__ import annotations

from datetime import datetime

import pytest

from runtime.codec import State, dump_state
from runtime.core.commands import Affirm, Ask, Deny, Set, Skip, Start, Wait
from runtime.core.conversation import texts_of
from runtime.core.events import Message, Outcome, TimerFired
from runtime.core.values import When
from tests.core.talk import BOOK, CANCEL, NOW, TUESDAY, WEDNESDAY, Talk, at, wish

NOTHING = Outcome("done", "none", {"notice": ""})


def days(talk: Talk) -> set[object]:
    """On which days the offers lie."""
    offers = talk.conversation.stack[-1].results["free_times"].offers
    return {datetime.fromisoformat(str(offer.values["start"])).date() for offer in offers}


def test_c7_which_appointment_is_not_known_shows_them_again() -> None:
    talk = Talk()
    for hour in (10, 12):
        talk.diary.add("cut", NOW.replace(day=24, hour=hour))
    talk.say(Start(CANCEL))
    reply = talk.say(Skip("unknown"))
    assert reply.asks == ("offer", "appointment") and len(reply.buttons) == 2
    assert talk.conversation.phase == "bot"


def test_c10_the_good_one_of_two_changes_is_taken_and_the_other_asked() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.say(wish(at(WEDNESDAY, 22)))
    assert reply.classes[0] == "notice" and reply.asks == ("offer", "start") and days(talk) == {WEDNESDAY}


def test_c10_a_name_beside_a_time_that_cannot_be() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.say(Set("name", "", "Maier"), wish(at(TUESDAY, 23)))
    assert reply.asks == ("offer", "start")
    assert talk.conversation.stack[-1].slots["name"].value == "Maier"


LONG = "Sehr geehrte Damen und Herren, " + "vielen Dank für alles. " * 300


def test_c20_five_thousand_characters_get_a_reply_and_keep_the_session_small() -> None:
    talk = Talk()
    text = LONG[:5000]
    reply = talk.say(Start(BOOK), Set("service", "Haarschnitt", "cut"), text=text)
    assert "long_text" in reply.names and reply.asks == ("slot", "start") and reply.text.count("?") == 1
    assert len(dump_state(State(talk.conversation))) < 16_000


def test_c20_of_a_long_mail_the_beginning_and_the_end_are_read() -> None:
    (read,) = texts_of((Message("m", f"Anfang {LONG} am Dienstag um 10 Uhr", NOW),))
    assert read.startswith("Anfang") and read.endswith("am Dienstag um 10 Uhr") and len(read) == 2000
    assert texts_of((Message("m", "x" * 2000, NOW),)) == ("x" * 2000,)


def test_c23_a_moment_leaves_the_question_and_climbs_no_ladder() -> None:
    talk = Talk()
    asked = talk.say(Start(BOOK))
    for _ in range(4):
        reply = talk.say(Wait(), text="Moment")
        assert "take_your_time" in reply.names and "?" not in reply.text
    question = talk.conversation.question
    assert question is not None and (question.id, question.misses) == (asked.question and asked.question.id, 0)
    assert talk.say(Set("service", "", "cut")).asks == ("slot", "start")


def test_c23_a_moment_at_the_summary_is_no_yes() -> None:
    talk = Talk()
    talk.to_confirm()
    assert not talk.say(Wait(), Affirm(), text="ja, Moment").writes
    assert talk.say(Affirm()).writes


def test_d3_at_most_two_constraints_then_a_person() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(TUESDAY,))))
    assert [talk.say(Deny()).asks for _ in range(2)] == [("offer", "start")] * 2
    talk.say(Deny())
    assert talk.conversation.phase == "queued"


def test_d7_an_empty_calendar_has_three_ways_out() -> None:
    talk = Talk()
    talk.diary.dictated["booking.find_free_times"] = [NOTHING, NOTHING, NOTHING]
    reply = talk.say(Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 15)))
    assert "no_free_time" in reply.names and reply.asks == ("change", "") and reply.text.count("?") == 1
    assert [b.payload.split("|")[0] for b in reply.buttons] == ["change", "start", "person"]
    assert talk.press(reply.buttons[0].text).asks == ("slot", "service")


@pytest.mark.parametrize("way", [1, 2])
def test_d7_a_call_back_or_a_person(way: int) -> None:
    talk = Talk()
    talk.diary.dictated["booking.find_free_times"] = [NOTHING] * 4
    reply = talk.say(Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 15)))
    reply = talk.press(reply.buttons[way].text)
    assert talk.conversation.phase == "queued" if way == 2 else reply.asks[0] == "slot"


def test_d7_where_others_are_free_the_next_date_is_named() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 23)))
    assert talk.conversation.question is not None and talk.conversation.question.kind == "offer"


def test_d8_yes_to_an_or_question_asks_which() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(TUESDAY,))))
    reply = talk.say(Affirm())
    assert reply.asks == ("offer", "start") and not talk.conversation.stack[-1].chosen
    talk.say(Deny())
    assert talk.say(Affirm()).asks == ("offer", "start")


def test_e4_silence_is_no_consent() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.later(minutes=45)
    for name in ("handoff", "nudge", "quiet"):
        assert not talk.happen(TimerFired(name, talk.conversation.generation, talk.now)).writes
    assert not talk.booked


def test_e6_after_the_time_of_a_confirm_one_more_turn_is_enough() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.later(minutes=31)
    reply = talk.say(Affirm())
    assert reply.asks == ("confirm", "") and not reply.writes
    assert talk.say(Affirm()).writes and len(talk.booked) == 1


def test_e6_gone_meanwhile_brings_others() -> None:
    talk = Talk()
    talk.to_confirm(staff="anna")
    talk.diary.add("cut", NOW.replace(day=24, hour=14, minute=0), "anna")
    talk.later(minutes=31)
    assert talk.say(Affirm()).asks == ("offer", "start") and not talk.diary.written


def test_e8_a_soft_yes_asks_for_a_clear_one_and_the_clear_one_books() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.say(Affirm("denke schon", firm=False))
    assert reply.asks == ("confirm", "") and not reply.writes and "confirm.book_appointment.again" in reply.names
    assert talk.say(Affirm()).writes


def test_e11_yes_beside_a_question_is_answered_first_and_then_confirmed() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.say(Affirm(), Ask("was kostet das?", "prices"), text="ja", also="was kostet das?")
    assert not reply.writes and "Ab 45 Euro." in reply.text and reply.asks == ("confirm", "")
    assert talk.say(Affirm()).writes
