"""`frontdesk chat`: lines of standard input become messages, what the chat shows is printed.

Piped, a line waits for the turn of the one before it. Where somebody types there is a prompt, and what comes meanwhile,
such as an operator's words, is shown at once.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from runtime.clocks import MovedClock, read_moment
from runtime.core.messages import Inbound
from runtime.errors import NotFound
from runtime.identifiers import ulid
from runtime.outlasting import patiently
from runtime.ports import Clock, Connection, Gate
from runtime.records.tenants import Tenants
from runtime.screen import Render, Screen

ReadLine = Callable[..., Inbound | None]
_CHUNK = 1 << 16


class Desk(Protocol):
    """What a running desk must offer to be talked to."""

    @property
    def door(self) -> Gate: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def tenants(self) -> Tenants: ...


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asked for."""

    tenant: str
    contact: str
    language: str
    now: str
    as_json: bool


async def converse(desk: Desk, wishes: Wishes, read_line: ReadLine, render: Render) -> int:
    """Talk until the input ends."""
    tenant = await patiently(lambda: _chosen(desk, wishes.tenant))
    connection = await patiently(lambda: desk.door.connection(tenant, "terminal"))
    known = await patiently(lambda: desk.door.desk(tenant))
    if connection is None or known is None:
        raise NotFound(f"There is no tenant {tenant}; `frontdesk tenant list` shows those there are.")
    if isinstance(desk.clock, MovedClock):
        _into_zone(desk.clock, wishes.now, known.business.timezone)
    feed = desk.door.feed(connection, wishes.contact)
    async with AsyncExitStack() as stack:
        await patiently(lambda: stack.enter_async_context(feed))
        screen = Screen(feed, wishes.as_json, render)
        await screen.begin(known.business.name)
        lines = Lines(asyncio.get_running_loop())
        while (line := await screen.next_line(lines.next())) is not None:
            await _say(desk, connection, screen, wishes, read_line, line)
    return 0


async def _say(
    desk: Desk, connection: Connection, screen: Screen, wishes: Wishes, read_line: ReadLine, line: str
) -> None:
    message_id = ulid()
    inbound = read_line(
        line, chat=wishes.contact, message_id=message_id, language=wishes.language, buttons=screen.buttons
    )
    if inbound is None:
        return
    await patiently(lambda: desk.door.take_in(connection, (inbound,)))
    await screen.until_ended(message_id)
    if wishes.as_json:
        screen.show_json(line.strip())


async def _chosen(desk: Desk, wanted: str) -> str:
    """The business that was named, else the demo, else the only one."""
    names = await desk.tenants.all()
    if wanted in names:
        return wanted
    if wanted:
        raise NotFound(f"There is no tenant {wanted}; there is {', '.join(names) or 'none yet'}.")
    if "demo" not in names and len(names) != 1:
        raise NotFound(f"Which business? Say it with --tenant: {', '.join(names) or 'import one first'}.")
    return "demo" if "demo" in names else names[0]


def _into_zone(clock: MovedClock, now: str, timezone: str) -> None:
    """A time without an offset is in the business's own zone, which is known only now."""
    if datetime.fromisoformat(now).tzinfo is None:
        clock.move(read_moment(now, timezone) - read_moment(now, "UTC"))


class Lines:
    """Lines of standard input, read by a thread that nobody waits for: Ctrl-C need not wait for Enter."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._read: asyncio.Queue[str | None] = asyncio.Queue()
        threading.Thread(target=self._run, daemon=True).start()

    async def next(self) -> str | None:
        """The next line, None at the end."""
        return await self._read.get()

    def _run(self) -> None:
        rest = b""
        while chunk := _chunk():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._put(as_text(line))
        if rest:
            self._put(as_text(rest))
        self._put(None)

    def _put(self, line: str | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._read.put_nowait, line)
        except RuntimeError:  # the loop has ended meanwhile
            return


def _chunk() -> bytes:
    """What can be read now; nothing at the end. Past Python's own buffer, whose lock would hold the exit up."""
    try:
        return os.read(sys.stdin.fileno(), _CHUNK)
    except OSError:
        return b""


def as_text(line: bytes) -> str:
    """UTF-8; what is none was written in a Western encoding."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")
