"""Situations D: offers and choices."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from runtime.core.commands import Affirm, Ask, Deny, Pick, Refine, Set, Start
from runtime.core.events import Outcome
from runtime.core.values import Offer, When
from tests.core.talk import BOOK, CANCEL, MOVE, TUESDAY, WEDNESDAY, Reply, Talk, at, wish


def offers(talk: Talk) -> tuple[Offer, ...]:
    """What is on offer."""
    return talk.conversation.stack[-1].results["free_times"].offers


def choosing(talk: Talk) -> Reply:
    """A talk with three times on offer."""
    reply = talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(TUESDAY,))))
    assert reply.asks == ("offer", "start") and len(offers(talk)) == 3
    return reply


@pytest.mark.parametrize("number", [0, 1, 2])
def test_d1_picks_from_the_list_as_shown(number: int) -> None:
    talk = Talk()
    choosing(talk)
    assert talk.expectation is not None
    shown = offers(talk)
    reads = len(talk.diary.reads)
    reply = talk.say(Pick(shown[number].id))
    assert talk.expectation.offers == shown
    assert len(talk.diary.reads) == reads
    assert reply.asks == ("slot", "name")
    chosen = talk.conversation.stack[-1].chosen["start"]
    assert chosen == shown[number]


def test_d1_picks_by_button() -> None:
    talk = Talk()
    reply = choosing(talk)
    labels = [b.text for b in reply.buttons]
    assert labels[-1] == "Anderer Tag" and all("Dienstag, 24. November" in label for label in labels[:-1])
    assert talk.press(labels[1]).asks == ("slot", "name")


def test_d1_an_unknown_pick_leaves_the_question() -> None:
    talk = Talk()
    choosing(talk)
    assert talk.say(Pick("nonsense")).asks == ("offer", "start")


def test_d1_a_yes_to_several_offers_asks_which() -> None:
    talk = Talk()
    choosing(talk)
    reply = talk.say(Affirm())
    assert reply.asks == ("offer", "start") and not talk.conversation.stack[-1].chosen


def test_d1_a_yes_to_the_only_offer_takes_it() -> None:
    talk = Talk()
    choosing(talk)
    talk.diary.dictated["booking.find_free_times"] = [Outcome("done", "offers", {}, offers(talk)[:1])]
    talk.say(wish(When(days=(WEDNESDAY,))))
    assert talk.say(Affirm()).asks == ("slot", "name")


def test_d2_a_time_that_was_not_on_offer_is_checked_like_any() -> None:
    talk = Talk()
    choosing(talk)
    reply = talk.say(wish(at(TUESDAY, 16, 30)))
    assert reply.asks == ("slot", "name") and "16:30 Uhr" in reply.text


def test_d2_one_that_is_not_free_brings_the_nearest() -> None:
    talk = Talk()
    choosing(talk)
    for staff in ("anna", "paul"):
        talk.diary.add("cut", datetime.fromisoformat("2026-11-24T16:30:00+01:00"), staff)
    reply = talk.say(wish(at(TUESDAY, 16, 30)))
    assert reply.asks == ("offer", "start") and "offers.taken" in reply.names


def test_d3_three_times_nothing_fits_brings_a_person() -> None:
    talk = Talk()
    choosing(talk)
    first = talk.say(Deny(offers=True))
    assert first.asks == ("offer", "start")
    assert "anderer Tag" in first.text
    assert [b.text for b in first.buttons] == ["Anderer Tag", "Andere Uhrzeit"]
    talk.say(Refine("other_day"))
    talk.say(Deny(offers=True))
    reply = talk.say(Deny(offers=True))
    assert talk.conversation.phase == "queued" and "handoff.no_offer" in reply.names


def test_d3_a_yes_to_another_day_or_time_takes_no_refused_offer() -> None:
    talk = Talk()
    choosing(talk)
    talk.diary.dictated["booking.find_free_times"] = [Outcome("done", "offers", {}, offers(talk)[:1])]
    talk.say(wish(When(days=(WEDNESDAY,))))
    talk.say(Deny(offers=True))
    reply = talk.say(Affirm())
    assert reply.asks == ("offer", "start") and not talk.conversation.stack[-1].chosen


@pytest.mark.parametrize(("label", "how"), [("Anderer Tag", "day"), ("Andere Uhrzeit", "clock")])
def test_d3_its_buttons_search_on(label: str, how: str) -> None:
    talk = Talk()
    choosing(talk)
    shown = {datetime.fromisoformat(str(o.values["start"])) for o in offers(talk)}
    talk.say(Deny(offers=True))
    talk.press(label)
    now = {datetime.fromisoformat(str(o.values["start"])) for o in offers(talk)}
    if how == "day":
        assert not {s.date() for s in shown} & {s.date() for s in now}
    else:
        assert not shown & now


def test_d4_more_shows_nothing_twice_and_says_when_it_is_the_end() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(TUESDAY,), until_clock=time(14))))
    seen: list[str] = []
    for _ in range(4):
        ids = [offer.id for offer in offers(talk)]
        assert not set(ids) & set(seen)
        seen += ids
        reply = talk.say(Refine("more"))
    assert reply.classes[0] == "notice"


def test_d4_a_name_in_between_does_not_forget_what_was_shown() -> None:
    talk = Talk()
    choosing(talk)
    seen = {offer.id for offer in offers(talk)}
    talk.say(Set("name", "", "Meier"))
    talk.say(Refine("more"))
    assert not seen & {offer.id for offer in offers(talk)}


def test_d5_taken_while_thinking_brings_others_in_the_same_turn() -> None:
    talk = Talk()
    talk.to_confirm()
    for staff in ("anna", "paul"):
        talk.diary.add("cut", datetime.fromisoformat("2026-11-24T15:00:00+01:00"), staff)
    reply = talk.say(Affirm())
    assert len(reply.writes) == 1
    assert reply.asks == ("offer", "start")
    assert reply.names.count("offers.taken") == 1
    slots = talk.conversation.stack[-1].slots
    assert slots["name"].value == "Meier" and slots["service"].value == "cut"
    picked = talk.press(reply.buttons[0].text)
    assert picked.asks == ("confirm", "")
    assert len(talk.say(Affirm()).writes) == 1


def test_d5_when_somebody_else_is_free_then_it_is_confirmed_anew() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.diary.add("cut", datetime.fromisoformat("2026-11-24T15:00:00+01:00"), "anna")
    reply = talk.say(Affirm())
    assert reply.asks == ("confirm", "") and "bei Paul" in reply.text
    assert "confirm.changed" in reply.names
    assert len(talk.say(Affirm()).writes) == 1


def test_d5_a_question_in_between_keeps_the_offers() -> None:
    talk = Talk()
    choosing(talk)
    shown = offers(talk)
    reply = talk.say(Ask("Wo kann ich parken?", "parking"))
    assert offers(talk) == shown and reply.asks == ("offer", "start")


@pytest.mark.parametrize("flow", [MOVE, CANCEL])
def test_d1_several_own_appointments_are_offered(flow: str) -> None:
    talk = Talk()
    first = talk.diary.add("cut", datetime.fromisoformat("2026-11-24T15:00:00+01:00"))
    talk.diary.add("beard", datetime.fromisoformat("2026-11-25T10:00:00+01:00"))
    reply = talk.say(Start(flow))
    assert reply.asks == ("offer", "appointment")
    assert "24. November, 15 Uhr" in reply.buttons[0].text and "Haarschnitt" in reply.buttons[0].text
    talk.say(Pick(first.id))
    assert talk.conversation.stack[-1].chosen["appointment"].id == first.id


def test_d1_right_after_a_booking_move_means_that_one_even_beside_others() -> None:
    talk = Talk()
    talk.diary.add("beard", datetime.fromisoformat("2026-11-26T10:00:00+01:00"))
    talk.to_confirm()
    talk.say(Affirm())
    reply = talk.say(Deny(), wish(When(days=(WEDNESDAY,))))
    assert reply.asks == ("confirm", "")
    assert "Mittwoch, 25. November, 15 Uhr" in reply.text and "Haarschnitt" in reply.text
