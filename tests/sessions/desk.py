"""Short words for the tests of this folder: open a process, let it die, say something, take a turn."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from runtime.sessions.keys import SessionKey
from runtime.sessions.server import EmbeddedServer, start_server
from runtime.sessions.shapes import BoxEvent, Commit, Committed, Empty, Held, OutboxPart, Taken, Timing
from runtime.sessions.store import Sessions
from runtime.settings import Settings

KEY = SessionKey("salon", "c0ffee")
BRISK = Timing(lease_ms=600, renew_ms=120, claim_ms=750, sweep_ms=50, block_ms=500, live_ms=600, journal_claim_ms=300)
IDLE = Timing(lease_ms=400, renew_ms=60_000, claim_ms=500, sweep_ms=60_000, block_ms=500)
"""A process that neither renews nor sweeps: as if it were stopped between two of its steps."""
_ids = count(1)


class Opener:
    """Processes on one server."""

    def __init__(self, url: str, data: Path, **settings: Any) -> None:
        self.url = url
        self._settings = {"data": data, "redis_url": url, **settings}
        self._open: list[Sessions] = []

    async def __call__(self, timing: Timing = BRISK, process: str = "", works: bool = True) -> Sessions:
        sessions = await Sessions.open(Settings(**self._settings), process=process, timing=timing, works=works)
        self._open.append(sessions)
        return sessions

    async def __aenter__(self) -> Opener:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def kill(self, sessions: Sessions) -> None:
        """End a process as kill -9 does: nothing is released, nothing handed back."""
        self._open.remove(sessions)
        await kill(sessions)

    async def close(self) -> None:
        await asyncio.gather(*(sessions.close() for sessions in self._open))


@contextlib.contextmanager
def own_server(data: Path) -> Iterator[EmbeddedServer]:
    """An embedded server that a test may treat badly."""
    server = start_server(data)
    try:
        yield server
    finally:
        server.stop()


async def kill(sessions: Sessions) -> None:
    """Cut all connections and stop all background work, without a word to Redis."""
    tasks = [*sessions._tasks, *sessions._ready._tasks]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await sessions._routes.close()


def said(body: bytes = b"hello", *, id: str = "", gather_ms: int = 0, words: bool = True) -> BoxEvent:
    """An event of the customer; a new id unless given."""
    return BoxEvent(id or f"m{next(_ids)}", body, words, gather_ms)


async def take(sessions: Sessions, within_s: float = 5) -> Taken | Held | Empty:
    """The next turn of this process, whatever it is."""
    async with asyncio.timeout(within_s):
        return await sessions.wait_and_take(await sessions.next_ready())


async def taken(sessions: Sessions, within_s: float = 5) -> Taken:
    """The next turn that this process really gets."""
    async with asyncio.timeout(within_s):
        while not isinstance(turn := await take(sessions, within_s), Taken):
            pass
    return turn


def bot(body: bytes, generation: int = 0) -> OutboxPart:
    """A part of the bot."""
    return OutboxPart("bot", generation, body)


async def finish(sessions: Sessions, turn: Taken, *parts: OutboxPart, state: bytes = b"state") -> Committed:
    """Commit everything that was taken."""
    commit = Commit(len(turn.events), turn.words, state, parts=parts)
    result = await sessions.commit(turn.lease, commit)
    assert isinstance(result, Committed)
    return result


async def nothing_ready(sessions: Sessions, for_s: float = 0.15) -> bool:
    """Whether no turn turns up for this long."""
    try:
        async with asyncio.timeout(for_s):
            await sessions.next_ready()
    except TimeoutError:
        return True
    return False
