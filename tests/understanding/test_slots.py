"""Values for slots: asked for, unasked, several at once, corrected."""

from __future__ import annotations

from datetime import date, time

import pytest

from runtime.core.commands import Affirm, Ask, Command, Language, Refine, Set, Skip, Smalltalk, Start, Why
from runtime.core.effects import Understand
from runtime.core.values import ANY, Value, When
from tests.understanding.desks import RULES, WORKSHOP, commands, expecting, values


def _plain(text: str, slot: str) -> tuple[Command, ...]:
    """The commands without a change of language."""
    return tuple(c for c in commands(text, expecting("slot", slot)) if not isinstance(c, Language))


TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)

SERVICES = [
    ("Färben", "colour"), ("faerben bitte", "colour"), ("einmal Haare färben", "colour"), ("colour", "colour"),
    ("Herrenhaarschnitt", "cut_men"), ("Haarschnitt Herren", "cut_men"), ("haarschnitt für herren", "cut_men"),
    ("einen Haarschnitt für Männer", "cut_men"), ("a men's cut please", "cut_men"), ("Damenschnitt", "cut_women"),
    ("women's haircut", "cut_women"), ("Strähnchen", "highlights"), ("Straehnchen", "highlights"), ("bart", "beard"),
    ("Bart schneiden lassen", "beard"), ("beard trim", "beard"), ("Kinderhaarschnitt", "kids"), ("Kinderschnitt",
    "kids"),
    ("haircut for kids", "kids"), ("Färben, ne doch lieber Strähnchen", "highlights"), ("Herrenharschnitt", "cut_men"),
    ("nicht Färben, Strähnchen", "highlights"), ("colouring, no sorry, highlights", "highlights"), ("2", "cut_men"),
    ("das zweite", "cut_men"), ("the first one", "cut_women"), ("egal", ANY),
]  # fmt: skip
REPAIRS = [
    ("Inspektion", "inspection"), ("eine Wartung bitte", "inspection"), ("ich habe einen Platten", "flat"),
    ("Schlauch wechseln", "flat"), ("flat tyre", "flat"), ("my brakes need adjusting", "brakes"), ("die Bremsen",
    "brakes"),
    ("Gangschaltung", "gears"), ("gears", "gears"), ("Laufrad zentrieren", "wheel"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "service"), SERVICES)
def test_services_by_name_part_family_and_number(text: str, service: str) -> None:
    assert values(text, expecting("slot", "service"))["service"] == service


@pytest.mark.parametrize(("text", "service"), REPAIRS)
def test_services_of_another_trade(text: str, service: str) -> None:
    assert values(text, expecting("slot", "service", desk=WORKSHOP))["service"] == service


def test_two_services_that_fit_alike_are_no_choice_but_show_the_options() -> None:
    assert commands("Haarschnitt", expecting("slot", "service")) == (Why(options=True),)
    assert "service" not in values("Ich hätte gern einen Haarschnitt")


STAFF = [
    ("bei Anna", "anna"), ("Anna bitte", "anna"), ("mit Frau Berg", "anna"), ("zu Herrn Yilmaz", "paul"), ("Tom",
    "tom"),
    ("with Paul please", "paul"), ("Thomas Reuter", "tom"), ("egal", ANY), ("egal bei wem", ANY),
    ("wer gerade frei ist", ANY),
    ("ist mir gleich", ANY), ("I don't mind", ANY), ("whoever is free", ANY), ("no preference", ANY), ("nein", ANY),
    ("any stylist", ANY), ("keine Präferenz", ANY), ("nicht Anna, Paul", "paul"), ("zur Anna", "anna"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "person"), STAFF)
def test_staff(text: str, person: str) -> None:
    assert values(text, expecting("slot", "staff"))["staff"] == person


NAMES = [
    ("Meier", "Meier"), ("anna müller", "Anna Müller"), ("Ich heiße Thomas Schneider", "Thomas Schneider"),
    ("Mein Name ist Schulze", "Schulze"), ("auf den Namen Krause bitte", "Krause"), ("Müller-Lüdenscheidt",
    "Müller-Lüdenscheidt"),
    ("van der Berg", "van der Berg"), ("Dr. Lena Hoffmann", "Dr. Lena Hoffmann"), ("Frau Petersen", "Petersen"),
    ("My name is John Smith", "John Smith"), ("it's Smith", "Smith"), ("under O'Brien please", "O'Brien"),
    ("I'm Emma Clark", "Emma Clark"), ("M e i e r", "Meier"), ("äh Schmitz", "Schmitz"), ("Karl Heinz Lang",
    "Karl Heinz Lang"),
    ("ich bin die Petra", "Petra"), ("Schneider", "Schneider"), ("Meier, Anna", "Anna Meier"), ("Name: Vogel", "Vogel"),
    ("Peter Kurz", "Peter Kurz"), ("Nguyễn", "Nguyễn"), ("der Name ist Kowalski", "Kowalski"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), NAMES)
def test_names(text: str, name: str) -> None:
    assert values(text, expecting("slot", "name")) == {"name": name}


NO_NAMES: list[tuple[str, type[Command]]] = [
    ("ja", Affirm), ("Hallo", Smalltalk), ("Was kostet das?", Ask), ("wofür?", Why), ("sag ich nicht", Skip),
    ("lieber Mittwoch", Set), ("Dienstag um 10", Set), ("weiß ich nicht", Skip), ("danke", Smalltalk),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind"), NO_NAMES)
def test_what_is_no_name_although_one_is_asked_for(text: str, kind: type[Command]) -> None:
    found = commands(text, expecting("slot", "name", filled={"service": "colour"}))
    assert isinstance(found[0], kind)
    assert not any(isinstance(command, Set) and command.slot == "name" for command in found)


PHONES = [
    ("0151 23456789", "+4915123456789"), ("das ist die 0171/555 12 34", "+491715551234"), ("+44 7700 900123",
    "+447700900123"),
    ("(0561) 555 0142", "+495615550142"), ("0049 151 23456789", "+4915123456789"), ("123456", "+49123456"),
    ("Meine Nummer: 030-1234567", "+49301234567"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "phone"), PHONES)
def test_phones(text: str, phone: str) -> None:
    assert values(text, expecting("slot", "phone")) == {"phone": phone}


RELATIONS = [
    ("für meine Mutter", "mother"), ("Der Termin ist für meinen Sohn", "son"), ("for my wife", "wife"),
    ("it's for my daughter", "daughter"), ("für meinen Mann", "husband"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "relation"), RELATIONS)
def test_for_whom(text: str, relation: str) -> None:
    assert values(text, expecting("slot", "service"))["guest"] == relation


SEVERAL: list[tuple[str, dict[str, Value]]] = [
    ("Herrenhaarschnitt morgen um 15 Uhr bei Anna, Meier, 0151 23456789",
     {"service": "cut_men", "start": When(days=(date(2026, 11, 21),), clock=(time(15),)), "staff": "anna",
     "name": "Meier",
      "phone": "+4915123456789"}),
    ("ich bräuchte für dienstag nachmittag einen termin zum färben mein name ist schulze",
     {"service": "colour", "start": When(days=(TUESDAY,), from_clock=time(12), until_clock=time(18)),
     "name": "Schulze"}),
    ("Could I get a beard trim with Paul on Wednesday at 10:15? My name is Emma Clark",
     {"service": "beard", "staff": "paul", "start": When(days=(WEDNESDAY,), clock=(time(10, 15), time(22, 15))),
      "name": "Emma Clark"}),
    ("Termin für meine Tochter Lena, Kinderhaarschnitt am Mittwoch ab 15 Uhr",
     {"guest": "daughter", "name": "Lena", "service": "kids", "start": When(days=(WEDNESDAY,), from_clock=time(15))}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SEVERAL)
def test_several_values_in_one_sentence_start_the_booking(text: str, expected: dict[str, Value]) -> None:
    found = commands(text)
    assert {command.slot: command.value for command in found if isinstance(command, Set)} == expected
    assert any(isinstance(command, Start) and command.flow == "book_appointment" for command in found)


TIMES: list[tuple[str, When]] = [
    ("Dienstag", When(days=(TUESDAY,))),
    ("15", When(clock=(time(15),))),
    ("halb vier", When(clock=(time(15, 30), time(3, 30)))),
    ("egal wann", When(anything=True)),
    ("egal", When(anything=True)),
    ("whenever", When(anything=True)),
    ("nicht vor neun", When(from_clock=time(9))),
    ("verschieben auf Mittwoch", When(days=(WEDNESDAY,))),
    ("geht auch Mittwoch?", When(days=(WEDNESDAY,))),
]


@pytest.mark.parametrize(("text", "wish"), TIMES)
def test_times_where_one_is_asked_for(text: str, wish: When) -> None:
    assert values(text, expecting("slot", "start", filled={"service": "colour"})) == {"start": wish}


def test_digits_of_a_phone_number_are_no_time() -> None:
    assert values("0151 15301530", expecting("slot", "start", filled={"service": "colour"})).keys() == {"phone"}


def test_a_price_question_chooses_no_service() -> None:
    found = commands("Was kostet Färben?", expecting("slot", "start", filled={"service": "beard"}))
    assert found == (Ask("Was kostet Färben?", "prices"),)


def test_a_value_and_a_question_in_one_text() -> None:
    found = commands("Dienstag. Was kostet das?", expecting("slot", "start", filled={"service": "beard"}))
    assert found == (Set("start", "Dienstag", When(days=(TUESDAY,))), Ask("Was kostet das?", "prices"))


BURSTS: list[tuple[tuple[str, ...], dict[str, Value]]] = [
    (("Dienstag", "ne Mittwoch"), {"start": When(days=(WEDNESDAY,))}),
    (("Dienstag", "um 15 Uhr", "bei Anna"), {"start": When(days=(TUESDAY,), clock=(time(15),)), "staff": "anna"}),
    (("Dienstag um 15 Uhr", "Meier", "0151 23456789"),
     {"start": When(days=(TUESDAY,), clock=(time(15),)), "name": "Meier", "phone": "+4915123456789"}),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "expected"), BURSTS)
def test_bursts(texts: tuple[str, ...], expected: dict[str, Value]) -> None:
    assert values(texts, expecting("slot", "start", filled={"service": "colour"})) == expected


@pytest.mark.parametrize(
    ("asked", "wished", "kept"),
    [
        ("How much is colouring?", "I need a haircut tomorrow at 9", False),
        ("Was kostet Färben?", "Ich brauche morgen um 9 einen Haarschnitt", False),
        ("Was kostet Färben?", "Ich hätte gern morgen um 9 einen Termin", True),
    ],
)
def test_a_service_asked_about_is_booked_unless_another_is_named(asked: str, wished: str, kept: bool) -> None:
    understood = RULES.read(Understand((asked, wished), expecting()))
    booked = [
        command.value for command in understood.commands if isinstance(command, Set) and command.slot == "service"
    ]
    assert booked == (["colour"] if kept else []) and any(isinstance(one, Ask) for one in understood.commands)


def test_a_burst_from_the_greeting_on() -> None:
    found = commands(("Hallo", "ich hätte gern einen Termin", "Färben", "am Mittwoch um 11 Uhr", "Meier"))
    assert {c.slot for c in found if isinstance(c, Set)} == {"service", "start", "name"}
    assert any(isinstance(c, Start) for c in found) and isinstance(found[-1], Smalltalk)


REFUSALS = [
    ("sag ich nicht", "refused"), ("möchte ich nicht angeben", "refused"), ("I'd rather not say", "refused"),
    ("das geht Sie nichts an", "refused"), ("weiß ich nicht", "unknown"), ("keine Ahnung", "unknown"),
    ("I don't know", "unknown"), ("nein", "refused"), ("I don't have one", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), REFUSALS)
def test_refused_and_unknown(text: str, reason: str) -> None:
    assert _plain(text, "phone") == (Skip(reason),)  # type: ignore[arg-type]  # a literal


@pytest.mark.parametrize(
    ("text", "options"),
    [("wofür?", False), ("Warum brauchen Sie das?", False), ("why do you need that?", False), ("what for?", False)],
)
def test_asked_back(text: str, options: bool) -> None:
    assert _plain(text, "phone") == (Why(options),)


@pytest.mark.parametrize(
    "text", ["Was gibt es denn?", "welche Leistungen haben Sie?", "what do you have?", "Was habt ihr so?"]
)
def test_asked_for_the_options(text: str) -> None:
    assert _plain(text, "service") == (Why(options=True),)


CHANGES: list[tuple[str, Command | None]] = [
    ("die Zeit", Refine("other_time", "die Zeit")), ("den Tag", Refine("other_day", "den Tag")),
    ("einen anderen Tag", Refine("other_day", "einen anderen Tag")), ("the time", Refine("other_time", "the time")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "command"), CHANGES)
def test_what_to_change(text: str, command: Command) -> None:
    assert commands(text, expecting("change", filled={"start": When(days=(TUESDAY,))})) == (command,)


@pytest.mark.parametrize(
    ("text", "slot"),
    [("den Namen", "name"), ("die Leistung", "service"), ("the service", "service"), ("die Telefonnummer", "phone"),
     ("the phone number", "phone"), ("den Friseur", "staff")],
)  # fmt: skip
def test_a_part_without_a_value_is_picked_by_its_slots_name(text: str, slot: str) -> None:
    found = commands(text, expecting("change", filled={"start": When(days=(TUESDAY,))}))
    assert [getattr(command, "offer", "") for command in found] == [slot]


def test_a_new_value_where_we_asked_what_to_change() -> None:
    found = values("Mittwoch um 16 Uhr", expecting("change", filled={"start": When(days=(TUESDAY,))}))
    assert found == {"start": When(days=(WEDNESDAY,), clock=(time(16),))}
