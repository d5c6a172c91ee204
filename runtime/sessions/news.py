"""News for people's pages: which conversations changed in the records, told to every process by number.

A bounded stream, so that a page that was away reads on from its last number; a nudge says that there is more.
Beside it, for the same pages, how often somebody tried to sign in without the right token.
"""

from __future__ import annotations

from dataclasses import dataclass

from runtime.sessions.clients import Route
from runtime.sessions.keys import PEOPLE_CHANNEL, TAGS
from runtime.sessions.scripts import Script

KEPT = 2000
AT_ONCE = 500
_PLACE = 0
_KEY = f"{TAGS[_PLACE]}:news"
FIRST = "0-0"

# ARGV: what changed, how many are kept, the channel.
_TELL = Script("""
free()
redis.call('XADD', p .. 'news', 'MAXLEN', '~', ARGV[2], '*', 'b', ARGV[1])
redis.call('PUBLISH', ARGV[3], 'p')
return 1
""")

# ARGV: whose tries, ms that they count. Answers how many there are now, with this one.
_TRIED = Script("""
free()
local tries = redis.call('INCR', p .. 'tries:' .. ARGV[1])
if tries == 1 then redis.call('PEXPIRE', p .. 'tries:' .. ARGV[1], ARGV[2]) end
return tries
""")


@dataclass(frozen=True, slots=True)
class NewsItem:
    """Something changed; `id` is the number to read on from."""

    id: str
    body: bytes


class News:
    """The stream and the tries."""

    def __init__(self, route: Route) -> None:
        self._route = route

    async def tell(self, body: bytes) -> None:
        """Tell all processes; the same twice does no harm."""
        await self._route.run(_TELL, _PLACE, body, KEPT, PEOPLE_CHANNEL)

    async def last(self) -> str:
        """The newest number."""
        found = await self._route.call(_PLACE, "XREVRANGE", _KEY, "+", "-", "COUNT", 1)
        return str(found[0][0].decode()) if found else FIRST

    async def since(self, after: str) -> list[NewsItem]:
        """What came after this number, AT_ONCE at most."""
        found = await self._route.call(_PLACE, "XRANGE", _KEY, f"({after}", "+", "COUNT", AT_ONCE)
        return [NewsItem(number.decode(), fields[1]) for number, fields in found]

    async def tried(self, whose: str, within_ms: int) -> int:
        """Note a try; how many there were within this time, with this one."""
        return int(await self._route.run_again(_TRIED, _PLACE, whose, within_ms))

    async def forgive(self, whose: str) -> None:
        """No try counts against them any more."""
        await self._route.call(_PLACE, "DEL", f"{TAGS[_PLACE]}:tries:{whose}")
