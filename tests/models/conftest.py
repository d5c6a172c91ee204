"""A model on loopback, and real desks that ask it: embedded servers once for the module, a business for each test."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
import yaml

from runtime.app import FrontDesk, Reply, start
from runtime.clocks import MovedClock, read_moment
from runtime.records.tables import turns
from runtime.settings import CONFIGS, Settings
from tests.faults.servers import PrivateRedis, private_redis
from tests.support.model_stub import ModelStub

STUDIO: Mapping[str, Any] = yaml.safe_load((CONFIGS / "demo" / "studio.yaml").read_text(encoding="utf-8"))
MODEL = "stub-1"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def redis_server() -> Iterator[PrivateRedis]:
    """One Redis for the module."""
    with private_redis() as server:
        yield server


@pytest.fixture
async def stub() -> AsyncIterator[ModelStub]:
    """A model that answers from a table; what is not of the official form is told at the end."""
    async with ModelStub() as opened:
        yield opened
    assert opened.objections == []


class Talker:
    """One customer of one business that has the model."""

    def __init__(self, desk: FrontDesk, tenant: str) -> None:
        self.desk = desk
        self.tenant = tenant
        self.contact = f"guest-{next(_numbers)}"
        self.replies: list[Reply] = []

    @property
    def read(self) -> str:
        """What the customer read last."""
        return " ".join(reply.text for reply in self.replies)

    async def say(self, text: str) -> str:
        """Say it, and read what comes."""
        self.replies = await self.desk.say(tenant=self.tenant, contact=self.contact, text=text)
        return self.read

    async def understood(self, turn: int = 1) -> Mapping[str, Any]:
        """What the journal says was understood in this business's so many-th turn, once it is in the records."""
        wanted = sa.select(turns.c.entry).where(turns.c.tenant == self.tenant).order_by(turns.c.at)
        async with asyncio.timeout(5):
            while True:
                await self.desk.projector.catch_up()
                async with self.desk.database.reading() as connection:
                    entries = [orjson.loads(row.entry) for row in await connection.execute(wanted)]
                events = [e for entry in entries for e in entry["events"] if e["type"] == "Understood"]
                if len(events) >= turn:
                    return dict(events[turn - 1])
                await asyncio.sleep(0.02)

    async def booked(self) -> list[tuple[str, str, str]]:
        """Service, name and phone of everything that stands in the calendar."""
        rows = await self.desk.appointments.all(self.tenant)
        return [(row.service, row.name, row.phone) for row in rows if row.status == "booked"]


Opened = Callable[..., AbstractAsyncContextManager[Talker]]


@pytest.fixture
def opened(redis_server: PrivateRedis, tmp_path: Path, stub: ModelStub) -> Opened:
    """Opens a desk with the stub behind it, and a business of its own."""

    @asynccontextmanager
    async def _open(model: Mapping[str, Any] | None = None, **settings: Any) -> AsyncIterator[Talker]:
        redis_server.ask("FLUSHDB")
        chosen = Settings(
            data=tmp_path, redis_url=redis_server.url, prompt_scan_s=0, model_name=MODEL, model_base_url=stub.url
        ).model_copy(update=settings)
        async with start(chosen, clock=MovedClock(read_moment("2026-11-20T10:00", "UTC"))) as desk:
            document = {**STUDIO, "tenant": "linden", "model": dict(model or {})}
            await desk.tenants.put_document("linden", "tenant", {**document, "connections": []})
            yield Talker(desk, "linden")

    return _open
