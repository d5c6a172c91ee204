"""The running conversations as plain values, and back: for a backup and for moving to another Redis.

What goes along: state, box, outbox, timers, what a browser shows, marks against duplicates, parked events, turns that
are not in SQL yet. What does not: leases, sockets and ready entries; they are of processes that will not be there, and
whoever has something to do is woken when it is loaded. Plain commands, no server's own dump format: those differ.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from runtime.sessions.aliases import ALIAS_MS
from runtime.sessions.clients import Route
from runtime.sessions.keeping import KEPT_MS
from runtime.sessions.keys import COUNT_KEY, PARTITIONS, TAGS, SessionKey, journal_key, named_key, parked_key
from runtime.sessions.outbox import CHAT_MS, NUMBER_MS
from runtime.sessions.scripts import SESSION_MS, Script
from runtime.sessions.sent import SENT_MS

SCAN_COUNT = 1000
AT_ONCE = 200

# ARGV: name. All of a conversation as it is at one moment.
_READ = Script("""
local c = ARGV[1]
local function list(what) return redis.call('LRANGE', p .. what .. ':' .. c, 0, -1) end
local named, timers = redis.call('HGETALL', p .. 'named:' .. c), {}
for i = 1, #named, 2 do
  local at = redis.call('ZSCORE', p .. 'timers', c .. '\\n' .. named[i])
  if at then
    timers[#timers + 1] = named[i]
    timers[#timers + 1] = at
    timers[#timers + 1] = named[i + 1]
  end
end
return {
  redis.call('GET', p .. 'state:' .. c) or '', list('box'), list('outbox'), redis.call('HGETALL', p .. 'meta:' .. c),
  timers, list('chat'), redis.call('GET', p .. 'number:' .. c) or '', list('kept'), list('sent'),
  redis.call('GET', p .. 'same:' .. c) or ''
}
""")


@dataclass(frozen=True, slots=True)
class Running:
    """A conversation's whole session. Pairs and triples lie flat, as Redis gives them."""

    key: SessionKey
    state: bytes
    box: tuple[bytes, ...]
    outbox: tuple[bytes, ...]
    meta: tuple[bytes, ...]
    timers: tuple[bytes, ...]
    """Name, time in ms, event."""
    chat: tuple[bytes, ...]
    number: bytes
    kept: tuple[bytes, ...] = ()
    """Parts that wait for the customer to write again."""
    sent: tuple[bytes, ...] = ()
    """The provider's ids of what is out."""
    same: bytes = b""
    """Whom the id stands for that this conversation is named by."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies in a partition beside its conversations."""

    partition: int
    seen: tuple[bytes, ...]
    """Ends of the marks' keys."""
    parked: tuple[bytes, ...] = ()
    journal: tuple[bytes, ...] = ()
    """Conversation and entry in turn."""


async def dumped(route: Route) -> AsyncIterator[Running | Beside]:
    """Everything, partition by partition; each conversation as of one moment, its journal never earlier."""
    for partition in range(PARTITIONS):
        names, seen = await _names(route, partition)
        for name in sorted(names):
            found = await route.run(_READ, partition, name)
            state, box, outbox, meta, timers, chat, number, kept, sent, same = found
            session = Running(
                named_key(name), state, tuple(box), tuple(outbox), tuple(meta), tuple(timers), tuple(chat), number,
                tuple(kept), tuple(sent), same,
            )  # fmt: skip
            if any(found):
                yield session
        parked = await route.call(partition, "HGETALL", parked_key(partition))
        entries = await route.call(partition, "XRANGE", journal_key(partition), "-", "+")
        journal = [part for _, fields in entries for part in (fields[1], fields[3])]
        yield Beside(partition, tuple(sorted(seen)), tuple(parked), tuple(journal))


async def _names(route: Route, partition: int) -> tuple[set[bytes], set[bytes]]:
    """The conversations of a partition, and its marks against duplicates."""
    names: set[bytes] = set()
    seen: set[bytes] = set()
    async for key in _keys(route, partition):
        what, _, name = key.removeprefix(f"{TAGS[partition]}:".encode()).partition(b":")
        if what == b"seen":
            seen.add(name)
        elif what in (b"state", b"box", b"outbox", b"meta", b"named", b"chat", b"number", b"kept", b"sent", b"same"):
            names.add(name)
    return names, seen


async def _keys(route: Route, partition: int) -> AsyncIterator[bytes]:
    cursor = b"0"
    while True:
        cursor, found = await route.call(
            partition, "SCAN", cursor, "MATCH", f"{TAGS[partition]}:*", "COUNT", SCAN_COUNT
        )
        for key in found:
            yield key
        if cursor == b"0":
            return


async def states(route: Route) -> AsyncIterator[bytes]:
    """The state of every session."""
    for partition in range(PARTITIONS):
        async for key in _keys(route, partition):
            if key.startswith(f"{TAGS[partition]}:state:".encode()):
                state = await route.call(partition, "GET", key)
                if state:
                    yield state


async def is_empty(route: Route) -> bool:
    """Whether no conversation lives here."""
    for partition in range(PARTITIONS):
        names, seen = await _names(route, partition)
        if names or seen:
            return False
    return True


async def clear(route: Route) -> None:
    """Take away everything of ours; the partition count stays. Nobody may be at work here."""
    for partition in range(PARTITIONS):
        keys = [key async for key in _keys(route, partition) if key != COUNT_KEY.encode()]
        for key in keys:
            await route.call(partition, "DEL", key)


async def load(route: Route, stored: Iterable[Running | Beside]) -> int:
    """Put everything back and wake whoever has something to do; returns how many conversations there are."""
    count = 0
    for one in stored:
        if isinstance(one, Beside):
            await _load_beside(route, one)
        else:
            await _load_session(route, one)
            count += 1
    return count


async def _load_session(route: Route, session: Running) -> None:
    name, partition = session.key.name, session.key.partition
    tag = TAGS[partition]
    calls: list[tuple[Any, ...]] = []
    if session.state:
        calls.append(("SET", f"{tag}:state:{name}", session.state, "PX", SESSION_MS))
    for what, values in (("box", session.box), ("outbox", session.outbox), ("chat", session.chat)):
        calls += [("RPUSH", f"{tag}:{what}:{name}", *some) for some in _some(values, AT_ONCE)]
    if session.chat:
        calls.append(("PEXPIRE", f"{tag}:chat:{name}", CHAT_MS))
    for what, parts, span_ms in (("kept", session.kept, KEPT_MS), ("sent", session.sent, SENT_MS)):
        if parts:
            calls += [("RPUSH", f"{tag}:{what}:{name}", *parts), ("PEXPIRE", f"{tag}:{what}:{name}", span_ms)]
    if session.same:
        calls.append(("SET", f"{tag}:same:{name}", session.same, "PX", ALIAS_MS))
    if session.number:
        calls.append(("SET", f"{tag}:number:{name}", session.number, "PX", NUMBER_MS))
    for timer, at, body in _some(session.timers, 3):
        calls.append(("HSET", f"{tag}:named:{name}", timer, body))
        calls.append(("ZADD", f"{tag}:timers", at, f"{name}\n".encode() + timer))
    if session.outbox or session.kept:
        calls.append(("ZADD", f"{tag}:due", 0, name))
    await _all(route, partition, [*calls, *_meta(session, tag)])
    if session.box or _is_open(session):
        entry = await route.call(partition, "XADD", f"{tag}:ready", "*", "c", name, "w", 0)
        await route.call(partition, "HSET", f"{tag}:meta:{name}", "ready", entry)
        await route.call(partition, "PEXPIRE", f"{tag}:meta:{name}", SESSION_MS)


def _meta(session: Running, tag: str) -> list[tuple[Any, ...]]:
    pairs = [pair for pair in _some(session.meta, 2) if pair[0] != b"ready"]
    key = f"{tag}:meta:{session.key.name}"
    flat = [part for pair in pairs for part in pair]
    return [("HSET", key, *flat, "ready", ""), ("PEXPIRE", key, SESSION_MS)]


def _is_open(session: Running) -> bool:
    return [b"open", b"1"] in [list(pair) for pair in _some(session.meta, 2)]


async def _load_beside(route: Route, beside: Beside) -> None:
    tag, partition = TAGS[beside.partition], beside.partition
    calls: list[tuple[Any, ...]] = []
    for mark in beside.seen:
        calls.append(("SET", f"{tag}:seen:".encode() + mark, "1", "PX", SESSION_MS))
    for field, value in _some(beside.parked, 2):
        calls.append(("HSET", parked_key(partition), field, value))
    for name, body in _some(beside.journal, 2):
        calls.append(("XADD", journal_key(partition), "*", "c", name, "b", body))
    await _all(route, partition, calls)


async def _all(route: Route, partition: int, calls: Sequence[tuple[Any, ...]]) -> None:
    """In order, some at a time: one connection carries them all."""
    for some in _some(calls, AT_ONCE):
        await asyncio.gather(*(route.call(partition, *call) for call in some))


def _some(values: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [values[at : at + size] for at in range(0, len(values), size)]
