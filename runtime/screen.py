"""What a terminal shows of a chat: new parts as they come, or one JSON object a turn."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from runtime.core.messages import OutboundPart, RenderedButton
from runtime.ports import ChatFeed

Render = Callable[..., str]


@dataclass(slots=True)
class Screen:
    """What this terminal shows and waits for."""

    feed: ChatFeed
    as_json: bool
    render: Render
    number: int = 0
    buttons: tuple[RenderedButton, ...] = ()
    parts: list[OutboundPart] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    phase: str = "bot"

    async def catch_up(self) -> None:
        """Take in the new lines; parts are shown at once, or with their turn as JSON."""
        for entry in await self.feed.read(self.number):
            self.number = entry.number
            if entry.part is not None:
                self.parts.append(entry.part)
                self.buttons = entry.part.buttons
            elif entry.kind == "turn":
                self.ended.update(entry.ids)
                self.phase = entry.phase
            if not self.as_json:
                self.show()

    def show(self) -> None:
        """Print what came since the last time."""
        width = 88 if sys.stdout.isatty() else 0
        for part in self.parts:
            _line(self.render(part, width=width))
        self.parts.clear()

    def show_json(self, said: str) -> None:
        """One object for the turn."""
        replies = [
            {"text": p.text, "author": p.author, "buttons": [{"text": b.text, "payload": b.payload} for b in p.buttons]}
            for p in self.parts
        ]
        _line(json.dumps({"said": said, "replies": replies, "phase": self.phase}, ensure_ascii=False))
        self.parts.clear()

    async def skip_old(self) -> None:
        """What an earlier chat showed is not shown again; its last buttons still count."""
        for entry in await self.feed.read(0):
            self.number = entry.number
            if entry.part is not None:
                self.buttons = entry.part.buttons

    async def until_ended(self, message_id: str) -> None:
        """Show what comes until the turn that took this message in is over."""
        await self.catch_up()
        while message_id not in self.ended:
            await self.feed.wait(1.0)
            await self.catch_up()


def _line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
