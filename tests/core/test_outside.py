"""K8 and its kin: people write past the desk, another app answers, and each of them gives it back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from runtime.core.commands import Affirm, Handoff
from runtime.core.effects import SetTimer
from runtime.core.events import Message, OperatorEchoed, OperatorSaid, Said, ThreadMoved
from runtime.core.gate import spoke
from runtime.core.handoff import AWAY_TIMER, SLA_TIMER
from tests.core.talk import BOOK, Reply, Talk

PHONE = "app:phone"


def echo(talk: Talk, text: str = "Ida hier, 16 Uhr geht auch.", *, sure: bool = True, operator: str = PHONE) -> Reply:
    """A person writes past the desk."""
    return talk.happen(OperatorEchoed(operator, text, f"m{len(talk.events)}", talk.now, sure))


def overheard(talk: Talk, text: str) -> Reply:
    """The customer writes while another app answers."""
    message = Message(f"s{len(talk.events)}", text, talk.now, standby=True)
    return talk.happen(Said((message,), talk.now))


def phase(talk: Talk) -> str:
    return talk.conversation.phase


def away_clock(reply: Reply) -> SetTimer:
    return next(t for t in reply.timers if isinstance(t, SetTimer) and t.name == AWAY_TIMER)


# ---- K8


def test_k8_an_echo_is_a_takeover_without_a_word() -> None:
    talk = Talk()
    talk.to_confirm()
    generation = talk.conversation.generation
    reply = echo(talk)
    assert (phase(talk), talk.conversation.owner) == ("owned", PHONE)
    assert not reply.sends and not reply.text, "the customer has read the person's own words"
    assert talk.conversation.generation > generation, "bot parts under way are withheld"
    assert [r.facts["operator"] for r in reply.recorded("handoff.claimed")] == [PHONE]
    assert [r.facts["how"] for r in reply.recorded("operator.echoed")] == ["new"]


def test_k8_the_bot_is_silent_and_the_open_confirm_is_dead() -> None:
    talk = Talk()
    talk.to_confirm()
    echo(talk)
    reply = talk.say(Affirm(), text="ja")
    assert not reply.sends and not reply.writes and not talk.booked
    talk.release(operator="Linde")
    assert phase(talk) == "bot" and not talk.booked
    assert talk.conversation.top is not None and talk.conversation.top.flow == BOOK


def test_k8_an_echo_claims_a_handoff_that_waits() -> None:
    talk = Talk()
    talk.say(Handoff())
    reply = echo(talk)
    assert phase(talk) == "owned" and not reply.sends
    assert not reply.recorded("handoff.opened"), "one handoff, not two"


def test_k8_who_has_it_at_the_desk_keeps_it_and_nobody_waits() -> None:
    talk = Talk()
    talk.say(Handoff())
    talk.claim("Linde")
    talk.say(text="Hallo?")
    assert talk.conversation.handoff is not None and talk.conversation.handoff.waiting_since is not None
    reply = echo(talk)
    assert talk.conversation.owner == "Linde" and talk.conversation.handoff.waiting_since is None
    assert SLA_TIMER in [timer.name for timer in reply.timers]


def test_k8_an_operator_of_the_desk_takes_it_from_the_phone() -> None:
    talk = Talk()
    echo(talk)
    talk.claim("Linde", takeover=True)
    assert talk.conversation.owner == "Linde"
    sent = talk.happen(OperatorSaid("Linde", "Ich bin jetzt am Rechner.", "o1", talk.now))
    assert sent.sends


def test_k8_our_own_words_that_come_back_are_no_takeover() -> None:
    talk = Talk()
    talk.to_confirm()
    ours = "Soll ich den Termin so buchen?"
    talk.conversation = spoke(talk.conversation, ours)
    assert not echo(talk, ours, sure=False).records
    assert phase(talk) == "bot"
    echo(talk, "Etwas ganz anderes", sure=False)
    assert phase(talk) == "owned"


@pytest.mark.parametrize("how", ["edited", "deleted"])
def test_k8_a_changed_or_revoked_echo_changes_no_hands(how: str) -> None:
    talk = Talk()
    reply = talk.happen(OperatorEchoed(PHONE, "neu", "m1", talk.now, how=how))  # type: ignore[arg-type]  # both are allowed
    assert phase(talk) == "bot" and not reply.sends
    assert bool(reply.recorded("message.deleted")) == (how == "deleted")


# ---- the ways back


@pytest.mark.parametrize("word", ["/bot", "/END", "#bot", "/ende"])
def test_k8_a_word_in_the_phones_app_gives_it_back(word: str) -> None:
    talk = Talk()
    talk.to_confirm()
    echo(talk)
    reply = echo(talk, word)
    assert phase(talk) == "bot" and "handoff.back" in reply.names
    assert talk.conversation.question is not None, "the flow goes on"
    echo(Talk(), word)


def test_k8_that_word_takes_nothing_over() -> None:
    talk = Talk()
    assert not echo(talk, "/bot").sends
    assert phase(talk) == "bot"


def test_k8_the_desk_is_back_when_its_people_have_gone_home() -> None:
    talk = Talk()
    clock = away_clock(echo(talk))
    assert clock.at - talk.now <= timedelta(hours=12)
    later = talk.later(minutes=5)
    renewed = away_clock(echo(later, "Noch etwas"))
    assert renewed.generation != clock.generation
    talk.fire(AWAY_TIMER, clock.generation)
    assert phase(talk) == "owned", "the older clock does nothing"
    talk.say(text="Hallo?")
    reply = talk.later(hours=12).fire(AWAY_TIMER, renewed.generation)
    assert phase(talk) == "bot" and "handoff.away.team" in reply.names
    assert PHONE not in reply.text


def test_k8_the_customer_can_end_it_too() -> None:
    talk = Talk()
    echo(talk)
    assert "handoff.ended" in talk.hear("/end").names
    assert phase(talk) == "bot"


# ---- another app


def test_standby_words_are_kept_and_never_answered() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = overheard(talk, "ja")
    assert not reply.sends and not reply.writes and not talk.booked
    assert phase(talk) == "owned" and talk.conversation.owner.startswith("thread:")
    clocks: set[str] = set()
    for timer in reply.timers:
        clocks = clocks | {timer.name} if isinstance(timer, SetTimer) else clocks - {timer.name}
    assert not clocks, "no clock takes the chat from another app"
    assert not overheard(talk, "Hallo?").sends


def test_a_chat_that_comes_to_us_again_is_ours() -> None:
    talk = Talk()
    talk.to_confirm()
    overheard(talk, "einen Moment")
    reply = talk.say(text="Und mein Termin?")
    assert phase(talk) == "bot" and reply.sends


def test_a_passed_chat_goes_on_where_it_was_and_says_nothing_where_nothing_was() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.happen(ThreadMoved(False, "263902037430900", talk.now))
    assert phase(talk) == "owned"
    reply = talk.happen(ThreadMoved(True, "", talk.now))
    assert phase(talk) == "bot" and "handoff.back" in reply.names and reply.question is not None
    idle = Talk()
    idle.happen(ThreadMoved(False, "1", idle.now))
    assert not idle.happen(ThreadMoved(True, "", idle.now)).sends and phase(idle) == "bot"
    assert not idle.happen(ThreadMoved(True, "", idle.now)).records


def test_what_another_app_writes_leaves_it_the_chat_without_a_clock() -> None:
    talk = Talk()
    overheard(talk, "Hallo?")
    reply = echo(talk, operator="app:555")
    assert talk.conversation.owner.startswith("thread:") and not reply.sends
    assert not [timer for timer in reply.timers if isinstance(timer, SetTimer)]


def test_a_person_in_the_page_inbox_takes_it_from_another_app() -> None:
    talk = Talk()
    overheard(talk, "Hallo?")
    echo(talk, operator="app:inbox")
    assert talk.conversation.owner == "app:inbox"
