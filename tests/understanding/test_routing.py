"""Which task a text wants, what it asks, when a person, another language or a friendly word is meant."""

from __future__ import annotations

import dataclasses

import pytest

from runtime.core.commands import (
    Ask,
    Cancel,
    Clarify,
    Command,
    Handoff,
    Language,
    Refine,
    Set,
    Smalltalk,
    Start,
    Unclear,
)  # fmt: skip
from runtime.core.flows import Slot
from tests.understanding.desks import FLOWS, STUDIO, WORKSHOP, commands, expecting, understood

BOOK = [
    "Ich hätte gern einen Termin", "Ich brauche einen Termin", "Termin bitte", "kann ich morgen vorbeikommen?",
    "Habt ihr morgen was frei?", "Haben Sie nächste Woche noch etwas frei?", "Haarschnitt Dienstag 15 Uhr",
    "Ich würde gern einen Termin vereinbaren", "Wann kann ich kommen?", "Färben bitte",
    "Ich will mir die Haare färben lassen",
    "habt ihr Dienstag Zeit?", "Kann ich Donnerstag um 10 zu Anna?", "einen Termin zum Schneiden bitte",
    "Ich möchte buchen",
    "Termin morgen 15 Uhr", "Wäre am Mittwoch noch was frei bei Paul?", "I'd like to book an appointment",
    "Can I come in tomorrow?", "Do you have anything free on Friday?", "I need a haircut", "book me in for Tuesday",
    "Could I get an appointment next week?", "I want to make an appointment", "any slots tomorrow morning?",
    "haircut tomorrow at 3 please", "Can you fit me in on Monday?",
]  # fmt: skip
MOVE = [
    "Ich möchte meinen Termin verschieben", "Kann ich meinen Termin auf Donnerstag verlegen?", "Termin verschieben",
    "Geht es auch später mit meinem Termin?", "Ich muss umbuchen", "Ich würde gerne meinen Termin ändern",
    "Können wir den Termin auf einen anderen Tag legen?",
    "Ich schaffe es am Dienstag nicht, geht auch ein anderer Tag?",
    "I'd like to reschedule my appointment", "Can I move my appointment to Friday?", "I need to change my appointment",
    "could we postpone my booking", "I can't make it on Tuesday, could we do another day?",
]  # fmt: skip
CANCEL = [
    "Ich möchte meinen Termin absagen", "Termin absagen", "Bitte stornieren Sie meinen Termin am Freitag", "absagen",
    "Ich kann morgen leider nicht kommen", "Ich muss leider absagen", "Ich sage den Termin ab",
    "Storniere bitte meine Buchung",
    "I need to cancel my appointment", "Please cancel my booking", "I can't come tomorrow", "cancel",
    "I won't be able to make it on Friday", "Ich schaffe es leider nicht",
]  # fmt: skip
MINE = [
    "Wann ist mein Termin?", "wann habe ich meinen Termin", "Welche Termine habe ich?", "Habe ich noch einen Termin?",
    "Wann muss ich da sein?", "zeig mir meine Termine", "When is my appointment?", "Do I have an appointment?",
    "What time is my appointment?", "show me my bookings", "when am I booked in?",
]  # fmt: skip
ROUTES = [
    *((text, "book_appointment") for text in BOOK), *((text, "move_appointment") for text in MOVE),
    *((text, "cancel_appointment") for text in CANCEL), *((text, "my_appointments") for text in MINE),
    ("Ich möchte einen Gutschein kaufen", "order_voucher"), ("I want to buy a gift voucher", "order_voucher"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "flow"), ROUTES)
def test_tasks(text: str, flow: str) -> None:
    found = commands(text)
    assert [command.flow for command in found if isinstance(command, Start)] == [flow], found
    assert not any(isinstance(command, Ask) for command in found), found


QUESTIONS = [
    ("Wann habt ihr auf?", "hours"), ("Habt ihr Samstag auf?", "hours"), ("Sind Sie am Samstag offen?", "hours"),
    ("Wie sind Ihre Öffnungszeiten?", "hours"), ("bis wann habt ihr heute offen", "hours"),
    ("Are you open on Sunday?", "hours"),
    ("What time do you close today?", "hours"), ("What are your opening hours?", "hours"), ("Was kostet Färben?",
    "prices"),
    ("wie teuer ist ein Herrenhaarschnitt", "prices"), ("How much is a haircut?", "prices"),
    ("What does a beard trim cost?", "prices"), ("Habt ihr eine Preisliste?", "prices"), ("Wo seid ihr?", "address"),
    ("Wie komme ich zu Ihnen?", "address"), ("Wie ist die Adresse?", "address"), ("Where are you located?", "address"),
    ("Gibt es Parkplätze?", "parking"), ("Wo kann ich parken?", "parking"), ("Is there parking nearby?", "parking"),
    ("Kann ich mit Karte zahlen?", "payment"), ("Nehmen Sie Kreditkarten?", "payment"), ("Do you take cards?",
    "payment"),
    ("Wie lange dauert Färben?", "duration"), ("How long does it take?", "duration"),
    ("Was bieten Sie an?", "services"), ("Welche Leistungen haben Sie?", "services"),
    ("What services do you offer?", "services"),
    ("Wer arbeitet bei euch?", "staff"), ("Who works there?", "staff"), ("Haben Sie an Feiertagen geöffnet?",
    "holidays"),
    ("Was kostet eine kurzfristige Absage?", "cancellation"), ("Bis wann kann ich kostenlos stornieren?",
    "cancellation"),
    ("Is there a cancellation fee?", "cancellation"), ("Unter welcher Nummer kann ich euch anrufen?", "phone"),
    ("What is your phone number?", "phone"), ("Gibt es WLAN?", ""), ("Darf ich meinen Hund mitbringen?", ""),
    ("Wie wird das Wetter morgen?", ""), ("Can I bring my dog?", ""), ("Wer hat die Wahl gewonnen?", ""),
    ("What is the capital of France?", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "topic"), QUESTIONS)
def test_questions_are_answered_and_start_nothing(text: str, topic: str) -> None:
    found = [command for command in commands(text) if not isinstance(command, Language)]
    assert found[-1] == Ask(text, topic)
    assert all(isinstance(command, Set) and command.slot == "service" for command in found[:-1])


@pytest.mark.parametrize(("text", "topic"), QUESTIONS)
def test_questions_within_a_booking_set_nothing(text: str, topic: str) -> None:
    found = commands(text, expecting("slot", "start", filled={"service": "beard"}))
    assert any(isinstance(command, Ask) and command.topic == topic for command in found), found
    assert not any(isinstance(command, Set | Start) for command in found), found


def test_a_fact_of_another_tenant() -> None:
    found = commands("Repariert ihr auch E-Bikes?", expecting(desk=WORKSHOP))
    assert len(found) == 1 and isinstance(found[0], Ask)


PEOPLE = [
    "ein Mensch bitte", "Ich möchte mit einem Menschen sprechen", "Mitarbeiter bitte",
    "Kann ich mit jemandem sprechen?",
    "Verbinden Sie mich mit einem Mitarbeiter",
    "Ich will mit einem echten Menschen reden",
    "Gibt es hier auch einen Menschen?", "ich will keinen Bot",
    "Ich möchte den Chef sprechen",
    "human please", "I want to talk to a real person", "Can I speak to someone?", "agent", "put me through to a person",
    "get me a human", "I'd like to speak with a member of staff",
    "let me talk to your manager",
]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["When is it again?", "So when was it again?", "Wann war das nochmal?", "Wann war das noch gleich?"]
)
def test_asked_again_after_a_booking_is_about_the_appointment(text: str) -> None:
    assert [c.flow for c in commands(text) if isinstance(c, Start)] == ["my_appointments"]


CALLS = [
    "Können Sie mich bitte zurückrufen?", "kann mich jemand zurückrufen?", "bitte rufen Sie mich zurück",
    "Rückruf bitte",
    "Ich hätte gern einen Rückruf", "could someone call me back", "Please call me back", "callback please",
]  # fmt: skip


@pytest.mark.parametrize("text", CALLS)
@pytest.mark.parametrize("slot", ["", "service", "start", "name", "phone"])
def test_a_callback_at_every_step(text: str, slot: str) -> None:
    found = commands(text, expecting("slot", slot) if slot else expecting())
    wanted = [c.flow for c in found if isinstance(c, Start)]
    assert wanted == ["callback"] or any(isinstance(c, Handoff) for c in found), found
    assert not any(isinstance(command, Set) for command in found), found


@pytest.mark.parametrize("text", PEOPLE)
@pytest.mark.parametrize("slot", ["", "service", "start", "name", "phone"])
def test_a_person_at_every_step(text: str, slot: str) -> None:
    found = commands(text, expecting("slot", slot) if slot else expecting())
    assert any(isinstance(command, Handoff) for command in found), found
    assert not any(isinstance(command, Set) for command in found), found


@pytest.mark.parametrize(
    "text", ["Herr Mensch", "Schneidet ihr auch Menschen mit Locken?", "Ich bin auch nur ein Mensch"]
)
def test_no_person_wanted(text: str) -> None:
    assert not any(isinstance(command, Handoff) for command in commands(text, expecting("slot", "name")))


IDENTITY = [
    "Bist du ein Bot?", "Sind Sie ein Mensch?", "bist du echt?", "Spreche ich mit einem Menschen?",
    "Rede ich mit einer Maschine?",
    "Ist das hier ein Chatbot?", "Sind Sie eine KI?", "wer bist du?", "Was bist du?", "Bist du ein Computer?",
    "Schreibt hier ein echter Mensch?", "bist du menschlich", "Bot oder Mensch?", "Mit wem spreche ich?",
    "Bist du eine echte Person?",
    "Bist du ein Roboter oder ein Mensch?", "sind sie eine echte person", "Antwortet hier eine KI?",
    "Bin ich hier bei einem Bot?",
    "Are you a bot?", "Are you human?", "Am I talking to a real person?", "are you a robot", "Is this a bot?",
    "who are you?",
    "what are you", "Are you real?", "is this automated?", "Am I speaking with a human?", "are you an AI",
    "Is this a real person?",
    "bot or human?", "are you a machine?", "who am I talking to?", "Is there a human there or a bot?",
    "are you even real",
    "is this an AI?", "You're a bot, right?", "are you a computer program",
]  # fmt: skip


@pytest.mark.parametrize("text", IDENTITY)
def test_are_you_a_bot(text: str) -> None:
    found = commands(text)
    assert Smalltalk("identity") in found, found
    assert not any(isinstance(command, Handoff | Start | Set) for command in found), found


SMALL = [
    ("Hallo", "greeting"), ("Guten Morgen!", "greeting"), ("hi there", "greeting"), ("Danke schön", "thanks"),
    ("vielen Dank", "thanks"), ("thank you so much", "thanks"), ("tschüss", "bye"), ("bye", "bye"),
    ("Schönen Tag noch", "bye"),
    ("Wie geht es Ihnen?", "wellbeing"), ("how are you?", "wellbeing"), ("Das ist ja super hilfreich", "praise"),
    ("well done", "praise"), ("du bist doof", "blame"), ("this is useless", "blame"), ("Entschuldigung", "apology"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind"), SMALL)
def test_small_talk(text: str, kind: str) -> None:
    found = [command for command in commands(text) if not isinstance(command, Language)]
    assert [command.kind for command in found if isinstance(command, Smalltalk)] == [kind], found
    assert len(found) == 1


LANGUAGES = [
    ("Can I book an appointment for tomorrow?", "de", "en"), ("In English please", "de", "en"),
    ("Do you speak English?", "de", "en"),
    ("Ich hätte gern einen Termin am Dienstag", "en", "de"), ("auf Deutsch bitte", "en", "de"), ("ok", "de", "de"),
    ("Termin next Tuesday", "de", "de"), ("Meier", "en", "en"), ("15:30", "de", "de"), ("haircut", "de", "de"),
    ("yes please", "de", "de"), ("Haarschnitt for tomorrow bitte", "de", "de"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "spoken", "expected"), LANGUAGES)
def test_language_of_the_turn(text: str, spoken: str, expected: str) -> None:
    found = understood(text, expecting("slot", "service", language=spoken))
    assert found.language == expected
    in_words = "English" in text or "Deutsch" in text
    assert (Language(expected) in found.commands) == (in_words and spoken != expected)


DIGRESSIONS = [
    ("Wann ist mein Termin?", "my_appointments"), ("Ich muss meinen gebuchten Termin verschieben", "move_appointment"),
    ("Ich möchte meinen Termin verschieben", "move_appointment"), ("Ich möchte meinen alten Termin absagen",
    "cancel_appointment"),
    ("I want to cancel my existing appointment", "cancel_appointment"), ("Gutschein bestellen", "order_voucher"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "flow"), DIGRESSIONS)
def test_another_task_while_booking(text: str, flow: str) -> None:
    context = expecting("slot", "start", filled={"service": "colour"}, has_appointment=True)
    assert [command.flow for command in commands(text, context) if isinstance(command, Start)] == [flow]


@pytest.mark.parametrize(
    "text", ["verschieben auf Mittwoch", "lieber einen anderen Tag", "können wir es auf 16 Uhr verschieben"]
)
def test_corrections_before_anything_is_booked_move_nothing(text: str) -> None:
    found = commands(text, expecting("confirm", filled={"service": "colour", "start": "2026-11-24"}))
    assert not any(isinstance(command, Start) for command in found), found
    assert any(isinstance(command, Set | Refine) for command in found), found


def test_calling_off_while_booking_is_ambiguous_unless_an_appointment_is_named() -> None:
    assert commands("Termin absagen", expecting("slot", "start"))[0] == Cancel("Termin absagen", ambiguous=True)


def test_a_bare_noun_from_somebody_who_has_an_appointment_is_asked_about() -> None:
    found = commands("Termin", expecting(has_appointment=True))
    assert found == (Clarify(("book_appointment", "move_appointment", "cancel_appointment"), "Termin"),)


MOVES = [
    ("Ich muss meinen Termin von Dienstag auf Donnerstag verschieben", "Donnerstag"),
    ("Can I move my appointment from Tuesday to Thursday?", "Thursday"),
    ("Kann ich meinen Termin auf Donnerstag verlegen?", "Donnerstag"),
]


@pytest.mark.parametrize(("text", "words"), MOVES)
def test_only_the_new_time_of_a_move_is_wished(text: str, words: str) -> None:
    assert [command.words for command in commands(text) if isinstance(command, Set)] == [words]


def test_the_old_time_of_a_move_is_not_the_wish() -> None:
    found = commands("Ich möchte meinen Termin am Dienstag verschieben")
    assert not any(isinstance(command, Set) for command in found)


UNKNOWN = [
    ("asdf", "noise"),
    ("..", "noise"),
    ("🦄", "noise"),
    ("", "empty"),
    ("   ", "empty"),
    ("Blumenkohl", "words"),
]


@pytest.mark.parametrize(("text", "reason"), UNKNOWN)
@pytest.mark.parametrize("slot", ["", "service", "start"])
def test_nothing_understood(text: str, reason: str, slot: str) -> None:
    assert commands(text, expecting("slot", slot) if slot else expecting()) == (Unclear(reason),)  # type: ignore[arg-type]  # a literal


FOREIGN = [
    "Erzähl mir einen Witz", "Schreib mir ein Gedicht über Katzen", "Bestell mir eine Pizza",
    "Übersetze das ins Französische",
    "Tell me a joke", "write me a poem about cats", "order me a pizza", "translate this into French",
]  # fmt: skip


@pytest.mark.parametrize("text", FOREIGN)
def test_foreign_requests_start_no_flow(text: str) -> None:
    found: tuple[Command, ...] = commands(text)
    assert not any(isinstance(command, Start | Set) for command in found), found


@pytest.mark.parametrize("text", [
    "Sagen Sie mir bitte Bescheid, wenn am Dienstag etwas frei wird", "Bescheid, wenn am Dienstag ein Platz frei wird",
    "Please let me know if something becomes free on Tuesday", "Tell me when a slot opens up on Tuesday",
])  # fmt: skip
def test_d7_to_be_told_when_something_becomes_free_is_the_waiting_list_and_keeps_the_day(text: str) -> None:
    with_list = {**STUDIO.flows, "waiting_list": dataclasses.replace(FLOWS["book_appointment"], id="waiting_list")}
    found = commands(text, expecting(desk=dataclasses.replace(STUDIO, flows=with_list)))
    assert [c.flow for c in found if isinstance(c, Start)] == ["waiting_list"]
    assert [c.slot for c in found if isinstance(c, Set)] == ["start"]


OFFERED = [
    ("Tobias Kranz, 0170 1234567", "Tobias Kranz"), ("Ja, Tobias Kranz, 0170 1234567", "Tobias Kranz"),
    ("0170 1234567", ""), ("am besten unter 0170 1234567", ""), ("Sure, my number is 0170 1234567", ""),
]  # fmt: skip


_CALLBACK = dataclasses.replace(
    FLOWS["book_appointment"], id="callback", slots={"name": Slot("name", "person"), "phone": Slot("phone", "phone")}
)
CALLING = dataclasses.replace(STUDIO, flows={**FLOWS, "callback": _CALLBACK})


@pytest.mark.parametrize(("text", "name"), OFFERED)
def test_a_number_behind_the_offer_of_a_call_is_a_yes(text: str, name: str) -> None:
    found = commands(text, expecting("clarify", flows=("callback",), desk=CALLING))
    assert [c.flow for c in found if isinstance(c, Start)] == ["callback"], found
    values = {c.slot: c.value for c in found if isinstance(c, Set)}
    assert values == {"phone": "+491701234567", **({"name": name} if name else {})}


def test_a_number_behind_the_offer_of_a_call_is_no_yes_beside_a_no() -> None:
    found = commands(
        "Nein danke, meine 0170 1234567 haben Sie ja", expecting("clarify", flows=("callback",), desk=CALLING)
    )
    assert not any(isinstance(command, Start) for command in found), found
