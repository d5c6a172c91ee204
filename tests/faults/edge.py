"""Telegram's webhooks against a desk in the test's own process, over real HTTP."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from channels.browser import BrowserChannel
from runtime.app import CHANNELS, PATHS, FrontDesk
from runtime.web.edge import make_app
from tests.faults.desks import TENANT
from tests.faults.fleet import OPERATOR_TOKEN, WEBHOOK_SECRET


class Telegram:
    """Signed updates to one edge."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self._url = url
        self._http = http
        self._ids = itertools.count(800_000)

    def text(self, chat: str, text: str) -> dict[str, object]:
        """An update with a text."""
        number = next(self._ids)
        person = {"id": int(chat), "is_bot": False, "first_name": "K", "language_code": "de"}
        message: dict[str, Any] = {"message_id": number, "date": int(time.time()), "text": text, "from": person}
        return {"update_id": number, "message": {**message, "chat": {"id": int(chat), "type": "private"}}}

    async def post(self, update: dict[str, object]) -> int:
        """The edge's answer."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET}
        async with self._http.post(self._url, json=update, headers=headers) as answer:
            return answer.status


@contextlib.asynccontextmanager
async def telegram(desk: FrontDesk) -> AsyncIterator[Telegram]:
    """The desk's edge, served."""
    channels = {path: CHANNELS[connector] for path, connector in PATHS.items()}
    app = make_app(
        desk.door,
        desk.settings,
        channels,
        b"visitors",
        OPERATOR_TOKEN,
        webchat=BrowserChannel(),
        http=desk.http,
        accounts=desk.accounts,
    )
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        yield Telegram(str(server.make_url(f"/webhook/telegram/{TENANT}")), http)
