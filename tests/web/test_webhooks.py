"""Webhooks at the edge: what a provider gets to hear, and when."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from channels.browser import BrowserChannel
from channels.telegram import TelegramChannel
from runtime.outbound import HttpOutbound
from runtime.settings import Settings
from runtime.web.edge import make_app
from tests.support.provider_stub import TelegramStub
from tests.web.conftest import Client
from tests.web.fake_gate import FakeGate

SIGNED = {"X-Telegram-Bot-Api-Secret-Token": "s-1"}


def update(number: int = 1, text: str = "Hallo") -> bytes:
    message = {"message_id": number, "from": {"id": 5}, "chat": {"id": 5, "type": "private"}, "text": text}
    return json.dumps({"update_id": number, "message": message}).encode()


async def post(client: Client, path: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    async with client.post(path, data=body, headers=SIGNED if headers is None else headers) as answer:
        return answer.status, await answer.json()


async def test_taken_in_before_the_answer(client: Client, gate: FakeGate) -> None:
    gate.hold()
    assert await post(client, "/webhook/telegram/salon", update()) == (200, {"ok": True})
    ((connection, event),) = gate.taken
    assert (connection.tenant, event.text, event.event_id) == ("salon", "Hallo", "telegram:1")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/webhook/telegram/nobody", SIGNED, 404),
        ("/webhook/telegram/praxis", SIGNED, 404),
        ("/webhook/pigeon/salon", SIGNED, 404),
        ("/webhook/webchat/salon", SIGNED, 404),
        ("/webhook/telegram/salon", {}, 403),
        ("/webhook/telegram/salon", {"X-Telegram-Bot-Api-Secret-Token": "s-2"}, 403),
        ("/nothing", SIGNED, 404),
    ],
)
async def test_who_gets_in(client: Client, gate: FakeGate, path: str, headers: dict[str, str], status: int) -> None:
    got, answer = await post(client, path, update(), headers)
    assert got == status
    assert set(answer) == {"error", "what_next"} and gate.taken == []


async def test_storage_down_is_503_with_a_time(client: Client, gate: FakeGate) -> None:
    gate.down = True
    async with client.post("/webhook/telegram/salon", data=update(), headers=SIGNED) as answer:
        assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0


async def test_the_same_update_twice_at_once(client: Client, gate: FakeGate) -> None:
    await asyncio.gather(*(post(client, "/webhook/telegram/salon", update()) for _ in range(2)))
    assert len(gate.taken) == 1


async def test_an_update_about_no_chat_is_answered_and_dropped(client: Client, gate: FakeGate) -> None:
    assert (await post(client, "/webhook/telegram/salon", b'{"update_id": 7, "poll": {"id": "1"}}'))[0] == 200
    assert gate.taken == []


async def test_a_get_is_no_webhook(client: Client) -> None:
    async with client.get("/webhook/telegram/salon") as answer:
        assert answer.status == 405


async def test_a_pressed_button_is_acknowledged_after_the_answer(gate: FakeGate) -> None:
    stub = await TelegramStub().start()
    gate.secrets["salon", "telegram"]["api_url"] = stub.url
    async with HttpOutbound() as http:
        app = make_app(
            gate, Settings(), {"telegram": TelegramChannel()}, b"k", "t", webchat=BrowserChannel(), http=http
        )
        query = {"id": "777", "from": {"id": 5}, "message": {"message_id": 2, "chat": {"id": 5}}, "data": "y"}
        async with TestClient(TestServer(app)) as client:
            assert (
                await post(
                    client, "/webhook/telegram/salon", json.dumps({"update_id": 2, "callback_query": query}).encode()
                )
            )[0] == 200
    await stub.stop()
    assert stub.called("answerCallbackQuery") == [{"callback_query_id": "777"}]
    assert gate.taken[0][1].payload == "y"


@pytest.mark.parametrize("base_path", ["/arni"])
async def test_everything_moves_below_the_base_path(client: Client, base_path: str) -> None:
    assert (await post(client, "/arni/webhook/telegram/salon", update()))[0] == 200
    assert (await post(client, "/webhook/telegram/salon", update()))[0] == 404
    for start in ("/arni", "/arni/"):
        async with client.get(start) as page:
            assert page.status == 200 and 'href="/arni/chat/salon?lang=de"' in await page.text()
    async with client.get("/arni/chat/salon") as page:
        text = await page.text()
        assert 'data-socket="/arni/chat/salon/ws"' in text and 'href="/arni/static/chat.' in text
