"""What simulated customers wrote and we misread once: names that are words, numbers nobody has, nothing to change."""

from __future__ import annotations

from datetime import date, time

import pytest

from runtime.core.commands import Affirm, Ask, Set, Skip
from runtime.core.values import Value, When
from tests.understanding.desks import commands, expecting, values

TUESDAY_AT_3: dict[str, Value] = {"service": "colour", "start": When(days=(date(2026, 11, 24),), clock=(time(15),))}

NAMES = [
    ("Frau Freitag", "Freitag"), ("Herr Morgen", "Morgen"), ("mein Name ist Morgen", "Morgen"),
    ("mein name ist morgen", "Morgen"), ("Ich heiße Sonntag", "Sonntag"), ("It's Will May", "Will May"),
    ("Robert Freitag", "Robert Freitag"), ("Gerda Anders", "Gerda Anders"), ("auf Tanja Anders", "Tanja Anders"),
    ("Ole. Ole Hansen", "Ole Hansen"), ("Hannelore Schmitt, und zwar mit zwei t", "Hannelore Schmitt"),
    ("h. gruber", "H. Gruber"), ("Mag. Peter Lang", "Mag. Peter Lang"), ("ja genau, Hartwig", "Hartwig"),
    ("Smith, S-M-I-T-H", "Smith"), ("buchen Sie auf Yılmaz", "Yılmaz"), ("Dr. Öztürk", "Dr. Öztürk"),
    ("James Park", "James Park"), ("Der Name ist falsch, ich heiße Krieger", "Krieger"), ("Ms Winter", "Winter"),
    ("sorry my German is not so good, my name is Lucy Hart", "Lucy Hart"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), NAMES)
def test_names_that_are_words(text: str, name: str) -> None:
    assert values(text, expecting("slot", "name", filled=TUESDAY_AT_3)) == {"name": name}


@pytest.mark.parametrize("text", ["Schmidt, und kann mein Hund mit?", "Schmidt. Sind Hunde erlaubt?"])
def test_a_name_and_a_question(text: str) -> None:
    found = commands(text, expecting("slot", "name", filled=TUESDAY_AT_3))
    assert [type(command) for command in found] == [Set, Ask]
    assert isinstance(found[0], Set) and found[0].value == "Schmidt"


@pytest.mark.parametrize("text", ["yep", "die erste", "nein, lieber Mittwoch", "Next Tuesday", "Schade, dann um 10"])
def test_no_names(text: str) -> None:
    assert "name" not in values(text, expecting("slot", "name", filled=TUESDAY_AT_3))


HAVE_NONE = ["keine Nummer", "hab keine", "hab grad keine nummer da", "no phone", "no number, sorry"]
REFUSE = ["dann ohne bitte", "nein, ohne", "dann lassen wir die Nummer weg", "then without, please", "still no",
          "prefer not to share it", "can we leave that out?"]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), [(t, "unknown") for t in HAVE_NONE] + [(t, "refused") for t in REFUSE])
def test_no_number_to_give(text: str, reason: str) -> None:
    assert commands(text, expecting("slot", "phone", filled=TUESDAY_AT_3)) == (Skip(reason),)  # type: ignore[arg-type]  # a literal


NOTHING = [
    "nichts", "ach nichts", "alles gut", "passt doch", "nichts, passt doch so", "nichts ändern", "es stimmt alles",
    "nothing, it's fine", "no change", "leave it as it is", "never mind, it's right",
]  # fmt: skip


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_to_change_is_a_yes_to_what_was_summed_up(text: str) -> None:
    found = commands(text, expecting("change", filled=TUESDAY_AT_3))
    assert [type(command) for command in found] == [Affirm]


@pytest.mark.parametrize("text", ["jetzt passts", "jetzt stimmt es", "so ist es", "ja jetzt stimmt es"])
def test_now_it_is_right_is_no_time(text: str) -> None:
    found = commands(text, expecting("confirm", filled=TUESDAY_AT_3))
    assert [type(command) for command in found] == [Affirm]
