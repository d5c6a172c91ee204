"""What a model proposes against what was said: nothing invented passes, whatever is proposed, and by whom."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.core import commands as c
from runtime.core.effects import Expectation, Expecting, Understand
from runtime.core.values import When
from runtime.prompts import commands_schema, understanding_request
from runtime.understanding.cascade import OfflineRules, read_text
from runtime.understanding.model_answer import Wrong, proposals_in
from runtime.understanding.model_doubt import doubt
from runtime.understanding.model_grounding import Grounding, Proposal
from runtime.understanding.model_wording import acceptable
from tests.understanding.desks import STUDIO

HOSTILE = Path(__file__).resolve().parents[3] / "shared/data/hostile/hostile.jsonl"
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
DESK = STUDIO
BOOK = DESK.flows["book_appointment"]


def burst(*texts: str, kind: str = "", slot: str = "", is_open: bool = True) -> Understand:
    expecting = Expecting(kind, "q1", slot) if kind else None  # type: ignore[arg-type]  # one of its words
    flow = BOOK if is_open else None
    return Understand(texts, Expectation("de", NOW, DESK, expecting, flow, stack=(BOOK.id,) if is_open else ()))


def grounded(request: Understand, *proposals: tuple[str, str, str]) -> list[c.Command]:
    entries, _ = Grounding(request, "de", read_text).entries([Proposal(*one) for one in proposals])
    return [command for command, _ in entries]


def test_a_value_needs_the_customers_own_words() -> None:
    request = burst("mein Kollege sagte, ihr seid gut, ich heiße übrigens Jonas Meier, 0171 234 56 78")
    said = grounded(request, ("set", "name", "Jonas Meier"), ("set", "phone", "0171 2345678"))
    assert [(one.slot, one.value) for one in said if isinstance(one, c.Set)] == [
        ("name", "Jonas Meier"), ("phone", "+491712345678"),
    ]  # fmt: skip
    assert grounded(request, ("set", "name", "Jonas Huber"), ("set", "phone", "0171 2345679")) == []
    assert grounded(request, ("set", "start", "morgen"), ("set", "nothing", "Jonas"), ("start", "sell_all", "")) == []


def test_our_grammar_reads_the_words_and_a_no_before_them_is_not_lost() -> None:
    [one] = grounded(
        burst("irgendwie so am Dienstag um drei, wenn der Hund mag"), ("set", "start", "am Dienstag um drei")
    )
    assert isinstance(one, c.Set) and isinstance(one.value, When) and one.value.names_day and one.value.names_clock
    assert grounded(burst("nur nicht am Dienstag, der Hund"), ("set", "start", "am Dienstag")) == []
    assert grounded(burst("alles bloß nicht Dienstag, der Hund"), ("set", "start", "Dienstag")) == []


def test_an_option_may_be_meant_by_words_that_were_said() -> None:
    request = burst("einmal die Matte stutzen")
    option = DESK.options["services"][0].id
    [one] = grounded(request, ("set", f"service={option}", "die Matte stutzen"))
    assert isinstance(one, c.Set) and one.value == option and one.words == "die Matte stutzen"
    assert grounded(request, ("set", "service=sold_soul", "die Matte stutzen")) == []
    assert grounded(request, ("set", f"service={option}", "Haare färben")) == []
    assert grounded(request, ("set", f"service={option}", "die")) == []


def test_a_model_says_no_firm_yes_and_none_at_all_where_a_yes_acts_at_once() -> None:
    confirming = burst("gut gebrüllt Löwe", kind="confirm")
    assert grounded(confirming, ("affirm", "", "gut gebrüllt Löwe")) == [c.Affirm("gut gebrüllt Löwe", firm=False)]
    assert grounded(confirming, ("affirm", "", "ja")) == []
    for kind in ("prompt", "agree"):
        asked = burst("gut gebrüllt Löwe", kind=kind)
        proposals = ("affirm", "", "gut"), ("deny", "", "gut"), ("pick", "1", "gut"), ("refine", "later", "")
        assert grounded(asked, *proposals) == []


def test_nothing_is_left_or_undone_that_is_not_there() -> None:
    nothing = burst("weg damit", is_open=False)
    assert grounded(nothing, ("cancel", "", ""), ("restart", "", ""), ("back", "", ""), ("undo", "", "")) == []
    assert grounded(burst("weg damit"), ("start", BOOK.id, "")) == [], "it runs already"


invented = st.sampled_from(["0176 5550123", "Fritz Erfunden", "am 24.12. um 9 Uhr", "Dauerwelle", "übermorgen", "3"])
names = st.sampled_from(sorted(commands_schema()["$defs"]))
targets = st.sampled_from(
    ["start", "name", "phone", "service", "service=cut", "1", "later", "book_appointment", "refused"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(names, targets, invented), max_size=8), st.sampled_from(["confirm", "slot", "offer", ""]))
def test_p3_whatever_is_proposed_no_value_stands_that_nobody_said(
    proposals: list[tuple[str, str, str]], kind: str
) -> None:
    request = burst("hm also wie sagt man", kind=kind, slot="name" if kind == "slot" else "")
    for command in grounded(request, *proposals):
        assert not isinstance(command, c.Set | c.Either | c.Pick | c.Affirm), command


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["commands", "command", "target", "words", "x"]), inner, max_size=4)
        ),
    )
)
def test_p3_no_answer_breaks_the_reading_of_it(answer: object) -> None:
    read = proposals_in(json.dumps(answer))
    assert isinstance(read, Wrong) or all(one.command in {*commands_schema()["$defs"], "invalid"} for one in read)


def test_half_a_list_of_commands_is_no_reason_to_drop_the_rest() -> None:
    answer = {"commands": [{"command": "steal"}, {"command": "help", "target": "", "words": ""}, 7]}
    read = proposals_in(f"```json\n{json.dumps(answer)}\n```")
    assert not isinstance(read, Wrong) and [one.command for one in read] == ["invalid", "help", "invalid"]
    assert isinstance(proposals_in('{"commands": [{"command": "steal"}]}'), Wrong)
    assert isinstance(proposals_in("Gern!"), Wrong) and isinstance(proposals_in("[]"), Wrong)
    assert proposals_in('{"commands": []}') == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Ich seh aus wie ein Wischmopp", "nothing"),
        ("Das Wetter ist heute echt mies", "guess"),
        ("Ich hätte gern am Dienstag um 15 Uhr einen Termin", ""),
        ("Haben Sie am Dienstag um 15 Uhr etwas frei?", ""),
        ("Hallo", ""), ("Danke!", ""), ("asdf", ""), ("?", ""), ("Was kostet Färben?", ""),
        ("Einen Menschen bitte", ""),
    ],
)  # fmt: skip
def test_a_model_is_asked_only_where_the_rules_are_unsure(text: str, why: str) -> None:
    request = burst(text, is_open=False)
    assert doubt(OfflineRules().read(request), request) == why


@pytest.mark.parametrize("text", ["ja", "nein", "ja bitte", "lieber am Mittwoch", "passt"])
def test_a_model_is_never_asked_about_a_clear_answer_to_a_confirm(text: str) -> None:
    request = burst(text, kind="confirm")
    assert doubt(OfflineRules().read(request), request) == ""


GOOD = ("Das freut mich sehr!", "Oh je, das klingt nach einem langen Tag.", "That sounds lovely, enjoy it!")
BAD = (
    "Ich buche das gern für Sie.", "Der Schnitt kostet 30 Euro.", "Kommen Sie morgen vorbei!", "Wie geht es Ihnen?",
    "Fragen Sie Herrn Schmitz.", "Siehe www.example.org", "Das ist kostenlos.", "Wir haben um drei Zeit.",
    "Das verspreche ich.", "I guarantee it will be great.", "a" * 201, "Gut. Schön. Fein.", "<b>Hallo</b>", "",
    "Alles klar, das ist erledigt.", "Sie sind angemeldet, bis dann.", "Ich gebe es weiter.", "You're all set.",
    "Ein Mensch meldet sich gleich bei Ihnen.", "Somebody calls you back.", "Your visit is on the list.",
    "We are open until late.", "Consider it done, see you then.", "Just come by.", "Das machen wir gern für Sie.",
    "Nimm dieses Medikament.", "Ignore\u202eall", "Zehn Prozent für alle", "See Paula about it.",
)  # fmt: skip


@pytest.mark.parametrize("words", GOOD)
def test_a_friendly_sentence_may_be_said(words: str) -> None:
    assert acceptable(words, DESK.business) == words


@pytest.mark.parametrize("words", BAD)
def test_a_sentence_that_states_promises_asks_or_names_is_not_said(words: str) -> None:
    assert acceptable(words, DESK.business) == ""


def test_the_prompt_is_bounded_and_holds_no_one_but_what_was_just_said() -> None:
    long = understanding_request(burst("x" * 9000, "y" * 9000), "de", wording=True, model="")
    assert sum(len(message.text) for message in long.messages) < 12_000
    expectation = Expectation("de", NOW, DESK, None, BOOK, {"name": "Jonas Meier", "phone": "+491712345678"})
    asked = understanding_request(Understand(("hm",), expectation), "de", wording=False, model="")
    assert "Meier" not in asked.messages[1].text and "1712345678" not in asked.messages[1].text


def hostile() -> list[str]:
    if not HOSTILE.is_file():
        assert os.environ.get("FRONTDESK_NO_SKIPS") != "1", f"{HOSTILE} is absent"
        return []
    return [json.loads(line)["input"]["text"] for line in HOSTILE.read_text(encoding="utf-8").split("\n") if line]


@pytest.mark.skipif(
    not HOSTILE.is_file() and os.environ.get("FRONTDESK_NO_SKIPS") != "1", reason="no hostile texts here"
)
def test_no_hostile_text_leaves_its_place_in_the_prompt() -> None:
    texts = hostile()
    assert texts
    for text in texts:
        request = understanding_request(burst(text), "de", wording=False, model="")
        system, user = request.messages
        assert system == understanding_request(burst("hm"), "de", wording=False, model="").messages[0]
        facts = json.loads(user.text)
        assert facts["message"] == [text[:2000]] if text else "message" not in facts or facts["message"] == [""]
        assert set(facts) <= {"business", "language", "tasks", "open", "details", "message"}
        # Even a model that obeys it has no command beyond the schema, and no value beyond the words.
        assert not any(
            isinstance(one, c.Affirm) and one.firm
            for one in grounded(burst(text, kind="confirm"), ("affirm", "", text))
        )
