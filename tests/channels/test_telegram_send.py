"""What goes to Telegram, against a loopback Bot API that checks each request by the published description."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.splitting import utf16_units
from channels.telegram import TelegramChannel
from channels.telegram_updates import ALLOWED_UPDATES
from runtime.core.messages import Inbound, RenderedButton
from runtime.errors import BugError, ProviderRefused, ProviderUnavailable
from runtime.outbound import HttpOutbound
from runtime.ports import Connection, Secrets
from tests.channels.contract import part
from tests.support.provider_stub import TelegramStub

TELEGRAM = TelegramChannel(strict=True)
TOKEN = "7700100:Geheim-Token"


def over(secrets: Secrets) -> Connection:
    """A connection with these secrets."""
    return Connection("salon", "telegram", "telegram", secrets=secrets)


@pytest.fixture
async def stub(tmp_path: Path) -> AsyncIterator[TelegramStub]:
    stub = await TelegramStub(tmp_path / "requests.jsonl").start()
    yield stub
    await stub.stop()


@pytest.fixture
async def http() -> AsyncIterator[HttpOutbound]:
    async with HttpOutbound() as http:
        yield http


@pytest.fixture
def secrets(stub: TelegramStub) -> Secrets:
    return {"bot_token": TOKEN, "webhook_secret": "s-1", "api_url": stub.url}


def test_the_published_description_is_used() -> None:
    if not TelegramStub().checks_schema:
        assert os.environ.get("FRONTDESK_NO_SKIPS") != "1", "the Bot API's description is absent"
        pytest.skip("the Bot API's description is not beside the project")


async def test_a_part_with_buttons(stub: TelegramStub, http: HttpOutbound, secrets: Secrets) -> None:
    buttons = (RenderedButton("Dienstag, 15:00", "q7:1"), RenderedButton("Mittwoch, 9:00", "ä" * 32))
    delivery = await TELEGRAM.send(part("Wann passt es?", buttons=buttons), over(secrets), http)
    (sent,) = stub.sent
    assert sent["chat_id"] == "4401200" and sent["text"] == "Wann passt es?"
    assert sent["reply_markup"]["inline_keyboard"] == [
        [{"text": "Dienstag, 15:00", "callback_data": "q7:1"}],
        [{"text": "Mittwoch, 9:00", "callback_data": "ä" * 32}],
    ]
    assert delivery.message_ids == (str(stub.requests[0]["message_id"]),)
    assert stub.objections == []


async def test_where_an_answer_goes_back_to(stub: TelegramStub, http: HttpOutbound, secrets: Secrets) -> None:
    extra = {"business_connection_id": "bc-5", "message_thread_id": "42", "command": "start"}
    await TELEGRAM.send(part(extra=extra), over(secrets), http)
    assert stub.sent[0]["business_connection_id"] == "bc-5" and stub.sent[0]["message_thread_id"] == 42
    assert stub.objections == []


async def test_a_long_text_becomes_several_messages(stub: TelegramStub, http: HttpOutbound, secrets: Secrets) -> None:
    text = " ".join(f"Satz {number} endet hier 😀." for number in range(600))
    delivery = await TELEGRAM.send(part(text, buttons=(RenderedButton("Ja", "y"),)), over(secrets), http)
    assert len(stub.sent) == len(delivery.message_ids) > 2
    assert all(utf16_units(one["text"]) <= 4096 and one["text"].endswith(".") for one in stub.sent)
    assert " ".join(one["text"] for one in stub.sent) == text
    assert ["reply_markup" in one for one in stub.sent] == [False] * (len(stub.sent) - 1) + [True]
    assert stub.objections == []


@pytest.mark.parametrize("payload", ["", "x" * 65, "ä" * 33])
async def test_a_payload_that_does_not_fit(
    stub: TelegramStub, http: HttpOutbound, secrets: Secrets, payload: str
) -> None:
    wrong = part("Wann?", buttons=(RenderedButton("Ja", "y"), RenderedButton("Montag", payload)))
    with pytest.raises(BugError):
        await TELEGRAM.send(wrong, over(secrets), http)
    await TelegramChannel().send(wrong, over(secrets), http)
    assert stub.sent[0]["text"] == "Wann?\n• Montag"
    assert len(stub.sent[0]["reply_markup"]["inline_keyboard"]) == 1


async def test_an_empty_part_is_a_bug(stub: TelegramStub, http: HttpOutbound, secrets: Secrets) -> None:
    with pytest.raises(BugError):
        await TELEGRAM.send(part("  "), over(secrets), http)


async def test_a_group_that_moved_is_followed(stub: TelegramStub, http: HttpOutbound, secrets: Secrets) -> None:
    stub.plan = [{"migrate": -1009988776}]
    await TELEGRAM.send(part(chat="-5544"), over(secrets), http)
    assert [body["chat_id"] for body in stub.called("sendMessage")] == ["-5544", "-1009988776"]


@pytest.mark.parametrize(
    ("plan", "gone"),
    [
        ({"status": 403}, True),
        ({"status": 400, "description": "Bad Request: chat not found"}, True),
        ({"status": 400, "description": "Bad Request: message is too long"}, False),
        ({"status": 401, "description": "Unauthorized"}, False),
    ],
)
async def test_refusals(
    stub: TelegramStub, http: HttpOutbound, secrets: Secrets, plan: dict[str, object], gone: bool
) -> None:
    stub.plan = [dict(plan)]
    with pytest.raises(ProviderRefused) as caught:
        await TELEGRAM.send(part(), over(secrets), http)
    assert caught.value.gone is gone and caught.value.code == str(plan["status"])


async def test_no_token_in_errors_and_logs(
    stub: TelegramStub, http: HttpOutbound, secrets: Secrets, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.plan = [{"status": 500}, {"drop": True}, {"status": 401}, {"status": 429}]
    texts = []
    for api_url in [stub.url] * 4 + ["http://127.0.0.1:1", "http://[broken", "no address"]:
        with pytest.raises((ProviderRefused, ProviderUnavailable)) as caught:
            await TELEGRAM.send(part(), over({**secrets, "api_url": api_url}), http)
        texts += [str(caught.value), repr(caught.value), repr(caught.value.__cause__)]
    said = "\n".join([*texts, caplog.text])
    assert "Geheim-Token" not in said and "Guten Tag" not in said


async def test_a_pressed_button_is_acknowledged(stub: TelegramStub, http: HttpOutbound, secrets: Secrets) -> None:
    pressed = Inbound("button", "e", "1", "1", True, message_id="38870001", payload="y")
    await TELEGRAM.acknowledge(pressed, secrets, http)
    await TELEGRAM.acknowledge(Inbound("text", "e", "1", "1", True, message_id="5"), secrets, http)
    assert stub.called("answerCallbackQuery") == [{"callback_query_id": "38870001"}]
    await TELEGRAM.acknowledge(pressed, {**secrets, "api_url": "http://127.0.0.1:1"}, http)


async def test_typing_and_registration(stub: TelegramStub, http: HttpOutbound, secrets: Secrets) -> None:
    await TELEGRAM.typing("4401200", "7", over(secrets), http, {"business_connection_id": "bc-5"})
    url = await TELEGRAM.register_webhook("https://desk.example/arni/", "salon", secrets, http)
    assert url == "https://desk.example/arni/webhook/telegram/salon?bot=studio_stub_bot"
    (hook,) = stub.called("setWebhook")
    assert hook["url"] == url and hook["secret_token"] == "s-1" and hook["allowed_updates"] == list(ALLOWED_UPDATES)
    assert (await TELEGRAM.who_am_i(secrets, http)).username == "studio_stub_bot"
    assert stub.objections == []


async def test_the_stub_checks_and_logs(
    stub: TelegramStub, http: HttpOutbound, secrets: Secrets, tmp_path: Path
) -> None:
    status, _, _ = await http.post_json(f"{stub.url}/bot{TOKEN}/sendMessage", {"chat_id": 1, "txt": "x"})
    if stub.checks_schema:
        assert status == 400 and stub.objections
    await TELEGRAM.send(part("zweite"), over(secrets), http)
    lines = [json.loads(line) for line in (tmp_path / "requests.jsonl").read_text().splitlines()]
    assert lines[-1]["body"]["text"] == "zweite" and lines[-1]["message_id"] > 0
    assert TOKEN not in (tmp_path / "requests.jsonl").read_text()
