"""Answers to what was shown: offers picked or turned down, confirmations given, refused, corrected."""

from __future__ import annotations

from datetime import date, time

import pytest

from runtime.core.commands import (
    Affirm,
    Ask,
    Back,
    Cancel,
    Command,
    Deny,
    Handoff,
    Help,
    Language,
    Pick,
    Refine,
    Repeat,
    Restart,
    Set,
    Start,
    Undo,
    Wait,
)  # fmt: skip
from runtime.core.values import When
from tests.understanding.desks import OFFERS, commands, expecting, values

SHOWN = expecting(
    "offer", "start", offers=OFFERS, filled={"service": "colour", "start": When(days=(date(2026, 11, 24),))}
)
CONFIRM = expecting("confirm", filled={"service": "colour", "start": When(days=(date(2026, 11, 24),)), "name": "Meier"})

PICKS = [
    ("1", "o1"), ("Nummer 2", "o2"), ("die zweite", "o2"), ("den ersten bitte", "o1"), ("the second one", "o2"),
    ("the last one", "o3"), ("das letzte", "o3"), ("das späteste", "o3"), ("the earliest", "o1"), ("15:30", "o2"),
    ("15 Uhr 30", "o2"), ("halb vier", "o2"), ("Dienstag um 10", "o1"), ("das um zehn", "o1"), ("10 Uhr passt", "o1"),
    ("bei Anna", "o1"), ("lieber bei Tom", "o3"), ("Mittwoch", "o3"), ("der um 17 Uhr", "o3"),
    ("at half past three", "o2"),
    ("ja, den ersten", "o1"), ("10", "o1"), ("den bei Frau Berg", "o1"), ("egal", "o1"), ("option 3", "o3"),
    ("Wednesday please", "o3"), ("die um 5", "o3"), ("drei", "o3"), ("am 25.", "o3"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "offer"), PICKS)
def test_picks(text: str, offer: str) -> None:
    found = [command for command in commands(text, SHOWN) if not isinstance(command, Language)]
    assert [command.offer for command in found if isinstance(command, Pick)] == [offer], found
    assert len(found) == 1


def test_a_time_that_was_not_offered_is_a_wish() -> None:
    assert values("16 Uhr", SHOWN) == {"start": When(clock=(time(16),))}
    assert values("lieber Freitag um 9:15 Uhr", SHOWN)["start"] == When(
        days=(date(2026, 11, 27),), clock=(time(9, 15), time(21, 15))
    )


AWAY = [
    ("später", "later"), ("etwas später bitte", "later"), ("a bit later", "later"), ("früher", "earlier"),
    ("zu früh", "later"),
    ("nicht so spät", "earlier"), ("ein anderer Tag", "other_day"), ("another day", "other_day"), ("andere Uhrzeit",
    "other_time"),
    ("a different time", "other_time"), ("gibt es noch was anderes?", "more"), ("mehr", "more"), ("weitere Termine",
    "more"),
    ("anything else?", "more"), ("an einem anderen Tag", "other_day"), ("gibt's noch mehr?", "more"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "how"), AWAY)
def test_away_from_the_offers(text: str, how: str) -> None:
    found = [command for command in commands(text, SHOWN) if not isinstance(command, Language)]
    assert [command.how for command in found if isinstance(command, Refine)] == [how], found
    assert len(found) == 1


def test_later_with_a_limit() -> None:
    wanted = Refine("later", "später am Mittwoch", When(days=(date(2026, 11, 25),)))
    assert commands("später am Mittwoch", SHOWN) == (wanted,)


@pytest.mark.parametrize(
    "text", ["keiner passt", "das passt alles nicht", "none of those", "nein", "keins davon", "weder noch"]
)
def test_all_offers_turned_down(text: str) -> None:
    assert commands(text, SHOWN) == (Deny(text, offers=True),)


YES = [
    "ja", "Ja!", "jo", "jep", "ja bitte", "ja gerne", "gerne", "passt", "passt so", "genau", "ok", "okay", "klar",
    "perfekt",
    "super", "einverstanden", "in Ordnung", "stimmt", "richtig", "das ist richtig", "bitte buchen", "jawohl",
    "alles klar",
    "sehr gut", "so machen wir das", "ja das passt", "von mir aus gern", "yes", "yeah", "yep", "yes please", "sure",
    "go ahead",
    "sounds good", "that's fine", "correct", "ok great", "perfect", "of course", "book it", "looks good", "👍",
    "please do",
    "absolutely", "ja ja", "na klar", "Ja, stimmt alles",
]  # fmt: skip


@pytest.mark.parametrize("text", YES)
def test_yes(text: str) -> None:
    found = [command for command in commands(text, CONFIRM) if not isinstance(command, Language)]
    assert found == [Affirm(text, firm=True)]


SOFT = [
    "denke schon", "ich denke schon", "glaub schon", "wahrscheinlich", "vermutlich", "sollte passen", "ich glaube ja",
    "na gut", "meinetwegen", "eigentlich schon", "ja wahrscheinlich", "ja, denke schon", "müsste gehen", "vielleicht",
    "I guess", "I think so", "probably", "maybe", "I suppose", "should be fine", "yeah I guess", "I guess so",
    "possibly",
]  # fmt: skip


@pytest.mark.parametrize("text", SOFT)
def test_soft_yes(text: str) -> None:
    found = [command for command in commands(text, CONFIRM) if not isinstance(command, Language)]
    assert found == [Affirm(text, firm=False)]


NO = [
    "nein", "nö", "nee", "Nein!", "lieber nicht", "stimmt nicht", "das passt nicht", "auf keinen Fall",
    "doch nicht", "falsch",
    "no", "nope", "not really", "that's wrong", "I'd rather not", "no way", "der Name ist falsch", "👎",
    "das ist falsch",
]  # fmt: skip


@pytest.mark.parametrize("text", NO)
def test_no(text: str) -> None:
    found = [command for command in commands(text, CONFIRM) if not isinstance(command, Language)]
    assert found == [Deny(text)]


MIXED: list[tuple[str, list[type[Command]]]] = [
    ("ja, aber um 16 Uhr", [Set, Affirm]), ("yes but at 4pm", [Set, Affirm]), ("nein, Mittwoch", [Set, Deny]),
    ("nein doch lieber um 4", [Set, Deny]), ("no, Wednesday", [Set, Deny]), ("ja, und was kostet das?", [Affirm, Ask]),
    ("nein, andere Uhrzeit", [Refine, Deny]), ("nicht Dienstag, Mittwoch", [Set]), ("was kostet das?", [Ask]),
    ("ja, und dann brauche ich noch einen zweiten Termin", [Affirm, Start]), ("können Sie 17 Uhr machen?", [Set]),
    ("lieber bei Paul", [Set]), ("moment", [Wait]), ("wie bitte?", [Repeat]), ("?", [Repeat]), ("vergiss es", [Cancel]),
    ("zurück", [Back]), ("von vorn bitte", [Restart]), ("Hilfe", [Help]), ("ein Mensch bitte", [Handoff]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kinds"), MIXED)
def test_more_than_yes_or_no(text: str, kinds: list[type[Command]]) -> None:
    found = [type(command) for command in commands(text, CONFIRM) if not isinstance(command, Language)]
    assert found == kinds


def test_the_only_offer_is_picked_by_a_yes() -> None:
    only = expecting("offer", "start", offers=OFFERS[:1], filled={"service": "colour"})
    assert commands("ja", only) == (Pick("o1", "ja"),)
    assert commands("ja", SHOWN) == (Affirm("ja"),)


@pytest.mark.parametrize("text", ["doch nicht", "rückgängig", "mach das wieder weg", "undo", "undo that please"])
def test_undo_after_something_was_done(text: str) -> None:
    assert [c for c in commands(text, expecting(can_undo=True)) if not isinstance(c, Language)] == [Undo(text)]


def test_a_no_with_a_new_day_right_after_a_booking_keeps_the_no() -> None:
    found = commands("Nein, lieber Mittwoch", expecting(can_undo=True, has_appointment=True))
    assert any(isinstance(command, Deny) for command in found) and any(isinstance(command, Set) for command in found)


STOPS = ["abbrechen", "vergiss es", "lass mal", "stopp", "never mind", "stop it", "forget it", "hat sich erledigt"]


@pytest.mark.parametrize("text", STOPS)
@pytest.mark.parametrize("slot", ["service", "start", "name", "phone"])
def test_stop_at_every_question(text: str, slot: str) -> None:
    found = [c for c in commands(text, expecting("slot", slot)) if not isinstance(c, Language)]
    assert found == [Cancel(text)]


@pytest.mark.parametrize("text", ["absagen", "stornieren", "cancel"])
def test_stop_or_call_off(text: str) -> None:
    assert commands(text, expecting("slot", "start")) == (Cancel(text, ambiguous=True),)


@pytest.mark.parametrize(
    ("text", "flow"),
    [("1", "book_appointment"), ("verschieben", "move_appointment"), ("absagen", "cancel_appointment"),
     ("einen neuen", "book_appointment"), ("the second", "move_appointment"), ("move it", "move_appointment")],
)  # fmt: skip
def test_which_of_these_flows(text: str, flow: str) -> None:
    flows = ("book_appointment", "move_appointment", "cancel_appointment")
    found = [c for c in commands(text, expecting("clarify", flows=flows)) if isinstance(c, Start)]
    assert [command.flow for command in found] == [flow]
