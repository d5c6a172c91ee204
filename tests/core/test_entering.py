"""Situation A9: coming in by a link, a QR code or a button that says what is wanted."""

from __future__ import annotations

import pytest

from runtime.core.commands import Set, Start
from tests.core.talk import BOOK, TUESDAY, Talk, at, wish


def test_a9_a_link_with_a_service_starts_the_booking_with_it_and_is_a_fact() -> None:
    talk = Talk()
    reply = talk.press_payload("enter||book--service-cut--ref-flyer")
    assert reply.asks == ("slot", "start") and "disclosure" in reply.names
    assert talk.conversation.stack[-1].slots["service"].value == "cut"
    assert talk.conversation.facts["referral"] == "flyer"
    assert [record.facts["source"] for record in reply.recorded("referral")] == ["flyer"]


def test_a9_what_the_link_said_is_not_asked() -> None:
    talk = Talk()
    talk.press_payload("enter||book--service-cut--staff-paul")
    talk.say(wish(at(TUESDAY, 15)), Set("name", "", "Meier"))
    assert talk.conversation.stack[-1].slots["staff"].value == "paul"


@pytest.mark.parametrize("entry", ["flyer", "summer-sale--x", "nothing--service-cut", "ref-a"])
def test_a9_a_link_without_a_task_greets_and_remembers_where_it_stood(entry: str) -> None:
    talk = Talk()
    reply = talk.press_payload(f"enter||{entry}")
    assert "menu" in reply.names and not talk.conversation.stack
    assert talk.conversation.facts["referral"]


@pytest.mark.parametrize(
    "entry",
    ["book--name-Meier--phone-0151234567", "book--service-nothing", "book--start-now", "book----", "book--ref"],
)
def test_a9_a_link_says_options_only(entry: str) -> None:
    talk = Talk()
    assert talk.press_payload(f"enter||{entry}").asks == ("slot", "service")
    assert not talk.conversation.stack[-1].slots


@pytest.mark.parametrize("entry", ["", "a b", "ä", "x" * 65, "book|q|1"])
def test_a9_what_is_no_entry_changes_nothing(entry: str) -> None:
    talk = Talk()
    reply = talk.press_payload(f"enter||{entry}")
    assert reply.sends and "referral" not in talk.conversation.facts


def test_a9_the_same_task_goes_on_with_the_service_of_the_link() -> None:
    talk = Talk()
    talk.say(Start(BOOK), Set("service", "", "beard"))
    reply = talk.press_payload("enter||book--service-cut")
    assert reply.asks == ("slot", "start") and len(talk.conversation.stack) == 1
    assert talk.conversation.stack[-1].slots["service"].value == "cut"
