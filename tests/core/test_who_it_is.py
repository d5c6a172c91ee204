"""Situations B2 to B7, C6 and C18: whose line it is, for whom, and what nobody else may know."""

from __future__ import annotations

import dataclasses

import pytest

from runtime.core.commands import Affirm, Ask, Handoff, Pick, Set, Skip, Start
from runtime.core.known_persons import OTHER, persons_of, respelled, with_person
from tests.core.talk import BOOK, TUESDAY, WEDNESDAY, Talk, at, wish

SERVICE = Set("service", "", "cut")


def known(people: str = "", **facts: str) -> Talk:
    """A talk with a contact that is known."""
    talk = Talk()
    facts = {"name": "Anna Meier", "phone": "+4915123456742", **facts, **({"people": people} if people else {})}
    talk.conversation = dataclasses.replace(talk.conversation, facts=dict(facts))
    return talk


# ---- B2


def test_b2_a_question_is_answered_without_a_number() -> None:
    talk = Talk()
    reply = talk.say(Ask("Was kostet das?", "prices"))
    assert "Ab 45 Euro." in reply.text and "nummer" not in reply.text.lower()


def test_b2_the_number_is_asked_for_last_and_only_by_a_booking() -> None:
    talk = Talk()
    asked = [talk.say(Start(BOOK)).asks, talk.say(SERVICE).asks, talk.say(wish(at(TUESDAY, 10))).asks]
    assert ("slot", "phone") not in asked
    assert talk.say(Set("name", "", "Meier")).asks == ("slot", "phone")


# ---- B3


def test_b3_paul_books_on_annas_line_and_the_contact_stays_anna() -> None:
    talk = known()
    talk.say(Start(BOOK), SERVICE, wish(at(TUESDAY, 10)), Set("name", "", "Paul Meier"))
    talk.say(Affirm())
    assert talk.booked[0].name == "Paul Meier"
    assert talk.conversation.facts["name"] == "Anna Meier"
    assert persons_of(talk.conversation.facts, "name") == ("Anna Meier", "Paul Meier")


def test_b3_known_persons_are_offered() -> None:
    talk = known(people="Paul Meier")
    reply = talk.say(Start(BOOK), SERVICE, wish(at(TUESDAY, 10)))
    assert reply.asks == ("slot", "name") and "Anna Meier, Paul Meier oder jemand anderen?" in reply.text
    assert [button.text for button in reply.buttons] == ["Anna Meier", "Paul Meier", "Jemand anderen"]
    reply = talk.press("Paul Meier")
    assert reply.asks == ("confirm", "") and "Paul Meier" in reply.text


def test_b3_a_first_name_is_one_of_them() -> None:
    talk = known(people="Paul Meier")
    talk.say(Start(BOOK), SERVICE, wish(at(TUESDAY, 10)))
    assert "Paul Meier" in talk.say(Set("name", "", "Paul")).text


def test_b3_somebody_else_is_asked_for_the_name() -> None:
    talk = known(people="Paul Meier")
    talk.say(Start(BOOK), SERVICE, wish(at(TUESDAY, 10)))
    reply = talk.say(Pick(OTHER))
    assert reply.asks == ("slot", "name") and "Namen" in reply.text and not reply.buttons
    talk.say(Set("name", "", "Lea Winter"))
    talk.say(Affirm())
    assert talk.conversation.facts["people"] == "Paul Meier|Lea Winter"


def test_b3_changing_the_name_at_the_end_forgets_nobody() -> None:
    talk = known()
    talk.say(Start(BOOK), SERVICE, wish(at(TUESDAY, 10)))
    talk.press("Ändern")
    assert talk.press("Name").asks == ("slot", "name")
    talk.say(Set("name", "", "Paul Meier"))
    talk.say(Affirm())
    assert (talk.booked[0].name, talk.conversation.facts["name"]) == ("Paul Meier", "Anna Meier")


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [("Anna Meier", "Anna Maier", True), ("Anna Meier", "Paul Meier", False), ("Jan Meier", "Jana Meier", False),
     ("Meier", "Meier", True), ("Schmidt", "Schmitt", True), ("Anna", "Anna Meier", False)],
)  # fmt: skip
def test_b3_other_letters_are_not_another_person(old: str, new: str, same: bool) -> None:
    assert respelled(old, new) is same
    facts = with_person({"name": old}, "name", new, guest=False)
    assert facts["name"] == (new if same else old)


def test_b3_only_so_many_are_remembered() -> None:
    facts = {"name": "Anna"}
    for number in range(9):
        facts = {n: str(v) for n, v in with_person(facts, "name", f"Gast {number}|x", guest=False).items()}
    assert len(persons_of(facts, "name")) == 5 and facts["name"] == "Anna"


# ---- B4


def test_b4_the_guest_is_booked_under_the_contact_and_remembered_beside_it() -> None:
    talk = known()
    reply = talk.say(Start(BOOK), SERVICE, Set("guest", "", "mother"), wish(at(TUESDAY, 10)))
    assert reply.asks == ("slot", "name") and "Mutter" in reply.text
    talk.say(Set("name", "", "Erika Meier"))
    reply = talk.say(Affirm())
    booked = talk.booked[0]
    assert (booked.name, booked.phone, booked.guest) == ("Erika Meier", "+4915123456742", "mother")
    assert talk.conversation.facts["name"] == "Anna Meier"
    assert talk.conversation.facts["people"] == "Erika Meier"


# ---- B5, B6, B7


def test_b5_about_a_stranger_nothing_is_looked_up_or_said() -> None:
    talk = known()
    reply = talk.say(Ask("Wann hat Frau Petersen ihren Termin?", "stranger"))
    assert "stranger" in reply.names and not reply.reads and "Petersen" not in reply.text


def test_b6_proof_of_a_new_number_is_a_persons_matter() -> None:
    talk = known()
    reply = talk.say(Start("move_appointment"), Handoff("proof"))
    assert talk.conversation.phase == "queued" and "handoff.proof" in reply.names and not reply.writes


def test_b7_a_data_request_is_a_ticket_with_a_promise_and_deletes_nothing() -> None:
    talk = known()
    talk.to_confirm()
    talk.say(Affirm())
    reply = talk.say(Start("data_request"))
    (ticket,) = reply.recorded("ticket.opened")
    assert ticket.facts["kind"] == "data_request" and ticket.facts["due_at"]
    assert "spätestens" in reply.text and not reply.writes
    assert len(talk.booked) == 1 and talk.conversation.facts["name"] == "Anna Meier"


def test_b7_the_open_booking_goes_on_after_it() -> None:
    talk = Talk()
    talk.say(Start(BOOK), SERVICE)
    reply = talk.say(Start("data_request"))
    assert reply.recorded("ticket.opened") and reply.asks == ("slot", "start")


# ---- C6: refused before it is asked


def test_c6_a_number_that_is_refused_before_it_is_asked_is_never_asked() -> None:
    talk = Talk()
    reply = talk.say(Start(BOOK), SERVICE, Skip("refused", "phone"))
    assert reply.asks == ("slot", "start") and "without.phone" in reply.names
    assert talk.say(wish(at(TUESDAY, 10)), Set("name", "", "Meier")).asks == ("confirm", "")
    assert not talk.say(Affirm()).writes[0].arguments.get("phone")


def test_c6_a_known_number_is_left_out_too() -> None:
    talk = known()
    reply = talk.say(Start(BOOK), SERVICE, Skip("refused", "phone"), wish(at(TUESDAY, 10)))
    assert reply.asks == ("confirm", "") and "…42" not in reply.text


def test_c6_what_a_booking_needs_is_still_asked() -> None:
    talk = Talk()
    assert talk.say(Start(BOOK), Skip("refused", "service")).asks == ("slot", "service")


# ---- C18


def test_c18_an_earlier_answer_corrected_late_keeps_the_open_question() -> None:
    talk = Talk()
    talk.say(Start(BOOK), SERVICE, wish(at(TUESDAY, 10)), Set("name", "", "Meier"))
    reply = talk.say(Set("name", "mit ai", "Maier"))
    assert reply.asks == ("slot", "phone") and "Maier" in reply.text
    assert talk.conversation.stack[-1].slots["name"].value == "Maier"


# ---- C21


def test_c21_a_known_number_is_mentioned_masked_and_can_be_changed() -> None:
    talk = known()
    reply = talk.say(Start(BOOK), SERVICE, wish(at(WEDNESDAY, 10)))
    assert reply.asks == ("confirm", "") and "…42" in reply.text and "15123456742" not in reply.text
    reply = talk.say(Set("phone", "", "+4930555"))
    assert reply.asks == ("confirm", "")
    assert talk.say(Affirm()).writes[0].arguments["phone"] == "+4930555"
