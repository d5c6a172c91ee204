"""Simulated customers on Telegram: each books one appointment, in its own way, by the desk's questions alone.

They never look inside: they read what the provider got for their chat, and answer the question in it. A message that
came twice is read once.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.faults.fleet import TENANTS
from tests.faults.phrases import SAID, Phrases, asked, day, means
from tests.faults.postman import Postman
from tests.faults.scripted import POISON

ZONE = ZoneInfo("Europe/Berlin")
PATIENCE_S = 40.0
CONFIRM_S = 0.5
"""A second question may follow at once; people read before they press."""
_BOOKED = ("booked", "already.book_appointment")
"""Who presses twice may read the answer to the second press first; whether it is true is the checker's to say."""
_SYLLABLES = ("ba", "de", "fi", "go", "lu", "ma", "ne", "ri", "so", "tu")
A_DAY = 30
"""Different times for wishes on one day; the studio is open from 6 to 22."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a customer wants and how they go about it."""

    number: int
    tenant: str
    language: str
    start: datetime
    corrected: datetime | None = None
    """A change of mind at the confirm."""
    typed_yes: bool = False
    double_press: bool = False
    digression: bool = False
    burst: bool = False
    poison: bool = False

    @property
    def chat(self) -> str:
        """The same chat ids in every tenant: tenants are walls."""
        return str(40_000 + self.number // len(TENANTS))

    @property
    def name(self) -> str:
        """A name that nobody else has, and that could be one."""
        return "Kim " + "".join(_SYLLABLES[int(digit)] for digit in f"{self.number:04d}").capitalize()

    @property
    def wish(self) -> datetime:
        """What must stand in the calendar in the end."""
        return self.corrected or self.start


def plan(number: int, poisoned: int = 6) -> Plan:
    """The customer of this number, always the same; one in so many writes what kills every turn that reads it."""
    return Plan(
        number=number,
        tenant=TENANTS[number % len(TENANTS)],
        language="en" if number % 3 == 1 else "de",
        start=_slot(2 * (number // len(TENANTS))),
        corrected=_slot(2 * (number // len(TENANTS)) + 1) if number % 4 == 2 else None,
        typed_yes=number % 5 in (0, 3),
        double_press=number % 6 == 5,
        digression=number % 7 == 1,
        burst=number % 4 == 1,
        poison=number % poisoned == 1,
    )


def _slot(number: int) -> datetime:
    first = datetime.now(ZONE).date() + timedelta(days=2)
    clock = timedelta(hours=6, minutes=30 * (number % A_DAY))
    return datetime.combine(first + timedelta(days=number // A_DAY), datetime.min.time(), ZONE) + clock


@dataclass(slots=True)
class Customer:
    """One customer at work."""

    plan: Plan
    postman: Postman
    think_s: float = 0.1
    inbox: asyncio.Queue[Mapping[str, Any]] = field(default_factory=asyncio.Queue)
    finished: str = ""
    """How it ended: booked, apologised, stuck, or what went wrong."""
    heard: list[str] = field(default_factory=list)
    _done: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)

    @property
    def phrases(self) -> Phrases:
        """This customer's words."""
        return SAID[self.plan.language]

    async def run(self) -> None:
        """Until booked, or until patience ends."""
        await self.say(self.phrases.hello)
        while not self.finished:
            body = await self._next()
            if body is None:
                self.finished = "stuck"
                return
            asks_to_confirm = any(payload.startswith("yes|") for payload in payloads(body))
            await asyncio.sleep(CONFIRM_S if asks_to_confirm else random.uniform(0, self.think_s))
            body = self._newest(body)
            await self._answer(str(body["text"]), payloads(body))

    async def _next(self) -> Mapping[str, Any] | None:
        """The next message that is not a copy of one read before; None when nothing comes."""
        end = time.monotonic() + PATIENCE_S
        while (left := end - time.monotonic()) > 0:
            try:
                body = await asyncio.wait_for(self.inbox.get(), left)
            except TimeoutError:
                return None
            if self._is_new(body):
                return body
        return None

    def _newest(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """What came meanwhile counts instead: nobody answers a question with another one below it."""
        while not self.inbox.empty():
            newer = self.inbox.get_nowait()
            body = newer if self._is_new(newer) else body
        return body

    def _is_new(self, body: Mapping[str, Any]) -> bool:
        copy = json.dumps(body, sort_keys=True)
        if copy in self._seen:
            return False
        self._seen.add(copy)
        self.heard.append(str(body["text"]))
        return True

    async def _answer(self, text: str, payloads: list[str]) -> None:
        verbs = {payload.partition("|")[0]: payload for payload in payloads}
        if any(means(self.plan.language, one, name) for one in self.heard for name in _BOOKED):
            self.finished = "booked"
            await self.say(self.phrases.thanks)
        elif "stay" in verbs:
            self.finished = "apologised" if means(self.plan.language, text, "handoff.trouble") else f"handoff: {text}"
        elif "yes" in verbs:
            await self._confirm(verbs["yes"])
        elif "set" in verbs:
            await self._service(verbs["set"])
        elif "pick" in verbs:
            await self.press(verbs["pick"])
        elif slot := asked(self.plan.language, text):
            await self._slot(slot)
        elif "start" in verbs:
            await self.say(self.phrases.hello)

    async def _service(self, payload: str) -> None:
        if self.plan.number % 2:
            await self.say(self.phrases.service)
        else:
            await self.press("|".join([*payload.split("|")[:2], "haircut"]))

    async def _slot(self, slot: str) -> None:
        if slot == "start":
            await self.say(day(self.phrases, self.plan.start))
        elif slot == "name":
            await self._name()
        elif self.plan.burst and self._first("burst"):
            await self._burst(self.phrases.parking, f"0151 {self.plan.number:07d}")
        else:
            await self.say(f"0151 {self.plan.number:07d}")

    async def _name(self) -> None:
        if self.plan.poison:
            await self.say(f"{self.plan.name} {POISON}")
        elif self.plan.digression and self._first("parking"):
            await self.say(self.phrases.parking)
        else:
            await self.say(self.plan.name)

    async def _confirm(self, payload: str) -> None:
        if self.plan.corrected is not None and self._first("corrected"):
            await self.say(_corrected(self.phrases, self.plan))
        elif self.plan.typed_yes:
            await self.say(self.phrases.yes)
        elif self.plan.double_press:
            await asyncio.gather(self.press(payload), self.press(payload))
        else:
            await self.press(payload)

    def _first(self, what: str) -> bool:
        first = what not in self._done
        self._done.add(what)
        return first

    async def say(self, text: str) -> None:
        """Write one message."""
        await self.postman.bring(self.postman.text(self.plan.tenant, self.plan.chat, text, self._person()))

    async def press(self, payload: str) -> None:
        """Press a button."""
        await self.postman.bring(self.postman.press(self.plan.tenant, self.plan.chat, payload, self._person()))

    async def _burst(self, *texts: str) -> None:
        """Several at once, and Telegram brings them in another order."""
        updates = [self.postman.text(self.plan.tenant, self.plan.chat, text, self._person()) for text in texts]
        await asyncio.gather(*(self.postman.bring(update) for update in reversed(updates)))

    def _person(self) -> dict[str, Any]:
        code = self.plan.language
        return {"id": int(self.plan.chat), "is_bot": False, "first_name": "K", "language_code": code}


def _corrected(phrases: Phrases, plan: Plan) -> str:
    """Only the time where the day stays, else both."""
    assert plan.corrected is not None
    if plan.corrected.date() == plan.start.date():
        return phrases.other_time.format(plan.corrected)
    return day(phrases, plan.corrected)


def payloads(body: Mapping[str, Any]) -> list[str]:
    """What its buttons carry."""
    rows = body.get("reply_markup", {}).get("inline_keyboard", [])
    return [str(button["callback_data"]) for row in rows for button in row]
