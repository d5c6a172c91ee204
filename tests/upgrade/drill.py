"""The drill: stage by stage workers of A and B come and go on the same servers while customers write.

Everything is driven and judged from outside: Telegram's webhook, the provider's log, and SQL at the end.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.checker import Accepted, Checker, Records, Row, Sent, Verdict, Wanted, read_records, read_rows
from tests.faults.customers import Customer
from tests.faults.fleet import TENANTS, bot, environment_of, secrets
from tests.faults.phrases import knows_too
from tests.faults.play import Provider, provider, settle, studio
from tests.faults.postman import Postman
from tests.faults.run import percentile, sent_messages
from tests.upgrade.fleet import MixedFleet
from tests.upgrade.people import Talker, booker
from tests.upgrade.releases import Release

_log = logging.getLogger(__name__)
STAGE_S = 120.0
"""A stage in which so little happens for so long goes on to the next one; the report then shows why."""
LAST_S = 90.0
RECORDED_S = 60.0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that whoever upgrades does: a place gets another version, or none."""

    place: int
    release: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What is done, and how it is called."""

    title: str
    steps: tuple[Step, ...]


STAGES = (
    Stage("A alone", (Step(0, "A"), Step(1, "A"))),
    Stage("B joins and migrates", (Step(2, "B"),)),
    Stage("one A becomes B", (Step(0, "B"),)),
    Stage("the last A is gone", (Step(1, ""),)),
    Stage("back: one B becomes A", (Step(0, "A"),)),
    Stage("back: A alone", (Step(2, ""),)),
    Stage("forward: B joins again", (Step(2, "B"),)),
    Stage("B alone", (Step(0, ""), Step(1, "B"))),
)
SHORT = (
    Stage("A alone", (Step(0, "A"),)),
    Stage("B joins and migrates", (Step(1, "B"),)),
    Stage("A is gone", (Step(0, ""),)),
    Stage("back: A beside B", (Step(0, "A"),)),
    Stage("B alone", (Step(0, ""),)),
)
"""For every day: as few starts of processes as show the same."""
PLACES = 3


@dataclass(slots=True)
class Span:
    """A stage as it was."""

    title: str
    began: float
    running: str = ""
    schema: str = ""
    ended: float = 0.0
    waits_s: list[float] = field(default_factory=list)
    """How long each message waited for the next part, sorted."""


@dataclass(slots=True)
class Drill:
    """A whole drill with the judge's verdict."""

    spans: list[Span]
    verdict: Verdict
    crashes: list[str]
    left: Counter[str]
    parked: list[str]
    bookers: list[Customer]
    talkers: list[Talker]
    ends_s: list[float]
    put_off: Counter[str]
    errors: list[str]
    seconds: float
    tickets: list[str]
    """What is wrong with the tickets that customers were promised."""
    opened: int

    def problems(self) -> list[str]:
        """Everything that must not be; empty is good."""
        found = [*self.verdict.faults, *self.crashes, *self.errors, *self.tickets]
        found += [f"a journal entry is parked: {reason}" for reason in self.parked]
        found += [f"left in Redis: {dict(self.left)}"] if self.left else []
        found += [f"{self.verdict.doubled_parts} doubled parts"] if self.verdict.doubled_parts else []
        found += [f"{self.verdict.parked_events} parked events"] if self.verdict.parked_events else []
        for one in self.bookers:
            if one.finished != "booked":
                found.append(f"{one.plan} ended {one.finished!r} after {one.heard}")
        return found + [f"{t.chat} ended {t.finished!r} after {t.heard}" for t in self.talkers if t.finished != "done"]

    def endings(self) -> Counter[str]:
        """How the customers ended."""
        return Counter([*(one.finished for one in self.bookers), *(one.finished for one in self.talkers)])

    def table(self) -> str:
        """For people."""
        head = f"{'stage':26}{'workers':9}{'schema':8}{'s':>6}{'messages':>10}{'p50 s':>8}{'p99 s':>8}{'longest':>9}"
        rows = [_row(span) for span in self.spans]
        verdict = self.verdict
        facts = [
            ("updates accepted / turns / parts sent", f"{verdict.accepted} / {verdict.turns} / {verdict.sent}"),
            ("lost / in two turns / out of order", f"{verdict.lost} / {verdict.twice} / {verdict.disordered}"),
            ("doubled / wrong bookings", f"{verdict.doubled_bookings} / {verdict.wrong_bookings}"),
            ("doubled / lost parts", f"{verdict.doubled_parts} / {verdict.lost_parts}"),
            ("unanswered / parked events", f"{verdict.unanswered} / {verdict.parked_events}"),
            ("tickets promised / lost or doubled", f"{self.opened} / {len(self.tickets)}"),
            ("customers", str(dict(self.endings()))),
            ("a worker told to end took", f"{max(self.ends_s, default=0):.1f} s at most"),
            ("turns left to a newer worker", str(dict(self.put_off)) if self.put_off else "none"),
            ("seconds", f"{self.seconds:.0f}"),
        ]
        return "\n".join([head, *rows, "", *(f"{name:40} {value}" for name, value in facts)])


def _row(span: Span) -> str:
    waits = span.waits_s
    middle = statistics.median(waits) if waits else 0.0
    figures = f"{middle:8.1f}{percentile(waits, 0.99):8.1f}{max(waits, default=0.0):9.1f}"
    return f"{span.title:26}{span.running:9}{span.schema:8}{span.ended - span.began:6.0f}{len(waits):10}{figures}"


@dataclass(frozen=True, slots=True)
class Load:
    """How much is written: customers at a time, and how much of each stage must have happened before the next."""

    bookers: int = 6
    talkers: int = 3
    parts: int = 60
    least_s: float = 8.0


class Play:
    """A drill under way."""

    def __init__(self, home: Path, redis_url: str, database_url: str, releases: Mapping[str, Release]) -> None:
        self.home = home
        self.redis_url = redis_url
        self.database_url = database_url
        self.releases = releases
        self.bookers: list[Customer] = []
        self.talkers: list[Talker] = []
        self.spans: list[Span] = []
        self.over = asyncio.Event()
        self._numbers = itertools.count()

    async def run(self, stages: Sequence[Stage], load: Load) -> Drill:
        """Publish with the older version, play all stages, end everybody, and judge."""
        began = time.monotonic()
        for release in self.releases.values():
            knows_too(release.tree / "configs" / "replies")
        async with provider(self.home / "provider.jsonl") as stub:
            environment = environment_of(self.redis_url, self.database_url, stub.url)
            fleet = MixedFleet(self.home, {**environment, "FRONTDESK_LOG": "json"}, PLACES)
            await asyncio.to_thread(self._publish, fleet)
            async with fleet, Postman(fleet, 1) as postman:
                left = await self._stages(stages, load, fleet, stub, postman)
                parked = await self._recorded()
                await fleet.stop()
            records = await read_records(self.database_url)
            tickets = await read_rows(self.database_url, "SELECT id FROM tickets")
        seconds = time.monotonic() - began
        return self._judged(fleet, stub, postman, records, tickets, left, parked, seconds)

    def _publish(self, fleet: MixedFleet) -> None:
        """By the older version's own command, as its owner did."""
        older = self.releases["A"]
        for tenant in TENANTS:
            file = self.home / f"{tenant}.yaml"
            text = studio(tenant, older.tree / "tests" / "faults" / "studio.yaml")
            file.write_text(text, encoding="utf-8")
            environment = {**fleet.environment, **secrets()}
            older.command("tenant", "import", str(file), "--data", str(self.home), environment=environment)

    async def _stages(
        self, stages: Sequence[Stage], load: Load, fleet: MixedFleet, stub: Provider, postman: Postman
    ) -> Counter[str]:
        people: list[asyncio.Task[None]] = []
        for stage in stages:
            await self._stage(stage, fleet)
            if not people:
                people = [asyncio.create_task(self._booking(stub, postman)) for _ in range(load.bookers)]
                people += [asyncio.create_task(self._talking(stub, postman)) for _ in range(load.talkers)]
            await self._until(load, stub)
        self.over.set()
        async with asyncio.timeout(LAST_S):
            await asyncio.gather(*people)
        self.spans[-1].ended = time.time()
        return await settle(self.redis_url)

    async def _stage(self, stage: Stage, fleet: MixedFleet) -> None:
        """Do what the stage says; it has begun as soon as the first of its steps is done."""
        now = time.time()
        if self.spans:
            self.spans[-1].ended = now
        self.spans.append(Span(stage.title, now))
        for step in stage.steps:
            if step.place in fleet.releases:
                await fleet.end(step.place)
            if step.release:
                await fleet.begin(step.place, self.releases[step.release])
        self.spans[-1].running = fleet.running
        self.spans[-1].schema = await schema_of(self.database_url)
        _log.info("%s: %s, schema %s", stage.title, fleet.running, self.spans[-1].schema)

    async def _until(self, load: Load, stub: Provider) -> None:
        began, before = time.monotonic(), len(stub.sent)
        while time.monotonic() - began < STAGE_S:
            await asyncio.sleep(0.2)
            if len(stub.sent) - before >= load.parts and time.monotonic() - began >= load.least_s:
                return

    async def _booking(self, stub: Provider, postman: Postman) -> None:
        while not self.over.is_set():
            customer = booker(next(self._numbers), postman)
            self.bookers.append(customer)
            stub.chats[bot(customer.plan.tenant), customer.plan.chat] = customer.inbox
            await _tried(customer)

    async def _talking(self, stub: Provider, postman: Postman) -> None:
        while not self.over.is_set():
            talker = Talker(len(self.talkers), postman)
            self.talkers.append(talker)
            stub.chats[bot(talker.tenant), talker.chat] = talker.inbox
            await _tried(talker)

    async def _recorded(self) -> list[str]:
        """Journal entries that an older worker put aside are for a newer one; why those are left that nobody took."""
        end = time.monotonic() + RECORDED_S
        while True:
            parked = [str(row["reason"]) for row in (await read_records(self.database_url)).parked]
            if not parked or time.monotonic() > end:
                return parked
            await asyncio.sleep(1)

    def _judged(
        self, fleet: MixedFleet, stub: Provider, postman: Postman, records: Records, tickets: Sequence[Row],
        left: Counter[str], parked: list[str], seconds: float,
    ) -> Drill:  # fmt: skip
        accepted = [
            Accepted(u.name, u.tenant, u.chat, u.sent_at, u.accepted_at) for u in postman.updates if u.accepted_at
        ]
        plans = [one.plan for one in self.bookers]
        wanted = [Wanted(p.tenant, p.chat, p.name, p.wish) for p in plans]
        sent = sent_messages(stub)
        verdict = Checker(accepted, sent, wanted, records).check()
        measure(self.spans, accepted, sent)
        put_off, errors = read_logs(fleet.logs)
        promised = Counter(promises(records.turns))
        kept = Counter(str(row["id"]) for row in tickets)
        wrong = [f"ticket {one}: promised {promised[one]} times, there {kept[one]} times" for one in promised | kept
                 if promised[one] != 1 or kept[one] != 1]  # fmt: skip
        return Drill(
            self.spans, verdict, fleet.crashes, left, parked, self.bookers, self.talkers, fleet.ends_s, put_off,
            errors, seconds, wrong, len(promised),
        )  # fmt: skip


async def _tried(one: Customer | Talker) -> None:
    try:
        await one.run()
    except Exception as error:
        one.finished = f"{type(error).__name__}: {error}"


def measure(spans: Sequence[Span], accepted: Sequence[Accepted], sent: Sequence[Sent]) -> None:
    """How long each message waited for the next part to its chat, by the stage in which it was sent."""
    for update in accepted:
        replies = [s.at for s in sent if (s.tenant, s.chat) == (update.tenant, update.chat) and s.at > update.sent_at]
        for span in spans:
            if replies and span.began <= update.sent_at < span.ended:
                span.waits_s.append(min(replies) - update.sent_at)
    for span in spans:
        span.waits_s.sort()


def read_logs(logs: Mapping[Path, str]) -> tuple[Counter[str], list[str]]:
    """How often a worker left a turn to a newer one, by its version; and every error that a worker logged."""
    put_off: Counter[str] = Counter()
    errors: list[str] = []
    for path, release in logs.items():
        for line in _lines(path):
            message = str(line.get("message", ""))
            put_off[release] += "newer worker" in message
            if line.get("level", "").lower() in ("error", "critical"):
                errors.append(f"{path.stem}: {message[:300]}")
    return +put_off, errors


def _lines(path: Path) -> Iterator[Mapping[str, str]]:
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def promises(turns: Sequence[Row]) -> Iterator[str]:
    """The tickets that the turns opened and told their customers of."""
    for turn in turns:
        for record in json.loads(turn["entry"]).get("records", ()):
            if record["kind"] == "ticket.opened":
                yield str(record["facts"]["ticket"])


async def schema_of(database_url: str) -> str:
    """The number of the database's schema."""
    rows = await read_rows(database_url, "SELECT max(version_num) AS number FROM alembic_version")
    return str(rows[0]["number"])
