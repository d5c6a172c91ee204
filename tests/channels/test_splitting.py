"""Long texts: no word is lost, every piece fits, the cut is at the best place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from channels.splitting import split_text, utf16_units


def test_paragraphs_first_then_sentences_then_words() -> None:
    assert split_text("Eins zwei.\n\nDrei vier.", 14) == ("Eins zwei.", "Drei vier.")
    assert split_text("Eins zwei. Drei vier fünf.", 18) == ("Eins zwei.", "Drei vier fünf.")
    assert split_text("eins zwei drei", 10) == ("eins zwei", "drei")
    assert split_text("x" * 25, 10) == ("x" * 10, "x" * 10, "x" * 5)
    assert split_text("😀" * 7, 6) == ("😀" * 3, "😀" * 3, "😀")
    assert split_text("  ", 10) == ()


@given(st.text(alphabet="ab. \n😀ß!", max_size=300), st.integers(2, 40))
def test_nothing_is_lost_and_all_fits(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert all(piece and utf16_units(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
