"""What businesses spent on models today, shared by all processes: one hash a tenant and day, gone after three days.

Set aside before a call and corrected after it, so that processes together never pass the limit; a call whose process
died stays counted in full.
"""

from __future__ import annotations

from typing import Literal
from zlib import crc32

from runtime.model_port import ModelCost
from runtime.sessions.clients import Route
from runtime.sessions.keys import PARTITIONS
from runtime.sessions.scripts import Script

# ARGV: tenant:day, tokens, money, most tokens, most money (0: no limit). Answers 1 taken, 0 refused, 2 refused first.
_TAKE = Script("""
local spent = p .. 'spent:' .. ARGV[1]
local h = redis.call('HMGET', spent, 'tokens', 'money', 'told')
local tokens, money = (h[1] or 0) + ARGV[2], (h[2] or 0) + ARGV[3]
if (ARGV[4] ~= '0' and tokens > tonumber(ARGV[4])) or (ARGV[5] ~= '0' and money > tonumber(ARGV[5])) then
  if h[3] then return 0 end
  redis.call('HSET', spent, 'told', '1')
  redis.call('PEXPIRE', spent, 259200000)
  return 2
end
redis.call('HSET', spent, 'tokens', string.format('%.0f', tokens), 'money', string.format('%.0f', money))
redis.call('PEXPIRE', spent, 259200000)
return 1
""")

# ARGV: tenant:day, tokens, money.
_CORRECT = Script("""
local spent = p .. 'spent:' .. ARGV[1]
if redis.call('EXISTS', spent) == 0 then return 0 end
redis.call('HINCRBY', spent, 'tokens', ARGV[2])
redis.call('HINCRBY', spent, 'money', ARGV[3])
return 1
""")
_WORDS: tuple[Literal["no", "yes", "first_no"], ...] = ("no", "yes", "first_no")


class Spending:
    """`ModelBudget` in Redis. Raises StorageUnavailable."""

    def __init__(self, route: Route) -> None:
        self._route = route

    async def take(self, tenant: str, day: str, cost: ModelCost, most: ModelCost) -> Literal["yes", "no", "first_no"]:
        """Set aside what a call may cost."""
        arguments = cost.tokens, cost.money, most.tokens, most.money
        taken: int = await self._route.run(_TAKE, _partition(tenant), f"{tenant}:{day}", *arguments)
        return _WORDS[taken]

    async def correct(self, tenant: str, day: str, cost: ModelCost) -> None:
        """What it really cost, as a difference."""
        await self._route.run(_CORRECT, _partition(tenant), f"{tenant}:{day}", cost.tokens, cost.money)


def _partition(tenant: str) -> int:
    return crc32(tenant.encode()) % PARTITIONS
