"""What goes out: parts in order under a lease of their own, or, for chats we show ourselves, one script to the chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runtime.sessions.clients import Route
from runtime.sessions.commits import packed_part, read_part
from runtime.sessions.holdings import Holdings
from runtime.sessions.keeping import RELEASING
from runtime.sessions.keys import SessionKey, meta_key
from runtime.sessions.scripts import Script
from runtime.sessions.sent import MARKING, Tell, fates, sent_line, untold
from runtime.sessions.shapes import Fate, OutboxLease, OutboxPart, OutboxView, SentPart, Withheld

PARTS_AT_ONCE = 10
UNTOLD = 3
CHAT_KEPT = 200
CHAT_MS = 7 * 24 * 3600 * 1000
NUMBER_MS = 400 * 24 * 3600 * 1000
"""The chat's counter outlives the chat: a browser that comes back after weeks must not meet old numbers again."""

# ARGV: name, token, how many.
# Answers: generation, head, parts, when the customer wrote last, a kept part that nobody was told of yet.
_VIEW = Script(
    RELEASING
    + """
local c = ARGV[1]
if redis.call('GET', p .. 'outlease:' .. c) ~= ARGV[2] then return {} end
released(c)
local m = redis.call('HMGET', p .. 'meta:' .. c, 'gen', 'head', 'heard')
local parts = redis.call('LRANGE', p .. 'outbox:' .. c, 0, ARGV[3] - 1)
local first = untold(c)
if #parts == 0 and first == '' then
  redis.call('ZREM', p .. 'due', c)
  redis.call('DEL', p .. 'outlease:' .. c)
end
return {tonumber(m[1] or 0), tonumber(m[2] or 0), parts, tonumber(m[3] or 0), first}
"""
)

# ARGV: name, token, head as the deliverer knows it, count, lease ms, ms until others look after it, the journal's note,
# what was asked: a question's id and the provider's ids of its messages, or "", the line of a part that went out
# (`sent.py`) or "", the journal's note of its later fate, and where it may come back as too late for its window: when
# the customer had written last, else "", and how many early failures of it the conversation was told of.
# Answers: 0 lost, 1 dropped and renewed, 2 dropped and empty, and early news of it; 3 renewed and nothing else done,
# and the failures that have to be told first. `head` makes a repetition harmless.
_DONE = Script(
    MARKING
    + """
free()
local c = ARGV[1]
local lease, outbox, meta = p .. 'outlease:' .. c, p .. 'outbox:' .. c, p .. 'meta:' .. c
if redis.call('GET', lease) ~= ARGV[2] then return {0, {}} end
local news = {}
if tonumber(redis.call('HGET', meta, 'head') or 0) == tonumber(ARGV[3]) then
  local failed = failed_early(c, ARGV[9], ARGV[11] ~= '')
  if #failed > tonumber(ARGV[12]) then
    redis.call('PEXPIRE', lease, ARGV[5])
    redis.call('ZADD', p .. 'due', clock() + ARGV[6], c)
    return {3, failed}
  end
  if ARGV[11] ~= '' then remember(c, ARGV[9], ARGV[11], redis.call('LINDEX', outbox, 0)) end
  redis.call('LTRIM', outbox, ARGV[4], -1)
  redis.call('HINCRBY', meta, 'head', ARGV[4])
  if ARGV[7] ~= '' then redis.call('XADD', p .. 'journal', '*', 'c', c, 'b', ARGV[7]) end
  if ARGV[8] ~= '' then
    local kept = {}
    local known = redis.call('HMGET', meta, 'asked', 'asked_before')
    for line in string.gmatch((known[1] or '') .. '\\n' .. (known[2] or ''), '[^\\n]+') do
      if #kept < 5 then kept[#kept + 1] = line end
    end
    redis.call('HSET', meta, 'asked', ARGV[8], 'asked_before', table.concat(kept, '\\n'))
  end
  if ARGV[9] ~= '' then news = sent_now(c, ARGV[9], ARGV[10]) end
end
return {go_on(c, ARGV[5], ARGV[6]), news}
"""
)

# ARGV: name, token, the part as it lies there, its pieces. Once it is cut, another part lies first: a repetition is
# harmless. Answers: 0 lost, 1 cut.
_CUT = Script("""
free()
local c = ARGV[1]
local outbox = p .. 'outbox:' .. c
if redis.call('GET', p .. 'outlease:' .. c) ~= ARGV[2] then return 0 end
if redis.call('LINDEX', outbox, 0) == ARGV[3] then
  redis.call('LPOP', outbox)
  for i = #ARGV, 4, -1 do redis.call('LPUSH', outbox, ARGV[i]) end
end
return 1
""")

# ARGV: name, token, wait.
_LATER = Script("""
free()
local c = ARGV[1]
if redis.call('GET', p .. 'outlease:' .. c) ~= ARGV[2] then return 0 end
redis.call('DEL', p .. 'outlease:' .. c)
redis.call('ZADD', p .. 'due', clock() + ARGV[3], c)
return 1
""")

# ARGV: name, token, kept lines, kept ms, counter's ms. Answers: how many shown, withheld parts.
_DELIVER = Script("""
free()
local c = ARGV[1]
local outbox, chat, meta = p .. 'outbox:' .. c, p .. 'chat:' .. c, p .. 'meta:' .. c
if redis.call('GET', p .. 'outlease:' .. c) ~= ARGV[2] then return {0, {}} end
local parts = redis.call('LRANGE', outbox, 0, -1)
local gen = tonumber(redis.call('HGET', meta, 'gen') or 0)
local shown, withheld = 0, {}
for _, part in ipairs(parts) do
  local author, of, body = string.match(part, '^(%a+) (%-?%d+)\\n()')
  if author == 'bot' and tonumber(of) < gen then
    withheld[#withheld + 1] = part
  else
    redis.call('RPUSH', chat, string.sub(part, body))
    shown = shown + 1
  end
end
redis.call('DEL', outbox, p .. 'outlease:' .. c)
redis.call('ZREM', p .. 'due', c)
redis.call('HINCRBY', meta, 'head', #parts)
if shown > 0 then
  redis.call('LTRIM', chat, -ARGV[3], -1)
  redis.call('PEXPIRE', chat, ARGV[4])
  redis.call('INCRBY', p .. 'number:' .. c, shown)
  redis.call('PEXPIRE', p .. 'number:' .. c, ARGV[5])
  local seats = redis.call('ZRANGEBYSCORE', p .. 'live:' .. c, clock(), '+inf')
  for _, process in ipairs(seats) do redis.call('PUBLISH', 'fd:live:' .. process, 'l' .. c) end
end
return {shown, withheld}
""")

# ARGV: name, number after which to read. Lines are numbered without gaps, so only the last number is stored.
_CHAT = Script("""
local last = tonumber(redis.call('GET', p .. 'number:' .. ARGV[1]) or 0)
local new = last - tonumber(ARGV[2])
if new <= 0 then return {last, {}} end
return {last, redis.call('LRANGE', p .. 'chat:' .. ARGV[1], -new, -1)}
""")


class Outboxes:
    """Delivery's side of the store."""

    def __init__(self, route: Route, holdings: Holdings) -> None:
        self._route = route
        self._holdings = holdings

    async def view(self, lease: OutboxLease) -> OutboxView:
        """The next parts; none when delivery is over for us."""
        if lease.ended:
            return OutboxView(0, ())
        lease.touch()
        reply = await self._route.run_again(_VIEW, lease.key.partition, lease.key.name, lease.token, PARTS_AT_ONCE)
        if not reply:
            self._holdings.drop_outbox(lease)
            return OutboxView(0, ())
        lease.head, lease.heard_ms = reply[1], reply[3]
        untold = read_part(reply[4]) if reply[4] else None
        if not reply[2] and untold is None:
            self._holdings.drop_outbox(lease)
        return OutboxView(reply[0], tuple(map(read_part, reply[2])), reply[3], untold)

    async def done(
        self,
        lease: OutboxLease,
        count: int,
        note: bytes,
        asked: str = "",
        sent: SentPart | None = None,
        tell: Tell = untold,
    ) -> tuple[bool, tuple[Fate, ...]]:
        """Drop the first `count` parts and note it in the journal; False when the lease was lost, and early news.

        A failure that came early is known to nothing but its early news, so `tell` hears of it before that goes.
        """
        line, head = (sent_line(sent), sent.note) if sent and sent.message_ids else ("", b"")
        windowed = lease.heard_ms if sent and sent.windowed else ""
        reply, news = await self._done(lease, count, note, asked, line, head, windowed, 0)
        while reply == UNTOLD:
            await tell(fates(news))
            reply, news = await self._done(lease, count, note, asked, line, head, windowed, len(news))
        lease.head += count
        return bool(reply), fates(news)

    async def _done(self, lease: OutboxLease, count: int, *arguments: object) -> tuple[int, Sequence[Sequence[Any]]]:
        if lease.ended:
            return 0, ()
        lease.touch()
        timing = self._holdings.timing
        until = self._holdings.until()
        reply, news = await self._route.run_again(
            _DONE, lease.key.partition, lease.key.name, lease.token, lease.head, count, timing.lease_ms,
            timing.claim_ms, *arguments,
        )  # fmt: skip
        if reply in (1, UNTOLD):
            lease.extend(until)
        else:
            self._holdings.drop_outbox(lease)
        return reply, news

    async def cut(self, lease: OutboxLease, part: OutboxPart, pieces: Sequence[OutboxPart]) -> None:
        """Put pieces in the place of the first part."""
        lease.touch()
        arguments = lease.key.name, lease.token, packed_part(part), *map(packed_part, pieces)
        if not await self._route.run_again(_CUT, lease.key.partition, *arguments):
            self._holdings.drop_outbox(lease)

    async def asked(self, key: SessionKey) -> tuple[tuple[str, ...], ...]:
        """The questions sent last, the newest first, each with the provider's ids of its messages."""
        found = await self._route.call(key.partition, "HMGET", meta_key(key), "asked", "asked_before")
        lines = b"\n".join(one for one in found if one).decode().splitlines()
        return tuple(tuple(line.split(" ")) for line in lines)

    async def later(self, lease: OutboxLease, wait_ms: int) -> None:
        """Free the lease; the outbox is due again in `wait_ms`."""
        try:
            await self._route.run_again(_LATER, lease.key.partition, lease.key.name, lease.token, wait_ms)
        finally:
            self._holdings.drop_outbox(lease)

    async def deliver_local(self, lease: OutboxLease) -> Withheld:
        """Move every part to the chat at once; nothing happens when the lease was lost."""
        arguments = lease.key.name, lease.token, CHAT_KEPT, CHAT_MS, NUMBER_MS
        try:
            shown, withheld = await self._route.run_again(_DELIVER, lease.key.partition, *arguments)
        finally:
            self._holdings.drop_outbox(lease)
        return Withheld(shown, tuple(map(read_part, withheld)))

    async def read_chat(self, key: SessionKey, after: int) -> list[tuple[int, bytes]]:
        """What the chat shows after this number."""
        last, lines = await self._route.run_again(_CHAT, key.partition, key.name, after)
        return list(enumerate(lines, start=last - len(lines) + 1))
