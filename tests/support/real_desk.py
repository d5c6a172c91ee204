"""The real desk behind the real edge on a free loopback port: embedded servers, moved clock, a stub of Telegram."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web

import runtime.app
from channels.browser import BrowserChannel
from runtime.app import CHANNELS, PATHS, FrontDesk
from runtime.clocks import MovedClock, read_moment
from runtime.settings import CONFIGS, Settings
from runtime.web.edge import make_app
from tests.support.provider_stub import TelegramStub

FRIDAY = "2026-11-20T10:00"
TOKEN = "operator-token-of-the-tests"
BOT, SECRET = "77:bot-of-the-tests", "Secret_of-the-tests"
STUDIO: Mapping[str, Any] = yaml.safe_load((CONFIGS / "demo" / "studio.yaml").read_text(encoding="utf-8"))
_TELEGRAM = {"connector": "telegram", "secrets": {"bot_token": BOT, "webhook_secret": SECRET}}
_updates = itertools.count(900_000)


class RealDesk:
    """A desk that works, its edge that may go down and come back, and a Telegram that writes down what it got."""

    def __init__(self, desk: FrontDesk, stub: TelegramStub, http: aiohttp.ClientSession) -> None:
        self.desk = desk
        self.stub = stub
        self.http = http
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def open(self) -> None:
        """Listen, on the same port as before if there was one."""
        desk = self.desk
        app = make_app(
            desk.door, desk.settings, {word: CHANNELS[one] for word, one in PATHS.items()}, b"v" * 32, TOKEN,
            webchat=BrowserChannel(), http=desk.http, ready=desk.troubles, tenants=desk.tenants.all,
            inbox=desk.inbox,
            watch=desk.watch, dead_letters=desk.dead_letters, diary=desk.diary, accounts=desk.accounts,
            media=desk.media,
            people=desk.people,
        )  # fmt: skip
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]

    async def shut(self) -> None:
        """Hang up on everybody and stop listening; the desk itself goes on."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def add(self, tenant: str, secret: str = SECRET, **changes: Any) -> None:
        """Publish the demo studio under another name, with a Telegram connection."""
        telegram = {**_TELEGRAM, "secrets": {"bot_token": BOT, "webhook_secret": secret}}
        document = {**STUDIO, "tenant": tenant, "connections": [telegram], **changes}
        await self.desk.tenants.put_document(tenant, "tenant", document)

    async def post(self, tenant: str, body: bytes, headers: Mapping[str, str] | None = None) -> int:
        """An update to the webhook, signed unless told otherwise; its status."""
        signed = {"X-Telegram-Bot-Api-Secret-Token": SECRET} if headers is None else headers
        async with self.http.post(
            f"{self.url}/webhook/telegram/{tenant}", data=io.BytesIO(body), headers=signed
        ) as answer:
            await answer.read()
            return answer.status

    async def operate(self, conversation: str, verb: str, **body: str) -> tuple[int, Any]:
        """One act of an operator through the API."""
        url, headers = f"{self.url}/v1/conversations/{conversation}/{verb}", {"Authorization": f"Bearer {TOKEN}"}
        async with self.http.post(url, json={"operator": "Ida", **body}, headers=headers) as answer:
            return answer.status, await answer.json()

    async def ask_api(self, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        """The operator API: a GET, or a POST where there is a body."""
        url, headers = f"{self.url}/v1/{path}", {"Authorization": f"Bearer {TOKEN}"}
        method = "GET" if body is None else "POST"
        async with self.http.request(method, url, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def recorded(self) -> None:
        """Until the records have every turn so far, whichever task writes them."""
        await self.quiet()
        async with asyncio.timeout(30):
            while await self.desk.sessions.journal_depth():  # noqa: ASYNC110  # the projector tells nobody either
                await asyncio.sleep(0.01)

    async def quiet(self) -> None:
        """Until no conversation waits, no turn runs and no delivery is under way; a failed delivery begins a turn."""
        async with asyncio.timeout(30):
            while await self._busy():
                await self.desk.loop.drain(10)
                await self.desk.deliverer.drain(10)

    async def _busy(self) -> bool:
        """Wait for the ready ones to be taken, and say whether there were any."""
        waited = bool(self.desk.loop.busy or self.desk.deliverer.busy)
        while await self.desk.sessions.ready_depth():  # Redis tells nobody that it is idle
            waited = True
            await asyncio.sleep(0.01)
        return waited


@asynccontextmanager
async def real_desk(data: Path, now: str = FRIDAY, **settings: Any) -> AsyncIterator[RealDesk]:
    """A desk with the demo business, where it is a Friday morning in Kassel."""
    stub = await TelegramStub().start()
    clock = MovedClock(read_moment(now, "Europe/Berlin"))
    chosen = Settings(data=data, telegram_api=stub.url, **{"gather_ms": 60, "prompt_scan_s": 0, **settings})
    try:
        async with aiohttp.ClientSession() as http, runtime.app.start(chosen, clock=clock) as desk:
            real = RealDesk(desk, stub, http)
            await real.open()
            try:
                yield real
            finally:
                await real.shut()
    finally:
        await stub.stop()


class TelegramCustomer:
    """Somebody with Telegram: writes, reads what came, presses what stands under it."""

    def __init__(self, real: RealDesk, tenant: str, chat: int, language: str = "de") -> None:
        self.real = real
        self.tenant = tenant
        self.chat = chat
        self.person = {"id": chat, "is_bot": False, "first_name": "Paula", "language_code": language}

    @property
    def got(self) -> list[dict[str, Any]]:
        """What reached this chat, in order."""
        return [one for one in self.real.stub.sent if str(one["chat_id"]) == str(self.chat)]

    def message(self, text: str, **more: Any) -> dict[str, Any]:
        """An update with a text of this customer."""
        number = next(_updates)
        chat = {"id": self.chat, "type": "private", "first_name": "Paula"}
        message = {"message_id": number, "from": self.person, "chat": chat, "date": 1_795_170_000, "text": text, **more}
        return {"update_id": number, "message": message}

    async def update(self, update: Mapping[str, Any]) -> None:
        """Hand an update in; it must be taken."""
        assert await self.real.post(self.tenant, json.dumps(update).encode()) == 200

    async def says(self, text: str) -> str:
        """Write, and read what came back."""
        before = len(self.got)
        await self.update(self.message(text))
        return await self._answered(before)

    async def presses(self, label: str) -> str:
        """Press the button with this label under the last message, and read what came back."""
        before = len(self.got)
        rows = self.got[-1]["reply_markup"]["inline_keyboard"]
        data = next(b["callback_data"] for row in rows for b in row if label in b["text"])
        await self.update(self.press(data))
        return await self._answered(before)

    def press(self, data: str) -> dict[str, Any]:
        """An update with a pressed button."""
        number = next(_updates)
        under = {"message_id": 1, "chat": {"id": self.chat, "type": "private"}, "date": 1_795_170_000}
        query = {"id": f"q{number}", "from": self.person, "chat_instance": "1", "data": data, "message": under}
        return {"update_id": number, "callback_query": query}

    async def _answered(self, before: int) -> str:
        await self.real.quiet()
        return " ".join(one["text"] for one in self.got[before:])
