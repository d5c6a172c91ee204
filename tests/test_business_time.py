"""A chat whose time is moved and a server with the real time on one data folder: each customer gets their own day."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import runtime.app
from runtime.app import FrontDesk
from runtime.clocks import MovedClock, SystemClock, TurnClock, play_at, shift_of
from runtime.settings import Settings

THURSDAY = datetime(2027, 3, 4, 9, tzinfo=UTC)


async def opening(desk: FrontDesk, contact: str) -> str:
    replies = await desk.say(tenant="demo", contact=contact, text="When are you open today?", language="en")
    return " ".join(replies)


@pytest.mark.slow
async def test_whoever_plays_the_turn_goes_by_the_time_of_who_took_it_in(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, workers=1)
    async with (
        runtime.app.start(settings, clock=MovedClock(datetime(2027, 3, 2, 9, tzinfo=UTC))) as tuesday,
        runtime.app.start(settings, clock=MovedClock(THURSDAY)) as thursday,
    ):
        for number in range(6):
            assert "2 March" in await opening(tuesday, f"a{number}")
            assert "4 March" in await opening(thursday, f"b{number}")


def test_only_the_turn_is_moved() -> None:
    clock = TurnClock(SystemClock())
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5
    play_at(shift_of(MovedClock(THURSDAY)))
    assert abs((clock.now() - THURSDAY).total_seconds()) < 5
    play_at(0)
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5
    play_at(None)
    assert abs((TurnClock(MovedClock(THURSDAY)).now() - THURSDAY).total_seconds()) < 5
    assert shift_of(SystemClock()) == 0
