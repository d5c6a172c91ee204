"""What a terminal shows of a chat: new parts as they come, or one JSON object a turn."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from runtime.core.messages import OutboundPart, RenderedButton
from runtime.outlasting import patiently
from runtime.ports import ChatFeed

Render = Callable[..., str]
LONGEST_LINE = 88
PROMPT = "\n> "
_LOOK_S = 5.0


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
    typed: bool = field(default_factory=lambda: sys.stdin.isatty() and sys.stdout.isatty())
    """Whether somebody sits there and types."""
    prompted: bool = False
    """Whether the cursor stands behind a prompt."""

    async def begin(self, business: str) -> None:
        """What an earlier chat showed is not shown again; but its last question still counts."""
        last: OutboundPart | None = None
        for entry in await patiently(lambda: self.feed.read(0)):
            self.number = entry.number
            if entry.part is not None:
                last, self.buttons = entry.part, entry.part.buttons
        if not self.typed or self.as_json:
            return
        _line(f"{business}. Write a message; a number presses a button, Ctrl-D ends.")
        if last is not None:
            _line("Your conversation goes on (--contact NAME is another customer):\n")
            _line(self._rendered(last))

    async def next_line(self, line: Coroutine[None, None, str | None]) -> str | None:
        """What is typed next; until then, what comes is shown."""
        self._prompt()
        waiting = asyncio.create_task(line)
        while self.typed and not waiting.done():
            news = asyncio.create_task(self.feed.wait(_LOOK_S))
            await asyncio.wait((waiting, news), return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            if not waiting.done() and await self.catch_up():
                self._prompt()
        line_typed = await waiting
        self.prompted = False
        if line_typed is None and self.typed:
            _line("")
        return line_typed

    def _prompt(self) -> None:
        if self.typed and not self.as_json:
            sys.stdout.write(PROMPT)
            sys.stdout.flush()
            self.prompted = True

    async def catch_up(self) -> bool:
        """Take in the new lines and show their parts at once, or with their turn as JSON; whether any was shown."""
        for entry in await patiently(lambda: self.feed.read(self.number)):
            self.number = entry.number
            if entry.part is not None:
                self.parts.append(entry.part)
                self.buttons = entry.part.buttons
            elif entry.kind == "turn":
                self.ended.update(entry.ids)
                self.phase = entry.phase
        return not self.as_json and self.show()

    def show(self) -> bool:
        """Print what came since the last time."""
        if self.parts and self.prompted:
            sys.stdout.write("\r")  # over the prompt, which comes again below
        for part in self.parts:
            _line(self._rendered(part))
        is_shown = bool(self.parts)
        self.parts.clear()
        return is_shown

    def _rendered(self, part: OutboundPart) -> str:
        if not self.typed:
            return self.render(part)
        text = self.render(part, width=min(LONGEST_LINE, shutil.get_terminal_size().columns - 1))
        return f"[Team] {text}" if part.author == "operator" else text

    def show_json(self, said: str) -> None:
        """One object for the turn."""
        replies = [
            {"text": p.text, "author": p.author, "buttons": [{"text": b.text, "payload": b.payload} for b in p.buttons]}
            for p in self.parts
        ]
        _line(json.dumps({"said": said, "replies": replies, "phase": self.phase}, ensure_ascii=False))
        self.parts.clear()

    async def until_ended(self, message_id: str) -> None:
        """Show what comes until the turn that took this message in is over."""
        await self.catch_up()
        while message_id not in self.ended:
            await self.feed.wait(1.0)
            await self.catch_up()


def _line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
