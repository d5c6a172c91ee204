"""Situations L1 and L2: one nudge for a question left open, and the quiet end of a flow."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from runtime.core.commands import Affirm, Ask, Set, Smalltalk, Start
from runtime.core.effects import DropTimer, SetTimer
from runtime.core.values import When
from tests.core.talk import BOOK, TUESDAY, Reply, Talk


def nudges(reply: Reply) -> list[SetTimer | DropTimer]:
    return [timer for timer in reply.timers if timer.name == "nudge"]


def generation(talk: Talk) -> int:
    assert talk.conversation.nudge
    return talk.conversation.nudge


def offered() -> Talk:
    talk = Talk()
    assert talk.say(Start(BOOK), Set("service", "", "cut"), Set("start", "", When(days=(TUESDAY,)))).asks[0] == "offer"
    return talk


def test_l1_an_open_confirm_is_nudged_once() -> None:
    talk = Talk()
    timer = nudges(talk.to_confirm())[0]
    assert isinstance(timer, SetTimer) and timer.at == talk.now + timedelta(minutes=20)
    reply = talk.later(minutes=20).fire("nudge", timer.generation)
    assert reply.asks == ("confirm", "") and reply.text.startswith("Kurz nachgefragt: Haarschnitt")
    assert reply.text.count("?") == 1 and not nudges(reply)
    assert not talk.later(minutes=20).fire("nudge", timer.generation).sends
    assert len(talk.say(Affirm()).writes) == 1


def test_l1_offers_are_nudged_and_looked_up_anew() -> None:
    talk = offered()
    reads = len(talk.diary.reads)
    reply = talk.later(minutes=20).fire("nudge", generation(talk))
    assert reply.asks == ("offer", "start") and len(talk.diary.reads) == reads + 1


def test_l1_a_nudge_tells_what_is_taken_meanwhile() -> None:
    talk = Talk()
    talk.to_confirm(service="colour")
    talk.diary.add("colour", datetime(2026, 11, 24, 14, 0, tzinfo=UTC))
    reply = talk.later(minutes=20).fire("nudge", generation(talk))
    assert reply.asks == ("offer", "start") and "offers.taken" in reply.names


def test_l1_only_where_it_is_worth_it() -> None:
    talk = Talk()
    assert not nudges(talk.say(Start(BOOK)))
    assert not nudges(talk.say(Smalltalk("greeting")))


@pytest.mark.parametrize("channel", ["webchat", "terminal", "api"])
def test_l1_nobody_is_nudged_in_our_own_chats(channel: str) -> None:
    assert not nudges(Talk(channel=channel).to_confirm())


@pytest.mark.parametrize("why", ["night", "opted out", "answered", "digression", "person", "left"])
def test_l1_no_nudge_when(why: str) -> None:
    talk = Talk()
    talk.to_confirm()
    old = generation(talk)
    talk.later(minutes=20)
    match why:
        case "night":
            talk.later(hours=10)
        case "opted out":
            talk.conversation = dataclasses.replace(talk.conversation, opted_out=True)
        case "answered":
            assert [type(t) for t in nudges(talk.say(Affirm()))] == [DropTimer]
        case "digression":
            assert nudges(talk.say(Ask("Was kostet das?", "prices")))
        case "person":
            talk.press_payload("person|")
        case _:
            talk.say(Smalltalk("bye"))
    before = talk.conversation.stack
    reply = talk.fire("nudge", old)
    assert not reply.sends and not reply.reads and talk.conversation.stack == before


def test_l1_a_nudge_is_no_visit() -> None:
    talk = Talk()
    talk.to_confirm()
    last_at = talk.conversation.last_at
    talk.later(minutes=20).fire("nudge", generation(talk))
    assert talk.conversation.last_at == last_at


def test_l2_a_flow_whose_life_is_over_sends_nothing_and_is_dropped() -> None:
    talk = Talk()
    talk.to_confirm()
    assert not [t for t in talk.replies[-1].timers if isinstance(t, SetTimer) and t.name != "nudge"]
    talk.later(days=6).say(Smalltalk("greeting"))
    assert talk.conversation.stack
    talk.later(days=8).say(Smalltalk("greeting"))
    assert not talk.conversation.stack and not talk.conversation.todo
    assert talk.conversation.facts == {} and not talk.booked
