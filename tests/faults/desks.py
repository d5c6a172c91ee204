"""Desks in the test's own process, several on the same servers, and customers who talk to them: for races and laws."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import runtime.app
import runtime.cascading
from runtime.app import FrontDesk, start
from runtime.core.effects import Understand
from runtime.core.events import Understood
from runtime.core.messages import Inbound, Kind, OutboundPart
from runtime.identifiers import ulid
from runtime.ports import ChatEntry, Clock, Connection, Patience, Understanding
from runtime.settings import Settings
from tests.faults.fleet import TENANTS, secrets
from tests.faults.play import publish
from tests.faults.scripted import ScriptedUnderstanding

ZONE = ZoneInfo("Europe/Berlin")
TENANT = TENANTS[0]
WAIT_S = 20.0


class Gate:
    """An understanding that says when it is asked, and waits."""

    def __init__(self, behind: Understanding) -> None:
        self.behind = behind
        self.reached = asyncio.Event()
        self.open = asyncio.Event()

    async def understand(self, request: Understand, now: datetime, patience: Patience | None = None) -> Understood:
        """Once the gate is open."""
        self.reached.set()
        await self.open.wait()
        return await self.behind.understand(request, now)


@dataclass(frozen=True, slots=True)
class Place:
    """Servers and a folder for desks, with the tenants published."""

    redis_url: str
    database_url: str
    home: Path

    def desk(self, *, clock: Clock | None = None, **settings: Any) -> contextlib.AbstractAsyncContextManager[FrontDesk]:
        """One more process' worth of desk."""
        chosen: dict[str, Any] = {"gather_ms": 100, "demo": False, "drain_s": 5, **settings}
        return start(
            Settings(data=self.home, redis_url=self.redis_url, database_url=self.database_url, **chosen), clock=clock
        )

    @contextlib.asynccontextmanager
    async def desks(self, count: int = 2, **settings: Any) -> AsyncIterator[list[FrontDesk]]:
        """Several at once."""
        async with contextlib.AsyncExitStack() as stack:
            yield [await stack.enter_async_context(self.desk(**settings)) for _ in range(count)]


async def prepare(place: Place, monkeypatch: pytest.MonkeyPatch, understanding: type = ScriptedUnderstanding) -> Place:
    """The tenants published, and every desk of this test with this understanding."""
    for name, value in secrets().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(runtime.cascading, "OfflineRules", understanding)
    await publish(place.database_url)
    return place


def free_day(days: int = 7, hour: int = 10) -> datetime:
    """A time that is surely open."""
    day = datetime.now(ZONE).date() + timedelta(days=days)
    return datetime.combine(day, datetime.min.time(), ZONE) + timedelta(hours=hour)


def in_words(start_: datetime) -> str:
    """A wished time as the scripted understanding reads it."""
    return f"am {start_.day}.{start_.month}.{start_.year} um {start_:%H:%M} Uhr"


@dataclass(slots=True)
class Seen:
    """One turn as a chat shows it: which messages it took in, which parts came of it."""

    ids: tuple[str, ...]
    parts: list[OutboundPart]
    phase: str

    @property
    def text(self) -> str:
        """All its words."""
        return "\n".join(part.text for part in self.parts)

    def payload(self, verb: str) -> str:
        """What the button of this verb carries; nothing when there is none."""
        buttons = (button.payload for part in self.parts for button in part.buttons)
        return next((payload for payload in buttons if payload.startswith(f"{verb}|")), "")


@dataclass(slots=True)
class Guest:
    """A customer in a web chat, seen through one desk; what they write may go to any."""

    desk: FrontDesk
    chat: str
    tenant: str = TENANT
    channel: str = "webchat"

    async def say(self, text: str, *, through: FrontDesk | None = None, message_id: str = "", order: int = 0) -> str:
        """Write; returns the message's id. It is accepted when this returns."""
        return await self._bring("text", through, message_id, text=text, order=order)

    async def press(self, payload: str, *, through: FrontDesk | None = None, message_id: str = "") -> str:
        """Press a button."""
        return await self._bring("button", through, message_id, payload=payload)

    async def _bring(self, kind: Kind, through: FrontDesk | None, message_id: str, **what: Any) -> str:
        desk = through or self.desk
        connection = await desk.door.connection(self.tenant, self.channel)
        assert connection is not None
        number = message_id or ulid()
        inbound = Inbound(
            kind=kind, event_id=f"{self.chat}:{number}", conversation_id=self.chat, sender_id=self.chat, answer=True,
            message_id=number, at=datetime.now(UTC), **what,
        )  # fmt: skip
        await desk.door.take_in(connection, (inbound,))
        return number

    async def turns(self) -> list[Seen]:
        """All turns that the chat shows."""
        return seen(await self.desk.door.feed(await self.connection(), self.chat).read(0))

    async def connection(self) -> Connection:
        """Through which they write."""
        connection = await self.desk.door.connection(self.tenant, self.channel)
        assert connection is not None
        return connection

    async def conversation(self) -> str:
        """Its id."""
        return self.desk.door.key(await self.connection(), self.chat).conversation

    async def answered(self, *ids: str, within_s: float = WAIT_S) -> Seen:
        """Wait for the turn that took the last of these messages in."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            for turn in await self.turns():
                if ids[-1] in turn.ids:
                    return turn
            await asyncio.sleep(0.02)
        raise AssertionError(f"{ids[-1]} was not answered within {within_s} s")

    async def ask(self, text: str) -> Seen:
        """Write and wait for the turn."""
        return await self.answered(await self.say(text))

    async def to_the_confirm(self, start_: datetime, name: str = "Anna Berg") -> Seen:
        """Everything up to the question whether to book."""
        await self.ask("Ich hätte gern einen Termin")
        await self.ask("Haarschnitt bitte")
        await self.ask(in_words(start_))
        await self.ask(name)
        confirm = await self.ask("0151 2345678")
        assert confirm.payload("yes"), confirm.text
        return confirm


def seen(entries: Sequence[ChatEntry]) -> list[Seen]:
    """A chat's lines as turns."""
    turns: list[Seen] = []
    parts: list[OutboundPart] = []
    for entry in entries:
        if entry.part is not None:
            parts.append(entry.part)
        elif entry.kind == "turn":
            turns.append(Seen(entry.ids, parts, entry.phase))
            parts = []
    return turns


async def booked(desk: FrontDesk, tenant: str = TENANT) -> list[datetime]:
    """When the booked appointments begin, local."""
    rows = await desk.appointments.all(tenant)
    return [row.start.astimezone(ZONE) for row in rows if row.status == "booked"]
