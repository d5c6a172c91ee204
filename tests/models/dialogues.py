"""What customers say that the rules alone cannot read, with the right answers of a model, and where it should end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.model_stub import Row, row


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Free words in the middle of plain ones. `booked`: service, name and phone that must stand in the calendar."""

    id: str
    says: Sequence[str]
    table: Sequence[Row]
    booked: Sequence[tuple[str, str, str]] = ()
    handoff: bool = False
    ends: str = ""
    """What stands in the last reply."""


GERMAN = Dialogue(
    "booking_de",
    (
        "Mein Pony fällt mir schon in die Augen, da müsste jemand ran",
        "einen Herrenhaarschnitt",
        "am Dienstag um 15 Uhr",
        "Jonas Meier",
        "0171 2345678",
        "ja",
    ),
    (row("Pony", ("start", "book_appointment", "")),),
    (("haircut_men", "Jonas Meier", "+491712345678"),),
)
ENGLISH = Dialogue(
    "booking_en",
    (
        "I look like a sheepdog, somebody has to do something",
        "a men's haircut please",
        "on Tuesday at 3 pm",
        "Emma Carter",
        "+44 20 7946 0018",
        "yes",
    ),
    (row("sheepdog", ("start", "book_appointment", "")),),
    (("haircut_men", "Emma Carter", "+442079460018"),),
)
OPTION = Dialogue(
    "option_meant",
    (
        "Ich hätte gern einen Termin",
        "einmal die Matte stutzen",
        "Herrenhaarschnitt",
        "Mittwoch 11 Uhr",
        "Jonas Meier",
        "0171 2345678",
        "ja",
    ),
    (row("Matte", ("set", "service=haircut_men", "die Matte stutzen")),),
    (("haircut_men", "Jonas Meier", "+491712345678"),),
)
BURSTING = Dialogue(
    "long_story",
    (
        "Also das ist eine lange Geschichte, meine Schwester war neulich da und schwärmt seither ununterbrochen von "
        "euch, und jetzt hab ich gedacht, bevor ich wieder ewig herumlaufe wie ein Wischmopp, melde ich mich halt mal",
        "Herrenhaarschnitt",
        "Donnerstag 14 Uhr",
        "Jonas Meier",
        "0171 2345678",
        "ja",
    ),
    (row("Wischmopp", ("start", "book_appointment", "")),),
    (("haircut_men", "Jonas Meier", "+491712345678"),),
)
MOVED = Dialogue(
    "moved_en",
    (
        "Men's haircut on Thursday at 2 pm",
        "Emma Carter",
        "+44 20 7946 0018",
        "yes",
        "The flu has floored me, it will have to be some other day",
        "I want to move my appointment",
        "on Friday at 10 am",
        "yes",
    ),
    (row("floored", ("start", "move_appointment", "")),),
    (("haircut_men", "Emma Carter", "+442079460018"),),
    ends="Moved",
)
LOST = Dialogue(
    "nobody_understands",
    ("Grumbel die Wumbel am Schlumbel", "Ich meine die Wumbel vom Schlumbel", "Na die Wumbel eben vom Trumbel"),
    (),
    handoff=True,
)
ALL = (GERMAN, ENGLISH, OPTION, BURSTING, MOVED, LOST)
