"""What became of parts that are out: the provider's message ids, and its news of them, in any order and also too early.

One line a part, the newest 40 of a conversation for a month: `part question sent-at rank:id rank:id ...`; pieces that
are still to come are `1:+` at its end. Ranks only go up, so news may come doubled, late and before the answer of the
send is stored; what is early waits for that a day. What a provider calls too late for its window is kept piece by
piece, as it lay in the outbox: `bodies:` has it by the provider's ids.

The conversation is told of a failure before the only trace of it goes: news that would take a line or an early failure
away is answered first and carried out when asked again. Who dies in between leaves it to whoever comes next.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from typing import Any

from runtime.sessions.clients import Route
from runtime.sessions.keeping import RELEASING
from runtime.sessions.keys import SessionKey
from runtime.sessions.scripts import Script
from runtime.sessions.shapes import Fate, ProviderNews, SentPart

RANKS = {"sent": 1, "delivered": 2, "read": 3, "failed": 4}
STATUSES = {0: "kept", **{rank: status for status, rank in RANKS.items()}}
PARTS_KEPT = 40
SENT_MS = 31 * 24 * 3600 * 1000
"""Providers try for up to thirty days to reach a phone that is off."""
EARLY_MS = 24 * 3600 * 1000
MOST_EARLY = 60
MOST_BODIES = 10
BODIES_MS = 3600 * 1000

Tell = Callable[[tuple[Fate, ...]], Awaitable[None]]
"""Brings fates into the conversation; harmless when repeated."""

MARKING = (
    RELEASING
    + f"""
local WORDS = {{'sent', 'delivered', 'read', 'failed'}}
local function fate_of(marks)
  local low = 9
  for rank in string.gmatch(marks, '(%d):%S+') do
    rank = tonumber(rank)
    if rank == 4 then return 4 end
    low = math.min(low, rank)
  end
  return low
end
local function raised(line, rank, ids, watermark)
  local part, question, at, marks = string.match(line, '^(%S+) (%S+) (%d+) ?(.*)$')
  local before, named = fate_of(marks), false
  marks = string.gsub(marks, '(%d):(%S+)', function(old, id)
    if id ~= '+' and (ids[id] or tonumber(at) <= watermark) then
      named = true
      old = math.max(tonumber(old), rank)
    end
    return old .. ':' .. id
  end)
  local line_now = part .. ' ' .. question .. ' ' .. at .. ' ' .. marks
  return {{part = part, question = question, named = named, before = before, after = fate_of(marks), line = line_now}}
end
local function journal(c, head, one, mark)
  local code, why = string.match(mark, '^(.-)/(.*)$')
  redis.call('XADD', p .. 'journal', '*', 'c', c, 'b', head .. ',"part":"' .. one.part .. '","status":"'
    .. WORDS[one.after] .. '","code":"' .. code .. '","why":"' .. why .. '"}}')
end
local function remember(c, line, heard, body)
  local bodies = p .. 'bodies:' .. c
  if redis.call('HLEN', bodies) >= {MOST_BODIES} then redis.call('DEL', bodies) end
  for id in string.gmatch(line, '%d:(%S+)') do
    if id ~= '+' then redis.call('HSET', bodies, id, heard .. '\\n' .. body) end
  end
  redis.call('PEXPIRE', bodies, '{BODIES_MS}')
end
local function too_late(c, one, ids, mark, told)
  if not string.find(mark, '/window_closed', 1, true) then return end
  local bodies, back = p .. 'bodies:' .. c, {{}}
  for id in string.gmatch(one.line, ' 4:(%S+)') do
    local known = ids[id] and redis.call('HGET', bodies, id)
    if known and not back[known] then
      local heard, body = string.match(known, '^(%d+)\\n()')
      if told then keep(c, string.sub(known, body), heard) end
      back[known] = true
    end
  end
  if not next(back) then return end
  if not told then return one.line end
  redis.call('ZADD', p .. 'due', 'NX', clock(), c)
  return (string.gsub(one.line, ' %d:(%S+)', function(id)
    if not back[redis.call('HGET', bodies, id)] then return end
    redis.call('HDEL', bodies, id)
    return ''
  end))
end
local function failed_early(c, line, windowed)
  local part, question, failed = string.match(line, '^(%S+) (%S+)')
  failed = {{}}
  for id in string.gmatch(line, '%d:(%S+)') do
    local rank, mark = string.match(redis.call('HGET', p .. 'early:' .. c, id) or '', '^(%d) (.*)$')
    if rank == '4' then
      local late = windowed and string.find(mark, '/window_closed', 1, true)
      failed[#failed + 1] = {{part, question, late and 0 or 4, mark}}
    end
  end
  return failed
end
local function sent_now(c, line, head)
  local early, news = p .. 'early:' .. c, {{}}
  for id in string.gmatch(line, '%d:(%S+)') do
    redis.call('ZREM', p .. 'timers', c .. '\\n' .. 'echo:' .. id)
    redis.call('HDEL', p .. 'named:' .. c, 'echo:' .. id)
  end
  local found = redis.call('HGETALL', early)
  for i = 1, #found, 2 do
    local rank, mark = string.match(found[i + 1], '^(%d) (.*)$')
    local watermark = tonumber(string.match(found[i], '^@(%d+)$') or 0)
    local ids = {{[found[i]] = true}}
    local one = raised(line, tonumber(rank), ids, watermark)
    local left = one.named and too_late(c, one, ids, mark, true)
    if left then
      line = left
      redis.call('HDEL', early, found[i])
      news[#news + 1] = {{one.part, one.question, 0, mark}}
    elseif one.named then
      line = one.line
      if watermark == 0 then redis.call('HDEL', early, found[i]) end
      if one.after ~= one.before then
        journal(c, head, one, mark)
        news[#news + 1] = {{one.part, one.question, one.after, mark}}
      end
    end
  end
  local sent = p .. 'sent:' .. c
  local begun = redis.call('LINDEX', sent, -1)
  if begun and string.match(begun, '^%S+') == string.match(line, '^%S+') and string.find(begun, ' 1:+', 1, true) then
    local marks = string.match(line, '^%S+ %S+ %d+ ?(.*)$')
    line = string.gsub(begun, '1:%+.*$', function() return marks end)
    redis.call('RPOP', sent)
  end
  if not string.find(line, ' %d:') then return news end
  redis.call('RPUSH', sent, line)
  redis.call('LTRIM', sent, -{PARTS_KEPT}, -1)
  redis.call('PEXPIRE', sent, '{SENT_MS}')
  return news
end
"""
)
"""Lua that the scripts of delivery share."""

# ARGV: name, rank, watermark or 0, code/why, the journal's note up to the part, whether the conversation was told of
# what is to be kept (1 or 0: until then its line stays as it is), then the ids.
# Answers what it spoke of: part, question, its fate now. May be repeated: what stands already is not noted again.
_MARK = Script(
    MARKING
    + f"""
local c, rank, watermark = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local sent, early, ids, found, gone = p .. 'sent:' .. c, p .. 'early:' .. c, {{}}, {{}}, {{}}
local told = ARGV[6] == '1'
for i = 7, #ARGV do ids[ARGV[i]] = true end
for i, line in ipairs(redis.call('LRANGE', sent, 0, -1)) do
  local one = raised(line, rank, ids, watermark)
  local left = one.named and too_late(c, one, ids, ARGV[4], told)
  for id in string.gmatch(line, '%d:(%S+)') do ids[id] = nil end
  if left then
    if told then
      redis.call('LSET', sent, i - 1, left)
      if not string.find(left, ' %d:') then gone[#gone + 1] = left end
    end
    found[#found + 1] = {{one.part, one.question, 0, ARGV[4]}}
  elseif one.named then
    if one.line ~= line then redis.call('LSET', sent, i - 1, one.line) end
    if one.after ~= one.before then journal(c, ARGV[5], one, ARGV[4]) end
    found[#found + 1] = {{one.part, one.question, one.after, ARGV[4]}}
  end
end
for _, line in ipairs(gone) do redis.call('LREM', sent, 1, line) end
if watermark > 0 then ids['@' .. ARGV[3]] = true end
for id, _ in pairs(ids) do
  local known = redis.call('HGET', early, id)
  if not known or tonumber(string.sub(known, 1, 1)) < rank then
    if redis.call('HLEN', early) >= {MOST_EARLY} then redis.call('DEL', early) end
    redis.call('HSET', early, id, rank .. ' ' .. ARGV[4])
    redis.call('PEXPIRE', early, '{EARLY_MS}')
  end
end
return found
"""
)

# ARGV: name, the line of a part that went out beside the outbox, the journal's note of its later fate.
_REMEMBER = Script(MARKING + "return sent_now(ARGV[1], ARGV[2], ARGV[3])")

# ARGV: name, hash of the event's id, message id, ms to wait, event. Answers 1 when we sent that message, 0 when its
# send may still be under way, so that the event waits, 2 when all this was asked before.
_ECHOED = Script("""
local c = ARGV[1]
local seen = p .. 'seen:' .. c .. ':' .. ARGV[2]
if not redis.call('SET', seen, '1', 'NX', 'PX', KEEP) then return 2 end
for _, line in ipairs(redis.call('LRANGE', p .. 'sent:' .. c, 0, -1)) do
  if string.find(line .. ' ', ':' .. ARGV[3] .. ' ', 1, true) then return 1 end
end
redis.call('ZADD', p .. 'timers', clock() + ARGV[4], c .. '\\n' .. 'echo:' .. ARGV[3])
redis.call('HSET', p .. 'named:' .. c, 'echo:' .. ARGV[3], ARGV[5])
return 0
""")


def sent_line(sent: SentPart) -> str:
    """A part as its line stands when it has just gone out."""
    marks = " ".join([*(f"{RANKS['sent']}:{one}" for one in sent.message_ids), *["1:+"] * sent.to_come])
    return f"{sent.part} {sent.question or '-'} {sent.at_ms} {marks}"


def fates(found: Sequence[Sequence[Any]]) -> tuple[Fate, ...]:
    """A script's answer in our words."""
    return tuple(_fate(*one) for one in found)


def _fate(part: bytes, question: bytes, rank: int, mark: bytes) -> Fate:
    code, _, why = mark.decode().partition("/")
    asked = question.decode()
    return Fate(part.decode(), "" if asked == "-" else asked, STATUSES[int(rank)], code, why)


async def untold(found: tuple[Fate, ...]) -> None:
    """Nobody is to hear of it."""


class SentParts:
    """What the provider says about parts that are out."""

    def __init__(self, route: Route) -> None:
        self._route = route

    async def mark(self, key: SessionKey, news: ProviderNews, tell: Tell = untold) -> tuple[Fate, ...]:
        """Write the news down and into the journal; tells which parts it spoke of and what became of each.

        `tell` hears of it while the same news, should the provider repeat it, would still be answered alike.
        """
        found = await self._mark(key, news, told=False)
        await tell(found)
        if any(fate.status == "kept" for fate in found):
            found = await self._mark(key, news, told=True)
            await tell(found)  # its body's hour may have ended meanwhile: then it failed
        return found

    async def _mark(self, key: SessionKey, news: ProviderNews, *, told: bool) -> tuple[Fate, ...]:
        found = await self._route.run_again(
            _MARK, key.partition, key.name, RANKS[news.status], news.watermark_ms, f"{news.code}/{news.why}",
            news.note, int(told), *news.message_ids,
        )  # fmt: skip
        return fates(found)

    async def remember(self, key: SessionKey, sent: SentPart) -> tuple[Fate, ...]:
        """Something went out that never lay in the outbox; early news of it."""
        if not sent.message_ids:
            return ()
        return fates(await self._route.run(_REMEMBER, key.partition, key.name, sent_line(sent), sent.note))

    async def echoed(self, key: SessionKey, event_id: str, message_id: str, wait_ms: int, body: bytes) -> bool:
        """Whether a message that came back is ours. Else `body` is for the box, unless it turns out so in time."""
        mark = blake2b(event_id.encode(), digest_size=12).hexdigest()
        reply = await self._route.run(_ECHOED, key.partition, key.name, mark, message_id, wait_ms, body)
        return bool(reply == 1)
