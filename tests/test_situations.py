"""Every situation of a conversation that a front desk meets has a test named by its id, or stands here with the reason.

`python -m tests.test_situations` prints the list.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

HOW_MANY = {
    "A": 11, "B": 7, "C": 23, "D": 8, "E": 12, "F": 9, "G": 7, "H": 14, "I": 7, "J": 7, "K": 17, "L": 8, "M": 18,
    "N": 8, "O": 31, "P": 14,
}  # fmt: skip
"""Situations by section: beginning, who, collecting, offers, confirming, paths, stopping, beside, language, anger,
people, time, chats, consent, phone, trouble."""

LEFT: Mapping[str, str] = {
    **{f"O{number}": "the phone" for number in range(1, HOW_MANY["O"] + 1)},
    "B1": "the phone: in a chat the channel's id is used silently",
    "E12": "the phone",
    "K16": "there is no helpdesk outside yet",
    "L4": "ratings",
    "M7": "voice notes need a speech model",
    "N5": "recording of calls",
}
"""What has no test, and why."""

NAME = re.compile(r"def test_((?:[a-p]\d{1,2}_)+)")


def situations() -> Iterator[str]:
    """Every id."""
    return (f"{section}{number}" for section, most in HOW_MANY.items() for number in range(1, most + 1))


def named_tests() -> dict[str, list[str]]:
    """Id -> the tests named by it."""
    found: dict[str, list[str]] = {}
    for file in sorted(Path(__file__).resolve().parent.rglob("test_*.py")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if (named := NAME.search(line)) is not None:
                for one in named[1].rstrip("_").upper().split("_"):
                    found.setdefault(one, []).append(line.partition("def ")[2].partition("(")[0])
    return found


def test_every_situation_has_a_test_or_a_reason() -> None:
    assert [one for one in situations() if one not in named_tests() and one not in LEFT] == []


def test_no_reason_is_left_for_what_is_named_tests() -> None:
    assert [one for one in LEFT if one in named_tests()] == []


if __name__ == "__main__":
    named = named_tests()
    for one in situations():
        sys.stdout.write(f"{one}: {LEFT.get(one) or ', '.join(named.get(one, ['-']))}\n")
