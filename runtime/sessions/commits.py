"""The end of a turn: one fenced script writes everything or nothing, and may be repeated when its answer was lost."""

from __future__ import annotations

from itertools import chain
from typing import Any

from runtime.sessions.clients import Route
from runtime.sessions.holdings import Holdings
from runtime.sessions.keys import live_channel
from runtime.sessions.scripts import Script
from runtime.sessions.shapes import Commit, Committed, Lease, LeaseLost, OutboxLease, OutboxPart, Stale

# ARGV: 1 name, 2 token, 3 this commit's id, 4 entry, 5 consumed, 6 words seen or "", 7 keep, 8 state, 9 generation,
# 10 outbox token, 11 lease ms, 12 ms until others look after the outbox, 13 journal or "",
# 14-17 how many parts, timers, dropped timers, notices follow, then these.
# Answers: 0 lease lost, 1 written (+1: the outbox is yours), 2 stale (+ remaining quiet).
# The outbox goes to the committer unless somebody delivers already or a provider's wait stands in `due`.
_COMMIT = Script("""
free()
local c = ARGV[1]
local meta, box, outbox = p .. 'meta:' .. c, p .. 'box:' .. c, p .. 'outbox:' .. c
local m = redis.call('HMGET', meta, 'commit', 'words')
if m[1] == ARGV[3] then
  return {1, redis.call('GET', p .. 'outlease:' .. c) == ARGV[10] and 1 or 0}
end
if redis.call('GET', p .. 'lease:' .. c) ~= ARGV[2] then return {0} end
local now = clock()
if ARGV[6] ~= '' and tonumber(m[2] or 0) > tonumber(ARGV[6]) then
  local events = redis.call('LRANGE', box, 0, MOST)
  return {2, #events > 0 and quiet(events, now) or 0}
end
if ARGV[5] ~= '0' then redis.call('LTRIM', box, ARGV[5], -1) end
redis.call('SET', p .. 'state:' .. c, ARGV[8], 'PX', KEEP)
local at, mine = 18, 0
local parts, timers, dropped, notices = tonumber(ARGV[14]), tonumber(ARGV[15]), tonumber(ARGV[16]), tonumber(ARGV[17])
if parts > 0 then
  for i = at, at + parts - 1 do redis.call('RPUSH', outbox, ARGV[i]) end
  at = at + parts
  local lease = p .. 'outlease:' .. c
  if redis.call('ZADD', p .. 'due', 'NX', now + ARGV[12], c) == 1 then
    redis.call('SET', lease, ARGV[10], 'PX', ARGV[11])
    mine = 1
  end
end
for i = 1, timers do
  redis.call('ZADD', p .. 'timers', ARGV[at + 1], c .. '\\n' .. ARGV[at])
  redis.call('HSET', p .. 'named:' .. c, ARGV[at], ARGV[at + 2])
  at = at + 3
end
for i = at, at + dropped - 1 do
  local names = ARGV[i] == '*' and redis.call('HKEYS', p .. 'named:' .. c) or {ARGV[i]}
  for _, name in ipairs(names) do
    redis.call('ZREM', p .. 'timers', c .. '\\n' .. name)
    redis.call('HDEL', p .. 'named:' .. c, name)
  end
end
at = at + dropped
if ARGV[13] ~= '' then redis.call('XADD', p .. 'journal', '*', 'c', c, 'b', ARGV[13]) end
if ARGV[7] == '1' then
  redis.call('HSET', meta, 'commit', ARGV[3], 'gen', ARGV[9], 'open', '1')
  redis.call('PEXPIRE', meta, KEEP)
else
  done(ARGV[4])
  redis.call('HSET', meta, 'commit', ARGV[3], 'gen', ARGV[9], 'open', '0', 'tries', '0', 'ready', '')
  redis.call('DEL', p .. 'lease:' .. c)
  local events = redis.call('LRANGE', box, 0, MOST)
  if #events > 0 then wake(c, quiet(events, now)) else redis.call('PEXPIRE', meta, KEEP) end
end
for i = 1, notices do
  redis.call('PUBLISH', ARGV[at], 'n' .. ARGV[at + 1])
  at = at + 2
end
return {1, mine}
""")

_LOST, _WRITTEN, _STALE = range(3)


def packed_part(part: OutboxPart) -> bytes:
    """A part as it stands in the outbox: author, generation, body."""
    return f"{part.author} {part.generation}\n".encode() + part.body


def read_part(stored: bytes) -> OutboxPart:
    """The way back from `packed_part`."""
    head, _, body = stored.partition(b"\n")
    author, _, generation = head.partition(b" ")
    return OutboxPart(author.decode(), int(generation), body)


class Commits:
    """Writes turns."""

    def __init__(self, route: Route, holdings: Holdings) -> None:
        self._route = route
        self._holdings = holdings

    async def commit(self, lease: Lease, commit: Commit) -> Committed | Stale:
        """Write the turn; raises LeaseLost when the fence is not ours any more."""
        if lease.ended:
            raise _lost(lease)
        outbox_token = self._holdings.next_token()
        until = self._holdings.until()
        reply = await self._write(lease, commit, outbox_token)
        if reply[0] == _STALE:
            return Stale(reply[1])
        if reply[0] == _LOST:
            self._holdings.drop(lease)
            raise _lost(lease)
        if commit.keep:
            lease.touch()
        else:
            self._holdings.drop(lease)
        if not reply[1]:
            return Committed(None)
        outbox = OutboxLease(lease.key, outbox_token, until)
        self._holdings.keep_outbox(outbox)
        return Committed(outbox)

    async def _write(self, lease: Lease, commit: Commit, outbox_token: str) -> list[Any]:
        arguments = self._arguments(lease, commit, outbox_token)
        reply: list[Any] = await self._route.run_durable_again(_COMMIT, lease.key.partition, *arguments)
        return reply

    def _arguments(self, lease: Lease, commit: Commit, outbox_token: str) -> tuple[Any, ...]:
        timing = self._holdings.timing
        words_seen = "" if commit.words_seen is None else commit.words_seen
        base = (
            lease.key.name, lease.token, lease.next_id(), lease.entry_id, commit.consumed, words_seen,
            int(commit.keep), commit.state, commit.generation, outbox_token, timing.lease_ms, timing.claim_ms,
            commit.journal or b"",
            len(commit.parts), len(commit.timers), len(commit.dropped_timers), len(commit.notices),
        )  # fmt: skip
        return (
            *base,
            *map(packed_part, commit.parts),
            *chain.from_iterable((timer.name, timer.at_ms, timer.body) for timer in commit.timers),
            *commit.dropped_timers,
            *chain.from_iterable((live_channel(process), payload) for process, payload in commit.notices),
        )


def _lost(lease: Lease) -> LeaseLost:
    return LeaseLost(f"Conversation {lease.key.name} went to another worker; nothing was written.")
