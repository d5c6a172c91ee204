"""`GET /desk/events`: news for an open page, as server-sent events. It tells which conversations changed, no words.

A page that comes back says the last number that it heard (`Last-Event-ID`) and gets what it missed, at whatever process
it lands; after a gap it is told to look at everything once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time

from aiohttp import web

from runtime.errors import StorageUnavailable
from runtime.people_news import Changed, PeopleNews
from runtime.web.failures import problem
from runtime.web.parts import EDGE
from runtime.web.people_door import needs_person, people_of

HEARTBEAT_S = 15.0
PAUSE_S = 0.15
"""So much between two events of one page: a busy desk tells of many conversations at once."""
MOST_PAGES = 256
"""Open pages of one process."""
STOPPING = web.AppKey("people_stopping", asyncio.Event)


async def events(request: web.Request) -> web.StreamResponse:
    """Until the page goes away, its session is over or the server stops."""
    person, people = needs_person(request), people_of(request)
    if people.news.listening >= MOST_PAGES:
        full = problem(503, "Too many pages are open at this server.", "Close some, or add a worker.")
        full.headers["Retry-After"] = "10"
        return full
    after = request.headers.get("Last-Event-ID") or request.query.get("after", "") or await people.news.last()
    answer = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
                 "X-Content-Type-Options": "nosniff"}
    )  # fmt: skip
    await answer.prepare(request)
    with contextlib.suppress(ConnectionError, StorageUnavailable):
        # Once Redis is away the stream ends; the page says so and comes back by itself.
        await _tell_on(answer, people.news, after, person.until, request.app[STOPPING])
    return answer


async def _tell_on(
    answer: web.StreamResponse, news: PeopleNews, after: str, until: float, stopping: asyncio.Event
) -> None:
    with news.seat() as seat:
        await answer.write(b"retry: 1500\n\n")
        while time.time() < until and not stopping.is_set():
            seat.clear()
            changed = await news.since(after)
            if changed.conversations or changed.gap:
                await answer.write(event_of(changed))
                after = changed.last
                await asyncio.sleep(PAUSE_S)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(seat.wait(), HEARTBEAT_S)
                continue
            await answer.write(b": still here\n\n")


def event_of(changed: Changed) -> bytes:
    """As a browser reads it."""
    data = json.dumps({"gap": changed.gap, "changed": [list(one) for one in changed.conversations]})
    return f"id: {changed.last}\nevent: news\ndata: {data}\n\n".encode()


async def stop_telling(app: web.Application) -> None:
    """The server goes: open streams end, and their pages come back to whoever answers then."""
    app[STOPPING].set()
    if (people := app[EDGE].people) is not None:
        people.news.wake()


async def keep_stopping(app: web.Application) -> None:
    """Made at the start, in the loop that serves."""
    app[STOPPING] = asyncio.Event()
