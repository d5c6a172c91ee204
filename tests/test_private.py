"""A whole conversation through the running server: one trace, and nobody's words, number or token in what it tells."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from runtime.identifiers import conversation_id
from runtime.records.database import Database
from runtime.records.tenants import Tenants
from tests.support.collector import Collector
from tests.support.provider_stub import TelegramStub
from tests.support.real_desk import SECRET, STUDIO

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
BOT = "7712345678:AAF-bot_token_of_the_privacy_test_0123"
TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
CHAT = 4401200
PHONE, NAME = "0561 5550199", "Paula Brandlhuber"
WISH = "Herrenhaarschnitt am Mittwoch um 15 Uhr"
SECRETS = (
    BOT, BOT.partition(":")[2], SECRET, "5550199", "Brandlhuber", "Herrenhaarschnitt am", "Knieschmerzen",
    "vertraulich",
)  # fmt: skip


@dataclass
class Server:
    """`frontdesk serve` with what it wrote."""

    process: Process
    url: str
    data: Path
    lines: list[str]


@asynccontextmanager
async def serving(data: Path, environment: Mapping[str, str]) -> AsyncIterator[Server]:
    command = (sys.executable, "-m", "runtime.cli", "serve", "--port", "0", "--data", str(data))
    around = {**os.environ, **environment, "PYTHONPATH": str(ROOT), "FRONTDESK_GATHER_MS": "30"}
    process = await asyncio.create_subprocess_exec(*command, cwd=data, env=around, stdout=PIPE, stderr=PIPE)
    assert process.stdout is not None and process.stderr is not None
    async with asyncio.timeout(30):
        while not (found := re.search(r"Look +(http://\S+)/ ", (await process.stdout.readline()).decode())):
            pass
    lines: list[str] = []
    reading = asyncio.create_task(_read(process.stderr, lines))
    try:
        yield Server(process, found[1], data, lines)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            await process.wait()
            await reading


async def _read(stream: asyncio.StreamReader, lines: list[str]) -> None:
    while line := await stream.readline():
        lines.append(line.decode())


async def ran(data: Path, *arguments: str) -> str:
    """A command on this data folder, while the server runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "runtime.cli", *arguments, "--data", str(data),
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def publish(data: Path) -> None:
    telegram = {"connector": "telegram", "secrets": {"bot_token": BOT, "webhook_secret": SECRET}}
    database = await Database.open(f"sqlite+aiosqlite:///{data / 'frontdesk.db'}")
    await Tenants(database).put_document("salon", "tenant", {**STUDIO, "tenant": "salon", "connections": [telegram]})
    await database.close()


async def write(http: aiohttp.ClientSession, server: Server, stub: TelegramStub, number: int, text: str) -> None:
    """A message over Telegram's webhook, until its answer was sent or refused."""
    person = {"id": CHAT, "is_bot": False, "first_name": "Paula", "language_code": "de"}
    chat = {"id": CHAT, "type": "private", "first_name": "Paula"}
    message = {"message_id": number, "from": person, "chat": chat, "date": 1_795_170_000, "text": text}
    before = len(stub.called("sendMessage"))
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "traceparent": f"00-{TRACE}-{CALLER}-01"}
    body = {"update_id": number, "message": message}
    async with http.post(f"{server.url}/webhook/telegram/salon", json=body, headers=headers) as answer:
        assert answer.status == 200
    async with asyncio.timeout(15):
        while len(stub.called("sendMessage")) == before:  # noqa: ASYNC110  # the stub tells nobody
            await asyncio.sleep(0.02)


async def in_the_browser(http: aiohttp.ClientSession, server: Server) -> None:
    async with http.ws_connect(f"{server.url}/chat/salon/ws") as socket:
        await socket.send_json({"type": "hello", "visitor": "", "after": 0})
        await socket.send_json({"type": "say", "id": "b1", "text": f"Ich bin {NAME}, {PHONE}, und habe Knieschmerzen"})
        async with asyncio.timeout(15):
            while (await socket.receive_json()).get("kind") != "part":
                pass


async def whole_conversation(server: Server, stub: TelegramStub) -> str:
    """Everything in one: a booking with name and number, a refused part, a browser; the figures at its end."""
    async with aiohttp.ClientSession() as http:
        await write(http, server, stub, 501, WISH)
        await write(http, server, stub, 502, f"{NAME}, {PHONE}")
        stub.plan = [{"status": 400, "description": "Bad Request: chat not found"}]
        await write(http, server, stub, 503, "Noch etwas, das vertraulich ist: Was kostet Färben?")
        await in_the_browser(http, server)
        async with asyncio.timeout(15):
            while "frontdesk_projector_lag_turns 0" not in (text := await figures(http, server)):  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.05)
        return text


async def figures(http: aiohttp.ClientSession, server: Server) -> str:
    async with http.get(f"{server.url}/metrics") as answer:
        return await answer.text()


async def test_one_trace_and_nothing_private(tmp_path: Path) -> None:
    await publish(tmp_path)
    stub = await TelegramStub().start()
    conversation = conversation_id("salon/telegram", str(CHAT))
    try:
        async with Collector() as collector:
            environment = {
                "FRONTDESK_LOG": "json", "FRONTDESK_LOG_LEVEL": "DEBUG", "FRONTDESK_TELEGRAM_API": stub.url,
                "FRONTDESK_DEMO": "false", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            }  # fmt: skip
            async with serving(tmp_path, environment) as server:
                metrics = await whole_conversation(server, stub)
                latest = await ran(tmp_path, "trace", "--tenant", "salon")
                shown = await ran(tmp_path, "trace", conversation)
                as_json = await ran(tmp_path, "trace", conversation, "--turn", "2", "--json")
                parked = await ran(tmp_path, "parked", "list")
    finally:
        await stub.stop()
    spans = collector.spans
    assert sorted(set(_private("".join(server.lines), metrics, latest, shown, as_json, parked, str(spans)))) == []
    _check_lines(server.lines, conversation)
    _check_spans(spans)
    assert collector.services == {"frontdesk"}
    _check_timeline(shown, as_json)
    assert [line.split()[3:] for line in latest.splitlines() if conversation in line] == [["telegram", "bot", "salon"]]
    assert "part OutboundPart, 1 try" in parked and "salon" in parked


def _private(*texts: str) -> list[str]:
    return [f"{secret} in {text[:40]}" for text in texts for secret in SECRETS if secret in text]


def _check_lines(lines: list[str], conversation: str) -> None:
    """Every line is JSON; those of a delivery say whose and of which trace."""
    told = [json.loads(line) for line in lines]
    sent = [line for line in told if line["message"].startswith("Sent ")]
    assert sent and all(line["level"] == "DEBUG" for line in sent)
    wanted = {"tenant": "salon", "conversation": conversation, "connector": "telegram", "trace": TRACE}
    assert wanted.items() <= sent[0].items() and sent[0]["turn"] == "1"
    assert [line for line in told if "refused a part" in line["message"] and line["trace"] == TRACE]


def _check_spans(spans: list[Any]) -> None:
    """From the caller down to the records, each stage under the one that caused it."""
    mine = [span for span in spans if span.trace_id.hex() == TRACE]
    by_id = {span.span_id: span for span in mine}
    names = {span.name for span in mine}
    assert names >= {
        "webhook", "take_in", "turn", "gather", "take", "understand", "read", "commit", "outbox", "deliver", "project",
    }  # fmt: skip
    pairs = {(span.name, by_id[span.parent_span_id].name) for span in mine if span.parent_span_id in by_id}
    assert pairs >= {("turn", "webhook"), ("understand", "turn"), ("project", "turn"), ("commit", "turn")}
    assert ("turn", "turn") in pairs, "the news of a refused part is a turn, caused by the one that wrote it"
    assert {span.parent_span_id.hex() for span in mine if span.name == "webhook"} == {CALLER}


def _check_timeline(shown: str, as_json: str) -> None:
    assert f"trace {TRACE}" in shown and "Said -> replied" in shown
    for stage in ("gather", "take", "understand", "read ", "commit", "part 1 outbox", "part 1 deliver", "project"):
        assert re.search(rf"[├└]─ {stage}.* ms", shown), stage
    (turn,) = json.loads(as_json)
    assert turn["turn"] == 2 and turn["trace"] == TRACE and len(turn["stages"]) >= 6
