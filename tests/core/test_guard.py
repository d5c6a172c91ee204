"""Situations J5, J6, N1, N3: danger is seen without a model, harmless words are let through, STOP is STOP."""

from __future__ import annotations

import pytest

from runtime.core.commands import Affirm, Start
from runtime.core.danger import danger_in
from runtime.core.effects import Understand
from tests.core.desk import desk
from tests.core.talk import BOOK, Talk

EMERGENCIES = """
Hilfe, es brennt!
Bei uns brennt die Küche, bei uns brennt es, bitte schnell
Unsere Wohnung brennt
Im Nebenraum ist Feuer ausgebrochen
Hier riecht es nach Gas, was soll ich machen?
Ich glaube, bei uns ist Gasgeruch im Flur
Mein Mann ist bewusstlos
Eine Kundin ist gerade ohnmächtig geworden, sie ist bewusstlos
Meine Mutter ist umgekippt und nicht ansprechbar
Er atmet nicht mehr!!
sie atmet nicht
Ich kriege keine Luft
Ich bekomme keine Luft mehr, Hilfe
Mein Vater hat glaube ich einen Herzinfarkt
Verdacht auf Schlaganfall, was jetzt?
Mein Mann hatte gerade einen Herzinfarkt, er atmet nicht
Ich brauche sofort einen Krankenwagen
Bitte rufen Sie den Notarzt
Können Sie die Feuerwehr rufen?
Sie blutet sehr stark am Bein
Er blutet stark am Hals
Nach dem Sturz ist er jetzt bewusstlos
Wir werden gerade überfallen
Notfall!
Hilfe, Notfall
Ich hatte einen Termin um drei. Hilfe, hier brennt es, es brennt!
The kitchen is on fire
There's a fire in the hallway
I can smell gas in the flat
My husband is unconscious
He is not breathing
She stopped breathing
I can't breathe
I think my dad is having a heart attack
My colleague has just had a stroke, please help
Please call an ambulance
We need an ambulance right now
Call 999
He's bleeding heavily from the head
My mother collapsed and isn't responding
We are being robbed
This is an emergency!
""".strip().splitlines()

DISTRESS = """
Ich will nicht mehr leben
ich möchte einfach nicht mehr leben
Ich moechte nicht mehr leben
Es hat doch alles keinen Sinn, ich bringe mich um
Ich werde mich umbringen
Manche Tage will ich nur noch sterben
Ich wäre lieber tot
Ich will mir das Leben nehmen
Ich habe Angst, dass ich mir etwas antun könnte. Ich will mir etwas antun
Ich denke an Suizid
Ich denke an Selbstmord
Ich will mich ritzen
I want to die
I just want to kill myself
I'm going to end my life
I feel suicidal
I don't want to live anymore
I'd be better off dead
I want to hurt myself
I keep cutting myself
There is no reason to live
""".strip().splitlines()

HARMLESS = """
Haben Sie einen Notfalltermin?
Ich brauche einen Notfalltermin für morgen
Gibt es bei Ihnen eine Notfallsprechstunde?
Wir hatten einen Brandschaden und ziehen um
Machen Sie auch Brandschadensanierung?
Das ist kein Notfall, es eilt nicht
Kein Notfall, bitte einfach zurückrufen
Es ist nicht dringend
Mein Haar ist grün, das ist ein Notfall fürs Haar
Meine Kopfhaut brennt seit dem Färben
Es brennt auf der Kopfhaut
Die Augen brennen
Mir brennt eine Frage unter den Nägeln
Die Lampe im Flur brennt nicht
Ich arbeite bei der Feuerwehr und habe Schichtdienst
Mein Mann ist bei der Feuerwehr
Hatten Sie letztes Jahr nicht einen Erste-Hilfe-Kurs?
Bieten Sie Erste-Hilfe-Kurse an, auch zum Herzinfarkt?
Ich hatte letztes Jahr einen Herzinfarkt, geht Massage trotzdem?
Nach meinem Schlaganfall kann ich die linke Hand schlecht bewegen
Vor zwei Jahren hatte mein Vater einen Herzinfarkt
Seit dem Herzinfarkt nehme ich Tabletten
Ich hatte letztes Jahr einen Herzinfarkt und brauche jetzt eine Massage
Ich habe fast einen Herzinfarkt bekommen bei dem Preis
Machen Sie Herzinfarkt-Vorsorge?
Ich werde beim Blutabnehmen manchmal ohnmächtig
Ich war nie bewusstlos, ich hatte nur Kopfschmerzen
Mein Zahnfleisch blutet stark beim Putzen
Ich habe Nasenbluten gehabt
Brauche ich eine Überweisung vom Hausarzt?
Haben Sie die Nummer vom Notdienst?
Wann hat die Notaufnahme offen?
Ist die Straße wegen der Feuerwehr gesperrt?
Parkt da immer ein Krankenwagen?
Das Gas wird bei uns am Dienstag abgelesen
Heizen Sie mit Gas?
Mein Auto reagiert nicht mehr auf den Schlüssel
Ihr Telefon reagiert nicht
Die Webseite reagiert nicht
Der Stuhl ist umgekippt
Ich bin zusammengezuckt, als ich den Preis sah
Ich lache mich tot
Ich sterbe vor Hunger, wann haben Sie Pause?
Ich möchte sterben vor Scham, ich habe den Termin vergessen
Meine Frau bringt mich um, wenn ich den Termin verpasse
Die Hitze bringt mich um
Ohne meinen Kaffee kann ich nicht leben
Ich möchte nicht mehr in Köln leben
Ich will nicht mehr warten
Ich kann nicht mehr kommen
Ich will nicht mehr
Ich habe mich beim Rasieren geschnitten
Ich habe mich beim Sport verletzt
Ich will mich nicht verletzen
Kennen Sie den Film Suicide Squad?
Mein Bruder hat Selbstmord begangen, bitte sagen Sie den Termin ab
Wir sammeln Spenden für Suizidprävention
Mein Mann ist gestorben, bitte absagen
Hilfe, ich finde Ihre Adresse nicht
Hilfe
Schnell bitte, ich habe nur fünf Minuten
Ich brauche Hilfe beim Buchen
Rufen Sie mich bitte an
Bitte rufen Sie die 0221 112233 an
Die Hausnummer ist 112
Mein Termin ist um 11:20
Es geht um Leben und Tod, nein, nur um meinen Bart
Die Tür klemmt wie verrückt
Feuerrot bitte, die ganzen Haare
Haben Sie Feuerzeuge?
Ein Bombenwetter heute
Do you have an emergency appointment?
It's not an emergency
No emergency, just a question
Is there an emergency exit?
We had a fire last year and moved
Do you do fire drills?
There's a fire drill on Tuesday, can I come on Wednesday?
The fireplace looks nice
My scalp is burning since the colouring
This colour is fire
I had a heart attack last year, is massage fine?
I almost had a heart attack when I saw the price
After my stroke I can't use my left hand well
My dad had a stroke two years ago
Do you offer first aid courses?
I sometimes faint when blood is taken
My gums are bleeding badly
Do you take unconscious bias training bookings?
Does the ambulance station next door have parking?
I work for the ambulance service
Can I call you at 911 Main Street?
My house number is 112
I'm dying to see you
I'd die for that haircut
I want to die of embarrassment
I don't want to live in Berlin any more
I don't want to live without that conditioner
I cut myself shaving
I hurt myself at football and must move my appointment
This weather kills me
My wife will kill me if I miss it
You're killing it
Help, I can't find your address
Help
Quick question
I can't come
The gas man comes on Tuesday
We smell of paint
Please call me back
Is there a life insurance office next door?
I read a book about suicide prevention
Breathing exercises, do you offer them?
Can I get a heart-shaped cut?
""".strip().splitlines()


def test_the_tables_are_long_enough() -> None:
    assert len(EMERGENCIES) >= 30 and len(DISTRESS) >= 20 and len(HARMLESS) >= 100
    assert len({*EMERGENCIES, *DISTRESS, *HARMLESS}) == len(EMERGENCIES) + len(DISTRESS) + len(HARMLESS)


@pytest.mark.parametrize("text", EMERGENCIES)
def test_j5_emergencies_are_seen(text: str) -> None:
    assert danger_in((text,)) == "emergency"


@pytest.mark.parametrize("text", DISTRESS)
def test_j6_despair_is_seen(text: str) -> None:
    assert danger_in((text,)) == "distress"


@pytest.mark.parametrize("text", HARMLESS)
def test_j5_j6_harmless_words_pass(text: str) -> None:
    assert danger_in((text,)) is None
    assert danger_in((text.upper(),)) is None


def test_j5_words_over_two_messages() -> None:
    assert danger_in(("Mein Mann", "ist bewusstlos")) == "emergency"
    assert danger_in(("Ich hatte um drei Termin", "es brennt")) == "emergency"


def test_j5_the_number_first_then_a_person_and_the_flow_is_frozen() -> None:
    talk = Talk()
    talk.say(Start(BOOK))
    reply = talk.hear("Hilfe, es brennt!")
    assert reply.text.startswith("Bitte rufen Sie sofort die 112 an.")
    assert reply.asks == ("", "") and "?" not in reply.text
    assert talk.conversation.phase == "queued" and talk.conversation.stack
    assert [record.kind for record in reply.records] == ["alert", "handoff.opened"]
    assert not any(isinstance(effect, Understand) for step in talk.steps[-2:] for effect in step[3])


def test_j5_at_first_contact_the_number_still_comes_first() -> None:
    reply = Talk().hear("Hilfe, es brennt!")
    assert reply.text.startswith("Bitte rufen Sie sofort die 112 an.")
    assert sum(name.startswith("disclosure") for name in reply.names) == 1


def test_j6_numbers_and_a_person_without_a_model() -> None:
    talk = Talk()
    talk.to_confirm()
    reply = talk.hear("Ich will nicht mehr leben")
    assert "112" in reply.text and "0800 5550111" in reply.text and "jemanden aus dem Team" in reply.text
    assert talk.conversation.phase == "queued" and "?" not in reply.text
    assert reply.recorded("alert")[0].facts["kind"] == "distress"
    assert not reply.writes


@pytest.mark.parametrize("phase", ["queued", "owned"])
def test_j5_while_a_person_is_asked_for_or_has_it(phase: str) -> None:
    talk = Talk()
    talk.press_payload("person||")
    if phase == "owned":
        talk.claim()
    reply = talk.hear("Er atmet nicht mehr")
    assert reply.recorded("alert")
    assert bool(reply.sends) is (phase == "queued")


def test_j5_j6_a_yes_after_it_writes_nothing() -> None:
    talk = Talk()
    talk.to_confirm()
    yes = talk.payload("Ja, buchen")
    talk.hear("Ich will nicht mehr leben")
    assert not talk.press_payload(yes).writes
    assert not talk.say(Affirm()).writes


STOPS = {
    # text: (telegram, webchat)
    "STOP": (True, True),
    "Stop": (True, False),
    "stopp": (True, False),
    "Stop!": (True, False),
    "STOPALL": (True, True),
    "unsubscribe": (True, True),
    "Abmelden": (True, True),
    "Stop, lieber Mittwoch": (False, False),
    "bitte stoppen Sie die Buchung": (False, False),
    "Kann man am Stoppschild parken?": (False, False),
    "START": (False, False),
}


@pytest.mark.parametrize("phase", ["idle", "flow", "confirm", "queued", "owned"])
@pytest.mark.parametrize("channel", ["telegram", "webchat"])
@pytest.mark.parametrize("text", STOPS)
def test_g7_n1_n2_stop_alone_is_an_opt_out(text: str, channel: str, phase: str) -> None:
    talk = Talk(channel=channel)
    appointment = talk.diary.add("cut", talk.now.replace(day=24))
    _bring_to(talk, phase)
    stack = talk.conversation.stack
    reply = talk.hear(text)
    opted_out = STOPS[text][channel == "webchat"]
    assert talk.conversation.opted_out is opted_out
    assert talk.booked == [appointment] and not reply.writes
    if opted_out:
        assert talk.conversation.stack == stack
        assert reply.names == ([] if phase == "owned" else reply.names)
        assert phase == "owned" or "guard.opt_out" in reply.names
        assert "?" not in reply.text and reply.asks == ("", "")


def _bring_to(talk: Talk, phase: str) -> None:
    if phase == "flow":
        talk.say(Start(BOOK))
    if phase == "confirm":
        talk.to_confirm()
    if phase in ("queued", "owned"):
        talk.press_payload("person||")
    if phase == "owned":
        talk.claim()


def test_n1_stop_in_a_burst_counts() -> None:
    talk = Talk()
    talk.say(text="STOP", also="bitte keine Nachrichten mehr")
    assert talk.conversation.opted_out


def test_n1_a_yes_after_stop_books_nothing() -> None:
    talk = Talk()
    talk.to_confirm()
    talk.hear("STOP")
    reply = talk.say(Affirm())
    assert not reply.writes and reply.asks == ("confirm", "")


@pytest.mark.parametrize("channel", ["telegram", "webchat"])
@pytest.mark.parametrize("phase", ["idle", "flow", "queued", "owned"])
def test_n3_start_opts_in_again(channel: str, phase: str) -> None:
    talk = Talk(channel=channel)
    _bring_to(talk, phase)
    talk.hear("STOP")
    reply = talk.hear("START")
    assert not talk.conversation.opted_out
    assert phase == "owned" or "guard.opt_in" in reply.names


def test_n3_writing_again_is_answered_and_brings_no_reminders() -> None:
    talk = Talk()
    talk.hear("STOP")
    assert talk.say(Start(BOOK)).asks == ("slot", "service")
    assert talk.conversation.opted_out


def test_n3_start_without_a_stop_is_a_word_like_any() -> None:
    talk = Talk()
    assert talk.say(Start(BOOK), text="START").asks == ("slot", "service")


def test_a_suspended_tenant_says_so_and_where_to_turn_but_danger_and_stop_go_first() -> None:
    talk = Talk(desk=desk(status="suspended"))
    reply = talk.hear("Ich möchte einen Termin")
    assert "guard.suspended" in reply.names and "+49 221 5550142" in reply.text
    talk.hear("STOP")
    assert talk.conversation.opted_out
    assert "112" in talk.hear("Es brennt!").text
