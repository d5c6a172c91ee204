"""A process that only answers at the door, and another one that plays the turns."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from runtime.app import start
from runtime.errors import StorageUnavailable
from runtime.settings import Settings


def settings(data: Path, **more: object) -> Settings:
    return Settings.model_validate({"data": data, "gather_ms": 0, "prompt_scan_s": 0, **more})


async def test_what_the_door_takes_in_is_played_by_another_process(tmp_path: Path) -> None:
    async with start(settings(tmp_path / "d")) as worker, start(settings(tmp_path / "d", workers=0)) as door:
        replies = await door.say(tenant="demo", contact="anna", text="Was kostet Färben?", language="de")
        assert "75 €" in replies[-1].text
        assert (door.loop.busy, door.deliverer.busy, await door.troubles()) == (0, 0, {})
        assert await worker.troubles() == {}


@pytest.mark.slow
async def test_nothing_is_lost_while_there_is_only_a_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.app.REPLY_WAIT_S", 0.5)
    async with start(settings(tmp_path / "d", workers=0)) as door:
        with pytest.raises(StorageUnavailable):
            await door.say(tenant="demo", contact="anna", text="Was kostet Färben?", message_id="m1", language="de")
        async with start(settings(tmp_path / "d")), asyncio.timeout(20):
            monkeypatch.setattr("runtime.app.REPLY_WAIT_S", 15.0)
            replies = await door.say(tenant="demo", contact="anna", text="Was kostet Färben?", message_id="m1")
    assert "75 €" in replies[-1].text
