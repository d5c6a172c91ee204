"""A real desk whose clock is moved and whose scanner looks when it is told to, and a customer who reads along."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from runtime.app import FrontDesk, Reply, start
from runtime.clocks import MovedClock, read_moment
from runtime.core.messages import OutboundPart
from runtime.settings import Settings

FRIDAY = "2026-11-20T10:00"
WAIT_S = 8.0


class Customer:
    """Says, presses, and sees what comes without being asked."""

    def __init__(self, desk: FrontDesk, clock: MovedClock, name: str = "anna", language: str = "de") -> None:
        self.desk = desk
        self.clock = clock
        self.name = name
        self.language = language
        self.replies: list[Reply] = []

    async def say(self, text: str) -> str:
        """One message; the reply's text."""
        self.replies = await self.desk.say(tenant="demo", contact=self.name, text=text, language=self.language)
        return "\n".join(self.replies)

    async def press(self, label: str, part: OutboundPart | None = None) -> str:
        """The button of this label, below the last reply or below `part`."""
        buttons = part.buttons if part else [b for reply in self.replies for b in reply.buttons]
        payload = next(button.payload for button in buttons if button.text == label)
        self.replies = await self.desk.say(tenant="demo", contact=self.name, press=payload)
        return "\n".join(self.replies)

    async def book(self, wish: str) -> str:
        """Book with a name and a number; the last reply."""
        await self.say(wish)
        await self.say("Meier")
        await self.say("0151 23456789")
        return await self.say("ja" if self.language == "de" else "yes")

    async def parts(self) -> list[OutboundPart]:
        """Everything that the chat shows of ours."""
        connection = await self.desk.door.connection("demo", "api")
        assert connection is not None
        feed = self.desk.door.feed(connection, self.name)
        return [entry.part for entry in await feed.read(0) if entry.part is not None]

    async def waits_for(self, words: str) -> OutboundPart:
        """The part with these words, once it is there."""
        async with asyncio.timeout(WAIT_S):
            while True:
                for part in await self.parts():
                    if words in part.text:
                        return part
                await asyncio.sleep(0.05)

    async def later(self, **span: float) -> int:
        """Business time passes, and the scanner looks; how many timers it set."""
        self.clock.move(timedelta(**span))
        await self.desk.projector.catch_up()
        return await self.desk.prompter.once()


@asynccontextmanager
async def desk_at(folder: Path, now: str = FRIDAY) -> AsyncIterator[tuple[FrontDesk, MovedClock]]:
    """The demo's desk at this time; nothing is looked for by itself."""
    clock = MovedClock(read_moment(now, "Europe/Berlin"))
    async with start(Settings(data=folder, prompt_scan_s=0), clock=clock) as desk:
        yield desk, clock
