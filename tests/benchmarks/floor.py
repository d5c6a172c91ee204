"""The floor beside a turn: aiohttp takes a POST and runs append, take, commit and deliver with fixed bytes.

Nothing is understood, nothing is stored in SQL. What a turn of ours costs above this is what Frontdesk itself costs.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from aiohttp import web

from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import BoxEvent, Commit, Committed, OutboxPart, Taken
from runtime.sessions.store import Sessions
from runtime.settings import Settings
from tests.benchmarks.crowds import Figures, timed

PART = OutboxPart("bot", 0, b"p" * 600)
STATE = b"s" * 2500


async def floor(folder: Path, url: str, turns: int, in_flight: int) -> Figures:
    """aiohttp and the scripts, nothing else."""
    sessions = await Sessions.open(Settings(data=folder, redis_url=url))
    answered: dict[str, asyncio.Event] = {}
    workers = [asyncio.create_task(_worker(sessions, answered)) for _ in range(in_flight)]
    try:
        async with _served(sessions, answered) as port, aiohttp.ClientSession() as client:

            async def caller(number: int) -> None:
                for _ in range(turns // in_flight):
                    async with client.post(f"http://127.0.0.1:{port}/c{number:019d}", data=b"e" * 300) as answer:
                        await answer.read()

            async def work() -> None:
                await asyncio.gather(*(caller(number) for number in range(in_flight)))

            await work()
            return await timed(turns // in_flight * in_flight, work)
    finally:
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        await sessions.close()


@contextlib.asynccontextmanager
async def _served(sessions: Sessions, answered: dict[str, asyncio.Event]) -> AsyncIterator[int]:
    """A server that answers when the turn is delivered; gives its port."""

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        chat = request.match_info["chat"]
        answered[chat] = waiting = asyncio.Event()
        key = SessionKey("floor", chat)
        await sessions.append(key, BoxEvent(f"{time.monotonic_ns()}", body, words=True, gather_ms=0))
        await waiting.wait()
        return web.json_response({"ok": True})

    app = web.Application()
    app.router.add_post("/{chat}", receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _worker(sessions: Sessions, answered: dict[str, asyncio.Event]) -> None:
    """Take, commit, deliver, with bytes of the usual length."""
    while True:
        entry = await sessions.next_ready()
        taken = await sessions.take(entry)
        if isinstance(taken, Taken):
            commit = Commit(len(taken.events), taken.words, STATE, parts=(PART,))
            done = await sessions.commit(taken.lease, commit)
            if isinstance(done, Committed) and done.outbox is not None:
                await sessions.deliver_local(done.outbox)
            answered[entry.key.conversation].set()
