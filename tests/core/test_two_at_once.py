"""Situations C12, C16, D6, and two wishes in one message: readings, preferences, what waits for its turn."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from runtime.core.commands import Affirm, Either, Further, Pick, Set, Skip, Start, Unclear
from runtime.core.values import When
from tests.core.talk import BOOK, THURSDAY, TUESDAY, WEDNESDAY, Talk, at, wish

FRIDAY, NEXT_FRIDAY = When(days=(date(2026, 11, 20),)), When(days=(date(2026, 11, 27),))
CONTACT = (Set("name", "", "Meier"), Set("phone", "", "+4915123456"))


def offers(talk: Talk) -> list[str]:
    """Ids of what is on offer."""
    return [offer.id for offer in talk.conversation.stack[-1].results["free_times"].offers]


# ---- C12: two readings


def which_friday(*more: Set) -> Talk:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), *more, Either("start", "Freitag", (FRIDAY, NEXT_FRIDAY)))
    return talk


def test_c12_two_readings_are_one_question_with_both() -> None:
    talk = which_friday()
    reply = talk.replies[-1]
    assert reply.asks == ("slot", "start") and not reply.reads and not reply.writes
    assert "Freitag, 20. November oder Freitag, 27. November?" in reply.text and len(reply.buttons) == 2


@pytest.mark.parametrize(("number", "day"), [(0, date(2026, 11, 20)), (1, date(2026, 11, 27))])
def test_c12_each_reading_has_its_button(number: int, day: date) -> None:
    talk = which_friday()
    reply = talk.press_payload(talk.replies[-1].buttons[number].payload)
    assert reply.asks == ("offer", "start")
    assert {datetime.fromisoformat(str(o.values["start"])).date() for o in talk.conversation.stack[-1].results[
        "free_times"].offers} == {day}  # fmt: skip


def test_c12_the_hour_that_both_share_counts_already() -> None:
    talk = Talk()
    days = tuple(When(days=one.days, clock=(time(15),)) for one in (FRIDAY, NEXT_FRIDAY))
    talk.say(Start(BOOK), Set("service", "", "cut"), Either("start", "Freitag um 15 Uhr", days))
    assert "oder" in talk.replies[-1].text
    reply = talk.say(wish(NEXT_FRIDAY), *CONTACT)
    assert reply.asks == ("confirm", "") and "27. November, 15 Uhr" in reply.text


def test_c12_an_hour_that_has_passed_today_leaves_one_reading() -> None:
    talk = which_friday()
    assert "27. November, 9 Uhr" in talk.say(wish(When(clock=(time(9),))), *CONTACT).text


def test_c12_an_hour_that_fits_both_is_asked_about_with_both() -> None:
    talk = which_friday()
    reply = talk.say(wish(When(clock=(time(15),))))
    assert reply.text.count("15 Uhr") >= 2 and reply.asks == ("slot", "start")


def test_c12_not_understood_the_two_are_named_again() -> None:
    talk = which_friday()
    reply = talk.say(Unclear(), text="hm")
    assert "oder" in reply.text and len(reply.buttons) == 2


@pytest.mark.parametrize(("slot", "values", "words"), [
    ("service", ("cut", "beard"), "Haarschnitt oder Bartpflege?"), ("staff", ("anna", "paul"), "Anna oder Paul?"),
])  # fmt: skip
def test_c12_two_services_or_two_people_of_one_name(slot: str, values: tuple[str, ...], words: str) -> None:
    talk = Talk()
    reply = talk.say(Start(BOOK), Either(slot, "…", values))
    assert words in reply.text and reply.asks == ("slot", slot)
    talk.press(reply.buttons[1].text)
    assert talk.conversation.stack[-1].slots[slot].value == values[1]


@pytest.mark.parametrize("payload", ["either|{q}|7", "either|{q}|x", "either|{q}|", "either|old|0"])
def test_c12_a_strange_button_chooses_nothing(payload: str) -> None:
    talk = which_friday()
    question = talk.conversation.question
    assert question is not None
    talk.press_payload(payload.format(q=question.id))
    assert "start" not in talk.conversation.stack[-1].slots


# ---- C15, C16


def test_c15_days_and_an_hour_that_are_open_are_limits_together() -> None:
    talk = Talk()
    limit = When(days=(TUESDAY, THURSDAY), from_clock=time(16))
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(limit))
    starts = [datetime.fromisoformat(str(o.values["start"])) for o in talk.conversation.stack[-1].results[
        "free_times"].offers]  # fmt: skip
    assert starts and all(start.date() in (TUESDAY, THURSDAY) and start.hour >= 16 for start in starts)


def test_c16_the_order_of_people_reaches_the_search_and_the_confirm_names_who_it_is() -> None:
    talk = Talk()
    reply = talk.say(
        Start(BOOK), Set("service", "", "cut"), Set("staff", "", "anna,*"), wish(at(TUESDAY, 15)), *CONTACT
    )
    assert talk.diary.reads[-1].arguments["staff"] == "anna,*"
    assert reply.asks in (("confirm", ""), ("offer", "start"))


def test_c16_an_order_of_people_is_an_option_in_later_turns_too() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), Set("staff", "", "anna,*"), wish(at(TUESDAY, 15)))
    reply = talk.say(Unclear(), text="hm")
    assert "option_gone" not in reply.names and talk.conversation.stack[-1].slots["staff"].value == "anna,*"


# ---- D6 and two wishes at once


def test_d6_two_of_the_offers_are_two_bookings_with_two_confirms() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), *CONTACT, wish(When(days=(TUESDAY, WEDNESDAY, THURSDAY))))
    first, _, third = offers(talk)
    reply = talk.say(Pick(first), Pick(third))
    assert reply.asks == ("confirm", "") and "flow.later" in reply.names
    reply = talk.say(Affirm())
    assert len(talk.booked) == 1 and reply.asks == ("confirm", "")
    reply = talk.say(Affirm())
    assert len(talk.booked) == 2 and len({one.start for one in talk.booked}) == 2


def test_d6_all_three() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), *CONTACT, wish(When(days=(TUESDAY, WEDNESDAY, THURSDAY))))
    talk.say(*(Pick(offer) for offer in offers(talk)))
    for _ in range(3):
        talk.say(Affirm())
    assert len(talk.booked) == 3


SECOND = Further(BOOK, (Set("service", "Färben", "colour"), Set("start", "", at(WEDNESDAY, 14))))


def test_d6_two_wishes_in_one_message() -> None:
    talk = Talk()
    reply = talk.say(Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 10)), SECOND)
    assert reply.asks == ("slot", "name") and "flow.later" in reply.names
    assert talk.say(*CONTACT).asks == ("confirm", "")
    reply = talk.say(Affirm())
    assert reply.asks == ("confirm", "") and "Färben" in reply.text and "Mittwoch, 25. November, 14 Uhr" in reply.text
    talk.say(Affirm())
    assert [(one.service, one.start) for one in talk.booked] == [
        ("cut", datetime(2026, 11, 24, 9, tzinfo=UTC)), ("colour", datetime(2026, 11, 25, 13, tzinfo=UTC)),
    ]  # fmt: skip


def test_d6_a_second_wish_alone_is_the_first() -> None:
    talk = Talk()
    reply = talk.say(SECOND)
    assert reply.asks == ("slot", "name") and talk.conversation.stack[-1].slots["service"].value == "colour"


def test_d6_what_was_refused_for_the_first_is_not_asked_for_the_second() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 10)), Set("name", "", "Meier"), SECOND)
    talk.say(Skip("refused"))
    assert talk.say(Skip("refused")).asks == ("confirm", "")
    assert talk.say(Affirm()).asks == ("confirm", "")
