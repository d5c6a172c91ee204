"""Situations J5, J6 in the words of Germans, Austrians, Swiss and Britons, beside harmless words that sound alike."""

from __future__ import annotations

import pytest

from runtime.core.danger import danger_in
from tests.core.test_guard import DISTRESS, EMERGENCIES, HARMLESS

EMERGENCIES_DE = """
Feuer im Salon!
Bei Ihnen im Keller brennt es
Hier brennts
Es brennt im Treppenhaus
Das Auto brennt
Im Stiegenhaus brennt es
Der Christbaum brennt
Es riecht stark nach Gas hier
Bei uns strömt Gas aus
Wir haben ein Gasleck
Meine Kollegin ist kollabiert
Meine Oma ist kollabiert und ansprechbar ist sie nicht
Die Kundin hat das Bewusstsein verloren
Er ist ohne Bewusstsein
Mein Mann liegt am Boden und rührt sich nicht
Er schnauft nicht mehr
Mein Kind erstickt
Mein Baby hat sich verschluckt und bekommt keine Luft
Meine Frau hat einen Schlaganfall
Mein Vater hat einen Herzinfarkt
Meine Mutter hat ein Schlagerl
Ich glaube, er hat einen Hirnschlag
Mein Mann hat Herzstillstand
Sie blutet wie verrückt
Die Blutung hört nicht auf
Er verblutet
Rufen Sie bitte die Rettung
Schicken Sie die Ambulanz, schnell
Wir brauchen einen Notarzt
Rufen Sie die 144
Bitte die Rettung rufen
""".strip().splitlines()

EMERGENCIES_EN = """
Fire! Fire!
The salon is on fire
My car is on fire
The kitchen has caught fire
There's smoke and flames everywhere
We have a gas leak here
I can smell gas
My friend has passed out
She's lost consciousness
My mum is unconscious
He's unresponsive
He won't wake up
My dad just collapsed
She isn't breathing
My baby is choking
My son is choking on a sweet
He can't breathe
I'm having a heart attack
I think she's having a stroke
My nan's had a stroke just now
He's in cardiac arrest
His heart has stopped
She won't stop bleeding
It won't stop bleeding
He's bleeding out
He's losing a lot of blood
Ring 999
Call 999 please
Phone for an ambulance
Get the fire brigade
We need a paramedic
""".strip().splitlines()

DISTRESS_DE = """
Ich mag nimmer leben
Ich will nimmer leben
Ich mag nicht mehr, ich will sterben
Ich will mich umbringen
Ich möchte mir das Leben nehmen
Ich will mir etwas antun
Ich will nicht mehr aufwachen
Am liebsten wäre ich tot
Ich halte es nicht mehr aus, ich mache Schluss mit dem Leben
Ich denke darüber nach, mich umzubringen
Ich habe Suizidgedanken
Ich bin suizidgefährdet
Ich will mein Leben beenden
Ich springe von der Brücke
""".strip().splitlines()

DISTRESS_EN = """
I want to kill myself
I'm going to kill myself
I wanna die
I don't want to be here anymore, I want to die
I want to end it all
I'm thinking about ending it all
I want to top myself
I'm going to top myself
I want to take my own life
I have suicidal thoughts
I'm feeling suicidal
I wish I was dead
I wish I were dead
I don't want to wake up anymore
Everyone would be better off without me
I can't go on living
""".strip().splitlines()

HARMLESS_DE = """
Ich brauche einen Notfalltermin wegen abgebrochener Kralle
Haben Sie morgen noch einen Notfalltermin?
Ich habe einen Herzinfarkt-Nachsorge Termin am Montag
Ich hätte gern einen Termin zur Herzinfarkt-Nachsorge
Der Brandschaden wird am Dienstag begutachtet
Unser Brandschutzkurs ist am Mittwoch
Mir brennt die Zeit davon
Ich brenne für diesen Beruf
Ich bin Feuer und Flamme
Der Ofen brennt nicht richtig, können Sie vorbeikommen?
Die Kontrollleuchte brennt, wann kann ich kommen?
Die Warnlampe im Auto brennt
Machen Sie am Feuerwehrfest zu?
Der Rettungsring am Bauch muss weg
Sie sind meine Rettung
Ich brauche dringend Rettung für meine Haare
Ich brauche einen Termin in der Ambulanz
Wo ist die Ambulanz, im ersten Stock?
Ich arbeite im Rettungsdienst und komme etwas später
Ich ersticke in Arbeit
Er erstickt in Arbeit und kommt später
Die Kundin hat sich nicht gerührt
Mein Kollege rührt sich nicht auf meine Mails
Die Firma ist kollabiert, wir suchen eine neue
Das Netz ist kollabiert
Ich habe das Bewusstsein für gute Pflege verloren gehabt
Der Hund blutet ein wenig an der Pfote
Meine Nase blutet manchmal
Ich habe Bluthochdruck, geht Massage?
Beim Blutspenden war ich gestern
Zimmer 144 bitte
Bitte rufen Sie mich unter 0144 556677 an
Ich hätte gern einen Schlagerabend-Look
Mein Herz schlägt für Ihr Studio
Ich lebe nimmer in Wien
Ich will nimmer nach Graz fahren
Ich möchte nicht mehr aufwachen mit Rückenschmerzen
Ich will mein Abo beenden
Ich will unser Gespräch beenden
Ich springe morgen für eine Kollegin ein
Meine Freundin springt für mich ein
Ich bin todmüde, lieber morgen
Da wäre ich tot vor Lachen
Schluss mit grauen Haaren
Nehmen Sie mir das nicht übel
Ich tue mir das nicht an
Das bringt mich nicht um
""".strip().splitlines()

HARMLESS_EN = """
I have a burning question
That's a killer haircut
A killer look, please
I need an emergency haircut before the wedding, my hair is a mess
Could I get an emergency slot for my hair today?
It's a hair emergency
Follow-up appointment after my heart attack
I'd like to book a heart attack follow-up appointment
My stroke recovery session is on Monday
I do stroke rehab on Tuesdays
What's your breaststroke class price?
Do you offer a back stroke massage?
A brush stroke effect on my nails, please
You stroke the dog so nicely
Fire damage repair, do you do that?
My boss wants to fire me
They fired my hairdresser
I was fired last week, so I have time
Fire away
The new colour is on fire
Your team is on fire today
Do you sell fire extinguishers?
Is there a fire door at the back?
The fire alarm test is on Friday
Do you have gas heating?
I'm running out of gas, I'll be ten minutes late
The gas bill came to the wrong address
I passed out leaflets for you
My battery is dead
My phone died, sorry
My car died this morning, can I come later?
I'm dead tired, tomorrow is better
Dead ends need cutting
Please get rid of the dead skin
My hair is dead and needs help
The deadline is Friday
I'd kill for an appointment tomorrow
Kill two birds with one stone
My feet are killing me
My back is killing me, can I get a massage?
My heart stopped when I saw the price
My heart is set on Saturday
You broke my heart with that fringe
Do you do heart tattoos?
Your website is unresponsive
The page isn't responding
Your phone line isn't responding
I'm choking up, it was so lovely
I can't breathe in this dress, can you let it out?
I'm out of breath from running, be there soon
Breathtaking work, thank you
The colour is bleeding into the white
My nose bleeds sometimes
I had a nosebleed yesterday
Can you top up my balance?
I'd like to top myself up a voucher
I want to end my subscription
I want to end it here, thanks for the chat
I don't want to wake up early
You're better off without me as a customer
I can't go on holiday that week
I can't live without my stylist
Live music tonight?
Do you do life drawing classes?
I nearly died laughing
I could murder a coffee
Call me on 0999 123456
Room 999, please
The ambulance depot is next to you, right?
My son is in the fire brigade youth group
""".strip().splitlines()


FIRST_ENGLISH = "Do you have an emergency appointment?"
"""Where English begins in the list of the guard's own tests."""


def test_j5_j6_thirty_true_and_a_hundred_false_in_each_language() -> None:
    german = HARMLESS.index(FIRST_ENGLISH)
    assert len(HARMLESS_DE) + german >= 100 and len(HARMLESS_EN) + len(HARMLESS) - german >= 100
    assert min(len(EMERGENCIES_DE), len(EMERGENCIES_EN)) >= 30
    everything = [*EMERGENCIES, *DISTRESS, *HARMLESS, *HARMLESS_DE, *HARMLESS_EN]
    assert len({*everything}) == len(everything)


@pytest.mark.parametrize("text", [*EMERGENCIES_DE, *EMERGENCIES_EN])
def test_j5_an_emergency_is_seen_however_it_is_said(text: str) -> None:
    assert danger_in((text,)) == "emergency"


@pytest.mark.parametrize("text", [*DISTRESS_DE, *DISTRESS_EN])
def test_j6_despair_is_seen_however_it_is_said(text: str) -> None:
    assert danger_in((text,)) == "distress"


@pytest.mark.parametrize("text", [*HARMLESS_DE, *HARMLESS_EN])
def test_j5_j6_what_only_sounds_like_danger_passes(text: str) -> None:
    assert danger_in((text,)) is None
    assert danger_in((text.upper(),)) is None
