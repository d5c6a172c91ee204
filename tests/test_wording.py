"""How a template is filled: values, optional stretches, what stands in for a missing value."""

from __future__ import annotations

import dataclasses

import pytest

from runtime.core.business import Business, Desk
from runtime.core.messages import Say
from runtime.core.values import Value
from runtime.wording import Context, Wording, money

BUSINESS = Business("salon", "Salon Linde", "Europe/Berlin", "DE", ("de", "en"))
DESK = Desk(BUSINESS, {}, {})
CASES: tuple[tuple[str, dict[str, Value], str], ...] = (
    ("Guten Tag.", {}, "Guten Tag."),
    ("{business}: {text}", {"text": "ja"}, "Salon Linde: ja"),
    ("Termin[[ am {day}]].", {"day": "2026-11-24"}, "Termin am Dienstag, 24. November."),
    ("Termin[[ am {day}]].", {}, "Termin."),
    ("[[Um {hour} Uhr||Jederzeit]], {text}", {"text": "gern"}, "Jederzeit, gern"),
    ("[[Um {hour} Uhr||Jederzeit, {text}]]", {"hour": 3, "text": "gern"}, "Um 3 Uhr"),
    ("[[Um {hour} Uhr||Jederzeit, {text}]]", {"text": "gern"}, "Jederzeit, gern"),
    ("[[{a} und {b}]][[, {c}]]", {"a": "x", "c": "z"}, ", z"),
    ("{text}", {"text": "{business} [[x]]"}, "{business} [[x]]"),
)


@pytest.mark.parametrize(("template", "values", "expected"), CASES)
def test_a_template_is_filled(template: str, values: dict[str, Value], expected: str) -> None:
    wording = Wording({"de": {"saying": template}})
    for _ in range(2):  # the second time from what was kept
        assert wording.text(Say("saying", values), Context(DESK, "de")) == expected


def test_money_follows_language_and_currency() -> None:
    german, english = Context(DESK, "de"), Context(DESK, "en")
    swiss = Context(Desk(dataclasses.replace(BUSINESS, currency="CHF"), {}, {}), "de")
    assert (money("32.00", german), money("75.50", german)) == ("32 €", "75,50 €")
    assert (money("32.00", english), money("32.00", swiss)) == ("€32", "32 CHF")
    assert money("auf Anfrage", german) == "auf Anfrage"
