"""N6: being remembered is asked for, agreed to and taken back in words."""

from __future__ import annotations

import pytest

from runtime.core.commands import Affirm, Deny
from runtime.core.remembering import memory_word
from tests.core.talk import Talk

REMEMBER = """
Merken Sie sich das?
Merken Sie sich bitte meine Nummer
Können Sie sich das merken?
Könnten Sie meine Telefonnummer für das nächste Mal speichern?
merk dir meine nummer bitte
Merk dir das
Speichern Sie meine Daten für spätere Termine
Bitte meinen Namen und meine Nummer merken
Remember my number
Please remember me
Can you remember that for next time?
Could you save my number, please?
Keep my details for later appointments
please store my name and number
""".strip().splitlines()
FORGET = """
Vergessen Sie mich
Vergessen Sie bitte meine Nummer
vergiss meine nummer
Bitte vergessen Sie meinen Namen und meine Nummer wieder
Speichern Sie meine Nummer nicht
Merken Sie sich das bitte nicht
Forget me
Please forget my number
Forget my details, please
Don't save my number
do not keep my details
""".strip().splitlines()
NEITHER = """
Vergessen Sie es
Vergiss es
Vergessen Sie mich nicht
Vergessen Sie das
Ich habe meine Nummer vergessen
Ich habe meinen Termin vergessen
Behalten Sie das
Merken Sie den Termin vor
Erinnern Sie mich bitte
Löschen Sie meine Daten
Meine Nummer ist 0151 23456789
Merken Sie sich meine Nummer 0151 23456789
Bitte speichern Sie meine Nummer, ich hätte gern einen Termin
Das merke ich mir
Forget it
Don't forget me
Never forget me
Do you remember me?
I forgot my number
Keep it
Save me a seat
Please save the date
Remind me
Keep me posted
""".strip().splitlines()


@pytest.mark.parametrize("text", REMEMBER)
def test_n6_to_be_remembered_is_asked_back_with_what_is_kept_and_how_long(text: str) -> None:
    talk = Talk()
    reply = talk.hear(text)
    assert memory_word(text) == "remember"
    assert reply.asks == ("agree", "memory") and "bis zum Widerruf" in reply.text and not reply.recorded("consent")


@pytest.mark.parametrize("text", FORGET)
def test_n6_to_be_forgotten_counts_at_once(text: str) -> None:
    talk = Talk()
    reply = talk.hear(text)
    assert "consent.forgotten" in reply.names and talk.conversation.consents["memory"] is False
    [record] = reply.recorded("consent")
    assert record.facts == {"kind": "memory", "given": False, "text": text, "channel": "telegram"}


@pytest.mark.parametrize("text", NEITHER)
def test_n6_other_words_are_read_as_ever(text: str) -> None:
    assert memory_word(text) is None


@pytest.mark.parametrize("yes", [True, False])
def test_n6_the_answer_is_kept_with_its_words_and_the_task_goes_on(yes: bool) -> None:
    talk = Talk()
    talk.to_confirm()
    assert talk.hear("Merken Sie sich meine Nummer").asks == ("agree", "memory")
    reply = talk.say(Affirm() if yes else Deny(), text="ja" if yes else "nein")
    [record] = reply.recorded("consent")
    assert (record.facts["kind"], record.facts["given"], record.facts["text"]) == (
        "memory",
        yes,
        "ja" if yes else "nein",
    )
    assert reply.asks == ("confirm", "") and not talk.booked and talk.conversation.consents["memory"] is yes


def test_n6_whoever_agreed_is_not_asked_again_and_may_take_it_back() -> None:
    talk = Talk()
    talk.hear("Remember my number")
    talk.say(Affirm(), text="ja")
    assert "consent.memory" in talk.hear("merk dir das").names
    talk.hear("forget my number")
    assert talk.conversation.consents["memory"] is False and "phone" not in talk.conversation.facts


def test_n6_beside_an_open_question_forgetting_asks_it_again() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.hear("Vergessen Sie meine Nummer")
    assert reply.asks == ("confirm", "") and reply.text.count("?") == 1 and not talk.booked
