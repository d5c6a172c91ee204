"""The real deliverer over the real outbox, and a provider on loopback that misbehaves: what went in, what came out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from channels.messenger import MessengerChannel
from channels.telegram import TelegramChannel
from channels.whatsapp import WhatsAppChannel
from runtime.clocks import SystemClock
from runtime.codec import dump_part
from runtime.core.messages import OutboundPart
from runtime.delivery import Deliverer
from runtime.ports import Channel, Connection
from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import Commit, Committed, OutboxPart
from runtime.sessions.store import Sessions
from tests.channels.contract import Hurried, part
from tests.sessions.desk import Opener, kill, said, taken
from tests.support.graph_stub import NUMBER, PAGE, TOKEN, GraphStub
from tests.support.provider_stub import TelegramStub

CHANNELS: dict[str, Channel] = {
    "whatsapp_cloud": WhatsAppChannel(), "messenger": MessengerChannel(), "telegram": TelegramChannel(strict=True),
}  # fmt: skip
KEY = SessionKey("salon", "k1")


class Provider(Protocol):
    """A stub with a plan."""

    plan: list[dict[str, Any]]
    url: str

    async def stop(self) -> None: ...


class Line:
    """One provider: its connection, and the words that reached the customer in order."""

    def __init__(self, connector: str, stub: Any) -> None:
        self.connector = connector
        self.stub = stub

    @classmethod
    async def open(cls, connector: str) -> Line:
        return cls(connector, await (TelegramStub() if connector == "telegram" else GraphStub()).start())

    @property
    def connection(self) -> Connection:
        config = {"phone_number_id": NUMBER, "page_id": PAGE}
        secrets = {"access_token": TOKEN, "page_access_token": TOKEN, "bot_token": "7:t", "api_url": self.stub.url}
        return Connection("salon", "line", self.connector, config, secrets)

    @property
    def got(self) -> list[str]:
        """The texts that were taken, in order."""
        return [_text(body) for body in self._bodies()]

    def _bodies(self) -> list[dict[str, Any]]:
        if self.connector == "telegram":
            return [body for _, body in self.stub.accepted]
        return list(self.stub.accepted)


def _text(body: dict[str, Any]) -> str:
    """The words of a message of any of the three."""
    for place in ("text", "message", "interactive", "body"):
        found = body.get(place)
        if isinstance(found, str):
            return found
        if isinstance(found, dict):
            return _text({"text": found["text"]} if "text" in found else found)
    return ""


class Book:
    """Knows one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def connections(self, tenant: str) -> tuple[Connection, ...]:
        return (self.connection,)


class Worker:
    """A process that delivers."""

    def __init__(self, sessions: Sessions, line: Line) -> None:
        self.sessions = sessions
        self.http = Hurried()
        self.deliverer = Deliverer(sessions, CHANNELS, Book(line.connection), self.http, SystemClock())
        self._sweep: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        await self.http.__aenter__()
        self._sweep = asyncio.create_task(self.deliverer.sweep())

    async def end(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
        await self.deliverer.drain(0.1)
        await self.http.__aexit__(None, None, None)

    async def die(self) -> None:
        """As by kill -9: nothing is released."""
        if self._sweep is not None:
            self._sweep.cancel()
        for task in list(self.deliverer._tasks):
            task.cancel()
        await kill(self.sessions)
        await self.http.__aexit__(None, None, None)

    async def say(self, *parts: OutboundPart, generation: int = 0) -> None:
        """One turn that says these parts."""
        await self.sessions.append(KEY, said())
        turn = await taken(self.sessions)
        lying = tuple(OutboxPart(one.author, one.generation, dump_part(one)) for one in parts)
        commit = Commit(1, turn.words, b"", parts=lying, generation=generation)
        done = await self.sessions.commit(turn.lease, commit)
        assert isinstance(done, Committed)
        if done.outbox is not None:
            await self.deliverer.deliver(done.outbox, local=False)

    async def emptied(self, within_s: float = 20) -> None:
        """Until nothing lies in the outbox."""
        async with asyncio.timeout(within_s):
            while await outbox_length(self.sessions):  # noqa: ASYNC110  # nobody tells that an outbox is empty
                await asyncio.sleep(0.01)
            await self.deliverer.drain(5)


class Workers:
    """Opens processes that deliver over one line."""

    def __init__(self, opener: Opener) -> None:
        self.opener = opener
        self._open: list[Worker] = []

    async def __call__(self, line: Line) -> Worker:
        worker = Worker(await self.opener(), line)
        await worker.begin()
        self._open.append(worker)
        return worker

    async def kill(self, worker: Worker) -> None:
        self._open.remove(worker)
        self.opener._open.remove(worker.sessions)
        await worker.die()

    async def close(self) -> None:
        for worker in self._open:
            await worker.end()


async def until(holds: Callable[[], object], within_s: float = 10) -> None:
    """Wait for what nobody tells us of."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110  # providers tell nobody what they got
            await asyncio.sleep(0.005)


def sentences(how_many: int, about: str = "Satz") -> str:
    """Sentences that differ, so that a doubled piece is seen."""
    return " ".join(f"{about} {number} steht hier." for number in range(how_many))


async def outbox_length(sessions: Sessions, key: SessionKey = KEY) -> int:
    """How many parts wait."""
    return int(
        await sessions._routes.work.call(key.partition, "LLEN", f"fd:{{p{key.partition:02d}}}:outbox:{key.name}")
    )


def parts(texts: Sequence[str], **more: Any) -> list[OutboundPart]:
    """Parts of a conversation, in order."""
    made = part(connection="line", chat="4401200", **more)
    return [replace(made, id=f"p{number}", text=text) for number, text in enumerate(texts)]
