"""Situations C: collecting what a flow needs, and changing it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from runtime.core.commands import Affirm, Ask, Command, Deny, Refine, Set, Skip, Start, Unclear, Why
from runtime.core.values import ANY, Value, When
from tests.core.talk import BOOK, MOVE, SUNDAY, THURSDAY, TUESDAY, WEDNESDAY, Talk, at, wish

SLOTS: dict[str, Value] = {"service": "cut", "start": at(TUESDAY, 15), "name": "Meier", "phone": "+4915123456"}


def starts(talk: Talk) -> list[datetime]:
    """The times on offer."""
    offers = talk.conversation.stack[-1].results["free_times"].offers
    return [datetime.fromisoformat(str(offer.values["start"])) for offer in offers]


def test_c1_one_turn_a_slot_and_no_extra_confirm() -> None:
    talk = Talk()
    asked = [talk.say(Start(BOOK)).asks]
    asked += [talk.say(Set(name, "", value)).asks for name, value in SLOTS.items()]
    assert asked == [("slot", "service"), ("slot", "start"), ("slot", "name"), ("slot", "phone"), ("confirm", "")]


def test_c1_what_was_taken_stands_in_the_next_question() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    assert "Haarschnitt" in talk.say(Set("service", "", "cut")).text
    assert "Dienstag, 24. November, 15 Uhr" in talk.say(wish(at(TUESDAY, 15))).text


@pytest.mark.parametrize("early", ["phone", "name", "start"])
def test_c2_given_before_it_was_asked_is_never_asked(early: str) -> None:
    talk = Talk()
    asked = [talk.say(Start(BOOK), Set(early, "", SLOTS[early])).asks]
    asked += [talk.say(Set(name, "", value)).asks for name, value in SLOTS.items() if name != early]
    assert ("slot", early) not in asked
    assert asked[-1] == ("confirm", "")


def test_c3_several_at_once_are_all_taken_with_one_question() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    reply = talk.say(Set("service", "", "colour"), wish(at(TUESDAY, 10)), Set("name", "", "Meier"))
    assert reply.asks == ("slot", "phone")
    assert reply.names.count("ack") == 1 and reply.text.count("?") == 1
    assert "Färben" in reply.text and "24. November, 10 Uhr" in reply.text and "Meier" in reply.text


def test_c4_the_wrong_kind_is_asked_again_with_an_example_then_otherwise() -> None:
    talk = Talk()
    first = talk.say(Start(BOOK), Set("service", "", "cut"))
    second, third = talk.say(Unclear(), text="blau"), talk.say(Unclear(), text="grün")
    assert len({first.text, second.text, third.text}) == 3
    assert "Zum Beispiel" in second.text
    assert second.asks == third.asks == ("slot", "start")


def test_c5_a_closed_day_is_named_and_no_misunderstanding() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"))
    talk.say(Unclear(), text="blau")
    reply = talk.say(wish(at(SUNDAY, 15)))
    assert "offers.closed" in reply.names
    assert reply.asks == ("offer", "start")
    assert reply.question is not None and reply.question.misses == 0


def test_c6_refused_twice_is_not_asked_a_third_time() -> None:
    talk = Talk()
    talk.say(Start(BOOK), *(Set(n, "", v) for n, v in SLOTS.items() if n != "phone"))
    reply = talk.say(Skip("refused"))
    assert reply.asks == ("slot", "phone") and "why.phone" in reply.names
    reply = talk.say(Skip("refused"))
    assert reply.asks == ("confirm", "")
    assert talk.say(Affirm()).writes[0].arguments.get("phone", "") == ""


def test_c6_what_is_needed_goes_to_a_person_after_two_refusals() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(at(TUESDAY, 15)))
    talk.say(Skip("refused"))
    reply = talk.say(Deny())
    assert talk.conversation.phase == "queued"
    assert "handoff.refused" in reply.names


@pytest.mark.parametrize(("slot", "asks"), [("service", ("slot", "service")), ("phone", ("confirm", ""))])
def test_c7_not_knowing_is_helped(slot: str, asks: tuple[str, str]) -> None:
    talk = Talk()
    talk.say(Start(BOOK), *(Set(n, "", v) for n, v in SLOTS.items() if n != slot))
    reply = talk.say(Skip("unknown"))
    assert reply.asks == asks
    assert reply.question is not None and reply.question.refusals == 0
    if slot == "service":
        assert "Färben" in reply.text


def test_c7_not_knowing_when_gets_suggestions() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"))
    assert talk.say(Skip("unknown")).asks == ("offer", "start")


def test_c8_any_staff_means_all_and_the_choice_is_said() -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 24, 14, 0, tzinfo=UTC), "anna")
    reply = talk.to_confirm(staff=ANY)
    assert "bei Paul" in reply.text


def test_c8_any_time_gets_offers() -> None:
    talk = Talk()
    assert talk.say(Start(BOOK), Set("service", "", "cut"), wish(ANY)).asks == ("offer", "start")


@pytest.mark.parametrize("slot", ["service", "name"])
def test_c8_any_is_no_answer_where_we_cannot_choose(slot: str) -> None:
    talk = Talk()
    talk.say(Start(BOOK), *(Set(n, "", v) for n, v in SLOTS.items() if n != slot))
    reply = talk.say(Set(slot, "egal", ANY))
    assert reply.asks == ("slot", slot)
    assert talk.conversation.phase == "bot"


def test_c9_changes_it_later() -> None:
    talk = Talk()
    talk.to_confirm()
    reads, writes = len(talk.diary.reads), talk.diary.written
    first = talk.replies[-1].question
    reply = talk.say(Deny(), wish(When(days=(WEDNESDAY,))), text="nein, Mittwoch")
    assert len(talk.diary.reads) == reads + 1
    assert reply.asks == ("confirm", "") and not writes
    assert "Mittwoch, 25. November, 15 Uhr" in reply.text and "Meier" in reply.text
    assert first is not None and reply.question is not None
    assert first.fingerprint != reply.question.fingerprint and first.id != reply.question.id


@pytest.mark.parametrize("slot", ["name", "phone"])
def test_c9_a_corrected_name_searches_nothing_again(slot: str) -> None:
    talk = Talk()
    talk.to_confirm()
    reads = len(talk.diary.reads)
    reply = talk.say(Set(slot, "", "+49301234567" if slot == "phone" else "Maier"))
    assert reply.asks == ("confirm", "")
    assert len(talk.diary.reads) == reads


def test_c9_an_old_offer_list_is_dropped() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(TUESDAY,))))
    talk.say(wish(When(days=(WEDNESDAY,))))
    assert {start.date() for start in starts(talk)} == {WEDNESDAY}


def test_c11_another_service_checks_the_time_again() -> None:
    talk = Talk()
    talk.to_confirm(start=at(TUESDAY, 17))
    reply = talk.say(Set("service", "", "colour"))
    assert reply.asks == ("offer", "start")
    assert reply.classes[0] == "notice"
    assert all(start.hour <= 16 for start in starts(talk))


def test_c11_what_still_fits_stays() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.say(Set("service", "", "colour"))
    assert reply.asks == ("confirm", "") and "Färben" in reply.text and "15 Uhr" in reply.text and "80" in reply.text


def test_c13_a_part_of_a_time_is_a_limit_for_the_offers() -> None:
    talk = Talk()
    limit = When(from_day=date(2026, 11, 23), until_day=date(2026, 11, 29), from_clock=time(13))
    assert talk.say(Start(BOOK), Set("service", "", "cut"), wish(limit)).asks == ("offer", "start")
    found = starts(talk)
    assert len(found) == 3
    assert all(date(2026, 11, 23) <= s.date() <= date(2026, 11, 29) and s.hour >= 13 for s in found)


def test_c13_a_second_part_narrows_the_first() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(from_clock=time(13))))
    talk.say(wish(When(days=(THURSDAY,))))
    assert all(s.date() == THURSDAY and s.hour >= 13 for s in starts(talk))


@pytest.mark.parametrize("times", [1, 2, 3])
def test_c14_later_is_later_than_what_was_shown(times: int) -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(TUESDAY,), until_clock=time(10))))
    for _ in range(times):
        latest = max(starts(talk))
        assert talk.say(Refine("later")).asks == ("offer", "start")
        assert all(start > latest for start in starts(talk))


def test_c14_earlier_and_another_day() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(WEDNESDAY,), from_clock=time(14))))
    earliest = min(starts(talk))
    talk.say(Refine("earlier"))
    assert all(start < earliest for start in starts(talk))
    days = {start.date() for start in starts(talk)}
    talk.say(Refine("other_day"))
    assert not days & {start.date() for start in starts(talk)}


def test_c14_another_time_is_another_clock() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Refine("other_time"))
    assert talk.diary.reads[-1].arguments["other_time"] == "yes"
    assert all((s.date(), s.hour) != (TUESDAY, 15) for s in starts(talk))


def test_c14_later_with_a_flow_but_no_offers_asks_on() -> None:
    talk = Talk()
    assert talk.say(Start(BOOK), Refine("later")).asks == ("slot", "service")


@pytest.mark.parametrize("slot", ["service", "start", "name", "phone"])
def test_c17_why_is_answered_and_the_question_stays(slot: str) -> None:
    talk = Talk()
    before = list(SLOTS)[: list(SLOTS).index(slot)]
    asked = talk.say(Start(BOOK), *(Set(n, "", SLOTS[n]) for n in before))
    reply = talk.say(Why())
    assert reply.asks == asked.asks == ("slot", slot)
    assert f"why.{slot}" in reply.names
    assert reply.question is not None and reply.question.misses == 0


def test_c17_what_is_there_to_choose_lists_it() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    reply = talk.say(Why(options=True))
    assert reply.asks == ("slot", "service") and "Färben" in reply.text


@pytest.mark.parametrize("extra", [Why(options=True), Why(), Ask("Was kostet das?", "prices")])
def test_c17_a_question_with_its_own_answer_goes_on(extra: Command) -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    assert talk.say(Set("service", "", "cut"), extra).asks == ("slot", "start")


def test_c22_a_button_of_an_older_question_changes_nothing() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    old = talk.payload("Färben")
    talk.press("Haarschnitt")
    slots = talk.conversation.stack[-1].slots
    reply = talk.press_payload(old)
    assert reply.names[0] == "stale_button"
    assert talk.conversation.stack[-1].slots == slots
    assert reply.asks == ("slot", "start")


@pytest.mark.parametrize("payload", ["", "|", "yes", "yes|", "pick|q1|nobody", "set||x", "strange|x|y", "a|b|c|d"])
def test_c22_whatever_a_button_carries_there_is_an_answer(payload: str) -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.press_payload(payload)
    assert reply.asks == ("confirm", "") and not reply.writes


def test_c9_in_a_move_another_day_keeps_the_appointment() -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 24, 14, 0, tzinfo=UTC))
    talk.say(Start(MOVE), wish(at(WEDNESDAY, 10)))
    reply = talk.say(Deny(), wish(When(days=(THURSDAY,))))
    assert reply.asks == ("confirm", "")
    assert "Donnerstag, 26. November, 10 Uhr" in reply.text and "Dienstag, 24. November, 15 Uhr" in reply.text


def test_c8_any_service_named_before_a_flow_is_asked_for_in_the_flow() -> None:
    talk = Talk()
    talk.say(Set("service", "egal was", ANY))
    assert talk.say(Start(BOOK), wish(at(TUESDAY, 15))).asks == ("slot", "service")


def test_c9_what_was_found_for_the_old_value_is_gone_while_the_new_one_is_asked() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Deny())
    assert talk.press("Leistung").asks == ("slot", "service")
    frame = talk.conversation.stack[-1]
    assert not frame.results and not frame.chosen
