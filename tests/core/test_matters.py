"""Situations H4 and H13: what people settle themselves, by trade, read from the business's file."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from runtime.core.business import Matter
from runtime.core.commands import Ask, Start
from runtime.core.effects import Expectation, Understand
from runtime.core.matters import TOPIC
from runtime.tenants import read_tenant
from runtime.understanding.cascade import OfflineRules
from tests.core.desk import business, desk
from tests.core.talk import BOOK, NOW, TUESDAY, Talk, at, wish

FILE = """
tenant: linde
name: Studio Linde
timezone: Europe/Berlin
country: DE
hours: {mon-sat: "9-18"}
personal:
  - id: bridal
    about: {de: [Brautfrisur, Hausbesuch], en: [bridal hair, house call]}
    who: {de: Frau Linde, en: Ms Linde}
  - about: {de: [Gutschein zurückgeben]}
    within_hours: 48
  - id: skin
    about: {de: [Ausschlag, schwanger, Medikament], en: [rash, pregnant, medication]}
    say: {de: "Das klärt die Praxis persönlich.", en: "The practice must answer that in person."}
  - id: discount
    about: {de: [Rabatt, billiger], en: [discount, cheaper]}
    say: {de: "Unsere Preise sind fest."}
  - id: court
    about: {de: [verklagen, Schadensersatz], en: [sue, damages]}
    say: {de: "Rechtliches beantworten wir nur schriftlich."}
    ticket: true
"""


def matters() -> tuple[Matter, ...]:
    return read_tenant(FILE, "linde.yaml").business.matters


def talk(language: str = "de") -> Talk:
    own = dataclasses.replace(business(), matters=matters())
    return Talk(desk=desk(own), language=language)


def read(text: str, language: str = "de", flow: str = "") -> tuple[object, ...]:
    """The commands of a text at this business."""
    own = talk().desk
    expectation = Expectation(language, NOW, own, flow=own.flows.get(flow))
    return asyncio.run(OfflineRules().understand(Understand((text,), expectation), NOW)).commands


def test_the_file_says_who_and_until_when() -> None:
    bridal, voucher, skin, *_ = matters()
    assert bridal.who == {"de": "Frau Linde", "en": "Ms Linde"} and bridal.ticket and bridal.within_h == 24
    assert voucher.id == "gutschein_zurückgeben" and voucher.within_h == 48
    assert not skin.ticket and matters()[-1].ticket


@pytest.mark.parametrize(
    ("text", "language", "matter"),
    [("Machen Sie auch Brautfrisuren?", "de", "bridal"), ("Ich möchte einen Hausbesuch buchen", "de", "bridal"),
     ("Do you do house calls?", "en", "bridal"),
     ("Kann ich einen Gutschein zurückgeben?", "de", "gutschein_zurückgeben"),
     ("Ich habe einen Ausschlag, ist das schlimm?", "de", "skin"), ("Is the medication safe?", "en", "skin"),
     ("Bekomme ich Rabatt?", "de", "discount"), ("Geht das auch billiger?", "de", "discount"),
     ("Ich werde Sie verklagen", "de", "court")],
)  # fmt: skip
def test_h4_h13_the_words_of_the_file_find_the_matter(text: str, language: str, matter: str) -> None:
    found = read(text, language)
    assert [c.topic for c in found if isinstance(c, Ask)] == [f"{TOPIC}{matter}"]
    assert not any(isinstance(c, Start) for c in found)


def test_h13_a_booking_beside_it_goes_on() -> None:
    found = read("Ich bin schwanger und hätte gern einen Termin am Dienstag um 15 Uhr")
    assert any(isinstance(c, Start) and c.flow == BOOK for c in found)
    assert any(isinstance(c, Ask) and c.topic == f"{TOPIC}skin" for c in found)


@pytest.mark.parametrize("text", ["Haarschnitt am Dienstag um 10", "Was kostet Färben?", "Guten Tag"])
def test_h4_other_words_find_none(text: str) -> None:
    assert not any(isinstance(c, Ask) and c.topic.startswith(TOPIC) for c in read(text))


def test_h4_the_business_does_it_a_ticket_with_a_time() -> None:
    reply = talk().say(Ask("Machen Sie auch Brautfrisuren?", f"{TOPIC}bridal"))
    ticket = reply.recorded("ticket.opened")[0].facts
    assert ticket["kind"] == "request" and ticket["reason"] == "bridal"
    assert ticket["summary"] == "Machen Sie auch Brautfrisuren?" and ticket["due_at"] == "2026-11-21T09:00:00+00:00"
    assert reply.text.endswith(
        "Das macht Frau Linde persönlich. Sie bekommen bis Samstag, 21. November, 10 Uhr, Bescheid."
    )


def test_h4_when_it_is_closed_then_the_time_is_when_it_opens() -> None:
    monday_closed = talk().later(days=1)
    reply = monday_closed.say(Ask("Gutschein", f"{TOPIC}gutschein_zurückgeben"))
    assert "bis Dienstag, 24. November, 9 Uhr, Bescheid" in reply.text


@pytest.mark.parametrize(
    ("language", "matter", "said"),
    [("de", "skin", "Das klärt die Praxis persönlich."), ("en", "skin", "The practice must answer that in person."),
     ("de", "discount", "Unsere Preise sind fest."), ("de", "court", "Rechtliches beantworten wir nur schriftlich.")],
)  # fmt: skip
def test_h13_the_fixed_text_word_for_word(language: str, matter: str, said: str) -> None:
    reply = talk(language).say(Ask("…", f"{TOPIC}{matter}"))
    assert said in reply.text
    assert bool(reply.recorded("ticket.opened")) is (matter == "court")


def test_h13_in_a_flow_its_question_stays() -> None:
    running = talk()
    before = running.say(Start(BOOK), wish(at(TUESDAY, 15)))
    reply = running.say(Ask("Bin schwanger", f"{TOPIC}skin"))
    assert reply.asks == before.asks and reply.text.startswith("Das klärt die Praxis persönlich.")
    assert reply.text.count("?") == 1
