"""Situations H and I: not understood, small talk, help, people, odd inputs, repetition, language."""

from __future__ import annotations

import pytest

from runtime.core.commands import (
    Affirm,
    Command,
    Handoff,
    Help,
    Language,
    Repeat,
    Set,
    Smalltalk,
    Start,
    Unclear,
    Wait,
)
from runtime.core.values import When
from tests.core.talk import BOOK, TUESDAY, WEDNESDAY, Talk, at, wish
from tests.core.test_leaving import STEPS, bring_to


@pytest.mark.parametrize("place", STEPS)
def test_h2_three_misses_are_three_different_sentences_then_a_person(place: str) -> None:
    talk = Talk()
    before = bring_to(talk, place)
    first, second, third = (talk.say(Unclear(), text="blubb") for _ in range(3))
    assert first.asks == second.asks == before.asks
    texts = [r.text for r in (before, first, second, third)]
    assert len(set(texts)) == 4, texts
    assert talk.conversation.phase == "queued"
    assert "handoff.not_understood" in third.names


def test_h2_without_a_question_too() -> None:
    talk = Talk()
    texts = [talk.say(Unclear()).text for _ in range(3)]
    assert len(set(texts)) == 3 and talk.conversation.phase == "queued"


def test_h2_progress_resets_the_ladder() -> None:
    talk = Talk()
    bring_to(talk, "name")
    talk.say(Unclear())
    talk.say(Unclear())
    talk.say(Set("name", "", "Meier"))
    reply = talk.say(Unclear())
    assert talk.conversation.phase == "bot" and reply.question is not None and reply.question.misses == 1


def test_h2_talk_about_the_weather_is_no_miss() -> None:
    talk = Talk()
    bring_to(talk, "name")
    for _ in range(5):
        talk.say(Smalltalk("other"))
    assert talk.conversation.phase == "bot"
    assert talk.conversation.question is not None and talk.conversation.question.misses == 0


def test_h2_a_digression_keeps_the_count() -> None:
    talk = Talk()
    bring_to(talk, "name")
    talk.say(Unclear())
    talk.say(Smalltalk("thanks"))
    talk.say(Unclear())
    talk.say(Smalltalk("thanks"))
    talk.say(Unclear())
    assert talk.conversation.phase == "queued"


def test_h2_out_of_scope_says_so() -> None:
    talk = Talk()
    bring_to(talk, "name")
    reply = talk.say(Unclear("scope"))
    assert "unclear.scope" in reply.names and reply.asks == ("slot", "name")


@pytest.mark.parametrize("place", STEPS)
def test_h6_thanks_keeps_the_question(place: str) -> None:
    talk = Talk()
    before = bring_to(talk, place)
    reply = talk.say(Smalltalk("thanks"))
    assert reply.asks == before.asks and "smalltalk.thanks" in reply.names


def test_h6_thanks_at_the_end_asks_nothing() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    reply = talk.say(Smalltalk("thanks"))
    assert reply.names == ["smalltalk.thanks"] and "?" not in reply.text and not reply.buttons


@pytest.mark.parametrize(("language", "yes"), [("de", "Ja,"), ("en", "Yes,")])
@pytest.mark.parametrize("place", ["", *STEPS])
def test_h8_are_you_a_bot_is_answered_with_yes_at_once(place: str, language: str, yes: str) -> None:
    talk = Talk(language=language)
    before = bring_to(talk, place) if place else None
    reply = talk.say(Smalltalk("identity"))
    assert reply.text.startswith(yes)
    assert "Mensch" in reply.text or "person" in reply.text
    assert reply.asks == (before.asks if before else ("", ""))


def test_h8_beside_a_value_both_are_answered() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    reply = talk.say(Set("service", "", "cut"), Smalltalk("identity"))
    assert "smalltalk.identity" in reply.names and reply.asks == ("slot", "start")


@pytest.mark.parametrize("place", ["", *STEPS])
def test_h9_a_person_at_every_step(place: str) -> None:
    talk = Talk()
    if place:
        bring_to(talk, place)
    reply = talk.say(Handoff())
    assert talk.conversation.phase == "queued"
    assert len(reply.recorded("handoff.opened")) == 1
    assert "?" not in reply.text and reply.asks == ("", "")


@pytest.mark.parametrize("extra", [Set("service", "", "cut"), Smalltalk("thanks"), Unclear(), Start(BOOK)])
def test_h9_beside_anything(extra: Command) -> None:
    talk = Talk()
    talk.say(extra, Handoff())
    assert talk.conversation.phase == "queued"


def test_h9_by_button() -> None:
    talk = Talk()
    talk.say(Smalltalk("greeting"))
    talk.press("Lieber ein Mensch")
    assert talk.conversation.phase == "queued"


@pytest.mark.parametrize("place", STEPS)
def test_h10_help_is_about_the_question(place: str) -> None:
    talk = Talk()
    before = bring_to(talk, place)
    reply = talk.say(Help())
    assert reply.asks == before.asks and "help.general" not in reply.names
    assert reply.text != before.text


def test_h10_help_outside_gives_an_example() -> None:
    reply = Talk().say(Help())
    assert "help.general" in reply.names and "Zum Beispiel" in reply.text


ODD = [
    "?", "??", "asdf", "..", "👍", "😀😀", " ", "", "\n", "-", "1234567890" * 30, "ß", "\u200b", "<b>", "{name}", "%s",
]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("place", ["", "service", "offer", "confirm"])
def test_h11_odd_inputs_are_answered(text: str, place: str) -> None:
    talk = Talk()
    before = bring_to(talk, place) if place else None
    reply = talk.say(Unclear("noise" if text.strip() else "empty"), text=text)
    assert reply.sends and reply.text.strip() and not reply.writes
    assert reply.asks == (before.asks if before else ("", ""))


@pytest.mark.parametrize("kind", ["sticker", "image", "voice", "location", "unsupported"])
def test_h11_media_without_words_are_answered(kind: str) -> None:
    talk = Talk()
    bring_to(talk, "name")
    reply = talk.hear("", kind)
    assert reply.asks == ("slot", "name") and reply.sends


@pytest.mark.parametrize("place", ["offer", "confirm", "name"])
def test_i1_again_please_then_in_other_words(place: str) -> None:
    talk = Talk()
    before = bring_to(talk, place)
    first, second = talk.say(Repeat()), talk.say(Repeat())
    assert first.asks == second.asks == before.asks
    assert first.text.startswith("Noch einmal:") and first.text != second.text
    assert "disclosure" not in first.names
    if place == "confirm":
        assert "Dienstag, 24. November, 15 Uhr" in first.text
    if place == "offer":
        assert [b.text for b in first.buttons] == [b.text for b in before.buttons]


def test_i1_after_the_end_the_result_is_said_again() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Affirm())
    assert "Dienstag, 24. November, 15 Uhr" in talk.say(Repeat()).text


@pytest.mark.parametrize("place", STEPS)
def test_i3_another_language_keeps_the_place(place: str) -> None:
    talk = Talk()
    before = bring_to(talk, place)
    slots = talk.conversation.stack[-1].slots
    reply = talk.say(Language("en"), text="Can we speak English?")
    assert reply.asks == before.asks
    assert reply.text.startswith("Of course, we can continue in English.")
    assert talk.conversation.stack[-1].slots == slots and talk.conversation.language == "en"
    assert all(send.language == "en" for send in reply.sends)


def test_i3_in_the_middle_of_a_confirm() -> None:
    talk = Talk()
    before = talk.to_confirm()
    reply = talk.say(Language("en"))
    assert before.question is not None and reply.question is not None
    assert reply.question.fingerprint == before.question.fingerprint
    assert "Tuesday 24 November, 3 pm" in reply.text and "Meier" in reply.text
    assert len(talk.say(Affirm()).writes) == 1


def test_i3_in_the_middle_of_a_move_the_service_is_named_in_the_new_language() -> None:
    talk = Talk()
    talk.diary.add("cut", talk.now.replace(day=26))
    talk.say(Start("move_appointment"), wish(at(WEDNESDAY, 10)))
    reply = talk.say(Language("en"))
    assert "Haircut" in reply.text and "Haarschnitt" not in reply.text


def test_i3_written_in_another_language_the_reply_follows() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    assert talk.say(Set("service", "", "cut"), language="en").text == "Haircut, certainly. When would suit you?"


def test_i3_a_language_that_we_do_not_have_keeps_the_present_one() -> None:
    talk = Talk()
    reply = talk.say(Language("tr"))
    assert "language.unknown" in reply.names and talk.conversation.language == "de"


def test_wait_keeps_the_question_and_its_buttons() -> None:
    talk = Talk()
    before = bring_to(talk, "offer")
    reply = talk.say(Wait(), text="Moment, ich schau nach")
    assert reply.names == ["take_your_time"] and reply.question == before.question
    assert talk.press(before.buttons[0].text).asks == ("slot", "name")


def test_wait_beside_a_value_goes_on() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    assert talk.say(Set("service", "", "cut"), Wait()).asks == ("slot", "start")


def test_wait_after_hours_does_not_keep_offers_that_nobody_checked() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(TUESDAY,))))
    reads = len(talk.diary.reads)
    talk.later(hours=5).say(Wait())
    assert len(talk.diary.reads) == reads + 1
