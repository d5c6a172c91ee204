"""D3, D7: where nothing fits, the waiting list; its places are answered like any other prompt."""

from __future__ import annotations

import dataclasses

from runtime.core.business import Policies
from runtime.core.commands import Affirm, Deny, Start
from runtime.core.commands import Set as SetCommand
from runtime.core.events import Outcome, Prompted
from runtime.core.joining import WAITING_LIST
from runtime.core.values import Value, When
from tests.core.desk import business, desk
from tests.core.talk import BOOK, TUESDAY, Reply, Talk, wish


def waiting_talk() -> Talk:
    """A studio that has a list."""
    own = dataclasses.replace(business(), policies=Policies(waiting_list=True))
    return Talk(desk(own))


def with_nothing_free(talk: Talk) -> Reply:
    talk.diary.dictated["booking.find_free_times"] = [Outcome("done", "none", {"notice": ""})]
    return talk.say(Start(BOOK), SetCommand("service", "", "cut"), wish(When(days=(TUESDAY,))))


def test_d7_nothing_free_offers_the_list() -> None:
    reply = with_nothing_free(waiting_talk())
    assert "Warteliste" in reply.text and "Warteliste" in [button.text for button in reply.buttons]
    assert reply.text.count("?") == 1


def test_d7_one_question_with_three_ways_and_never_more() -> None:
    for language, words in (("de", "Warteliste"), ("en", "waiting list")):
        talk = waiting_talk()
        talk.conversation = dataclasses.replace(talk.conversation, language=language)
        reply = with_nothing_free(talk)
        assert words in reply.text and reply.text.count("?") == 1
        ways = [button.payload.split("|") for button in reply.buttons]
        assert [(way[0], way[2]) for way in ways] == [
            ("change", "service"),
            ("start", WAITING_LIST),
            ("start", "callback"),
        ]


def test_d7_without_a_list_nobody_hears_of_it() -> None:
    assert "Warteliste" not in with_nothing_free(Talk()).text


def test_d7_the_wish_goes_along_and_waits_behind_a_confirm() -> None:
    talk = waiting_talk()
    with_nothing_free(talk)
    reply = talk.press("Warteliste")
    assert reply.asks == ("slot", "name")
    talk.say(SetCommand("name", "", "Meier"))
    reply = talk.say(SetCommand("phone", "", "+4915123456"))
    assert reply.asks == ("confirm", "") and "Haarschnitt" in reply.text and "Dienstag" in reply.text
    reply = talk.say(Affirm())
    assert [write.action for write in reply.writes] == ["booking.wait"]
    assert talk.conversation.stack == ()


def test_d3_the_third_no_offers_the_list_and_no_to_that_a_person() -> None:
    talk = waiting_talk()
    talk.say(Start(BOOK), SetCommand("service", "", "cut"), wish(When(days=(TUESDAY,))))
    for _ in range(8):
        reply = talk.say(Deny(offers=True))
        if reply.asks == ("agree", WAITING_LIST):
            break
    assert reply.asks == ("agree", WAITING_LIST)
    assert talk.say(Deny()).names[-1].startswith("handoff.")


def test_d7_a_free_place_is_booked_by_its_confirm() -> None:
    talk = waiting_talk()
    facts: dict[str, Value] = {
        "service": "cut",
        "staff": "anna",
        "start": "2026-11-24T15:00:00+01:00",
        "subject": "w1",
        "version": 1,
    }
    talk.diary.dictated["booking.offer_place"] = [Outcome("done", "done", {"until": "2026-11-20T11:00:00+01:00"})]
    reply = talk.happen(Prompted("place", facts, "booking.offer_place", talk.now))
    assert "frei geworden" in reply.text and reply.asks == ("prompt", "place")
    reply = talk.say(Affirm())
    assert not reply.writes and reply.asks == ("slot", "name")
    talk.say(SetCommand("name", "", "Meier"))
    talk.say(SetCommand("phone", "", "+4915123456"))
    assert talk.say(Affirm()).writes and [f"{one.start:%d %H}" for one in talk.booked] == ["24 15"]


def test_d7_after_its_time_the_offer_is_over() -> None:
    talk = waiting_talk()
    facts: dict[str, Value] = {
        "service": "cut",
        "staff": "anna",
        "start": "2026-11-24T15:00:00+01:00",
        "subject": "w1",
        "version": 1,
    }
    talk.diary.dictated["booking.offer_place"] = [Outcome("done", "done", {"until": "2026-11-20T11:00:00+01:00"})]
    talk.happen(Prompted("place", facts, "booking.offer_place", talk.now))
    talk.later(hours=2)
    talk.say(Affirm())
    assert talk.conversation.stack == ()
