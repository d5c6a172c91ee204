"""Texts that nobody writes by hand: long repeats and odd signs are read like any other, and never raise."""

from __future__ import annotations

import pytest

from tests.understanding.desks import expecting, understood

LENGTH = 2000
SHAPES = (
    "a ", "an-", "a", "1 ", "0151 ", "bitte ", "Dienstag ", "@", "a@", "nein ", "haarschnitt ", "um 3 ", "(", "ä", "1.",
    "der ", "?", "in ", "eigentlich ", "morgen nachmittag ", "a.b", "äh ", "oh ", "\u200d", "🎉", "und ", "- ",
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_long_repeats_are_read(shape: str) -> None:
    text = (shape * LENGTH)[:LENGTH]
    for expectation in (expecting(), expecting("slot", "phone"), expecting("slot", "start"), expecting("confirm")):
        assert understood(text, expectation).commands
