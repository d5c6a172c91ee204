"""What customers answer to a reminder in their own words, German and English, at the real desk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.prompts.desks import Customer, desk_at

GERMAN = [
    ("Danke, bis morgen!", "bis dann"),
    ("1", "bis dann"),
    ("Passt", "bis dann"),
    ("Mir ist leider etwas dazwischengekommen", "Schade. Soll ich den Termin am Dienstag"),
    ("Ich bin leider krank geworden", "Schade"),
    ("2", "Auf wann soll ich den Termin verschieben"),
    ("Geht auch eine Stunde später?", "auf Dienstag, 24. November, 16 Uhr"),
    ("Lieber am Donnerstag um 11", "auf Donnerstag, 26. November, 11 Uhr"),
    ("3", "Soll ich diesen Termin absagen"),
    ("Bitte stornieren", "Soll ich diesen Termin absagen"),
    ("Haben Sie Parkplätze?", "Passt der Termin am Dienstag"),
]
ENGLISH = [
    ("See you tomorrow", "see you then"),
    ("that's fine", "see you then"),
    ("Sorry, I can't make it", "That's a pity. Shall I move"),
    ("something came up", "That's a pity"),
    ("2", "When shall I move"),
    ("could we do an hour later?", "Tuesday 24 November, 4 pm"),
    ("please call it off", "Shall I cancel this appointment"),
    ("Is there parking?", "still suit you"),
]


async def answers(folder: Path, language: str, wish: str, reminder: str, table: list[tuple[str, str]]) -> list[str]:
    """What went differently: each answer is given by somebody with an appointment of their own."""
    wrong = []
    for at, (said, expected) in enumerate(table):
        async with desk_at(folder / str(at)) as (desk, clock):
            one = Customer(desk, clock, language=language)
            await one.book(wish)
            await one.later(days=3, hours=5, minutes=6)
            await one.waits_for(reminder)
            reply = await one.say(said)
            if expected not in reply:
                wrong.append(f"{said!r}: {reply}")
            booked = await desk.appointments.all("demo")
            if [(b.status, b.version) for b in booked] != [("booked", 1)]:
                wrong.append(f"{said!r} changed the appointment")
    return wrong


@pytest.mark.slow
async def test_a7_german_answers(tmp_path: Path) -> None:
    wish = "Herrenhaarschnitt bei Mara am Dienstag um 15 Uhr"
    assert await answers(tmp_path, "de", wish, "Erinnerung an Ihren Termin", GERMAN) == []


@pytest.mark.slow
async def test_a7_english_answers(tmp_path: Path) -> None:
    wish = "Men's haircut with Mara on Tuesday at 3 pm"
    assert await answers(tmp_path, "en", wish, "A reminder of your appointment", ENGLISH) == []
