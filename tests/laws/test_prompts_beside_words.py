"""Laws 1 and 4 for what the desk tells on its own: never part of another turn, never before words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from runtime.app import FrontDesk
from runtime.codec import Boxed, Origin, box
from runtime.core.events import Message, Prompted, Said
from runtime.sessions.shapes import BoxEvent
from tests.faults.desks import Guest
from tests.laws.watching import journal

GATHER_MS = 200
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Auckland")
"""It is day in one of them at any hour."""


async def _together(desk: FrontDesk, guest: Guest, *names: str) -> list[list[str]]:
    """Words and prompts of one moment in the box; the kinds of the events of each turn that came of them."""
    connection = await guest.connection()
    key, now = desk.door.key(connection, guest.chat), datetime.now(UTC)
    facts: dict[str, Any] = {"appointment": "gone", "mark": "reminder.1440", "version": 1}
    facts["zone"] = next(zone for zone in ZONES if _awake(zone, now))
    origin = Origin(connection.id, connection.connector, guest.chat, "contact")
    for name in names:
        words = name == "words"
        said = Said((Message("m1", "Haben Sie Parkplätze?", now),), now)
        event = said if words else Prompted("reminder", facts, "booking.remind", now)
        body = box(Boxed(name, event, origin))
        await desk.sessions.append(key, BoxEvent(name, body, words, GATHER_MS if words else 0, 3000))
    await guest.answered("words")
    await guest.ask("Danke")
    entries = await journal(desk, 2)
    return [[event["type"] for event in entry["events"]] for entry in entries]


def _awake(zone: str, now: datetime) -> bool:
    return 9 <= now.astimezone(ZoneInfo(zone)).hour < 20


@pytest.mark.parametrize("order", [("words", "prompt"), ("prompt", "words")])
async def test_law_4_a_prompt_and_words_of_one_moment_are_never_one_turn(
    desk: FrontDesk, order: tuple[str, ...]
) -> None:
    turns = await _together(desk, Guest(desk, "reminded", channel="api"), *order)
    assert not any("Said" in kinds and "Prompted" in kinds for kinds in turns), turns
    assert "Said" in turns[0], "the customer's words come first, the prompt comes again"
