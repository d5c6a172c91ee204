"""Lines and attributes of flows beyond the booking: call, wait_for, available; and P6, what happens late."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import yaml

from runtime.core.business import Desk
from runtime.core.commands import Affirm, Ask, Cancel, Handoff, Set, Start, Undo
from runtime.core.events import Happened, Outcome
from runtime.core.flow_links import check_calls
from runtime.core.flow_loader import load_flow
from runtime.core.flows import Flow
from runtime.flow_files import FlowYaml
from tests.core.desk import ACTIONS, desk
from tests.core.talk import BOOK, TUESDAY, Talk, at, wish

HEAD = {"skill": "own", "description": {"en": "x"}, "examples": {"en": ["x"]}}
IDENTIFY = """
flow: identify
slots:
  name: {type: person, remember: contact}
  phone: {type: phone, remember: contact, if_refused: go_on}
lines:
  - collect: name
  - collect: phone
"""
ORDER = """
flow: order
slots:
  service: {type: choice, options: services}
  name: {type: person}
  phone: {type: phone}
lines:
  - collect: service
  - call: identify
    on: {aborted: {handoff: refused}}
  - confirm: booking_summary
  - act: booking.book
    on: {failed: {handoff: booking_failed}, unknown: {handoff: outcome_unknown}}
  - wait_for: payment_done
    until: 2d
    else: {say: no_free_time, end: aborted}
  - say: booked
"""


def loaded(text: str, **more: Any) -> Flow:
    """A flow from a few lines of YAML."""
    result = load_flow({**HEAD, **yaml.load(text, FlowYaml), **more}, ACTIONS)
    assert result.flow is not None, result.problems
    return result.flow


def problems(text: str) -> list[str]:
    return [p.text for p in load_flow({**HEAD, **yaml.load(text, FlowYaml)}, ACTIONS).problems]


def desk_with(*own: Flow) -> Desk:
    base = desk()
    flows = {**base.flows, **{flow.id: flow for flow in own}}
    return dataclasses.replace(base, flows=flows, pinned={flow.hash: flow for flow in flows.values()})


def ordering() -> Talk:
    """An order up to the question for the name, which the called flow asks."""
    talk = Talk(desk=desk_with(loaded(IDENTIFY), loaded(ORDER)))
    talk.diary.dictated["booking.book"] = []
    reply = talk.say(Start("order"), Set("service", "", "cut"))
    assert reply.asks == ("slot", "name")
    return talk


def paid(talk: Talk) -> Happened:
    return Happened("payment_done", talk.now)


def waiting() -> Talk:
    """An order that waits for its payment."""
    talk = ordering()
    talk.diary.dictated["booking.book"] = [Outcome("done", "done", {"appointment": "a1"})]
    talk.say(Set("name", "", "Meier"))
    assert talk.say(Set("phone", "", "+4915123456")).asks == ("confirm", "")
    reply = talk.say(Affirm())
    assert len(reply.writes) == 1 and reply.asks == ("", "") and reply.sends
    return talk


# ---- call


def test_call_runs_the_other_flow_and_comes_back_with_its_values() -> None:
    talk = ordering()
    assert [f.flow for f in talk.conversation.stack] == ["order", "identify"]
    assert talk.say(Set("name", "", "Meier")).asks == ("slot", "phone")
    reply = talk.say(Set("phone", "", "+4915123456"))
    assert reply.asks == ("confirm", "") and "flow.back" not in reply.names
    top = talk.conversation.stack[-1]
    assert top.flow == "order" and top.slots["name"].value == "Meier" and top.slots["phone"].value == "+4915123456"


def test_call_passes_down_what_is_known() -> None:
    talk = Talk(desk=desk_with(loaded(IDENTIFY), loaded(ORDER)))
    reply = talk.say(Start("order"), Set("service", "", "cut"), Set("name", "", "Meier"))
    assert reply.asks == ("slot", "phone")


def test_cancelling_a_called_flow_leaves_the_whole_task() -> None:
    talk = ordering()
    reply = talk.say(Cancel())
    assert not talk.conversation.stack and "cancelled.order" in reply.names
    talk.say(Undo())
    assert talk.conversation.stack[0].slots["service"].value == "cut"
    assert talk.replies[-1].asks == ("slot", "name")


def test_a_digression_from_a_called_flow_comes_back_to_it() -> None:
    talk = ordering()
    talk.say(Start(BOOK), Set("service", "", "beard"), wish(at(TUESDAY, 15)))
    reply = talk.say(Cancel())
    assert reply.asks == ("slot", "name") and [f.flow for f in talk.conversation.stack] == ["order", "identify"]


def test_a_called_flow_that_was_left_ends_its_caller_unless_it_says_what_else() -> None:
    leave = loaded("flow: identify\nslots: {name: {type: person}}\nlines: [{end: aborted}]")
    talk = Talk(desk=desk_with(leave, loaded(ORDER)))
    talk.say(Start("order"), Set("service", "", "cut"))
    assert talk.conversation.phase == "queued"
    plain = loaded(ORDER.replace("    on: {aborted: {handoff: refused}}\n", ""))
    talk = Talk(desk=desk_with(leave, plain))
    talk.say(Start("order"), Set("service", "", "cut"))
    assert talk.conversation.phase == "bot" and not talk.conversation.stack


def test_calls_are_checked_across_flows() -> None:
    order, identify = loaded(ORDER), loaded(IDENTIFY)
    assert not list(check_calls({"order": order, "identify": identify}, order))
    assert "no flow here" in next(check_calls({"order": order}, order))
    circle = loaded("flow: identify\nslots: {}\nlines: [{call: order}]")
    assert "cannot call itself" in next(check_calls({"order": order, "identify": circle}, order))
    assert "on: aborted" in problems("flow: a\nslots: {}\nlines: [{call: b, on: {done: {end: done}}}]")[0]


# ---- wait_for, P6


def test_wait_for_lets_the_customer_do_other_things() -> None:
    talk = waiting()
    assert any(getattr(t, "name", "") == "wait:payment_done" for t in talk.replies[-1].timers)
    assert "Ab 45 Euro." in talk.say(Ask("Was kostet das?", "prices")).text
    reply = talk.say(Start(BOOK), Set("service", "", "beard"))
    assert reply.asks == ("slot", "start")


def test_wait_for_goes_on_when_it_happened() -> None:
    talk = waiting()
    reply = talk.later(hours=3).happen(paid(talk))
    assert "booked" in reply.names and "happened.payment_done" in reply.names and not talk.conversation.stack
    assert not talk.happen(paid(talk)).sends


def test_p6_what_happens_late_takes_no_question_over() -> None:
    talk = waiting()
    talk.say(Start(BOOK), Set("service", "", "beard"), wish(at(TUESDAY, 15)))
    asked = talk.conversation.question
    assert asked is not None
    reply = talk.happen(paid(talk))
    assert reply.names == ["meanwhile"] and "?" not in reply.text
    assert talk.conversation.question == asked
    reply = talk.say(Affirm())
    assert len(reply.writes) == 1
    assert "booked" in reply.names and "flow.back" in reply.names


def test_p6_while_a_person_has_it_it_is_a_note() -> None:
    talk = waiting()
    talk.say(Handoff())
    talk.claim()
    reply = talk.happen(paid(talk))
    assert not reply.sends and reply.recorded("note")
    talk.release()
    assert not talk.conversation.stack


@pytest.mark.parametrize("back", [True, False])
def test_wait_for_ends_when_it_is_too_late(back: bool) -> None:
    talk = waiting()
    generation = talk.conversation.stack[-1].waits_until
    assert not talk.fire("wait:payment_done", generation - 1).sends
    talk.later(days=2)
    reply = talk.fire("wait:payment_done", generation)
    assert "no_free_time" in reply.names and not talk.conversation.stack
    assert not talk.happen(paid(talk)).sends


def test_wait_for_a_write_is_never_gone_back_behind() -> None:
    talk = waiting()
    talk.say(Start(BOOK), Set("service", "", "beard"))
    reply = talk.say(Cancel())
    assert not reply.writes and talk.conversation.stack[-1].flow == "order"
    reply = talk.say(Set("name", "", "Schulz"))
    assert not reply.writes and reply.asks[0] != "confirm" and reply.sends


def test_a_wait_without_a_way_out_is_refused() -> None:
    found = problems("flow: a\nslots: {}\nlines: [{wait_for: payment_done}]")
    assert any("needs `until:`" in text for text in found)
    found = problems("flow: a\nslots: {}\nlines: [{wait_for: payment_done, until: 1d, else: {say: booked}}]")
    assert any("no way out" in text for text in found)


# ---- available


def limited(available: object) -> Talk:
    return Talk(desk=desk_with(loaded(IDENTIFY, available=available)))


def test_available_while_somebody_is_in() -> None:
    talk = limited({"hours": "open"})
    assert talk.say(Start("identify")).asks == ("slot", "name")
    talk = limited({"hours": "open"}).later(hours=12)
    reply = talk.say(Start("identify"))
    assert not talk.conversation.stack and "unavailable.hours" in reply.names
    assert "wieder ab Samstag, 21. November, 9 Uhr" in reply.text


def test_available_on_some_channels_only() -> None:
    assert limited({"channels": ["telegram"]}).say(Start("identify")).asks == ("slot", "name")
    reply = limited({"channels": ["sms"]}).say(Start("identify"))
    assert "unavailable.channel" in reply.names and reply.asks == ("", "")


def test_available_with_an_option_of_the_business() -> None:
    assert limited({"option": "services"}).say(Start("identify")).asks == ("slot", "name")
    assert "unavailable.option" in limited({"option": "rooms"}).say(Start("identify")).names


@pytest.mark.parametrize("wrong", ["{hours: night}", "{channels: sms}", "{days: monday}"])
def test_available_is_checked(wrong: str) -> None:
    assert problems(f"flow: a\nslots: {{}}\navailable: {wrong}\nlines: [{{end: done}}]")
