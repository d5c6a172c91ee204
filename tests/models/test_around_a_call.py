"""What happens around a call: newer words, a budget that processes share, a recording, a contact's own limits."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from runtime.app import start
from runtime.dialogs import play
from runtime.errors import ConfigurationError
from runtime.model_port import ModelCost
from runtime.models.choosing import model_of
from runtime.sessions.store import Sessions
from runtime.settings import Settings
from tests.faults.servers import PrivateRedis
from tests.models.conftest import Opened
from tests.models.test_model_situations import answered, write_one_text
from tests.support.model_stub import ModelStub, row

DIALOG = """
language: de
model: answers.json
dialog:
  - said: Ich seh aus wie ein Wischmopp
    expect: [Leistung]
"""
PLAIN = """
language: de
dialog:
  - said: Ich seh aus wie ein Wischmopp
    expect: [ein Termin, eine Auskunft]
"""


@pytest.mark.slow
async def test_newer_words_end_a_call_and_the_turn_runs_again_with_everything(opened: Opened, stub: ModelStub) -> None:
    stub.mode = "hang"
    async with opened(gather_ms=0, gather_max_ms=0) as talker:
        await write_one_text(talker, "typing", "0", "Ich seh aus wie ein Wischmopp")
        async with asyncio.timeout(5):
            await stub.reached.wait()
        stub.mode, stub.table = "right", [row("Wischmopp", ("start", "book_appointment", ""))]
        await write_one_text(talker, "typing", "1", "Herrenhaarschnitt am Dienstag um 15 Uhr")
        await answered(talker, "typing", 1)
        understood = await talker.understood()
    assert stub.given_up == 1, "the first call was not given up"
    assert understood["kinds"][:2] == ["Set", "Set"]
    assert understood["spent"]["calls"] >= 1, "what the stale run spent is told"


async def test_the_budget_is_one_for_all_processes_and_refuses_loudly_once(
    redis_server: PrivateRedis, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, redis_url=redis_server.url)
    both = [await Sessions.open(settings, works=False) for _ in range(2)]
    cost, most = ModelCost(100, 2000), ModelCost(0, 10_000)
    try:
        granted = await asyncio.gather(
            *(both[n % 2].spending.take("linden", "2026-11-20", cost, most) for n in range(20))
        )
        assert sorted(granted) == ["first_no"] + ["no"] * 14 + ["yes"] * 5
        await both[0].spending.correct("linden", "2026-11-20", ModelCost(-90, -1900))
        assert await both[1].spending.take("linden", "2026-11-20", ModelCost(10, 1900), most) == "yes"
        assert await both[1].spending.take("linden", "2026-11-21", cost, most) == "yes", "another day"
        assert await both[1].spending.take("lohmann", "2026-11-20", cost, most) == "yes", "another business"
        assert await both[1].spending.take("lohmann", "2026-11-20", cost, ModelCost(150, 0)) == "first_no"
    finally:
        for one in both:
            await one.close()


@pytest.mark.slow
async def test_answers_are_recorded_once_and_played_without_the_model(stub: ModelStub, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(DIALOG, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(PLAIN, encoding="utf-8")
    files = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    with pytest.raises(ConfigurationError, match="--record"):
        await play(files, start)
    stub.table = [row("Wischmopp", ("start", "book_appointment", ""))]
    model = model_of(Settings(model_name="stub-1", model_base_url=stub.url))
    assert model is not None
    await model.loaded()
    assert [one.complaints for one in await play(files, start, record=model)] == [(), ()]
    assert len(stub.requests) == 1, "a dialog without a recording has no model"
    await model.close()
    recording = json.loads((tmp_path / "answers.json").read_text(encoding="utf-8"))["answers"]
    assert [one["said"] for one in recording.values()] == ["Ich seh aus wie ein Wischmopp"]
    assert [one.complaints for one in await play(files, start)] == [(), ()]
    files[0].write_text(DIALOG.replace("ein Wischmopp", "zwei"), encoding="utf-8")
    [told] = [one.complaints for one in await play(files[:1], start)]
    assert any("no recorded answer" in complaint and "--record" in complaint for complaint in told)
    assert len(stub.requests) == 1


async def test_small_talk_is_worded_by_the_model_only_where_the_business_wants_it(
    opened: Opened, stub: ModelStub
) -> None:
    kind = "Oh je, das klingt nach einem langen Tag"
    stub.table = [
        row("Schlamassel", ("smalltalk", "other", ""), ("reply", "", kind)),
        row("Wischmopp", ("smalltalk", "other", ""), ("reply", "", "Ich schenke Ihnen 20 Euro, kommen Sie morgen?")),
    ]
    async with opened({"wording": True}) as talker:
        assert kind in await talker.say("Mein Tag war ein einziges Schlamassel")
        read = await talker.say("Mein Hund ist ein Wischmopp")
        assert "Euro" not in read and "Gern" in read
    async with opened() as talker:
        assert kind not in await talker.say("Mein Tag war ein einziges Schlamassel")
