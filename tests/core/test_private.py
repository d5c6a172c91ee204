"""Situation C19: what is too private to keep. The numbers here are the test numbers of the card networks."""

from __future__ import annotations

import time

import pytest

from runtime.core.commands import Set, Start, Unclear
from runtime.core.private import masked, private_kinds, without_marks
from tests.core.talk import BOOK, Talk

PRIVATE = [
    ("4111 1111 1111 1111", "⟦card⟧"),
    ("meine Karte ist 5555555555554444, geht das?", "meine Karte ist ⟦card⟧, geht das?"),
    ("3782-822463-10005", "⟦card⟧"),
    ("4111.1111.1111.1111 und 30569309025904", "⟦card⟧ und ⟦card⟧"),
    ("4111 1111 1111 1111 12/26 123", "⟦card⟧ 12/26 123"),
    ("Karte 4111111111111111 12/26", "Karte ⟦card⟧ 12/26"),
    ("5555 5555 5555 4444 11 28, 4111 1111 1111 1111", "⟦card⟧ 11 28, ⟦card⟧"),
    ("am 24.11. 4111 1111 1111 1111", "am 24.11. ⟦card⟧"),
    ("4111\u00a01111\u00a01111\u00a01111", "⟦card⟧"),
    ("4111\n1111\n1111\n1111", "⟦card⟧"),
    ("4111/1111/1111/1111", "⟦card⟧"),
    ("Nr.4111111111111111", "Nr.⟦card⟧"),
    ("Nr4111111111111111", "Nr⟦card⟧"),
    ("４１１１１１１１１１１１１１１１", "⟦card⟧"),
    ("DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000", "⟦account⟧"),
    ("DE89-3704-0044-0532-0130-00", "⟦account⟧"),
    ("IBAN DE89 3704 0044 0532 0130 00 bitte", "IBAN ⟦account⟧ bitte"),
    ("DE89370400440532013000", "⟦account⟧"),
    ("mein Passwort ist Sommer2026!", "mein Passwort ist ⟦password⟧"),
    ("password: hunter2", "password: ⟦password⟧"),
    ("die PIN lautet 4711", "die PIN lautet ⟦password⟧"),
    ("CVV 123", "CVV ⟦password⟧"),
]
HARMLESS = [
    "+4915123456789", "0151 23456789", "00491512345678901", "4915123456789", "am 24.11.2026 um 15:30 Uhr",
    "4111 1111 1111 1112", "1234567890123456", "Bestellnummer 20261120000417", "mein Passwort ist weg",
    "Ich habe mein Passwort vergessen", "Kann man mit Karte zahlen?", "DE89 ist mein Kennzeichen", "", "⟦", "10:30",
    "die Pin ist leider verloren", "0151 23456789 oder 0561 1234567", "24.11.2026 - 27.11.2026 / 10.00 - 12.00",
    "41111111111111111111", "1 2 3 4 5 6 7 8 9",
]  # fmt: skip


@pytest.mark.parametrize(("text", "kept"), PRIVATE)
def test_c19_private_numbers_are_masked(text: str, kept: str) -> None:
    assert masked(text) == kept
    assert masked(kept) == kept


@pytest.mark.parametrize("text", ["1 " * 4000, "4111 1111 " * 800, "4 1 1 1 " * 1000, "4" * 8000])
def test_law_13_no_row_of_digits_makes_a_turn_dear(text: str) -> None:
    began = time.process_time()
    masked(text)
    assert time.process_time() - began < 0.5, "measured: 0.02"


@pytest.mark.parametrize("text", HARMLESS)
def test_c19_what_only_looks_alike_stays(text: str) -> None:
    assert masked(text) == text


def test_c19_the_customer_is_told_and_the_question_stays() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    reply = talk.hear(masked("4111 1111 1111 1111"))
    assert "private.card" in reply.names and reply.asks == ("slot", "service")
    assert reply.question is not None and reply.question.misses == 0


def test_c19_what_is_said_beside_it_counts() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    reply = talk.say(Set("service", "", "cut"), text=masked("Haarschnitt, meine Karte ist 4111111111111111"))
    assert "private.card" in reply.names
    assert reply.asks == ("slot", "start")
    assert without_marks(("Haarschnitt, meine Karte ist ⟦card⟧",)) == ("Haarschnitt, meine Karte ist",)


def test_c19_with_nothing_open_the_ways_on_are_named() -> None:
    reply = Talk().hear("⟦card⟧ ⟦account⟧")
    assert {"private.card", "private.account"} <= set(reply.names) and len(reply.sends) == 1


def test_c19_an_ordinary_text_costs_nothing() -> None:
    assert private_kinds(("Hallo",)) == () and without_marks(("Hallo", "👍")) == ("Hallo", "👍")
    assert Talk().say(Unclear(), text="blau").names.count("unclear.1") == 1
