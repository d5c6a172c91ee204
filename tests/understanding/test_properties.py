"""What holds for any text at all: no exception, commands in order, a stage for each, folding that settles."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.core.commands import Ask, Clarify, Language, Set, Smalltalk, Start, Unclear
from runtime.core.effects import Expectation
from runtime.core.values import Value, When
from runtime.understanding.reading import ORDER
from runtime.understanding.tokens import fold, tokenise
from tests.support.chance import tries
from tests.understanding.desks import FLOWS, NOW, OFFERS, WORKSHOP, expecting, understood

RANKS = {kind: rank for rank, kinds in enumerate(ORDER) for kind in kinds}
FILLED: dict[str, Value] = {"service": "colour", "start": When(clock=()), "name": "Meier"}
SITUATIONS = (
    expecting(), expecting(can_undo=True, has_appointment=True), expecting("slot", "service"), expecting("slot",
    "start"),
    expecting("slot", "name"), expecting("slot", "phone"), expecting("slot", "staff", desk=WORKSHOP),
    expecting("offer", "start", offers=OFFERS, filled=FILLED), expecting("confirm", filled=FILLED),
    expecting("change", filled=FILLED), expecting("resume"), expecting("slot", "start", flow="move_appointment"),
    expecting("slot", "amount", flow="order_voucher"), expecting("slot", "email", flow="order_voucher", language="en"),
    expecting("clarify", flows=("book_appointment", "move_appointment")), expecting("slot", "missing"),
)  # fmt: skip
WORDS = (
    "ja nein doch nicht lieber bitte und oder aber Termin Haarschnitt Färben Anna Berg Dienstag morgen um drei 15 "
    "Uhr 24. 0151 2345678 Meier heiße ich für meine Mutter was kostet wann habt ihr auf ? . , ! abbrechen "
    "verschieben absagen egal später die zweite 1 yes no cancel my appointment with tomorrow at 3pm please what 👍 "
    "moment zurück auf den Namen von "
)
TALK = st.lists(st.sampled_from(sorted(set(WORDS.split()))), max_size=12).map(" ".join)
TEXTS = st.one_of(TALK, st.text(max_size=80))


@settings(max_examples=tries(400), deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=4).map(tuple), st.sampled_from(SITUATIONS))
def test_any_burst_in_any_situation(texts: tuple[str, ...], expectation: Expectation) -> None:
    found = understood(texts, expectation)
    ranks = [RANKS[type(command)] for command in found.commands]
    assert found.commands and len(found.stages) == len(found.commands)
    assert ranks == sorted(ranks)
    assert found.language in ("de", "en") and found.now == NOW
    telling = [c for c in found.commands if not isinstance(c, Language | Smalltalk)]
    assert len(telling) == 1 or not any(isinstance(c, Unclear | Clarify) for c in telling)


@settings(max_examples=tries(300), deadline=None)
@given(TEXTS, st.sampled_from(SITUATIONS))
def test_values_are_for_slots_that_there_are_and_words_are_the_customers(text: str, expectation: Expectation) -> None:
    found = understood(text, expectation).commands
    started = next((FLOWS[c.flow] for c in found if isinstance(c, Start)), None)
    asked = FLOWS["book_appointment"] if any(isinstance(c, Ask) for c in found) else None  # what a question is about
    slots = {name for flow in (expectation.flow, started, asked) if flow for name in flow.slots}
    for command in found:
        if isinstance(command, Set):
            assert command.slot in slots
            assert command.words and command.words in text


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert all(text[token.start : token.end] == token.text for token in tokenise(text))


def test_a_very_long_text_is_read_up_to_its_limit() -> None:
    assert understood("bla " * 5_000 + "Dienstag", expecting("slot", "start")).commands
