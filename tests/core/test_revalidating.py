"""Situations F5 and P9: what a flow rests on changed while it waited."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

from runtime.core.business import Business
from runtime.core.commands import (
    Affirm,
    Set,
    Start,
)
from runtime.core.revalidating import back_to_parked
from tests.core.desk import business
from tests.core.talk import BOOK, MOVE, TUESDAY, WEDNESDAY, Talk, at, wish

MINE = "my_appointments"


# ---- F5: what a parked flow rests on


def test_f5_a_moved_appointment_takes_the_time_of_the_parked_booking() -> None:
    talk = Talk()
    talk.diary.add("colour", datetime(2026, 11, 25, 14, 0, tzinfo=UTC))
    talk.to_confirm(service="colour")
    talk.say(Start(MOVE), wish(at(TUESDAY, 15)))
    reply = talk.say(Affirm())
    assert {"moved", "flow.back", "flow.no_longer"} <= set(reply.names)
    assert "Dienstag, 24. November, 15 Uhr, ist inzwischen leider nicht mehr frei." in reply.text
    assert reply.asks == ("offer", "start") and not any(s.stood for s in talk.conversation.stack)


def test_f5_what_still_holds_is_not_mentioned() -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 27, 14, 0, tzinfo=UTC))
    talk.to_confirm()
    talk.say(Start(MOVE), wish(at(WEDNESDAY, 10)))
    reply = talk.say(Affirm())
    assert "flow.no_longer" not in reply.names and reply.asks == ("confirm", "")


def test_f5_a_new_phone_number_holds_for_the_parked_flow_too() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.conversation = dataclasses.replace(talk.conversation, todo=())
    parked = talk.conversation.stack[0]
    talk.say(Start(MINE))
    finished = dataclasses.replace(
        parked, slots={"phone": dataclasses.replace(parked.slots["phone"], value="+49221999", turn=9)}
    )
    after = back_to_parked(talk.conversation, finished)
    assert after.stack[-1].slots["phone"].value == "+49221999"
    assert any(say.name == "taken_over.phone" for _, say in after.draft.sayings)


# ---- P9: an option that is gone


def without_beard() -> Business:
    """The business without its beard trims."""
    own = business()
    return dataclasses.replace(own, services=tuple(s for s in own.services if s.id != "beard"))


def test_p9_only_what_fell_is_asked_again() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "Bart", "beard"), wish(at(WEDNESDAY, 10)), Set("name", "", "Meier"))
    talk.change_desk(without_beard())
    reply = talk.say(Set("phone", "", "+4915123456"))
    assert "„Bart“ gibt es hier leider nicht mehr." in reply.text and reply.asks == ("slot", "service")
    assert set(talk.conversation.stack[-1].slots) == {"start", "name", "phone"}
    assert talk.say(Set("service", "", "cut")).asks == ("confirm", "")


def test_p9_a_yes_after_the_option_fell_writes_nothing() -> None:
    talk = Talk()
    talk.to_confirm(service="beard")
    talk.change_desk(without_beard())
    reply = talk.say(Affirm())
    assert not reply.writes and reply.asks == ("slot", "service")


def test_p9_in_a_flow_that_waited_it_is_said_on_the_way_back() -> None:
    talk = Talk()
    talk.diary.add("cut", datetime(2026, 11, 27, 14, 0, tzinfo=UTC))
    talk.to_confirm(service="beard")
    talk.say(Start(MOVE), wish(at(WEDNESDAY, 10)))
    talk.change_desk(without_beard())
    reply = talk.say(Affirm())
    assert {"moved", "option_gone"} <= set(reply.names) and reply.asks == ("slot", "service")
