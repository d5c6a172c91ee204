"""Telegram keeps the contract of all channels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from channels.telegram import TelegramChannel
from runtime.ports import Channel, Secrets
from tests.channels.contract import ChannelContract, Client
from tests.web.fake_gate import FakeGate

FIXTURES = Path(__file__).parent / "fixtures" / "telegram"


class TestTelegram(ChannelContract):
    path = "telegram"
    secrets: ClassVar[Secrets] = {"bot_token": "7700100:own-token", "webhook_secret": "first_Secret-1"}
    rotated: ClassVar[Secrets] = {"bot_token": "7700100:own-token", "webhook_secret": "second_Secret-2"}

    def channel(self) -> Channel:
        return TelegramChannel(strict=True)

    def headers(self, body: bytes, secrets: Secrets) -> Mapping[str, str]:
        return {"X-Telegram-Bot-Api-Secret-Token": secrets["webhook_secret"]}

    def text_body(self) -> bytes:
        return (FIXTURES / "text.json").read_bytes()

    def two_events_body(self) -> bytes:
        return (FIXTURES / "business_deleted_two.json").read_bytes()

    def unknown_body(self) -> bytes:
        return (FIXTURES / "invented.json").read_bytes()

    def echo_body(self) -> bytes:
        return (FIXTURES / "business_own_echo.json").read_bytes()

    async def test_while_a_secret_is_rotated_both_count(self, client: Client, gate: FakeGate) -> None:
        secrets = {**self.rotated, "webhook_secret_previous": self.secrets["webhook_secret"]}
        gate.secrets["salon", "telegram"] = secrets
        for known in (self.secrets, self.rotated):
            assert await self.post(client, self.text_body(), self.headers(b"", known)) == 200

    async def test_without_a_configured_secret_nobody_gets_in(self, client: Client, gate: FakeGate) -> None:
        gate.secrets["salon", "telegram"] = {"bot_token": "x", "webhook_secret": ""}
        for header in ({}, {"X-Telegram-Bot-Api-Secret-Token": ""}):
            assert await self.post(client, self.text_body(), header) == 403

    async def test_every_fixture_is_answered_with_200(self, client: Client) -> None:
        for path in sorted(FIXTURES.glob("*.json")):
            if path.name != "expected.json":
                assert await self.post(client, path.read_bytes()) == 200, path.name

    async def test_odd_types_everywhere_are_answered_with_200(self, client: Client, gate: FakeGate) -> None:
        odd: list[object] = [None, True, 1.5, "x", [], {}, [[]], {"id": {"id": []}}, "\ud800", 10**30]
        for name in ("message", "callback_query", "my_chat_member", "message_reaction", "deleted_business_messages"):
            for number, value in enumerate(odd):
                body = json.dumps({"update_id": number, name: {"chat": value, "from": value, "photo": value}}).encode()
                assert await self.post(client, body) == 200
