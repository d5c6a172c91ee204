"""Who writes during the drill: people who book, and people who talk about what only the newer version knows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.faults.customers import PATIENCE_S, Customer, payloads, plan
from tests.faults.fleet import TENANTS
from tests.faults.postman import Postman, Update

READS_S = 0.3
TALK = (
    "Guten Tag",
    "Ich hätte gern einen Rückruf",
    "0151 7654321",
    "morgen um 10 Uhr",
    "Haben Sie Parkplätze?",
    "Welche Daten haben Sie über mich gespeichert?",
    "Ich hätte gern einen Termin",
    "abbrechen",
    "doch",
    "abbrechen",
    "Haben Sie Parkplätze?",
)
"""A version that does not know what is asked for gets a person; they then go back to the desk."""


def booker(number: int, postman: Postman) -> Customer:
    """A customer who books, in one of the ways of the fault runs; nobody's words kill a turn here."""
    return Customer(replace(plan(number), poison=False), postman)


@dataclass(slots=True)
class Talker:
    """Somebody who says one thing after the other and waits for an answer to each."""

    number: int
    postman: Postman
    inbox: asyncio.Queue[Mapping[str, Any]] = field(default_factory=asyncio.Queue)
    finished: str = ""
    """"done", or what was never answered."""
    heard: list[str] = field(default_factory=list)

    @property
    def tenant(self) -> str:
        """Whose customer this is."""
        return TENANTS[self.number % len(TENANTS)]

    @property
    def chat(self) -> str:
        """A chat that no booker has."""
        return str(90_000 + self.number)

    async def run(self) -> None:
        """To the end of the talk."""
        for text in TALK:
            if not await self._ask(self.postman.text(self.tenant, self.chat, text, self._person())):
                self.finished = f"no answer to {text!r}"
                return
        self.finished = "done"

    async def _ask(self, update: Update) -> bool:
        """Whether it was answered, and the desk has the conversation again."""
        await self.postman.bring(update)
        last = await self._answered()
        stay = next((one for one in payloads(last or {}) if one.startswith("stay|")), "")
        if stay:
            return await self._ask(self.postman.press(self.tenant, self.chat, stay, self._person()))
        return last is not None

    async def _answered(self) -> Mapping[str, Any] | None:
        """The last of what comes together, None when nothing comes."""
        end = time.monotonic() + PATIENCE_S
        while (left := end - time.monotonic()) > 0:
            try:
                body = await asyncio.wait_for(self.inbox.get(), left)
            except TimeoutError:
                return None
            self.heard.append(str(body["text"]))
            await asyncio.sleep(READS_S)
            if self.inbox.empty():
                return body
        return None

    def _person(self) -> dict[str, Any]:
        return {"id": int(self.chat), "is_bot": False, "first_name": "T", "language_code": "de"}
