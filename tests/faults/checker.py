"""The judge of a fault run. It reads what the provider got, what the edge accepted, and SQL; nothing of ours but that.

It does not import the product: a mistake in the product's own reading cannot hide one in its writing.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

Row = Mapping[str, Any]
Chat = tuple[str, str]
ZONE = ZoneInfo("Europe/Berlin")
_NOWHERE = (0, 0)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An update that the edge said 200 to; `name` is its message's id."""

    name: str
    tenant: str
    chat: str
    sent_at: float
    accepted_at: float


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the provider took."""

    at: float
    tenant: str
    chat: str
    text: str
    buttons: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a customer said yes to, None for one who booked nothing."""

    tenant: str
    chat: str
    name: str
    start: datetime | None


@dataclass(slots=True)
class Records:
    """What stands in SQL."""

    turns: list[Row] = field(default_factory=list)
    conversations: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    appointments: list[Row] = field(default_factory=list)
    ledger: list[Row] = field(default_factory=list)
    handoffs: list[Row] = field(default_factory=list)
    parked: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Verdict:
    """What was found. `faults` lists everything that must not be."""

    accepted: int = 0
    turns: int = 0
    sent: int = 0
    lost: int = 0
    twice: int = 0
    disordered: int = 0
    doubled_parts: int = 0
    lost_parts: int = 0
    doubled_bookings: int = 0
    wrong_bookings: int = 0
    unanswered: int = 0
    over_the_wall: int = 0
    parked_events: int = 0
    faults: list[str] = field(default_factory=list)

    def object(self, kind: str, text: str) -> None:
        """Count one thing that must not be, and say what it is."""
        setattr(self, kind, getattr(self, kind) + 1)
        self.faults.append(f"{kind}: {text}")


async def read_records(url: str) -> Records:
    """All rows that matter, by the drivers alone."""
    found: dict[str, list[Row]] = {}
    for name in Records.__dataclass_fields__:
        found[name] = await read_rows(url, f'SELECT * FROM "{name}"')
    return Records(**found)


async def read_rows(url: str, query: str) -> list[Row]:
    """The rows of one query."""
    read = _read_postgresql if url.startswith("postgresql") else _read_sqlite
    return await read(url, query)


async def _read_postgresql(url: str, query: str) -> list[Row]:
    connection = await asyncpg.connect(url)
    try:
        return [dict(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def _read_sqlite(url: str, query: str) -> list[Row]:
    with sqlite3.connect(url.partition(":///")[2]) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]


class Checker:
    """Compares the three."""

    def __init__(
        self, accepted: Sequence[Accepted], sent: Sequence[Sent], wanted: Sequence[Wanted], records: Records
    ) -> None:
        self.accepted = accepted
        self.sent = sent
        self.wanted = wanted
        self.records = records
        self.verdict = Verdict(len(accepted), len(records.turns), len(sent))
        chats = {(str(row["tenant"]), str(row["id"])): str(row["chat"]) for row in records.conversations}
        rows = sorted(records.turns, key=lambda r: (str(r["session"]), int(r["turn"]), int(r["seq"])))
        self.turns: dict[Chat, list[Row]] = defaultdict(list)
        for row in rows:
            chat = (str(row["tenant"]), chats.get((str(row["tenant"]), str(row["conversation"])), "?"))
            self.turns[chat].append(json.loads(row["entry"]))

    def check(self) -> Verdict:
        """All of it."""
        self._events()
        self._order()
        self._parts()
        self._bookings()
        self._ledger()
        self._answers()
        self._walls()
        return self.verdict

    def _events(self) -> None:
        """Each accepted update in exactly one turn of its own conversation; nothing in a turn that nobody sent."""
        where: Counter[tuple[str, str, str]] = Counter()
        for (tenant, chat), entries in self.turns.items():
            for entry in entries:
                where.update((tenant, chat, name) for name in _names(entry))
        for update in self.accepted:
            found = where.pop((update.tenant, update.chat, update.name), 0)
            if found == 0:
                self.verdict.object("lost", f"update {update.name} of chat {update.chat} is in no turn")
            elif found > 1:
                self.verdict.object("twice", f"update {update.name} is in {found} turns")
        for tenant, chat, name in where:
            self.verdict.object("twice", f"a turn of {tenant} {chat} holds {name}, which was not accepted there")

    def _order(self) -> None:
        """What was accepted before another was sent comes before it."""
        by_chat: dict[Chat, list[Accepted]] = defaultdict(list)
        for update in self.accepted:
            by_chat[update.tenant, update.chat].append(update)
        for chat, updates in by_chat.items():
            place = _places(self.turns[chat])
            for first in updates:
                for second in updates:
                    if first.accepted_at < second.sent_at and place.get(first.name, _NOWHERE) > place.get(
                        second.name, _NOWHERE
                    ):
                        self.verdict.object("disordered", f"{first.name} comes after {second.name} in {chat}")

    def _parts(self) -> None:
        """What the provider got is what the turns said, in order; a copy may follow its original at once."""
        got: dict[Chat, list[Sent]] = defaultdict(list)
        for one in self.sent:
            got[one.tenant, one.chat].append(one)
        for chat in self.turns.keys() | got.keys():
            said = [_part(part) for entry in self.turns[chat] for part in entry["parts"]]
            self._same(chat, said, [(one.text, one.buttons) for one in got[chat]])

    def _same(self, chat: Chat, said: Sequence[tuple[str, str]], got: Sequence[tuple[str, str]]) -> None:
        at = 0
        for one in got:
            if at < len(said) and one == said[at]:
                at += 1
            elif at and one == said[at - 1]:
                self.verdict.doubled_parts += 1
            else:
                self.verdict.object("lost_parts", f"chat {chat} got what no turn said there: {one[0][:60]!r}")
        for text, _ in said[at:]:
            self.verdict.object("lost_parts", f"chat {chat} never got {text[:60]!r}")

    def _bookings(self) -> None:
        """Everybody has exactly what they said yes to."""
        booked: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.records.appointments:
            if row["status"] == "booked":
                booked[str(row["tenant"]), str(row["name"])].append(row)
        for wanted in self.wanted:
            mine = booked.pop((wanted.tenant, wanted.name), [])
            starts = [_moment(row["start"]).astimezone(ZONE) for row in mine]
            if len(starts) > 1:
                self.verdict.object("doubled_bookings", f"{wanted.name} has {len(starts)} appointments")
            elif starts != ([wanted.start] if wanted.start else []):
                self.verdict.object("wrong_bookings", f"{wanted.name} wanted {wanted.start}, has {starts}")
        for tenant, name in booked:
            self.verdict.object("wrong_bookings", f"{tenant} has an appointment for {name}, who never said yes")

    def _ledger(self) -> None:
        """One outcome for each appointment, and one appointment for each that says done."""
        done = [row for row in self.records.ledger if row["action"] == "appointments.book" and row["name"] == "done"]
        if len(done) != len(self.records.appointments):
            text = f"{len(done)} bookings in the ledger, {len(self.records.appointments)} appointments"
            self.verdict.object("doubled_bookings", text)

    def _answers(self) -> None:
        """After everybody's last words there is an answer."""
        last: dict[Chat, float] = {}
        for one in self.sent:
            last[one.tenant, one.chat] = max(one.at, last.get((one.tenant, one.chat), 0))
        for update in self.accepted:
            if last.get((update.tenant, update.chat), 0) < update.sent_at:
                self.verdict.object("unanswered", f"nothing came after {update.name} of chat {update.chat}")
        self.verdict.parked_events = sum(
            event["type"] == "Parked"
            for entries in self.turns.values()
            for entry in entries
            for event in entry["events"]
        )

    def _walls(self) -> None:
        """No tenant's turn names another one."""
        for (tenant, chat), entries in self.turns.items():
            for entry in entries:
                others = [part for part in entry["parts"] if part["tenant"] != tenant or str(part["chat"]) != chat]
                if entry["tenant"] != tenant or others:
                    self.verdict.object("over_the_wall", f"a turn of {tenant} {chat} speaks to another one")


def _names(entry: Row) -> list[str]:
    """The ids of the messages that a turn took in, in its order."""
    return [name for event in entry["events"] for name in _named(event)]


def _named(event: Row) -> list[str]:
    match event["type"]:
        case "Said":
            return [str(message["id"]) for message in event["messages"]]
        case "Pressed":
            return [str(event["message_id"])]
        case "Parked":
            return [str(event["event_id"])]
        case _:
            return []


def _places(entries: Sequence[Row]) -> dict[str, tuple[int, int]]:
    """Where a message stands: its turn, and its place in it."""
    return {name: (turn, at) for turn, entry in enumerate(entries) for at, name in enumerate(_names(entry))}


def _part(part: Row) -> tuple[str, str]:
    return str(part["text"]), " ".join(str(button["payload"]) for button in part["buttons"])


def _moment(value: Any) -> datetime:
    """PostgreSQL gives a time, SQLite a text in UTC."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def recovery(deaths: Sequence[float], accepted: Sequence[Accepted], sent: Sequence[Sent]) -> list[float]:
    """For each death and each customer who was waiting then: how long until the next message to them.

    A customer whose wait lasts over several deaths counts from the last of them.
    """
    sends: dict[Chat, list[float]] = defaultdict(list)
    for one in sent:
        sends[one.tenant, one.chat].append(one.at)
    answered = [(u, min((at for at in sends[u.tenant, u.chat] if at >= u.accepted_at), default=0.0)) for u in accepted]
    found: dict[tuple[str, str, float], float] = {}
    for death in sorted(deaths):
        for update, reply in answered:
            if update.accepted_at <= death < reply:
                found[update.tenant, update.chat, reply] = reply - death
    return sorted(found.values())
