"""Secrets from outside: the right one and no other, whatever it is made of."""

from __future__ import annotations

import pytest

from runtime.comparing import is_same


@pytest.mark.parametrize(
    ("given", "known", "same"),
    [("geheim", "geheim", True), ("schlüssel", "schlüssel", True), ("geheim", "Geheim", False), ("", "geheim", False),
     ("", "", False), ("geheim", "", False), ("\udcff", "geheim", False), ("\ud800", "", False)],
)  # fmt: skip
def test_only_the_secret_itself_is_the_same(given: str, known: str, same: bool) -> None:
    assert is_same(given, known) is same
