"""Situations H5, H14, I2, I5 and I7: beside the task, in simpler words, in a language that we lack."""

from __future__ import annotations

import dataclasses

import pytest

from runtime.core.commands import Language, Repeat, Set, Smalltalk, Start
from tests.core.desk import business, desk
from tests.core.talk import BOOK, TUESDAY, Talk, at, wish
from tests.core.test_leaving import STEPS, bring_to


@pytest.mark.parametrize("place", STEPS)
@pytest.mark.parametrize("kind", ["wellbeing", "praise", "blame", "apology"])
def test_h5_small_talk_at_every_step_returns_to_the_question(place: str, kind: str) -> None:
    talk = Talk()
    before = bring_to(talk, place)
    reply = talk.say(Smalltalk(kind))  # type: ignore[arg-type]  # one of its kinds
    assert reply.asks == before.asks and reply.names[0] == f"smalltalk.{kind}"
    assert reply.question is not None and reply.question.misses == 0 and reply.text.count("?") == 1


def test_h14_wrong_place_says_who_we_are_and_keeps_nothing() -> None:
    own = dataclasses.replace(business(), address={"de": "Lindenallee 1, 50674 Köln"})
    talk = Talk(desk=desk(own))
    reply = talk.say(Smalltalk("wrong_place"))
    assert "Hier ist die digitale Rezeption von Studio Linde, Köln." in reply.text and "?" not in reply.text
    assert reply.asks == ("", "") and not talk.conversation.facts and not talk.conversation.stack
    assert not reply.writes and not reply.records


def test_i2_simpler_words_stay_for_the_rest_of_the_talk() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"))
    assert talk.say(Repeat("simpler")).text.endswith("An welchem Tag möchten Sie kommen?")
    assert talk.say(wish(at(TUESDAY, 15))).text.endswith("Wie heißen Sie?")
    talk.say(Set("name", "", "Meier"))
    reply = talk.say(Set("phone", "", "+4915123456"))
    assert reply.text.endswith("Soll ich den Termin buchen?") and reply.asks == ("confirm", "")


@pytest.mark.parametrize("place", STEPS)
def test_i2_at_every_step(place: str) -> None:
    talk = Talk()
    before = bring_to(talk, place)
    reply = talk.say(Repeat("simpler"))
    assert reply.asks == before.asks and reply.text.count("?") == 1 and ".plain" not in reply.text


@pytest.mark.parametrize("language", ["de", "en"])
def test_i5_two_lines_and_a_person(language: str) -> None:
    talk = Talk(language=language)
    talk.say(Smalltalk("greeting"))
    reply = talk.say(Language("tr"))
    assert len(reply.text.splitlines()) == 2 and "German" in reply.text and "Deutsch" in reply.text
    assert len(reply.buttons) == 1 and talk.conversation.language == language
    assert talk.press_payload(reply.buttons[0].payload).recorded("handoff.opened")


def test_i5_in_a_flow_its_question_stays() -> None:
    talk = Talk()
    bring_to(talk, "service")
    reply = talk.say(Language("tr"))
    assert reply.asks == ("slot", "service") and reply.buttons[-1].text == "Lieber ein Mensch"


@pytest.mark.parametrize("place", STEPS)
def test_i7_whoever_cannot_type_finds_everything_as_it_was(place: str) -> None:
    talk = Talk()
    before = bring_to(talk, place)
    stack = talk.conversation.stack
    reply = talk.say(Smalltalk("cannot_type"))
    assert "+49 221 5550142" in reply.text and reply.asks == before.asks and talk.conversation.stack == stack
