"""Where a dialog's customer writes, with a bad line: messages are late, come twice, and old ones come once more.

Two doors to one Redis, as two web processes would be; the turns run in the workers.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from runtime.app import FrontDesk, Reply
from runtime.identifiers import ulid
from runtime.records.appointments import Appointments
from runtime.records.tenants import Tenants

LATEST_S = 0.25
TWICE, AGAIN = 0.4, 0.3
"""How likely a message comes twice, and an older one once more."""


@dataclass(slots=True)
class Edges:
    """What `dialogs.play_one` takes for a desk."""

    doors: tuple[FrontDesk, FrontDesk]
    random: random.Random
    seen: Counter[str] = field(default_factory=Counter)
    """How many messages were late, doubled, out of order."""
    answered: int = 0
    longest_s: float = 0.0
    _before: list[Mapping[str, str]] = field(default_factory=list)

    @property
    def tenants(self) -> Tenants:
        """Where the dialog's business is published."""
        return self.doors[0].tenants

    @property
    def appointments(self) -> Appointments:
        """The calendar."""
        return self.doors[0].appointments

    def begin(self) -> None:
        """Another dialog: nothing was said in it yet."""
        self._before.clear()

    async def prompted(self, *, tenant: str, contact: str) -> Sequence[Reply]:
        """What comes unasked; dialogs that wait for it are not played under fire."""
        return await self.doors[0].prompted(tenant=tenant, contact=contact)

    async def say(
        self, *, tenant: str, contact: str, text: str = "", press: str = "", language: str = ""
    ) -> Sequence[Reply]:
        """Say something over the bad line and wait for the turn."""
        words = {"tenant": tenant, "contact": contact, "text": text, "press": press, "language": language}
        words["message_id"] = ulid()
        began = time.monotonic()
        await self._late()
        ways = [self.doors[0].say(**words)]
        if self.random.random() < TWICE:
            self.seen["doubled"] += 1
            ways.append(self.doors[1].say(**words))
        if self._before and self.random.random() < AGAIN:
            self.seen["out of order"] += 1
            ways.append(self.doors[1].say(**self.random.choice(self._before)))
        replies, *_ = await asyncio.gather(*ways)
        self._before.append(words)
        self.answered += 1
        self.longest_s = max(self.longest_s, time.monotonic() - began)
        return replies

    async def _late(self) -> None:
        if self.random.random() < 0.5:
            self.seen["late"] += 1
            await asyncio.sleep(self.random.uniform(0, LATEST_S))
