"""Situations M13, M17, M18, P10, P11 and law 13: what is settled before anything is understood."""

from __future__ import annotations

import dataclasses

import pytest

from runtime.core.business import Desk
from runtime.core.commands import Affirm, Start
from runtime.core.conversation import fingerprint
from runtime.core.danger import fold
from runtime.core.effects import Understand
from runtime.core.events import Message, Said
from tests.core.desk import business, desk
from tests.core.talk import BOOK, Reply, Talk


def _limited(minute: int = 25, day: int = 400) -> Desk:
    own = business()
    policies = dataclasses.replace(own.policies, messages_per_minute=minute, messages_per_day=day)
    return desk(dataclasses.replace(own, policies=policies))


def _understood(talk: Talk) -> int:
    return sum(isinstance(effect, Understand) for _, _, _, effects in talk.steps for effect in effects)


def _hear_in_a_group(talk: Talk, text: str) -> Reply:
    return talk.turn(lambda: talk.step(Said((Message("g1", text, talk.now, group=True),), talk.now)))


def test_m18_five_hundred_messages_one_notice_and_nothing_understood() -> None:
    talk = Talk(desk=_limited())
    messages = tuple(Message(f"m{n}", f"Hallo {n}", talk.now) for n in range(500))
    reply = talk.turn(lambda: talk.step(Said(messages, talk.now)))
    assert "guard.flood" in reply.names and _understood(talk) == 0
    assert [record.facts["kind"] for record in reply.recorded("alert")] == ["flood"]


def test_m18_one_by_one_they_end_after_the_cap_and_a_minute_of_quiet_ends_the_flood() -> None:
    talk = Talk(desk=_limited(minute=5))
    replies = [talk.later(seconds=2).say(Start(BOOK), text=f"Termin {n}") for n in range(40)]
    assert _understood(talk) == 5
    assert sum("guard.flood" in reply.names for reply in replies) == 1
    assert all(not reply.sends and reply.recorded("kept") for reply in replies[6:])
    assert talk.later(seconds=61).say(Start(BOOK), text="Termin").sends


def test_law_13_the_day_has_a_cap_too_and_the_next_day_is_new() -> None:
    talk = Talk(desk=_limited(minute=0, day=3))
    replies = [talk.later(minutes=5).say(Start(BOOK), text=f"Termin {n}") for n in range(6)]
    assert ["guard.flood" in reply.names for reply in replies] == [False, False, False, True, False, False]
    assert talk.later(days=1).say(Start(BOOK), text="Termin").sends


@pytest.mark.parametrize("channel", ["terminal", "api"])
def test_law_13_who_holds_the_keys_is_not_counted(channel: str) -> None:
    talk = Talk(desk=_limited(minute=5), channel=channel)
    assert all(talk.say(Start(BOOK), text=f"Termin {n}").sends for n in range(20))


def test_m18_danger_is_heard_in_a_flood() -> None:
    talk = Talk(desk=_limited(minute=2))
    for number in range(6):
        talk.hear(f"Hallo {number}")
    assert "112" in talk.hear("Hilfe, es brennt!").text


def test_m17_the_same_text_again_and_again_is_a_machine() -> None:
    talk = Talk()
    text = "Ich bin derzeit nicht im Büro und lese Ihre Nachricht am Montag."
    replies = [talk.later(seconds=90).say(text=text) for _ in range(5)]
    assert ["guard.loop" in reply.names for reply in replies] == [False, False, True, False, False]
    assert not replies[3].sends and not replies[4].sends and replies[2].recorded("alert")
    assert talk.later(seconds=90).say(Start(BOOK), text="Ich hätte gern einen Termin").asks == ("slot", "service")


def test_m17_our_own_words_coming_back_end_after_three() -> None:
    talk = Talk()
    reply = talk.say(Start(BOOK), text="Termin bitte")
    said = 0
    for _ in range(10):
        talk.conversation = dataclasses.replace(talk.conversation, echoes=(fingerprint(fold(reply.text)),))
        if not reply.sends:
            break
        reply = talk.say(text=reply.text)
        said += bool(reply.sends)
    assert said <= 3


def test_m17_short_answers_may_repeat() -> None:
    talk = Talk()
    talk.to_confirm()
    assert all(talk.later(seconds=1).say(text="weiß nicht").sends for _ in range(3))
    assert not talk.conversation.traffic.looping


def test_m13_in_a_group_one_line_and_nothing_of_the_customer() -> None:
    talk = Talk()
    reply = _hear_in_a_group(talk, "@studio wann ist mein Termin?")
    assert "guard.group" in reply.names and len(reply.sends) == 1 and _understood(talk) == 0
    assert "112" in _hear_in_a_group(talk, "Hilfe, es brennt!").text


def test_p10_suspended_says_so_once_a_day_and_stores_the_rest() -> None:
    talk = Talk(desk=desk(status="suspended"))
    first, second = talk.hear("Ich möchte einen Termin"), talk.hear("Hallo?")
    assert "guard.suspended" in first.names and "+49 221 5550142" in first.text
    assert not second.sends and second.recorded("kept") and _understood(talk) == 0
    assert "guard.suspended" in talk.later(days=1).hear("Hallo?").names
    assert not talk.press_payload(f"start||{BOOK}").sends and not talk.conversation.stack


def test_p11_paused_goes_to_people_with_one_notice_and_nothing_understood() -> None:
    talk = Talk(desk=desk(status="paused"))
    first = talk.hear("Ich möchte einen Termin")
    assert "handoff.paused" in first.names and talk.conversation.phase == "queued"
    assert "?" not in first.text
    talk.hear("Morgen um drei"), talk.hear("Ist jemand da?")
    assert _understood(talk) == 0 and "handoff.noted" in talk.replies[1].names and not talk.replies[2].sends
    handoff = talk.conversation.handoff
    assert handoff is not None
    fired = talk.later(minutes=31).fire("handoff", handoff.generation)
    assert not fired.sends and talk.conversation.phase == "queued" and fired.timers


def test_p11_a_press_while_paused_goes_to_people_too() -> None:
    talk = Talk(desk=desk(status="paused"))
    assert "handoff.paused" in talk.press_payload(f"start||{BOOK}").names and not talk.conversation.stack


def test_law_13_a_barred_contact_gets_one_answer_a_day() -> None:
    talk = Talk(desk=dataclasses.replace(desk(), barred=frozenset({"contact"})))
    first, second = talk.say(Start(BOOK), text="Termin"), talk.say(Affirm(), text="ja")
    assert "guard.barred" in first.names and not second.sends and _understood(talk) == 0
    assert "112" in talk.hear("Hilfe, es brennt!").text
