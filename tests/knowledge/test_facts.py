"""Questions about a business: what is known is answered in the asked language, everything else is met with silence."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from knowledge.facts import FactAnswers
from knowledge.question import TOPICS, Question
from runtime.core.business import Business
from tests.support.tenants import business, desk_of, inline

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""A Friday, 13:00 in Berlin."""


async def ask(
    question: str, language: str = "de", *, own: Business | None = None, topic: str = "", now: datetime = NOW
) -> str:
    """The answer's text, "" for silence."""
    own = own or business("demo")
    answer = await FactAnswers().answer(desk_of(own), question, topic, language, now)
    assert answer is None or (answer.text and answer.sources and not answer.text.endswith("?"))
    return answer.text if answer else ""


KNOWN_DE = [
    ("Wann haben Sie geöffnet?", "Geöffnet ist Di–Mi 9–18 Uhr, Do 10–20 Uhr, Fr 9–18 Uhr, Sa 9"),
    ("Habt ihr am Samstag offen?", "Morgen, Samstag, 21. November, ist von 9 bis 14 Uhr geöffnet"),
    ("Haben Sie heute noch auf?", "Heute, Freitag, 20. November, ist von 9 bis 18 Uhr geöffnet."),
    ("Sind Sie morgen da?", "Morgen, Samstag, 21. November, ist von 9 bis 14 Uhr geöffnet"),
    ("Haben Sie jetzt offen?", "Jetzt ist geöffnet, heute bis 18 Uhr."),
    ("Wie sind die Öffnungszeiten?", "Geöffnet ist Di–Mi 9–18 Uhr, Do 10–20 Uhr, Fr 9–18 Uhr, Sa 9"),
    ("Haben Sie an Heiligabend geöffnet?", "Am Donnerstag, 24. Dezember (Heiligabend) ist geschlossen. W"),
    ("Ist am 25.12. offen?", "Am Freitag, 25. Dezember (Erster Weihnachtstag) ist geschlos"),
    ("Haben Sie an Feiertagen geöffnet?", "An Feiertagen ist geschlossen; der nächste ist Donnerstag, 2"),
    ("Was kostet ein Damenhaarschnitt?", "Damenhaarschnitt: 52 €."),
    ("Was kostet ein Haarschnitt?", "Preise: Damenhaarschnitt 52 €, Herrenhaarschnitt 32 € und Ki"),
    ("Wie teuer ist Färben?", "Färben: ab 75 €."),
    ("Was kostet das?", "Preise: Damenhaarschnitt 52 €, Herrenhaarschnitt 32 €, Kinde"),
    ("Wie viel kosten Strähnen bei euch?", "Strähnen: ab 110 €."),
    ("Wie lange dauert Färben?", "Für Färben sind etwa 2 Stunden eingeplant."),
    ("Wo finde ich Sie?", "Die Adresse ist Birkenhofstraße 14, 34117 Kassel."),
    ("Wo seid ihr?", "Die Adresse ist Birkenhofstraße 14, 34117 Kassel."),
    ("Wie ist Ihre Adresse?", "Die Adresse ist Birkenhofstraße 14, 34117 Kassel."),
    ("Welche Telefonnummer haben Sie?", "Die Telefonnummer ist +49 561 5550142."),
    ("Welche Leistungen bieten Sie an?", "Angeboten werden Damenhaarschnitt, Herrenhaarschnitt, Kinder"),
    ("Wer arbeitet bei Ihnen?", "Zum Team gehören Mara Lindner, Jonas Petri und Elif Aydin."),
    ("Arbeitet Mara am Samstag?", "Morgen, Samstag, 21. November, ist Mara Lindner nicht da."),
    ("Wer macht Strähnen?", "Strähnen: Elif Aydin."),
    ("Machen Sie auch Balayage?", "Strähnen gibt es hier: ab 110 €, 2 Stunden 30 Minuten."),
    ("Kann ich bei Ihnen parken?", "Hinter dem Haus sind vier kostenlose Parkplätze, die Einfahr"),
    ("Gibt es Parkplätze?", "Hinter dem Haus sind vier kostenlose Parkplätze, die Einfahr"),
    ("Kann ich mit Karte zahlen?", "Bezahlen geht bar, mit Karte und mit dem Handy."),
    ("Nehmen Sie EC-Karte?", "Bezahlen geht bar, mit Karte und mit dem Handy."),
    ("Nehmt ihr Bargeld?", "Bezahlen geht bar, mit Karte und mit dem Handy."),
    ("Wie komme ich mit der Straßenbahn hin?", "Die Haltestelle Lutherplatz ist drei Minuten zu Fuß entfernt"),
    ("Darf ich meinen Hund mitbringen?", "Ruhige Hunde sind willkommen, ein Wassernapf steht bereit."),
    ("Haben Sie WLAN?", "WLAN ist kostenlos, das Passwort hängt am Empfang."),
    ("Verkaufen Sie Gutscheine?", "Gutscheine gibt es im Studio über jeden Betrag ab 20 €."),
    ("Komme ich mit dem Rollstuhl rein?", "Der Eingang ist ebenerdig, Rollstuhl und Kinderwagen passen "),
    ("Sind Ihre Produkte vegan?", "Im Studio werden vegane Pflegeprodukte ohne Silikone verwend"),
    ("Bis wann kann ich kostenlos absagen?", "Absagen ist bis 24 Stunden vor dem Termin kostenlos."),
    ("Wann ist Mara da?", "Mara Lindner ist Di–Mi 9–13 Uhr und 13:30–18 Uhr, Do 10–14 U"),
    (
        "Was kostet ein Herrenhaarschnitt und wo kann ich parken?",
        "Herrenhaarschnitt: 32 €. Hinter dem Haus sind vier kostenlos",
    ),
    ("Macht ihr auch Kinderhaarschnitte?", "Kinderhaarschnitt gibt es hier: 19 €, 30 Minuten."),
    ("Habt ihr am 24. Dezember auf?", "Am Donnerstag, 24. Dezember (Heiligabend) ist geschlossen. W"),
    ("Haben Sie am Wochenende auf?", "Geöffnet ist Di–Mi 9–18 Uhr, Do 10–20 Uhr, Fr 9–18 Uhr, Sa 9"),
    ("Was kostet ein Haarschnitt für meinen Sohn?", "Preise: Damenhaarschnitt 52 €, Herrenhaarschnitt 32 € und Ki"),
    ("Wie lange dauert ein Haarschnitt?", "Dauer: Damenhaarschnitt 60 Minuten, Herrenhaarschnitt 30 Min"),
]
KNOWN_EN = [
    ("When are you open?", "Opening hours: Tue–Wed 9 am–6 pm, Thu 10 am–8 pm, Fri 9 am–6"),
    ("Are you open on Saturday?", "Tomorrow, Saturday, 21 November: open from 9 am to 2 pm."),
    ("What are your opening hours?", "Opening hours: Tue–Wed 9 am–6 pm, Thu 10 am–8 pm, Fri 9 am–6"),
    ("Are you open today?", "Today, Friday, 20 November: open from 9 am to 6 pm."),
    ("Are you open now?", "Open now, until 6 pm today."),
    ("Are you open on Christmas Eve?", "Thursday, 24 December (Christmas Eve): closed. Open again on"),
    ("Are you closed on bank holidays?", "Holidays are closed days; the next one is Thursday, 24 Decem"),
    ("How much is a women's haircut?", "Women's haircut: €52."),
    ("How much is a haircut?", "Prices: Women's haircut €52, Men's haircut €32 and Children'"),
    ("What does colouring cost?", "Colouring: from €75."),
    ("What are your prices?", "Prices: Women's haircut €52, Men's haircut €32, Children's h"),
    ("How long does colouring take?", "Allow about 2 hours for Colouring."),
    ("Where are you?", "The address is Birkenhofstraße 14, 34117 Kassel."),
    ("What's your address?", "The address is Birkenhofstraße 14, 34117 Kassel."),
    ("What's your phone number?", "The phone number is +49 561 5550142."),
    ("What services do you offer?", "On offer: Women's haircut, Men's haircut, Children's haircut"),
    ("Who works there?", "The team: Mara Lindner, Jonas Petri and Elif Aydin."),
    ("Does Mara work on Saturdays?", "Tomorrow, Saturday, 21 November: Mara Lindner is not in."),
    ("Do you do balayage?", "On offer: Highlights, from €110, 2 hours 30 minutes."),
    ("Where can I park?", "There are four free parking spaces behind the house; the ent"),
    ("Is there parking nearby?", "There are four free parking spaces behind the house; the ent"),
    ("Can I pay by card?", "Payment is possible in cash, by card and by phone."),
    ("Do you take credit cards?", "Payment is possible in cash, by card and by phone."),
    ("Can I bring my dog?", "Calm dogs are welcome, and there is a water bowl."),
    ("Do you have wifi?", "Wi-Fi is free; the password is at the reception."),
    ("Do you have Wi-Fi?", "Wi-Fi is free; the password is at the reception."),
    ("Do you sell gift cards?", "Gift vouchers are sold at the studio for any amount from €20"),
    ("Is it wheelchair accessible?", "The entrance is step-free, with room for wheelchairs and pra"),
    ("Are your products vegan?", "The studio uses vegan hair products without silicones."),
    ("Which tram stop is nearest?", "The stop Lutherplatz is a three-minute walk away; buses and "),
    ("What is your cancellation policy?", "Cancelling is free until 24 hours before the appointment."),
]
UNKNOWN_DE = [
    "Wie wird das Wetter morgen?",
    "Was kostet eine Dauerwelle?",
    "Machen Sie auch Maniküre?",
    "Verkaufen Sie Fahrräder?",
    "Haben Sie eine Speisekarte?",
    "Wer ist der Bundeskanzler?",
    "Kann ich bei Ihnen mein Auto reparieren lassen?",
    "Was kostet ein Parkticket in der Innenstadt?",
    "Bieten Sie Massagen an?",
    "Wie alt ist Ihr Salon?",
    "Suchen Sie noch Auszubildende?",
    "Haben Sie ein Impressum?",
    "Wie lange dauert der Flug nach Berlin?",
    "Wie hoch ist der Eiffelturm?",
    "Kann ich meine Rechnung per Post bekommen?",
    "Wo ist der nächste Geldautomat?",
    "Ist das Färben schädlich in der Schwangerschaft?",
    "Kann ich in Raten zahlen?",
    "Haben Sie meinen Schal gefunden?",
    "Gibt es bei Ihnen Kaffee?",
    "Ist die Farbe ammoniakfrei?",
    "Wann beginnt das Konzert?",
]
UNKNOWN_EN = [
    "What's the weather tomorrow?",
    "How much is a perm?",
    "Do you do manicures?",
    "Do you sell bicycles?",
    "Can I see the menu?",
    "Who is the president?",
    "Can you repair my car?",
    "How much is a parking ticket downtown?",
    "Do you offer massages?",
    "How old is your salon?",
    "Are you hiring?",
    "How long is the flight to Berlin?",
    "How tall is the Eiffel Tower?",
    "Can you post me my invoice?",
    "Where is the nearest cash machine?",
    "Is colouring harmful during pregnancy?",
    "Can I pay in instalments?",
    "Did you find my scarf?",
    "Do you serve coffee?",
    "When does the concert start?",
    "Do you ship products abroad?",
    "What's the capital of France?",
]


@pytest.mark.parametrize(("question", "beginning"), KNOWN_DE)
async def test_german_questions(question: str, beginning: str) -> None:
    assert (await ask(question)).startswith(beginning)


@pytest.mark.parametrize(("question", "beginning"), KNOWN_EN)
async def test_english_questions(question: str, beginning: str) -> None:
    assert (await ask(question, "en")).startswith(beginning)


@pytest.mark.parametrize("question", UNKNOWN_DE)
async def test_german_questions_that_we_know_nothing_about(question: str) -> None:
    assert await ask(question) == ""


@pytest.mark.parametrize("question", UNKNOWN_EN)
async def test_english_questions_that_we_know_nothing_about(question: str) -> None:
    assert await ask(question, "en") == ""


@pytest.mark.parametrize(
    ("question", "beginning"),
    [
        ("Habt ihr samstags auf?", "Morgen, Samstag"),
        ("Haben Sie am Montag geöffnet?", "Am Montag, 23. November ist geschlossen. Wieder geöffnet ist am Dienstag"),
        ("Sind Sie übermorgen da?", "Am Sonntag, 22. November ist geschlossen."),
        ("Habt ihr am 12.12. offen?", "Am Samstag, 12. Dezember ist von 9 bis 14 Uhr geöffnet."),
        ("Haben Sie am 12. Dezember auf?", "Am Samstag, 12. Dezember"),
        ("Haben Sie an Silvester geöffnet?", "Am Donnerstag, 31. Dezember (Silvester) ist geschlossen."),
        ("Habt ihr zwischen Weihnachten auf?", ""),
    ],
)
async def test_days(question: str, beginning: str) -> None:
    answer = await ask(question)
    assert answer.startswith(beginning) and (beginning or not answer)


async def test_open_right_now() -> None:
    late = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
    expected = "Jetzt ist geschlossen. Wieder geöffnet ist am Samstag, 21. November ab 9 Uhr."
    assert await ask("Haben Sie gerade offen?", now=late) == expected
    early = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
    assert await ask("Are you open now?", "en", now=early) == "Closed right now. Open again today from 9 am."


@pytest.mark.parametrize("topic", [*TOPICS, "opening_hours", "anything", ""])
async def test_a_given_topic_does_not_make_us_guess(topic: str) -> None:
    assert await ask("Was kostet eine Dauerwelle?", topic=topic) == ""
    assert await ask("Wie wird das Wetter?", topic=topic) == ""


async def test_a_given_topic_helps_where_words_are_few() -> None:
    assert (await ask("Und am Samstag?", topic="hours")).startswith("Morgen, Samstag")
    assert (await ask("Und Färben?", topic="prices")) == "Färben: ab 75 €."


async def test_another_language_than_the_question() -> None:
    assert (await ask("Wo kann ich parken?", "en")).startswith("There are four free parking spaces")
    assert (await ask("Can I pay by card?", "de")).startswith("Bezahlen geht bar")


async def test_a_practice_in_graz() -> None:
    graz = business("physio")
    assert (await ask("Brauche ich eine Überweisung?", own=graz)).startswith("Für die Rückerstattung")
    assert (await ask("Do I need a referral?", "en", own=graz)).startswith("A doctor's referral")
    assert (await ask("Was soll ich anziehen?", "en", own=graz)) == "Bequeme Kleidung und ein großes Handtuch genügen."
    assert await ask("Was kostet die Einzeltherapie?", own=graz) == "Einzeltherapie: 74 €."
    assert await ask("Was kostet der Erstbefund?", own=graz) == "Erstbefund: 92,50 €."
    hours = await ask("Wann haben Sie offen?", own=graz)
    assert hours == "Geöffnet ist Mo–Do 7:30–12 Uhr und 13–18:30 Uhr, Fr 7:30–13 Uhr."


async def test_a_workshop_in_london() -> None:
    london = business("bikes")
    assert await ask("How much is a puncture repair?", "en", own=london) == "Puncture repair: £12."
    assert await ask("What's the price of a tune-up?", "en", own=london) == "Full service: from £65."
    assert (await ask("Do you rent bikes?", "en", own=london)).startswith("We rent city bikes")
    assert (await ask("Do you buy used bikes?", "en", own=london)).startswith("We buy used bikes")
    assert await ask("Do you repair cars?", "en", own=london) == ""
    assert await ask("Who works there?", "en", own=london) == ""
    assert await ask("What's your phone number?", "en", own=london) == ""
    assert (await ask("Wo kann man Fahrräder abstellen? Fahrradständer?", own=london)) == ""


FEW_FACTS = """
facts:
  - {q: "Wie kann ich bezahlen?", a: Bar oder mit Karte.}
  - {q: "Do you have parking?", a: "Yes, behind the building."}
  - {q: "Do you allow dogs?", a: "Sure, on a lead."}
"""


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Kann ich mit Karte zahlen?", "Bar oder mit Karte."),
        ("Nehmen Sie EC-Karte?", "Bar oder mit Karte."),
        ("Nehmt ihr Bargeld?", "Bar oder mit Karte."),
        ("Can I pay cash?", "Bar oder mit Karte."),
        ("Wo kann ich parken?", "Yes, behind the building."),
        ("Gibt es bei Ihnen Parkplätze?", "Yes, behind the building."),
        ("Is there a car park?", ""),
        ("Sind Hunde erlaubt?", "Sure, on a lead."),
        ("Darf meine Katze mit?", ""),
        ("Kann ich mit PayPal zahlen?", ""),
        ("Haben Sie eine Landkarte?", ""),
        ("Haben Sie eine Speisekarte?", ""),
        ("Was kostet das Parken?", ""),
    ],
)
async def test_a_tenant_with_few_facts(question: str, answer: str) -> None:
    assert await ask(question, own=inline(FEW_FACTS)) == answer


async def test_parking_for_bikes_is_not_parking() -> None:
    assert await ask("Haben Sie Parkplätze?", own=business("bikes")) == ""


async def test_a_business_that_says_nothing_stays_silent() -> None:
    bare = inline("")
    for question, _ in KNOWN_DE:
        assert await ask(question, own=bare) == ""


async def test_odd_questions_do_no_harm() -> None:
    for question in ("", "?", "???", "…", "12", "a" * 5000, "\x00", "🙂", "und und und", "Was"):
        for topic in ("", "hours", "prices"):
            await ask(question, topic=topic)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("heute", date(2026, 11, 20)), ("tomorrow", date(2026, 11, 21)), ("am 3.1.", date(2027, 1, 3)),
        ("am 24.12.2026", date(2026, 12, 24)), ("on the 24th of December", date(2026, 12, 24)),
        ("December 24", date(2026, 12, 24)), ("Karfreitag", date(2027, 3, 26)), ("an Weihnachten", date(2026, 12, 25)),
        ("am 31.2.", None), ("irgendwann", None),
    ],
)  # fmt: skip
def test_days_in_questions(text: str, day: date | None) -> None:
    assert Question(text, business("demo"), NOW).day == day
