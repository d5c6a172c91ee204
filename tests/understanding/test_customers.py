"""What simulated customers wrote and we misread once: names that are words, numbers nobody has, nothing to change."""

from __future__ import annotations

import dataclasses
from datetime import date, time

import pytest

from runtime.core.commands import Affirm, Ask, Clarify, Deny, Handoff, Language, Set, Skip, Start
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


HAVE_NONE = [
    "dann ohne bitte",
    "nein, ohne",
    "then without, please",
    "keine",
    "keine Nummer",
    "hab keine",
    "hab grad keine nummer da",
    "no phone",
    "no number, sorry",
]
REFUSE = ["dann lassen wir die Nummer weg", "still no",
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


MADE: dict[str, Value] = {"start": "2026-11-24T10:00:00+01:00"}
SHIFTS = [
    ("Entschuldigung, geht auch eine Stunde später?", 24, 11, 0), ("can you make it an hour later?", 24, 11, 0),
    ("eine halbe Stunde früher bitte", 24, 9, 30), ("kann ich auch einen Tag später kommen?", 25, 10, 0),
    ("am Tag danach bitte", 25, 10, 0), ("the day after would be better", 25, 10, 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "day", "hour", "minute"), SHIFTS)
def test_another_time_told_by_the_one_just_booked(text: str, day: int, hour: int, minute: int) -> None:
    found = commands(text, expecting(can_undo=True, has_appointment=True, filled=MADE))
    wish = When(days=(date(2026, 11, day),), clock=(time(hour, minute),))
    assert [command.value for command in found if isinstance(command, Set)] == [wish]
    assert sum(isinstance(command, Deny) for command in found) == 1


def test_one_more_appointment_is_no_change_of_mind() -> None:
    found = commands("und noch einen eine Woche später", expecting(has_appointment=True, filled=MADE))
    assert not any(isinstance(command, Deny) for command in found)


@pytest.mark.parametrize("text", ["eine Stunde später", "can we make it an hour later?"])
def test_a_shift_of_the_wish_in_hand(text: str) -> None:
    wish = When(days=(date(2026, 11, 24),), clock=(time(16),))
    assert values(text, expecting("confirm", filled=TUESDAY_AT_3)) == {"start": wish}


CALLED_OFF = [
    ("ich kann am Dienstag doch nicht, bitte absagen", 24), ("den am Dienstag bitte absagen", 24),
    ("ich bin krank geworden und kann am Montag nicht kommen", 23), ("please cancel the one on Tuesday", 24),
    ("sorry, I can't make Thursday. can you cancel it?", 26),
]  # fmt: skip


@pytest.mark.parametrize(("text", "day"), CALLED_OFF)
def test_calling_off_names_the_day(text: str, day: int) -> None:
    found = commands(text, expecting(can_undo=True, has_appointment=True))
    assert any(isinstance(command, Start) and command.flow == "cancel_appointment" for command in found)
    assert Set("when", "", When(days=(date(2026, 11, day),))) in [
        dataclasses.replace(command, words="") for command in found if isinstance(command, Set)
    ]


def test_a_day_that_only_refuses_may_mean_both() -> None:
    found = commands("I can't do Thursday after all", expecting(has_appointment=True))
    assert [type(command) for command in found] == [Clarify]


@pytest.mark.parametrize("text", ["Ich möchte mich beschweren", "I want to make a complaint about my last visit"])
def test_a_complaint_wants_a_person(text: str) -> None:
    assert any(isinstance(command, Handoff) for command in commands(text))


@pytest.mark.parametrize("text", ["ja, absagen", "absagen bitte", "yes, cancel it"])
def test_the_yes_of_calling_off(text: str) -> None:
    found = commands(text, expecting("confirm", flow="cancel_appointment"))
    assert [type(command) for command in found] == [Affirm]


def test_a_sentence_is_no_mail_address() -> None:
    found = values("beard trim on tuesday at 1.30")
    assert found == {"service": "beard", "start": When(days=(date(2026, 11, 24),), clock=(time(13, 30), time(1, 30)))}


def test_a_customer_with_the_name_of_somebody_here() -> None:
    assert "staff" not in values("Färben am Mittwoch um 15 Uhr, Sara Bergs, 0151 5550222")


WEEKS = [
    ("erste Dezemberwoche", date(2026, 12, 1), date(2026, 12, 7)),
    ("in der zweiten Januarwoche", date(2027, 1, 8), date(2027, 1, 14)),
    ("the first week of December", date(2026, 12, 1), date(2026, 12, 7)),
    ("last week of November", date(2026, 11, 24), date(2026, 11, 30)),
]


@pytest.mark.parametrize(("text", "first", "last"), WEEKS)
def test_weeks_of_months(text: str, first: date, last: date) -> None:
    assert values(text, expecting("slot", "start")) == {"start": When(from_day=first, until_day=last)}


def test_a_weekday_after_a_day_was_named_is_of_that_week() -> None:
    wish: dict[str, Value] = {"start": When(days=(date(2026, 12, 3),), clock=(time(15),))}
    found = values("nein, lieber Mittwoch", expecting("confirm", filled={**TUESDAY_AT_3, **wish}))
    assert found == {"start": When(days=(date(2026, 12, 2),))}


@pytest.mark.parametrize("text", ["Färben am Freitag um 10. Danke", "colouring on Friday at 10. Thanks!"])
def test_a_point_behind_an_hour_ends_the_sentence(text: str) -> None:
    found = values(text)["start"]
    assert isinstance(found, When) and found.clock[0] == time(10)


SIGNED = [
    ("Färben am Freitag um 10 Uhr. LG Sabine", "Sabine"), ("Viele Grüße, Sabine Kraus. Färben bitte", "Sabine Kraus"),
    ("Colouring Friday 10am. Best regards, Kate Moss", "Kate Moss"), ("Färben am Freitag um 10 auf Kurz", "Kurz"),
    ("Termin Herren 26.11. 17:30 Ali Kaya 01761112223", "Ali Kaya"), ("Anna Thiel ist mein Name", "Anna Thiel"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), SIGNED)
def test_names_beside_a_wish(text: str, name: str) -> None:
    assert values(text, expecting("slot", "start")).get("name", values(text).get("name")) == name


@pytest.mark.parametrize(
    "text",
    [
        "Wäre Freitag um 10 auf Rechnung möglich, Färben",
        "Ginge das am Freitag um 10? Färben bitte",
        "Grüße! Färben Freitag",
    ],
)
def test_no_names_beside_a_wish(text: str) -> None:
    assert "name" not in values(text)


def test_a_surname_spelled_otherwise_keeps_the_first_name() -> None:
    known: dict[str, Value] = {**TUESDAY_AT_3, "name": "Stephen Clark"}
    assert values("It's Clarke with an e", expecting("slot", "phone", filled=known)) == {"name": "Stephen Clarke"}


@pytest.mark.parametrize(
    "text",
    [
        "wie lange vorher muss ich absagen?", "bis wann kann ich stornieren?",
        "Kann ich den Termin später noch absagen?",
        "how late can I cancel?", "can I still cancel later?", "how long before can I cancel for free?",
    ],
)  # fmt: skip
def test_a_question_about_cancelling_cancels_nothing(text: str) -> None:
    language = "en" if "cancel" in text else "de"
    for found in (commands(text, expecting("confirm", filled=TUESDAY_AT_3, language=language)), commands(text)):
        assert [type(command) for command in found if not isinstance(command, Language)] == [Ask]
