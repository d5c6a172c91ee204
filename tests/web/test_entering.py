"""Situation A9 over HTTP: somebody taps a link of Telegram's, or opens the chat with one."""

from __future__ import annotations

from pathlib import Path

from runtime.core.messages import Inbound
from tests.support.real_desk import TelegramCustomer, real_desk


async def test_a9_a_telegram_link_with_a_service_and_c19_a_card_number(tmp_path: Path) -> None:
    async with real_desk(tmp_path) as real:
        await real.add("salon")
        paula = TelegramCustomer(real, "salon", 4401200)
        said = await paula.says("/start book--service-haircut_men--ref-flyer")
        assert ("Herrenhaarschnitt" in said and "Wann" in said) or "Welcher Tag" in said
        said = await paula.says("Dienstag um 10 Uhr, meine Karte ist 4111 1111 1111 1111")
        assert "Kartennummer" in said and "Namen" in said


async def test_a9_the_browsers_link_is_a_press_without_words(tmp_path: Path) -> None:
    async with real_desk(tmp_path) as real:
        await real.add("salon")
        connection = await real.desk.door.connection("salon", "webchat")
        assert connection is not None
        pressed = Inbound(
            kind="button", event_id="e1", conversation_id="visitor", sender_id="visitor", answer=True, message_id="m1",
            payload="enter||book--service-haircut_men",
        )  # fmt: skip
        await real.desk.door.take_in(connection, (pressed,))
        await real.quiet()
        entries = await real.desk.door.feed(connection, "visitor").read(0)
        assert [entry.kind for entry in entries] == ["part", "turn"]
        assert entries[0].part is not None and "Herrenhaarschnitt" in entries[0].part.text
