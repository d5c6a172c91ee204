"""Situations K: a person is asked for, has the conversation, gives it back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from runtime.core.commands import Affirm, Ask, Back, Cancel, Deny, Handoff, Language, Set, Start, Unclear, Undo
from runtime.core.conversation import Conversation, saying
from runtime.core.effects import Act, Send, Understand
from runtime.core.events import (
    Acted,
    Delivered,
    HandoffExpired,
    OperatorNoted,
    OperatorSaid,
    Outcome,
    Parked,
    Settled,
    Understood,
)
from runtime.core.handoff import open_handoff
from runtime.core.step import step
from runtime.core.values import When
from tests.core.talk import BOOK, TUESDAY, Reply, Talk, at, wish
from tests.core.test_leaving import STEPS, bring_to


def queued(place: str = "name") -> Talk:
    """A talk that waits for a person."""
    talk = Talk()
    bring_to(talk, place)
    talk.say(Handoff())
    return talk


def owned(place: str = "name") -> Talk:
    """A talk that a person has."""
    talk = queued(place)
    talk.claim()
    return talk


def test_k1_one_handoff_with_a_summary_and_a_promise() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.say(Handoff(), text="Ich möchte mit einem Menschen sprechen")
    (opened,) = reply.recorded("handoff.opened")
    summary = str(opened.facts["summary"])
    assert "book_appointment" in summary and "cut" in summary and "2026-11-24 15:00" in summary
    assert "Ich möchte mit einem Menschen sprechen" in summary
    assert opened.facts["reason"] == "asked" and "2 Minuten" in reply.text
    again = talk.say(Handoff())
    assert not again.recorded("handoff.opened") and again.names == ["handoff.waiting"]
    assert talk.conversation.generation == opened.facts["generation"]


def test_k1_two_wishes_for_a_person_in_one_turn_are_one_handoff() -> None:
    assert len(Talk().say(Handoff(), Handoff()).recorded("handoff.opened")) == 1


@pytest.mark.parametrize("phase", ["queued", "owned"])
def test_k1_whoever_asks_for_a_second_handoff_gets_none(phase: str) -> None:
    conversation = (queued() if phase == "queued" else owned()).conversation
    assert open_handoff(conversation, "trouble", Talk().now) == (conversation, ())


def test_k4_nobody_comes_and_the_bot_is_back_with_the_question() -> None:
    talk = queued()
    generation = talk.conversation.generation
    reply = talk.later(minutes=30).happen(HandoffExpired(generation, talk.now))
    assert talk.conversation.phase == "bot" and reply.asks == ("clarify", "") and "zurückrufen" in reply.text
    assert "handoff.nobody" in reply.names and reply.recorded("alert") and reply.recorded("handoff.closed")
    assert not talk.happen(HandoffExpired(generation, talk.now)).sends
    assert talk.say(Deny()).asks == ("slot", "name")


@pytest.mark.parametrize("command", [Cancel(), Undo(), Back(), Deny()])
def test_k5_called_off_while_waiting_goes_back_to_the_flow(command: Cancel | Undo | Back | Deny) -> None:
    talk = queued()
    generation = talk.conversation.generation
    reply = talk.say(command)
    assert talk.conversation.phase == "bot" and talk.conversation.handoff is None
    assert reply.asks == ("slot", "name") and "handoff.called_off" in reply.names
    assert reply.recorded("handoff.closed") and talk.conversation.generation > generation
    claim = talk.claim()
    assert claim.recorded("handoff.refused") and not claim.sends and talk.conversation.phase == "bot"


def test_k5_by_button() -> None:
    talk = queued()
    talk.press("Doch mit dem Assistenten weiter")
    assert talk.conversation.phase == "bot"


def test_k5_calling_off_an_appointment_is_no_calling_off_of_the_handoff() -> None:
    talk = queued()
    talk.say(Cancel(ambiguous=True), text="Termin absagen")
    assert talk.conversation.phase == "queued"


def test_k6_five_lines_are_noted_once() -> None:
    talk = queued()
    replies = [talk.say(Unclear(), text=f"Zeile {n}") for n in range(5)]
    assert [r.names for r in replies] == [["handoff.noted"], [], [], [], []]
    assert talk.conversation.phase == "queued"


@pytest.mark.parametrize("kind", ["image", "sticker", "voice"])
def test_k6_a_picture_is_noted_too(kind: str) -> None:
    talk = queued()
    assert talk.hear("", kind).names == ["handoff.noted"]
    assert talk.hear("", kind).names == []


def test_k6_no_flow_beside_the_queue() -> None:
    talk = queued()
    stack = talk.conversation.stack
    for commands in (
        (Set("name", "", "Meier"),),
        (Start("move_appointment"),),
        (Affirm(),),
        (Ask("Preis?", "prices"),),
    ):
        assert not talk.say(*commands).writes
    assert talk.conversation.stack == stack
    assert all(exchange.turn for exchange in talk.conversation.window)
    assert "…" in talk.conversation.window[-1].said


@pytest.mark.parametrize("text", ["Hallo?", "ja", "Wo sind Sie?", "STOP", "stay||"])
def test_k7_in_owned_the_bot_sends_nothing(text: str) -> None:
    talk = owned()
    before = len(talk.steps)
    assert not talk.say(Affirm(), text=text).sends
    assert not any(isinstance(effect, Understand) for step_ in talk.steps[before:] for effect in step_[3])
    assert not talk.press_payload(text).sends
    assert not talk.hear("", "image").sends
    assert not talk.happen(Parked("e", talk.now)).sends


def test_k7_nothing_that_was_drafted_is_said_once_a_person_has_it() -> None:
    talk = owned()
    drafted = saying(talk.conversation, "answer", "ok")
    conversation, effects = step(drafted, Settled(talk.now, "q"))
    assert not effects and conversation.draft == talk.conversation.draft


def test_k7_the_operators_words_go_out_under_their_generation() -> None:
    talk = owned()
    reply = talk.happen(OperatorSaid("Linde", "Guten Tag, ich bin da.", "o1", talk.now))
    (send,) = reply.sends
    assert (send.author, send.text, send.generation) == (
        "operator",
        "Guten Tag, ich bin da.",
        talk.conversation.generation,
    )
    assert reply.texts == ("Guten Tag, ich bin da.",)


def test_k7_nobody_else_may_speak() -> None:
    talk = owned()
    reply = talk.happen(OperatorSaid("Petri", "Ich auch", "o1", talk.now))
    assert not reply.sends and reply.recorded("reply.refused")
    assert not Talk().happen(OperatorSaid("Petri", "Hallo", "o1", talk.now)).sends


@pytest.mark.parametrize("place", STEPS)
def test_k9_given_back_the_flow_goes_on_where_it_was(place: str) -> None:
    talk = Talk()
    before = bring_to(talk, place)
    slots = talk.conversation.stack[-1].slots
    talk.say(Handoff())
    talk.claim()
    reads = len(talk.diary.reads)
    reply = talk.release("resume")
    if place not in ("change", "clarify", "resume"):
        assert reply.asks == before.asks
    assert reply.names[0] == "handoff.back" and reply.question is not None
    assert {n: f.value for n, f in talk.conversation.stack[-1].slots.items()} == {n: f.value for n, f in slots.items()}
    if place in ("offer", "confirm", "name", "phone", "appointment"):
        assert len(talk.diary.reads) > reads


def test_k9_what_the_operator_changed_is_seen() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.say(Handoff())
    talk.claim()
    for staff in ("anna", "paul"):
        talk.diary.add("cut", talk.now.replace(day=24, hour=14), staff)
    reply = talk.release("resume")
    assert reply.asks == ("offer", "start") and "offers.taken" in reply.names


def test_k9_an_old_yes_does_not_count_after_it() -> None:
    talk = Talk()
    talk.to_confirm()
    yes = talk.payload("Ja, buchen")
    talk.say(Affirm(), Handoff())
    talk.claim()
    assert not talk.release("resume").writes
    assert not talk.press_payload(yes).writes
    assert len(talk.say(Affirm()).writes) == 1


def test_k9_dropped() -> None:
    talk = owned()
    reply = talk.release("drop")
    assert not talk.conversation.stack and talk.conversation.phase == "bot" and "handoff.back" in reply.names


def test_k9_only_the_owner_gives_back() -> None:
    talk = owned()
    reply = talk.release("resume", "Petri")
    assert talk.conversation.phase == "owned" and reply.recorded("release.refused") and not reply.sends


def test_k10_closed_as_done_the_next_message_starts_fresh() -> None:
    talk = owned("confirm")
    reply = talk.release("close")
    assert not reply.sends and not talk.conversation.stack and talk.conversation.phase == "bot"
    assert not talk.say(Affirm(), text="ja").writes
    reply = talk.say(Start(BOOK))
    assert reply.asks == ("slot", "service") and "disclosure" not in reply.names


@pytest.mark.parametrize("phase", ["bot", "queued", "owned"])
def test_k11_a_note_is_for_colleagues_only(phase: str) -> None:
    talk = Talk() if phase == "bot" else queued() if phase == "queued" else owned()
    before = talk.conversation
    reply = talk.happen(OperatorNoted("Linde", "Stammkundin", talk.now))
    assert not reply.sends and reply.recorded("note")[0].facts["text"] == "Stammkundin"
    assert (talk.conversation.phase, talk.conversation.stack) == (before.phase, before.stack)
    assert "Stammkundin" not in str(talk.conversation.window)


def test_k12_of_two_claims_the_first_wins_and_the_other_sees_who() -> None:
    talk = queued()
    first, second = talk.claim("Linde"), talk.claim("Petri")
    assert talk.conversation.owner == "Linde"
    assert first.recorded("handoff.claimed") and not second.recorded("handoff.claimed")
    assert second.recorded("handoff.refused")[0].facts["owner"] == "Linde"
    assert len(first.sends) == 1 and not second.sends
    assert "Linde ist jetzt für Sie da." in first.text


def test_k12_a_takeover_needs_no_handoff_but_must_be_meant() -> None:
    talk = Talk()
    bring_to(talk, "name")
    assert talk.claim().recorded("handoff.refused")
    assert talk.claim(takeover=True).recorded("handoff.claimed")
    assert talk.conversation.phase == "owned"
    assert not talk.claim("Petri", takeover=True).recorded("handoff.claimed")


def _writing(talk: Talk) -> tuple[Conversation, Act]:
    """The conversation just after the machine asked for a write, and that write."""
    talk.to_confirm()
    conversation, effects = step(talk.conversation, Understood((Affirm(),), "de", talk.now))
    (act,) = (effect for effect in effects if isinstance(effect, Act))
    return conversation, act


LATE = [Outcome("done", "done", {"appointment": "a9"}), Outcome("refused", "taken"), Outcome("unknown", "unknown")]


@pytest.mark.parametrize("outcome", LATE, ids=lambda o: o.name)
@pytest.mark.parametrize("phase", ["queued", "owned"])
def test_k17_an_outcome_after_the_takeover_is_a_note_and_never_runs_again(phase: str, outcome: Outcome) -> None:
    talk = Talk()
    conversation, act = _writing(talk)
    talk.conversation = dataclasses.replace(conversation, draft=Talk().conversation.draft)
    talk.claim(takeover=True)
    if phase == "queued":
        talk.conversation = dataclasses.replace(talk.conversation, phase="queued", owner="")
    talk.conversation, effects = step(talk.conversation, Acted(act.key, outcome, talk.now))
    assert [e.kind for e in effects if not isinstance(e, Send)] == ["note"]  # type: ignore[union-attr]  # all others are records
    assert not any(isinstance(e, Send) for e in effects)
    talk.conversation, effects = step(talk.conversation, Settled(talk.now, "q"))
    if phase == "owned":
        assert not effects
    talk.conversation = dataclasses.replace(talk.conversation, phase="owned", owner="Linde")
    reply = talk.release("resume")
    assert not reply.writes
    if outcome.name == "taken":
        assert reply.asks == ("confirm", "")
    else:
        assert not talk.conversation.stack
    if outcome.name == "done":
        assert talk.conversation.done is not None and talk.conversation.done.key == act.key


def test_k17_an_outcome_that_nobody_waits_for_changes_nothing() -> None:
    talk = Talk()
    talk.to_confirm()
    before = talk.conversation
    for event in (Acted("foreign", LATE[0], talk.now), Delivered("p", "delivered", "q", talk.now)):
        assert step(before, event) == (before, ())


def test_generations_only_rise_and_parts_carry_them() -> None:
    talk = Talk()
    seen = []
    plays: list[Callable[[], Reply]] = [
        lambda: talk.say(Handoff()), talk.claim, lambda: talk.release("resume"), lambda: talk.say(Handoff()),
        lambda: talk.say(Cancel()), lambda: talk.claim(takeover=True), lambda: talk.release("close"),
    ]  # fmt: skip
    for play in plays:
        reply = play()
        seen.append(talk.conversation.generation)
        assert all(send.generation == talk.conversation.generation for send in reply.sends)
    assert seen == sorted(seen) and len(set(seen)) == len(seen)


def test_while_waiting_the_offers_of_before_are_dead() -> None:
    talk = Talk()
    reply = talk.say(Start(BOOK), Set("service", "", "cut"), wish(When(days=(TUESDAY,))))
    payload = reply.buttons[0].payload
    talk.say(Handoff())
    talk.press_payload(payload)
    assert not talk.conversation.stack[-1].chosen


def test_while_waiting_a_language_is_noted_like_anything() -> None:
    talk = queued()
    assert talk.say(Language("en")).names == ["handoff.noted"]


def test_a_flow_goes_on_after_a_second_handoff() -> None:
    talk = owned()
    talk.release("resume")
    talk.say(Handoff())
    talk.claim("Petri")
    reply = talk.release("resume", "Petri")
    assert reply.asks == ("slot", "name")
    talk.say(Set("name", "", "Meier"), Set("phone", "", "+4915123456"), wish(at(TUESDAY, 15)))
    assert len(talk.say(Affirm()).writes) == 1
