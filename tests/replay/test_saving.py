"""A recorded conversation becomes a dialog test that passes, with made-up names and numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from runtime.app import FrontDesk, start
from runtime.dialogs import play
from runtime.replay.command import Wishes, replay_wished
from runtime.replay.madeup import MadeUp
from tests.replay.recording import recorded, replayer
from tests.support.real_desk import RealDesk, real_desk


async def told(desk: FrontDesk, *texts: str, contact: str = "guest") -> str:
    """Somebody says these things to the demo business; returns the conversation."""
    for text in texts:
        replies = await desk.say(tenant="demo", contact=contact, text=text)
        press = [button.payload for button in replies[-1].buttons if button.payload.startswith("yes|")]
        if text.startswith("0151") and press:
            await desk.say(tenant="demo", contact=contact, press=press[0])
    connection = await desk.door.connection("demo", "api")
    assert connection is not None
    return desk.door.key(connection, contact).conversation


@pytest.mark.slow  # a desk that records, and desks that the test is tried on
async def test_a_saved_test_passes_and_names_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with real_desk(tmp_path / "data") as real:
        await _other_customer(real)
        conversation = await told(
            real.desk, "Ich hätte gern einen Termin für einen Damenhaarschnitt", "Dienstag um 15 Uhr",
            "Haben Sie Parkplätze?", "Rosalinde Quittenbaum", "0151 73829164", "danke",
        )  # fmt: skip
        await recorded(real.desk.database, 8)
        file = tmp_path / "saved" / "recorded.yaml"
        file.parent.mkdir()
        wishes = Wishes(conversation, save=file, start=start)
        assert await replay_wished(replayer(real.desk.database), wishes) == 0
    text = file.read_text(encoding="utf-8")
    assert not any(word in text for word in ("Rosalinde", "Quittenbaum", "738291", "73829164"))
    dialog = yaml.safe_load(text)
    assert dialog["tenant"] == "demo" and dialog["appointments"][0]["status"] == "booked"
    assert {"press": "Ja, buchen"}.items() <= dialog["dialog"][5].items()
    (played,) = await play([file], start)
    assert played.complaints == ()
    assert "Read it once" in capsys.readouterr().err


async def _other_customer(real: RealDesk) -> None:
    """Nobody of the recorded conversation: a test has only its own appointments."""
    assert await real.desk.say(tenant="demo", contact="other", text="Was kostet ein Haarschnitt?")


def test_what_the_desk_took_for_personal_is_made_up_and_nothing_else() -> None:
    made_up = MadeUp.__new__(MadeUp)
    made_up.words, made_up.ends, made_up.mails = {"rosalinde": "Kim"}, {"829164"}, {"r@quitte.de"}
    told = made_up.text("Rosalinde, 0151 / 73 82 91 64, r@Quitte.de, am 24.11.2026 um 15:00, nicht 030 123456")
    assert told == "Kim, 0151 / 23 45 67 64, kim.beispiel@example.org, am 24.11.2026 um 15:00, nicht 030 123456"
    assert made_up.text("+4915173829164")[:6] == "+49151" and made_up.text("…64") == "…64"
