"""Long texts: no word is lost, every piece fits, the cut is at the best place and never inside a sign."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.splitting import shortened, split_before_end, split_text, utf16_units

FAMILY, FLAG, WAVE, KEY, LETTER = "👨‍👩‍👧", "🇩🇪", "👋🏽", "1️⃣", "e\u0301"
SIGNS = (FAMILY, FLAG, WAVE, KEY, LETTER)
WORDS = st.lists(st.sampled_from(["Haus", "am", "24.", "ja!", "z. B.", "\n", "\n\n", *SIGNS, f"{FLAG}{FLAG}{FLAG}"]))
TEXTS = WORDS.map(" ".join)


def test_paragraphs_first_then_sentences_then_words() -> None:
    assert split_text("Eins zwei.\n\nDrei vier.", 14) == ("Eins zwei.", "Drei vier.")
    assert split_text("Eins zwei. Drei vier fünf.", 18) == ("Eins zwei.", "Drei vier fünf.")
    assert split_text("eins zwei drei", 10) == ("eins zwei", "drei")
    assert split_text("x" * 25, 10) == ("x" * 10, "x" * 10, "x" * 5)
    assert split_text("😀" * 7, 6) == ("😀" * 3, "😀" * 3, "😀")
    assert split_text("  ", 10) == ()


@pytest.mark.parametrize("dot", ["24. November", "z. B. Bart", "Dr. Lind", "15.30 Uhr", "Nr. 5", "S. Weber"])
def test_a_dot_that_ends_no_sentence(dot: str) -> None:
    text = f"Wir sind da. Das ist wegen {dot} und so weiter"
    assert split_text(text, len(text) - 3)[0] != text[: text.index(dot) + dot.index(".") + 1]
    assert split_text(f"Das gilt ab dem {dot} immer. Und sonst auch nicht.", 46)[0].endswith("immer.")


@pytest.mark.parametrize("sign", SIGNS)
def test_no_sign_is_cut_in_two(sign: str) -> None:
    for limit in range(utf16_units(sign), 40):
        pieces = split_text(sign * 12, limit)
        assert "".join(pieces) == sign * 12
        assert all(piece == sign * (len(piece) // len(sign)) for piece in pieces), limit
    tail = split_before_end(sign * 12, 40, 3 * utf16_units(sign) + 1)
    assert tail[-1] == sign * 3 and "".join(tail) == sign * 12


@given(st.text(alphabet="ab. \n😀ß!", max_size=300), st.integers(2, 40))
def test_nothing_is_lost_and_all_fits(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert all(piece and utf16_units(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(TEXTS, st.integers(12, 60))
def test_a_piece_begins_with_a_whole_sign(text: str, limit: int) -> None:
    for piece in split_text(text, limit):
        assert unicodedata.category(piece[0]) not in ("Mn", "Me", "Mc") and piece[0] not in "\u200d🏽"
        assert not piece.endswith("\u200d")
        assert sum(char in FLAG for char in piece) % 2 == 0, "half a flag"


@given(TEXTS, st.integers(16, 60), st.integers(8, 30))
def test_the_end_is_short_enough_for_buttons(text: str, limit: int, end_limit: int) -> None:
    pieces = split_before_end(text, limit, min(end_limit, limit))
    assert all(piece.strip() and utf16_units(piece) <= limit for piece in pieces)
    assert not pieces or utf16_units(pieces[-1]) <= min(end_limit, limit)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_what_asks_stands_at_the_end() -> None:
    text = "Wir haben Zeit. Am Dienstag um drei.\n\nPasst Ihnen das?"
    assert split_before_end(text, 100, 30) == ("Wir haben Zeit. Am Dienstag um drei.", "Passt Ihnen das?")
    assert split_before_end("Wir haben Zeit. Passt das?", 100, 12) == ("Wir haben Zeit.", "Passt das?")
    assert split_before_end("Kurz?", 100, 12) == ("Kurz?",)


@given(TEXTS, st.integers(4, 40))
def test_shortened_fits_one_line(text: str, limit: int) -> None:
    line = shortened(text, limit)
    assert utf16_units(line) <= max(limit, 9) and "\n" not in line
    assert line == " ".join(text.split()) or line.endswith("…")
