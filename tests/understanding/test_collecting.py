"""Situations A to E in customers' own words: what the rules make of them."""

from __future__ import annotations

from datetime import date, time

import pytest

from runtime.core.commands import Affirm, Ask, Either, Further, Handoff, Language, Pick, Set, Skip, Start
from runtime.core.values import Value, When
from tests.understanding.desks import OFFERS, commands, expecting, values

TUESDAY, FRIDAY = date(2026, 11, 24), date(2026, 11, 27)
TWO = [
    "Färben am Dienstag um 10 und Bartpflege am Freitag um 14 Uhr",
    "Ich hätte gern am Dienstag um 10 Färben und am Freitag um 14 Uhr Bartpflege",
    "Colouring on Tuesday at 10 and a beard trim on Friday at 2 pm please",
    "Bitte Färben Dienstag 10 Uhr und dann noch Bartpflege, Freitag 14 Uhr",
]


@pytest.mark.parametrize("text", TWO)
def test_d6_two_appointments_in_one_message(text: str) -> None:
    found = commands(text)
    (second,) = [command for command in found if isinstance(command, Further)]
    first = {command.slot: command.value for command in found if isinstance(command, Set)}
    further = {command.slot: command.value for command in second.sets}
    assert (first["service"], further["service"]) == ("colour", "beard")
    for value, day, hour in ((first["start"], TUESDAY, 10), (further["start"], FRIDAY, 14)):
        assert isinstance(value, When) and value.days == (day,) and value.clock[0] == time(hour)


def test_d6_the_same_service_twice_when_two_appointments_are_said() -> None:
    found = commands("Zwei Termine für Färben: Dienstag um 10 und Freitag um 14 Uhr")
    (second,) = [command for command in found if isinstance(command, Further)]
    assert {command.slot for command in second.sets} == {"service", "start"}
    assert not any(isinstance(command, Set) and command.slot == "name" for command in found)


def test_d6_for_the_son_on_the_same_day() -> None:
    found = commands("Herrenschnitt am Dienstag um 10 und für meinen Sohn einen Kinderschnitt um 11")
    (second,) = [command for command in found if isinstance(command, Further)]
    further = {command.slot: command.value for command in second.sets}
    assert (further["guest"], further["service"]) == ("son", "kids")
    assert isinstance(further["start"], When) and further["start"].days == (TUESDAY,)


def test_d6_the_name_at_the_end_is_for_both() -> None:
    found = commands("Färben am Dienstag um 10 und Bartpflege am Freitag um 14 Uhr, Meier, 0151 23456789")
    assert {c.slot for c in found if isinstance(c, Set)} >= {"name", "phone"}


ONE = [
    "Färben am Dienstag oder Donnerstag um 10", "Färben und Bartpflege am Dienstag um 10", "Dienstag um 10 und Färben",
    "Färben zwischen 10 und 12 Uhr am Dienstag", "Färben am Dienstag um 10 und was kostet das?",
    "Färben am Dienstag und Mittwoch geht bei mir",
]  # fmt: skip


@pytest.mark.parametrize("text", ONE)
def test_d6_one_wish_stays_one(text: str) -> None:
    assert not any(isinstance(command, Further) for command in commands(text))


@pytest.mark.parametrize(
    ("text", "picked"),
    [("die erste und die dritte", (0, 2)), ("1 und 3", (0, 2)), ("alle drei", (0, 1, 2)),
     ("the first and the second one", (0, 1)), ("die zweite", (1,)), ("I'll take all of them", (0, 1, 2))],
)  # fmt: skip
def test_d6_several_of_the_offers(text: str, picked: tuple[int, ...]) -> None:
    found = commands(text, expecting("offer", "start", offers=OFFERS))
    assert [c.offer for c in found if isinstance(c, Pick)] == [OFFERS[place].id for place in picked]


def test_d6_beide_of_two() -> None:
    found = commands("nehme ich beide", expecting("offer", "start", offers=OFFERS[:2]))
    assert len([c for c in found if isinstance(c, Pick)]) == 2


def test_c12_a_weekday_on_that_weekday_has_two_readings() -> None:
    (either,) = [c for c in commands("Färben am Freitag") if isinstance(c, Either)]
    assert either.values == (When(days=(date(2026, 11, 20),)), When(days=(FRIDAY,)))


@pytest.mark.parametrize(
    "text", ["Färben heute", "Färben nächsten Freitag", "Färben am Freitag um 15 Uhr", "Färben am Samstag"]
)
def test_c12_what_says_which_has_one(text: str) -> None:
    assert not any(isinstance(command, Either) for command in commands(text))


def test_c12_a_weekday_after_another_day_goes_by_that_one() -> None:
    before: dict[str, Value] = {"service": "colour", "start": When(days=(date(2026, 11, 26),))}
    assert not any(isinstance(c, Either) for c in commands("Freitag", expecting("slot", "name", filled=before)))


@pytest.mark.parametrize(
    ("text", "order"),
    [("Färben am Dienstag um 10 bei Anna, wenn sie kann, sonst egal", "anna,*"),
     ("Färben am Dienstag, am liebsten bei Paul", "paul,*"),
     ("Colouring on Tuesday with Anna if possible, otherwise anyone", "anna,*"),
     ("Färben am Dienstag bei Anna, wenn nicht, bei Paul", "anna,paul"),
     ("Färben am Dienstag bei Anna", "anna"), ("Ich hätte gern bei Anna Färben am Dienstag", "anna")],
)  # fmt: skip
def test_c16_people_in_the_order_wished_for(text: str, order: str) -> None:
    assert values(text)["staff"] == order


def test_c15_or_and_not_before() -> None:
    wish = values("Färben Dienstag oder Donnerstag, nicht vor 17 Uhr")["start"]
    assert wish == When(days=(TUESDAY, date(2026, 11, 26)), from_clock=time(17))


REFUSED = [
    "Färben am Dienstag um 15 Uhr, meine Telefonnummer möchte ich nicht angeben",
    "Färben am Dienstag um 15 Uhr, aber ohne Telefonnummer",
    "Einmal Färben, Dienstag 15 Uhr. Meine Handynummer gebe ich nicht raus",
    "Colouring on Tuesday at 3 pm, I don't want to give my phone number",
]


@pytest.mark.parametrize("text", REFUSED)
def test_c6_the_number_refused_before_it_is_asked(text: str) -> None:
    found = commands(text)
    assert Skip("refused", "phone") in found and values(text)["service"] == "colour" and "start" in values(text)


@pytest.mark.parametrize("text", ["Färben am Dienstag, meine Nummer ist 0151 23456789", "Wie ist Ihre Telefonnummer?"])
def test_c6_no_refusal(text: str) -> None:
    assert not any(isinstance(command, Skip) for command in commands(text))


STRANGERS = [
    "Wann hat Frau Müller ihren Termin?", "Hat Petra Schulz morgen einen Termin bei euch?",
    "When is Mrs Brown's appointment?", "When does John Baker have his appointment?",
    "Welchen Termin hat Herr Krause gebucht?",
]  # fmt: skip


@pytest.mark.parametrize("text", STRANGERS)
def test_b5_asked_about_somebody_else(text: str) -> None:
    found = [command for command in commands(text) if not isinstance(command, Language)]
    assert found == [Ask(text, "stranger")]


NO_STRANGERS = [
    "Wann ist mein Termin?", "Wann hat Anna Zeit?", "Hat Frau Berg am Dienstag einen Termin frei für mich?",
    "Haben Sie am Dienstag einen Termin?", "Ist am Dienstag ein Termin frei?", "When is my appointment?",
    "Ich bin Petra Schulz und habe einen Termin", "Kann ich am Mittwoch einen Termin haben?",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_STRANGERS)
def test_b5_about_oneself_or_the_staff(text: str) -> None:
    assert not any(isinstance(c, Ask) and c.topic == "stranger" for c in commands(text))


@pytest.mark.parametrize("text", [
    "Ich habe unter einer anderen Nummer gebucht", "I booked with a different phone number",
    "Ich möchte meinen Termin verschieben, den habe ich telefonisch ausgemacht",
])  # fmt: skip
def test_b6_booked_from_elsewhere(text: str) -> None:
    assert Handoff("proof") in commands(text)


@pytest.mark.parametrize("text", ["Meine neue Nummer ist 0151 23456789", "Ich möchte meinen Termin verschieben"])
def test_b6_no_proof_needed(text: str) -> None:
    assert Handoff("proof") not in commands(text)


@pytest.mark.parametrize(
    ("text", "known", "name"),
    [("Mit ai", "Anna Meier", "Anna Maier"), ("Meier mit ai", "Anna Meier", "Anna Maier"),
     ("with a y please", "Meier", "Meyer"), ("mit dt", "Schmitt", "Schmidt"), ("mit Doppel-L", "Kaler", "Kaller"),
     ("Stefan mit ph", "Stefan Meier", "Stephan Meier"), ("mit ck", "Beker", "Becker")],
)  # fmt: skip
def test_c18_how_the_name_is_spelt_while_the_number_is_asked(text: str, known: str, name: str) -> None:
    found = values(text, expecting("slot", "phone", filled={"service": "colour", "name": known}))
    assert found == {"name": name}


@pytest.mark.parametrize("text", ["mit Karte", "with me", "mit dem Auto", "bei mir"])
def test_c18_no_spelling(text: str) -> None:
    assert "name" not in values(text, expecting("slot", "phone", filled={"service": "colour", "name": "Meier"}))


SOFT_DE = [
    "denke schon", "ich denke schon", "ich glaube schon", "glaub schon", "wahrscheinlich", "wahrscheinlich ja",
    "vermutlich", "sollte passen", "müsste passen", "dürfte klappen", "ich glaube ja", "na gut", "meinetwegen",
    "eigentlich schon", "ja, denke schon", "ja, vielleicht", "vielleicht", "im Prinzip ja", "grundsätzlich schon",
    "nehme an ja", "ich hoffe schon", "mehr oder weniger", "wird schon passen", "könnte gehen", "eventuell",
    "wohl schon", "geht so", "wenn es sein muss",
]  # fmt: skip
SOFT_EN = [
    "I guess", "I guess so", "I think so", "probably", "maybe", "perhaps", "possibly", "I suppose", "I suppose so",
    "should be fine", "that should work", "it might work", "yeah I guess", "yes, probably", "most likely",
    "more or less", "in principle", "I hope so", "kind of", "sort of", "if I must", "pretty sure", "presumably",
    "I believe so", "I reckon",
]  # fmt: skip


@pytest.mark.parametrize("text", SOFT_DE + SOFT_EN)
def test_e8_a_soft_yes_is_not_a_firm_one(text: str) -> None:
    language = "de" if text in SOFT_DE else "en"
    found = [c for c in commands(text, expecting("confirm", language=language)) if not isinstance(c, Language)]
    assert found == [Affirm(text, firm=False)]


@pytest.mark.parametrize("texts", [("ja", "was kostet das?"), ("was kostet das?", "ja")])
def test_e11_a_yes_beside_a_question_in_a_burst_comes_with_the_question(texts: tuple[str, ...]) -> None:
    kinds = [type(c) for c in commands(texts, expecting("confirm", filled={"service": "colour"}))]
    assert Affirm in kinds and Ask in kinds


def test_a_further_wish_beside_a_yes_starts_nothing_twice() -> None:
    found = commands("Färben am Dienstag um 10 und Bartpflege am Freitag um 14 Uhr")
    assert len([c for c in found if isinstance(c, Start)]) == 1
