"""One fault run: servers, workers, a provider, customers and trouble; what is left is evidence for the checker."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import itertools
import logging
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from aiohttp import web

from runtime.app import import_tenant
from runtime.records.database import Database
from runtime.records.tenants import Tenants
from runtime.tenants import read_tenant
from tests.faults.customers import Customer, Plan, plan
from tests.faults.fleet import SMALL, TENANTS, Fleet, bot, secrets, variable
from tests.faults.postman import Postman
from tests.faults.servers import redis_command
from tests.support.provider_stub import TelegramStub

_log = logging.getLogger(__name__)
STUDIO = Path(__file__).with_name("studio.yaml")
PAUSE_S = 7.0
JOURNAL_S = 75.0
POINT_S = 20.0
RUN_S = 3600.0
LAST_S = 120.0
"""For customers who are not done yet when the trouble ends."""
_token = contextvars.ContextVar("token", default="")


class Provider(TelegramStub):
    """The loopback Bot API; every message taken also reaches the customer whose chat it is for."""

    def __init__(self, log: Path | None = None) -> None:
        super().__init__(log)
        self.chats: dict[tuple[str, str], asyncio.Queue[Mapping[str, Any]]] = {}
        self.taken_at: list[float] = []
        """When it took each message."""

    @property
    def taken(self) -> int:
        """How many messages it took."""
        return len(self.taken_at)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        _token.set(request.match_info["token"])
        return await super()._call(request)

    def _record(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        record = super()._record(method, body)
        record["bot"] = _token.get()
        return record

    def _write(self, record: Mapping[str, Any]) -> None:
        super()._write(record)
        if record["method"] == "sendMessage" and record["message_id"]:
            self.taken_at.append(time.time())
            queue = self.chats.get((str(record["bot"]), str(record["body"]["chat_id"])))
            if queue is not None:
                queue.put_nowait(record["body"])


Beside = Callable[["Run"], Coroutine[Any, Any, None]]
"""What goes on beside a run, such as taking samples."""


@dataclass(slots=True)
class Trouble:
    """Which faults, and how many of them, spread over the run."""

    kills: int = 5
    points: tuple[str, ...] = ()
    pauses: int = 0
    redis_cuts: int = 0
    sql_cuts: int = 0
    spare_one: bool = False
    """Kill only the second worker in the first half of the run, only the first in the second: both grow old once."""

    def plan(self, seed: int) -> list[str]:
        """All faults in a random order."""
        listed = [f"point:{point}" for point in self.points]
        listed += ["kill"] * max(0, self.kills - len(listed))
        listed += ["pause"] * self.pauses + ["redis"] * self.redis_cuts + ["sql"] * self.sql_cuts
        random.Random(seed).shuffle(listed)
        return listed


@dataclass(slots=True)
class Run:
    """Everything that happened, for the checker."""

    fleet: Fleet
    postman: Postman
    provider: Provider
    customers: list[Customer] = field(default_factory=list)
    cuts: list[tuple[float, str]] = field(default_factory=list)
    began_at: float = field(default_factory=time.time)
    seconds: float = 0.0
    left: Counter[str] = field(default_factory=Counter)


def studio(tenant: str, template: Path = STUDIO) -> str:
    """A tenant's file."""
    staff = "[Mara]" if tenant == SMALL else "[Mara, Jonas, Elif]"
    values = {"{tenant}": tenant, "{variable}": variable(tenant), "{staff}": staff}
    text = template.read_text(encoding="utf-8")
    return functools.reduce(lambda so_far, name: so_far.replace(name, values[name]), values, text)


async def publish(database_url: str, tenants: tuple[str, ...] = (*TENANTS, SMALL)) -> None:
    """Put the tenants into the records."""
    database = await Database.open(database_url)
    try:
        for tenant in tenants:
            file = read_tenant(studio(tenant), str(STUDIO), secrets())
            await import_tenant(Tenants(database), file)
    finally:
        await database.close()


@contextlib.asynccontextmanager
async def provider(log: Path | None = None) -> AsyncIterator[Provider]:
    """A running provider."""
    stub = Provider(log)
    await stub.start()
    try:
        yield stub
    finally:
        await stub.stop()


class Troublemaker:
    """Brings the faults about, one after another, as the customers get on."""

    def __init__(self, run: Run, redis_url: str, database_url: str, seed: int, within_s: float) -> None:
        self.run = run
        self.within_s = within_s
        self.redis_url = redis_url
        self.database_url = database_url
        self.random = random.Random(seed)
        self.spare_one = False

    async def make(self, faults: list[str], turns: int) -> None:
        """Each fault when its share of the turns is done; what does not fit into the time is left out."""
        began = time.monotonic()
        for number, fault in enumerate(faults, 1):
            if time.monotonic() - began > self.within_s:
                return
            due = turns * number / (len(faults) + 1)
            await until(functools.partial(self._got, due), RUN_S)
            _log.info("fault %d: %s, after %d parts", number, fault, self.run.provider.taken)
            await self._one(fault, number / (len(faults) + 1))

    def _got(self, parts: float) -> bool:
        return self.run.provider.taken >= parts

    def _victim(self, done: float) -> int:
        number = self.random.randrange(len(self.run.fleet.workers))
        return number if not self.spare_one else int(done < 0.5)

    async def _one(self, fault: str, done: float) -> None:
        fleet = self.run.fleet
        worker = self._victim(done)
        kind, _, point = fault.partition(":")
        await fleet.all_ready()
        match kind:
            case "kill":
                fleet.kill(worker)
            case "point":
                before = len(fleet.deaths)
                fleet.arm(worker, point)
                await self._until_dead(before)
            case "pause":
                await fleet.pause(worker, PAUSE_S)
            case "redis":
                self._cut(fault)
                await asyncio.to_thread(redis_command, self.redis_url, "CLIENT", "KILL", "TYPE", "normal")
                await asyncio.to_thread(redis_command, self.redis_url, "CLIENT", "KILL", "TYPE", "pubsub")
            case "sql":
                self._cut(fault)
                await cut_sql(self.database_url)

    def _cut(self, what: str) -> None:
        self.run.cuts.append((time.time(), what))

    async def _until_dead(self, before: int) -> None:
        """An armed worker dies soon; one that never comes to its point does not hold the run up."""
        await until(lambda: len(self.run.fleet.deaths) > before, POINT_S)


async def until(holds: Callable[[], bool], seconds: float) -> bool:
    """Look until something holds; False when the time is over first."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.05)
    return True


async def cut_sql(database_url: str) -> None:
    """Terminate every connection to our database but our own; SQLite has none."""
    if not database_url.startswith("postgresql"):
        return
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()


async def play(
    fleet: Fleet, stub: Provider, redis_url: str, database_url: str, *, turns: int, trouble: Trouble,
    at_once: int = 8, seed: int = 1, within_s: float = RUN_S, beside: Beside | None = None, poisoned: int = 6,
) -> Run:  # fmt: skip
    """Let customers write while trouble goes on; returns when all is over and the journal stands in SQL."""
    began = time.monotonic()
    async with Postman(fleet, seed) as postman, asyncio.timeout(within_s + LAST_S):
        run = Run(fleet, postman, stub)
        maker = Troublemaker(run, redis_url, database_url, seed, within_s)
        maker.spare_one = trouble.spare_one
        making = asyncio.create_task(maker.make(trouble.plan(seed), turns))
        watching = asyncio.create_task(beside(run) if beside else asyncio.sleep(0))
        plans = (plan(number, poisoned) for number in itertools.count())
        try:
            await asyncio.gather(*(_one_after_another(run, plans, turns, making) for _ in range(at_once)))
            await making
        finally:
            watching.cancel()
    run.seconds = time.monotonic() - began
    run.left = await settle(redis_url)
    return run


async def _one_after_another(run: Run, plans: Iterator[Plan], turns: int, making: asyncio.Task[None]) -> None:
    """Customers come until there were turns enough and all the trouble is over."""
    while run.provider.taken < turns or not making.done():
        customer = Customer(next(plans), run.postman)
        run.customers.append(customer)
        run.provider.chats[bot(customer.plan.tenant), customer.plan.chat] = customer.inbox
        try:
            await customer.run()
        except Exception as error:
            customer.finished = f"{type(error).__name__}: {error}"


async def settle(redis_url: str) -> Counter[str]:
    """Wait until no box waits and the journal stands in SQL; what is left after that."""
    end = time.monotonic() + JOURNAL_S
    while left := await asyncio.to_thread(waiting, redis_url):
        if time.monotonic() > end:
            break
        _log.info("left: %s", dict(left))
        await asyncio.sleep(1)
    return left


def waiting(redis_url: str) -> Counter[str]:
    """Journal entries, ready conversations and due outboxes that are left."""
    found: Counter[str] = Counter()
    for number in range(16):
        tag = f"fd:{{p{number:02d}}}"
        for command, key in (("XLEN", "journal"), ("XLEN", "ready"), ("ZCARD", "due")):
            found[key] += int(str(redis_command(redis_url, command, f"{tag}:{key}")))
    return +found
