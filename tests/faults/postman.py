"""Telegram's side of a webhook: signed updates, sent again until somebody says 200; doubled, late and out of order."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.faults.fleet import WEBHOOK_SECRET, Fleet

REQUEST_S = 4.0
GIVE_UP_S = 90.0


@dataclass(slots=True)
class Update:
    """One update on its way, and what became of it."""

    id: int
    tenant: str
    chat: str
    name: str
    """The id by which the journal knows it."""
    body: Mapping[str, Any]
    sent_at: float = 0.0
    accepted_at: float = 0.0
    tries: int = 0


class Postman:
    """Delivers updates to any worker, as often as it takes."""

    def __init__(self, fleet: Fleet, seed: int = 1, *, trouble: bool = True) -> None:
        self.fleet = fleet
        self.updates: list[Update] = []
        self.refusals: dict[int, int] = {}
        self.random = random.Random(seed)
        self.trouble = trouble
        self._ids = itertools.count(700_000)
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Postman:
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200, force_close=True))
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._http is not None:
            await self._http.close()

    def text(self, tenant: str, chat: str, text: str, person: Mapping[str, Any]) -> Update:
        """An update with a text, not sent yet."""
        number = next(self._ids)
        message = {"message_id": number, "date": int(time.time()), "text": text}
        body = {"update_id": number, "message": {**message, "chat": _chat(chat), "from": dict(person)}}
        return self._noted(Update(number, tenant, chat, str(number), body))

    def press(self, tenant: str, chat: str, payload: str, person: Mapping[str, Any]) -> Update:
        """An update with a pressed button, not sent yet."""
        number = next(self._ids)
        message = {"message_id": 1, "date": int(time.time()), "chat": _chat(chat), "text": "-"}
        query = {
            "id": f"press{number}",
            "from": dict(person),
            "message": message,
            "data": payload,
            "chat_instance": "1",
        }
        body = {"update_id": number, "callback_query": query}
        return self._noted(Update(number, tenant, chat, f"press{number}", body))

    def _noted(self, update: Update) -> Update:
        self.updates.append(update)
        return update

    async def bring(self, update: Update) -> None:
        """Until it is accepted; sometimes twice at once, to both workers."""
        first = self.random.randrange(len(self.fleet.workers))
        if self.trouble and self.random.random() < 0.2:
            await asyncio.gather(self._until_taken(update, first), self._until_taken(update, first + 1))
        else:
            await self._until_taken(update, first)

    async def _until_taken(self, update: Update, worker: int) -> None:
        end = time.time() + GIVE_UP_S
        while time.time() < end:
            if await self.once(update, worker) == 200:
                return
            worker += 1
            await asyncio.sleep(self.random.uniform(0.1, 0.5))
        raise AssertionError(f"update {update.id} was never accepted")

    async def once(self, update: Update, worker: int) -> int:
        """One try; the status, 0 when there was no answer."""
        assert self._http is not None
        url = f"{self.fleet.workers[worker % len(self.fleet.workers)].url}/webhook/telegram/{update.tenant}"
        headers = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET}
        update.sent_at = update.sent_at or time.time()
        update.tries += 1
        try:
            timeout = aiohttp.ClientTimeout(total=REQUEST_S)
            async with self._http.post(url, json=update.body, headers=headers, timeout=timeout) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        self.refusals[status] = self.refusals.get(status, 0) + 1
        if status == 200 and not update.accepted_at:
            update.accepted_at = time.time()
        return status


def _chat(chat: str) -> dict[str, Any]:
    return {"id": int(chat), "type": "private"}
