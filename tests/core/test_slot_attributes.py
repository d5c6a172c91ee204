"""What a flow file may say of a slot: rules, depends_on, known_from, why, ladder, examples."""

from __future__ import annotations

import dataclasses
import textwrap
from datetime import date, time
from typing import Any

import pytest
import yaml

from runtime.core.business import Desk
from runtime.core.commands import Set, Skip, Start, Unclear, Why
from runtime.core.flow_loader import load_flow
from runtime.core.flows import Flow, Slot
from runtime.core.messages import Say
from runtime.core.rules import RULES, broken_rule
from runtime.core.slot_loader import dependents
from runtime.core.values import ANY, Value, When
from runtime.flow_files import read_flow
from runtime.wording import Context, Wording
from tests.core.desk import ACTIONS, business, desk, wording
from tests.core.talk import NOW, SUNDAY, TUESDAY, Talk, at

TABLE = """\
flow: table
skill: table
description: {en: A table., de: Ein Tisch.}
examples: {en: [a table please], de: [einen Tisch bitte]}
slots:
  people:
    type: number
    rules: [at_least:2, at_most:8]
    ladder:
      de: ["Für wie viele Personen?", "Wie viele kommen, zum Beispiel vier?"]
      en: ["For how many people?", "How many are coming?"]
    examples: {de: [vier], en: [four]}
  start:
    type: datetime
    rules: [future, opening_hours]
    depends_on: [people]
    why: {de: Damit ein Tisch gedeckt ist., en: So that a table is laid.}
    examples: {de: [Dienstag um 12, morgen um 17 Uhr], en: [Tuesday at 12]}
  name: {type: person, rules: [full_name]}
  phone: {type: phone, known_from: channel, optional: false}
lines:
  - collect: people
  - collect: start
  - collect: name
  - collect: phone
  - say: ok
"""


def table() -> Flow:
    """A flow of a tenant's own without any action."""
    loaded = load_flow(yaml.safe_load(TABLE), ACTIONS)
    assert loaded.flow is not None, loaded.problems
    return loaded.flow


def own_desk() -> Desk:
    """The studio with that flow besides its own."""
    known, flow = desk(), table()
    return dataclasses.replace(known, flows={**known.flows, flow.id: flow}, pinned={**known.pinned, flow.hash: flow})


def talk(**kwargs: Any) -> Talk:
    return Talk(desk=own_desk(), **kwargs)


# ---- rules


@pytest.mark.parametrize(("value", "rule"), [(1, "rule.at_least"), (9, "rule.at_most")])
def test_c5_a_number_against_a_rule_is_named_and_asked_again(value: int, rule: str) -> None:
    at_table = talk()
    at_table.say(Start("table"))
    reply = at_table.say(Set("people", str(value), value))
    assert rule in reply.names and reply.asks == ("slot", "people")
    assert reply.question is not None and reply.question.misses == 0
    assert at_table.say(Set("people", "4", 4)).asks == ("slot", "start")


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (at(date(2026, 11, 19), 12), "rule.future"),
        (at(date(2026, 11, 20), 9), "rule.future"),
        (at(SUNDAY, 12), "rule.opening_hours"),
        (at(TUESDAY, 22), "rule.opening_hours"),
    ],
)
def test_c5_a_time_against_a_rule_where_nothing_searches(value: When, rule: str) -> None:
    at_table = talk()
    reply = at_table.say(Start("table"), Set("people", "4", 4), Set("start", "", value))
    assert rule in reply.names and reply.asks == ("slot", "start")


def test_c5_where_a_search_answers_the_rule_leaves_it_to_the_search() -> None:
    reply = Talk().say(Start("book_appointment"), Set("service", "", "cut"), Set("start", "", at(SUNDAY, 15)))
    assert reply.asks == ("offer", "start") and "offers.closed" in reply.names


def test_c5_a_name_without_a_surname() -> None:
    at_table = talk()
    reply = at_table.say(
        Start("table"), Set("people", "", 4), Set("start", "", at(TUESDAY, 12)), Set("name", "", "Anna")
    )
    assert "rule.full_name" in reply.names and reply.asks == ("slot", "name")


VALUES: list[tuple[str, str, Value]] = [
    ("future", "datetime", ANY), ("opening_hours", "datetime", When(from_clock=time(13))), ("at_most:3", "number", 3),
    ("longest:5", "text", "abcde"), ("full_name", "person", "Anna Meier"), ("at_least:2", "number", "many"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "kind", "value"), VALUES)
def test_what_keeps_a_rule(rule: str, kind: Any, value: Value) -> None:
    assert broken_rule(Slot("x", kind, rules=(rule,)), value, business(), NOW) == ""


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_words(rule: str, language: str) -> None:
    assert wording().has(f"rule.{rule}", language)


# ---- depends_on


def test_c11_a_slot_that_depends_on_another_is_checked_again() -> None:
    assert dependents(table(), "people") == {"start"}
    at_table = talk()
    at_table.say(Start("table"), Set("people", "", 4), Set("start", "", at(TUESDAY, 12)))
    at_table.later(days=4, hours=5)  # the time has passed meanwhile
    reply = at_table.say(Set("people", "", 5))
    assert reply.asks == ("slot", "start") and "rule.future" in reply.names


def test_dependents_are_followed_to_the_end() -> None:
    slots = {n: Slot(n, "text", depends_on=on) for n, on in (("a", ()), ("b", ("a",)), ("c", ("b",)), ("d", ()))}
    flow = dataclasses.replace(table(), slots=slots)
    assert dependents(flow, "a") == {"b", "c"}


# ---- why, ladder, examples


def test_c17_why_in_the_flows_own_words() -> None:
    at_table = talk()
    at_table.say(Start("table"), Set("people", "", 4))
    reply = at_table.say(Why())
    assert "Damit ein Tisch gedeckt ist." in reply.text and reply.asks == ("slot", "start")


def test_c6_a_refusal_is_told_why_in_the_flows_own_words() -> None:
    at_table = talk(language="en")
    at_table.say(Start("table"), Set("people", "", 4))
    assert "So that a table is laid." in at_table.say(Skip("refused")).text


def test_c4_a_ladder_of_the_flows_own_then_a_person() -> None:
    at_table = talk()
    at_table.say(Start("table"))
    assert "Für wie viele Personen?" in at_table.say(Unclear(), text="blau").text
    assert "Wie viele kommen, zum Beispiel vier?" in at_table.say(Unclear(), text="grün").text
    at_table.say(Unclear(), text="rot")
    assert at_table.conversation.phase == "queued"


def test_c4_good_answers_are_named_one_after_the_other() -> None:
    at_table = talk()
    at_table.say(Start("table"), Set("people", "", 4))
    assert "Dienstag um 12" in at_table.say(Unclear(), text="blau").text
    assert "morgen um 17 Uhr" in at_table.say(Unclear(), text="grün").text


def test_own_words_may_name_values() -> None:
    words = Wording({"de": {"own_words": "{text}"}})
    from_flow: dict[str, Value] = {"text": "Geht {service} auch?", "service": "cut"}
    assert words.text(Say("own_words", from_flow), Context(desk(), "de")) == "Geht Haarschnitt auch?"


# ---- known_from


@pytest.mark.parametrize(
    ("channel", "chat", "asked"),
    [
        ("whatsapp_cloud", "4915123456742", False),
        ("twilio_sms", "+4915123456742", False),
        ("twilio_sms", "whatsapp:+4915123456742", False),
        ("telegram", "4915123456742", True),
        ("whatsapp_cloud", "DE.1234567890abcdef", True),
    ],
)
def test_c21_the_channels_number_is_not_asked_but_mentioned_masked(channel: str, chat: str, asked: bool) -> None:
    booking = Talk(channel=channel)
    booking.conversation = dataclasses.replace(booking.conversation, chat=chat)
    sets = (Set("service", "", "cut"), Set("start", "", at(TUESDAY, 15)), Set("name", "", "Meier"))
    reply = booking.say(Start("book_appointment"), *sets)
    assert (reply.asks == ("slot", "phone")) is asked
    if not asked:
        assert reply.asks == ("confirm", "") and "…42" in reply.text and "15123456" not in reply.text
        assert booking.say(Set("phone", "", "+4930111")).asks == ("confirm", "")
        assert booking.conversation.stack[-1].slots["phone"].value == "+4930111"


# ---- what is refused, with its line

HEAD = "flow: test\nskill: test\nexamples: {en: [do it]}\nslots:\n  other: {type: text}\n"
WRONG = [
    ("day: {type: datetime, rules: [sunny]}", 6, "Unknown rule `sunny`"),
    ("day: {type: datetime, rules: future}", 6, "is a list"),
    ("day: {type: datetime, rules: [at_least:2]}", 6, "is for a number"),
    ("day: {type: number, rules: [at_least]}", 6, "`at_least:2`"),
    ("day: {type: datetime, rules: [future:3]}", 6, "Write it as `future`"),
    ("day: {type: datetime, depends_on: [moon]}", 6, "names `moon`"),
    ("day: {type: datetime, depends_on: [day]}", 6, "depends on itself"),
    ("day: {type: datetime, depends_on: other}", 6, "is a list"),
    ("day: {type: phone, known_from: stars}", 6, "may be channel or contact"),
    ("day: {type: person, known_from: channel}", 6, "must be a phone"),
    ("day: {type: phone, remember: ever}", 6, "`remember: ever` means nothing"),
    ("day: {type: phone, if_refused: cry}", 6, "`if_refused: cry`"),
    ("day: {type: phone, optional: maybe}", 6, "true or false"),
    ("day: {type: datetime, why: because}", 6, "told by language"),
    ("day: {type: datetime, why: {en: 'Why not?'}}", 6, "asks nothing"),
    ("day: {type: datetime, why: {de: Darum.}}", 6, "`why` has no words in en"),
    ("day: {type: datetime, ladder: {en: 'When?'}}", 6, "list of texts"),
    ("day: {type: datetime, ladder: {en: ['When']}}", 6, "exactly one question"),
    ("day: {type: datetime, ladder: {en: ['A?', 'B?', 'C?', 'D?']}}", 6, "At most 3"),
    ("day: {type: datetime, ladder: {en: ['A?', 'A?']}}", 6, "twice"),
    ("day: {type: datetime, ladder: {en: ['A?', 'B?'], de: ['A?']}}", 6, "as many texts"),
    ("day: {type: datetime, examples: {de: [Montag]}}", 6, "`examples` has no words in en"),
]


@pytest.mark.parametrize(("slot", "line", "text"), WRONG)
def test_a_wrong_attribute_is_refused_with_its_line(slot: str, line: int, text: str) -> None:
    file = read_flow(HEAD + textwrap.indent(slot, "  ") + "\nlines:\n  - collect: day\n", "test.yaml", ACTIONS)
    assert file.flow is None
    assert any(c.startswith(f"test.yaml:{line}: ") and text in c for c in file.complaints), file.complaints
