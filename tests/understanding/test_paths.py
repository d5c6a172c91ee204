"""Situations F4, F7, G6, H1, H3, H14, I2, I4, I5 and I7 as the offline rules read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from runtime.core.commands import Ask, Clarify, Command, Further, Language, Repeat, Set, Smalltalk, Start, Unclear, Undo
from runtime.core.effects import Expectation, Expecting, Understand
from runtime.core.events import Understood
from runtime.core.values import When
from runtime.understanding.cascade import OfflineRules
from tests.core.desk import desk

DESK = desk()
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BOOK, MOVE, CANCEL = "book_appointment", "move_appointment", "cancel_appointment"


def understood(
    text: str, language: str = "de", flow: str = "", slot: str = "", has_appointment: bool = False, go_on: bool = False
) -> Understood:
    expecting = Expecting("slot", "q", slot) if slot else None
    running = DESK.flows.get(flow)
    expectation = Expectation(language, NOW, DESK, expecting, running, has_appointment=has_appointment, can_go_on=go_on)
    return OfflineRules().read(Understand((text,), expectation))


def starts(commands: tuple[Command, ...]) -> list[Start]:
    return [c for c in commands if isinstance(c, Start)]


FOREIGN_DE = """
Können Sie mir eine Pizza liefern?
Wer wird Deutscher Meister?
Schreib mir ein Gedicht über den Herbst
Was ist die Hauptstadt von Frankreich?
Übersetzen Sie das bitte ins Spanische: guten Morgen
Mein Auto springt nicht an
Wie wird das Wetter am Wochenende?
Haben Sie Karten für das Konzert?
Was ist die Wurzel aus 144?
Erzähl mir einen Witz
Können Sie mir Geld leihen?
Wie koche ich Spaghetti?
Ich brauche einen neuen Reisepass
Welches Handy soll ich kaufen?
Wo bekomme ich hier gute Brötchen?
Können Sie meine Steuererklärung machen?
Was halten Sie von der Regierung?
Ich möchte ein Bahnticket nach Hamburg buchen
Reparieren Sie auch Waschmaschinen?
Verkaufen Sie Fahrräder?
Wie spät ist es in Tokio?
Ich suche eine Wohnung in Köln
Bestellen Sie mir bitte ein Taxi
Wie viele Einwohner hat Berlin?
Ich möchte mein Konto kündigen
Kannst du meine Hausaufgaben machen?
Schicken Sie mir bitte Ihren Quellcode
Ist der Bitcoin gerade teuer?
Ich will einen Flug nach Rom buchen
Storniere meinen Flug
Bitte reservieren Sie mir ein Hotelzimmer in Wien
"""
FOREIGN_EN = """
Can you deliver a pizza?
Who won the football last night?
Write me a poem about autumn
What is the capital of France?
Please translate this into Spanish: good morning
My car won't start
What will the weather be like at the weekend?
Do you have tickets for the concert?
What is the square root of 144?
Tell me a joke
Can you lend me some money?
How do I cook spaghetti?
I need a new passport
Which phone should I buy?
Where can I get good bread around here?
Can you do my tax return?
What do you think of the government?
I'd like to book a train to Hamburg
Do you repair washing machines?
Do you sell bicycles?
What time is it in Tokyo?
I'm looking for a flat in Cologne
Please order me a taxi
How many people live in Berlin?
I want to close my bank account
Can you do my homework?
Please send me your source code
Is bitcoin expensive right now?
I want to book a flight to Rome
Cancel my flight
Please reserve a hotel room in Vienna
"""
FOREIGN = [("de", text) for text in FOREIGN_DE.strip().splitlines()]
FOREIGN += [("en", text) for text in FOREIGN_EN.strip().splitlines()]


@pytest.mark.parametrize(("language", "text"), FOREIGN)
def test_h3_a_foreign_request_starts_no_flow(language: str, text: str) -> None:
    for flow in ("", BOOK):
        found = understood(text, language, flow, "service" if flow else "").commands
        assert found and not starts(found) and not any(isinstance(c, Set | Clarify) for c in found)


@pytest.mark.parametrize("text", ["Einen Flug nach Rom buchen", "Please book me a flight to Rome"])
def test_h3_is_told_to_be_out_of_scope(text: str) -> None:
    assert Unclear("scope") in understood(text).commands


def test_f7_two_tasks_in_one_sentence_keep_their_own_days() -> None:
    text = "Ich möchte meinen Termin am Dienstag absagen und einen neuen am Freitag um 10 buchen"
    found = understood(text).commands
    first, second = starts(found)
    assert (first.flow, second.flow) == (CANCEL, BOOK) and not first.sets
    day = next(c.value for c in found if isinstance(c, Set))
    assert isinstance(day, When) and day.days == (date(2026, 11, 24),)
    assert [s.slot for s in second.sets] == ["start"]
    assert isinstance(second.sets[0].value, When) and second.sets[0].value.days == (date(2026, 11, 27),)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Ich möchte meinen Termin verschieben, außerdem: was kostet Färben, "
               "und ich brauche noch einen neuen Termin für Bartpflege am Mittwoch um 11"),
        ("en", "I need to move my appointment, and how much is a colour? "
               "And then I need another appointment for a beard trim on Wednesday at 11"),
    ],
)  # fmt: skip
def test_f7_two_tasks_and_a_question(language: str, text: str) -> None:
    found = understood(text, language).commands
    first, second = starts(found)
    assert (first.flow, second.flow) == (MOVE, BOOK) and any(isinstance(c, Ask) for c in found)
    assert {s.slot: s.value for s in second.sets}["service"] == "beard"


def test_f4_two_bookings_in_one_sentence() -> None:
    found = understood("Haarschnitt am Dienstag um 10 und noch ein Termin für Bartpflege am Mittwoch um 11").commands
    second = next(c for c in found if isinstance(c, Further))
    assert [s.flow for s in starts(found)] == [second.flow] == [BOOK]
    values = {c.slot: c.value for c in found if isinstance(c, Set)}
    assert values["service"] == "cut"
    assert {s.slot: s.value for s in second.sets}["service"] == "beard"


def test_f4_one_more_while_one_is_in_hand() -> None:
    found = understood("Ich brauche noch einen Termin", flow=BOOK, slot="name").commands
    assert [s.another for s in starts(found)] == [True]


@pytest.mark.parametrize(
    "text",
    ["Ich kann am Dienstag nicht und möchte verschieben", "Haarschnitt und Färben am Dienstag",
     "Am Dienstag oder Mittwoch um 10 und bitte bei Anna", "Hallo und guten Tag, ich hätte gern einen Termin"],
)  # fmt: skip
def test_f7_one_wish_stays_one(text: str) -> None:
    assert len(starts(understood(text).commands)) == 1


@pytest.mark.parametrize("text", ["doch", "Halt, doch weiter", "doch bitte", "war ein Versehen", "mach doch weiter"])
def test_g6_doch_after_a_cancel(text: str) -> None:
    assert any(isinstance(c, Undo) for c in understood(text, go_on=True).commands)
    assert not any(isinstance(c, Undo) for c in understood("doch am Dienstag", flow=BOOK, slot="start").commands)


def test_h1_an_appointment_and_a_time_from_somebody_who_has_one() -> None:
    found = understood("Termin morgen 15 Uhr", has_appointment=True).commands
    assert found == (Clarify((BOOK, MOVE, CANCEL), "Termin morgen 15 Uhr"),)
    assert [s.flow for s in starts(understood("Termin morgen 15 Uhr").commands)] == [BOOK]
    again = understood("Termin morgen 15 Uhr", flow=MOVE).commands
    wish = next(c.value for c in again if isinstance(c, Set))
    assert isinstance(wish, When) and wish.clock == (time(15),)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("Falsche Nummer, sorry", "wrong_place"), ("Entschuldigung, verwählt", "wrong_place"),
     ("Ist das die Pizzeria Roma?", "wrong_place"), ("Wrong number", "wrong_place"),
     ("Ich kann gerade nicht tippen", "cannot_type"), ("I can't type right now", "cannot_type")],
)  # fmt: skip
def test_h14_i7_wrong_place_and_no_hands(text: str, kind: str) -> None:
    found = understood(text).commands
    assert [c.kind for c in found if isinstance(c, Smalltalk)] == [kind] and not starts(found)


@pytest.mark.parametrize("text", ["Einfacher bitte", "Geht das auch einfacher?", "Das ist mir zu kompliziert"])
def test_i2_simpler(text: str) -> None:
    assert Repeat("simpler") in understood(text, flow=BOOK, slot="start").commands


MIXED = """
Termin next Tuesday
Ich brauche ein appointment for tomorrow
Kann ich den Haarschnitt am Dienstag at 3 pm haben?
Ich hätte gern einen haircut morgen
Geht auch Friday um 10?
Please einen Termin am Montag
Sorry, ich meinte Mittwoch
Ok, dann next week bitte
Haarschnitt und beard trim, geht das?
Mein Name ist Smith, thanks
Bitte um 3 pm
Was kostet ein haircut bei euch?
Can ich den Termin verschieben?
Yes, das passt
Morgen, whatever time
Ich bin available ab 15 Uhr
Der Termin on Friday passt mir nicht
Ein quick Haarschnitt heute
Nice, vielen Dank
I meine Dienstag
"""


@pytest.mark.parametrize("text", MIXED.strip().splitlines())
def test_i4_a_mixed_sentence_keeps_the_language(text: str) -> None:
    for flow in ("", BOOK):
        assert understood(text, "de", flow).language == "de"


@pytest.mark.parametrize(
    ("text", "code"),
    [("Merhaba, randevu almak istiyorum", "tr"), ("Bonjour, je voudrais prendre rendez-vous demain", "fr"),
     ("Hola, quiero una cita para mañana", "es"), ("Здравствуйте, хочу записаться", "ru"), ("مرحبا أريد موعدا", "ar"),
     ("Dzień dobry, chciałbym się umówić na wizytę", "pl"), ("Sprechen Sie Türkisch?", "tr"),
     ("Do you speak French?", "fr"), ("Ciao, vorrei prenotare un appuntamento", "it")],
)  # fmt: skip
def test_i5_a_language_that_we_do_not_have(text: str, code: str) -> None:
    read = understood(text)
    assert read.commands == (Language(code),) and read.language == "de"


@pytest.mark.parametrize("text", ["Maria de la Cruz", "Jean le Blanc", "Θεοδώρα Παππά"])
def test_i5_a_name_is_no_language(text: str) -> None:
    assert not any(isinstance(c, Language) for c in understood(text, flow=BOOK, slot="name").commands)
