"""Two things at once, and by side doors: timers beside words, edits and thumbs where words would not count, STOP."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from runtime.core.commands import Affirm, Cancel, Deny, Further, Handoff, Pick, Start, Unclear
from runtime.core.commands import Set as SetCommand
from runtime.core.conversation import Asked
from runtime.core.effects import Understand
from runtime.core.events import Edited, OperatorAsked, OperatorJoined, OperatorSaid, Prompted, Reacted, TimerFired
from runtime.core.handoff import AWAY_TIMER, SLA_TIMER, TIMER
from tests.core.desk import business
from tests.core.desk import desk as desk_of
from tests.core.talk import BOOK, CANCEL, MOVE, THURSDAY, WEDNESDAY, Reply, Talk, at, wish
from tests.core.test_flow_lines import waiting
from tests.core.test_prompts import remind

STATUSES = ["suspended", "paused", "barred"]


def turned_off(talk: Talk, status: str) -> Talk:
    """The desk answers nobody, or not this one."""
    change = {"barred": frozenset({"contact"})} if status == "barred" else {"status": status}
    talk.desk = dataclasses.replace(talk.desk, **change)
    talk.conversation = dataclasses.replace(talk.conversation, desk=talk.desk)
    return talk


def limited(minute: int) -> Talk:
    own = business()
    policies = dataclasses.replace(own.policies, messages_per_minute=minute)
    return Talk(desk_of(dataclasses.replace(own, policies=policies)))


def thumb(talk: Talk) -> Reply:
    assert talk.conversation.question is not None
    return talk.happen(Reacted("m9", "👍", talk.now, talk.conversation.question.id))


def understood(talk: Talk) -> int:
    return sum(isinstance(effect, Understand) for _, _, _, effects in talk.steps for effect in effects)


# ---- side doors: what would not count as words does not count as an edit or a thumb


@pytest.mark.parametrize("status", STATUSES)
def test_p10_a_thumb_books_nothing_where_a_yes_would_not(status: str) -> None:
    talk = Talk()
    talk.to_confirm()
    assert not thumb(turned_off(talk, status)).writes and talk.booked == []


@pytest.mark.parametrize("status", STATUSES)
def test_m4_an_edit_is_not_understood_where_words_would_not_be(status: str) -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    before = understood(talk)
    turned_off(talk, status).happen(Edited("m1", "Haarschnitt", talk.now))
    assert understood(talk) == before


def test_law_13_edits_are_messages_too() -> None:
    talk = limited(5)
    talk.say(Start(BOOK))
    replies = [talk.later(seconds=1).happen(Edited("m1", f"Termin {n}", talk.now)) for n in range(30)]
    assert understood(talk) == 5 and sum("guard.flood" in reply.names for reply in replies) == 1


def test_c19_a_card_number_in_an_edit_is_said_and_not_understood() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    before = understood(talk)
    reply = talk.happen(Edited("m1", "⟦card⟧", talk.now))
    assert reply.names == ["private.card"] and understood(talk) == before


def test_m4_danger_in_an_edit_is_danger() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    reply = talk.happen(Edited("m1", "Hilfe, Notfall", talk.now))
    assert "guard.emergency" in reply.names and talk.conversation.phase == "queued"


def test_m4_danger_in_an_edit_alerts_the_person_who_has_it() -> None:
    talk = Talk()
    talk.say(Handoff())
    talk.claim()
    talk.hear("Hallo")
    reply = talk.happen(Edited("m2", "Hilfe, Notfall", talk.now))
    assert [r.facts["kind"] for r in reply.recorded("alert")] == ["emergency"] and not reply.sends


@pytest.mark.parametrize("values", [(wish(at(WEDNESDAY, 10)),), (Deny(),), (Start(CANCEL),), (Cancel(),)])
def test_a7_an_edit_of_older_words_is_no_answer_to_the_reminder(values: tuple[SetCommand | Deny | Start, ...]) -> None:
    talk = Talk()
    talk.to_confirm(start=at(THURSDAY, 10))
    talk.later(hours=3)
    remind(talk)
    talk._commands = values
    reply = talk.happen(Edited("m1", "lieber Mittwoch", talk.now))
    assert not reply.recorded("prompt.answered")
    assert talk.conversation.top is not None and talk.conversation.top.flow == BOOK


# ---- a prompt and words in the same moment


@pytest.mark.parametrize("answer", [Affirm(), Pick("off"), Pick("move"), Pick("take"), Deny()])
def test_a7_a_number_or_yes_sent_before_the_reminder_came_is_no_answer_to_it(answer: Affirm | Pick | Deny) -> None:
    talk = Talk()
    talk.to_confirm(start=at(THURSDAY, 10))
    talk.later(hours=3)
    sent = talk.now - timedelta(seconds=20)
    remind(talk)
    reply = talk.say(answer, at=sent)
    assert not reply.recorded("prompt.answered") and not reply.writes and reply.sends
    assert talk.conversation.top is not None and talk.conversation.top.flow not in (CANCEL, MOVE)


def test_p10_a_reminder_of_a_suspended_desk_waits_and_is_not_lost() -> None:
    talk = turned_off(Talk(), "suspended")
    reply = remind(talk)
    assert not reply.sends and not reply.writes and not reply.records, "unclaimed, so that it comes again"
    turned_off(talk, "active")
    assert remind(talk).asks == ("prompt", "reminder")


def test_l1_a_nudge_and_a_yes_in_one_turn_write_nothing_twice() -> None:
    talk = Talk()
    talk.to_confirm()
    number = talk.conversation.nudge
    talk.later(minutes=20)
    talk.before_words = TimerFired("nudge", number, talk.now)
    reply = talk.say(Affirm())
    assert len(reply.writes) + len(talk.say(Affirm()).writes) == 1 and len(talk.booked) == 1


def test_law_6_a_prompt_that_was_on_its_way_when_a_person_took_over_is_theirs() -> None:
    talk = Talk()
    old = talk.diary.add("cut", talk.now + timedelta(hours=5))
    talk.happen(OperatorJoined("Linde", talk.now, takeover=True))
    facts = {"appointment": old.id, "service": "cut", "staff": "anna", "start": old.start.isoformat()}
    reply = talk.happen(Prompted("reminder", facts, "booking.remind", talk.now))
    assert not reply.sends and reply.recorded("note")


# ---- clocks beside people


def test_law_6_an_old_clock_does_not_take_it_from_somebody_who_just_wrote() -> None:
    talk = Talk()
    talk.say(Handoff())
    talk.claim()
    assert talk.conversation.handoff is not None
    old = talk.conversation.handoff.away
    talk.later(hours=1).happen(OperatorSaid("Linde", "Ich sehe nach.", "o1", talk.now))
    talk.fire(AWAY_TIMER, old)
    assert talk.conversation.phase == "owned" and talk.conversation.owner == "Linde"


def test_law_6_a_clock_of_an_older_version_still_takes_it_back() -> None:
    talk = Talk()
    talk.say(Handoff())
    talk.claim()
    assert talk.conversation.handoff is not None
    handoff = dataclasses.replace(talk.conversation.handoff, away=0)
    talk.conversation = dataclasses.replace(talk.conversation, handoff=handoff)
    talk.later(hours=12).fire(AWAY_TIMER, 2)
    assert talk.conversation.phase == "bot"


# ---- STOP while people are asked for or have it (the matrix in `consent.py`)


@pytest.mark.parametrize("flow", [False, True])
def test_n1_after_stop_nobody_hears_that_nobody_came(flow: bool) -> None:
    talk = Talk()
    talk.say(Start(BOOK) if flow else Unclear("words"))
    talk.say(Handoff())
    talk.hear("STOP")
    reply = talk.later(minutes=31).fire(TIMER, talk.conversation.generation)
    assert not reply.sends and reply.recorded("handoff.closed") and talk.conversation.phase == "bot"


@pytest.mark.parametrize("way", ["release", "away", "sla"])
def test_n1_after_stop_to_a_person_the_desk_says_nothing_on_its_own(way: str) -> None:
    own = business()
    talk = Talk(desk_of(dataclasses.replace(own, policies=dataclasses.replace(own.policies, sla_notice=True))))
    talk.say(Handoff())
    talk.claim()
    talk.hear("Hallo?")
    talk.hear("STOP")
    handoff = talk.conversation.handoff
    assert handoff is not None
    match way:
        case "release":
            reply = talk.release()
        case "away":
            reply = talk.later(hours=12).fire(AWAY_TIMER, handoff.away)
        case _:
            reply = talk.later(minutes=6).fire(SLA_TIMER, handoff.sla)
            assert reply.recorded("alert")
    assert not reply.sends


def test_n3_who_stops_and_writes_again_while_waiting_is_told_that_nobody_came() -> None:
    talk = Talk()
    talk.say(Handoff())
    talk.hear("STOP")
    talk.say(Unclear("words"), text="Sind Sie doch noch da?")
    reply = talk.later(minutes=31).fire(TIMER, talk.conversation.generation)
    assert "handoff.nobody" in reply.names


# ---- floods of what the guard answers


def test_law_13_a_flood_of_stops_is_counted_too() -> None:
    talk = limited(5)
    replies = [talk.hear("STOP") for _ in range(40)]
    assert sum(bool(reply.sends) for reply in replies) == 5
    assert sum(len(reply.recorded("alert")) for reply in replies) == 5
    assert all(reply.recorded("consent") for reply in replies) and talk.conversation.opted_out


@pytest.mark.parametrize("phase", ["queued", "owned"])
def test_law_13_a_flood_of_one_danger_alerts_no_longer_once_people_know(phase: str) -> None:
    talk = limited(5)
    talk.hear("Hilfe, Notfall")
    if phase == "owned":
        talk.claim()
    replies = [talk.hear("Hilfe, Notfall") for _ in range(40)]
    assert 0 < sum(len(reply.recorded("alert")) for reply in replies) <= 5


def test_law_13_another_danger_comes_through_any_flood() -> None:
    talk = limited(5)
    for number in range(40):
        talk.hear(f"Termin {number}")
    reply = talk.hear("Hilfe, Notfall")
    assert "guard.emergency" in reply.names and reply.recorded("alert")


def test_law_6_a_wait_that_ends_while_a_person_has_it_does_nothing_then() -> None:
    talk = waiting()
    generation = talk.conversation.stack[-1].waits_until
    talk.claim(takeover=True)
    before = talk.conversation.stack
    reply = talk.later(days=3).fire("wait:payment_done", generation)
    assert not reply.sends and not reply.reads and talk.conversation.stack == before


def test_law_3_one_thing_at_a_time_is_done_in_an_operators_name() -> None:
    talk = Talk()
    talk.say(Handoff())
    talk.claim()
    under_way = Asked("k", "cancel", "Linde", {})
    talk.conversation = dataclasses.replace(talk.conversation, asked=under_way)
    reply = talk.happen(OperatorAsked("Linde", "book", talk.now, {"service": "cut"}))
    assert not reply.writes and reply.recorded("act.refused")[0].facts["why"] == "busy"


def test_law_7_more_wishes_than_are_kept_are_refused_aloud() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    reply = talk.say(*(Further(flow, ()) for flow in (MOVE, CANCEL, BOOK, MOVE, CANCEL, BOOK)))
    assert "flow.too_many" in reply.names and len(talk.conversation.stack) + len(talk.conversation.todo) == 3


def test_n3_who_stopped_and_wrote_again_gets_answers_and_no_reminders() -> None:
    talk = Talk()
    talk.hear("STOP")
    assert talk.say(Start(BOOK)).sends
    reply = remind(talk.later(hours=3))
    assert not reply.sends and reply.recorded("prompt.dropped")[0].facts["why"] == "no_consent"
