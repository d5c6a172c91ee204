"""What was asked about before a booking is what the booking is about."""

from __future__ import annotations

from runtime.core.commands import Ask, Set, Smalltalk, Start
from runtime.core.effects import Answer
from tests.core.talk import BOOK, TUESDAY, Talk, at, wish


def test_the_service_asked_about_is_booked() -> None:
    talk = Talk()
    talk.say(Set("service", "Färben", "colour"), Ask("Was kostet Färben?", "prices"), text="Was kostet Färben?")
    reply = talk.say(Start(BOOK), wish(at(TUESDAY, 10)), text="gut, dann Dienstag um 10")
    assert reply.asks == ("slot", "name")
    assert talk.conversation.stack[-1].slots["service"].value == "colour"
    assert talk.conversation.mentioned == {}


def test_a_service_named_later_counts() -> None:
    talk = Talk()
    talk.say(Set("service", "Färben", "colour"), Ask("Was kostet Färben?", "prices"))
    talk.say(Start(BOOK), Set("service", "", "cut"))
    assert talk.conversation.stack[-1].slots["service"].value == "cut"


def test_what_was_named_long_ago_is_asked_for() -> None:
    talk = Talk()
    talk.say(Set("service", "Färben", "colour"), Ask("Was kostet Färben?", "prices"))
    for _ in range(5):
        talk.say(Smalltalk("thanks"))
    assert talk.say(Start(BOOK)).asks == ("slot", "service")


def test_how_long_does_it_take_means_what_was_asked_about() -> None:
    talk = Talk()
    talk.say(Set("service", "Färben", "colour"), Ask("Was kostet Färben?", "prices"))
    talk.say(Ask("Wie lange dauert das?", "duration"))
    asked = [effect.question for *_, effects in talk.steps for effect in effects if isinstance(effect, Answer)]
    assert "Färben" in asked[-1]
