"""What the store alone costs a turn: append, take, commit and deliver, with nothing in between.

    python -m tests.benchmarks.floor_scripts [--turns 20000] [--in-flight 50] [--redis URL]

Prints turns a second and CPU a turn, ours and the server's, for one process.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from runtime.sessions.checks import read_info
from runtime.sessions.keys import SessionKey
from runtime.sessions.shapes import BoxEvent, Commit, Committed, OutboxPart, Taken
from runtime.sessions.store import Sessions
from runtime.settings import Settings
from tests.benchmarks.crowds import cpu_s
from tests.benchmarks.fleet import store_cpu_s

STATE = b"s" * 4000
EVENT = b"e" * 300
PART = OutboxPart("bot", 0, b"p" * 200)
JOURNAL = b"j" * 1500


async def customer(sessions: Sessions, number: int, turns: int, answered: dict[str, asyncio.Event]) -> None:
    """One customer who writes again as soon as the answer is there."""
    key = SessionKey("salon", f"c{number:019d}")
    answered[key.conversation] = answer = asyncio.Event()
    for turn in range(turns):
        await sessions.append(key, BoxEvent(f"{number}-{turn}-{time.monotonic_ns()}", EVENT, True, 0))
        await answer.wait()
        answer.clear()


async def worker(sessions: Sessions, answered: dict[str, asyncio.Event]) -> None:
    """Take, commit, deliver."""
    while True:
        entry = await sessions.next_ready()
        turn = await sessions.take(entry)
        if not isinstance(turn, Taken):
            continue
        commit = Commit(len(turn.events), turn.words, STATE, parts=(PART,), journal=JOURNAL)
        done = await sessions.commit(turn.lease, commit)
        if isinstance(done, Committed) and done.outbox is not None:
            await sessions.deliver_local(done.outbox)
        answered[entry.key.conversation].set()


async def measure(sessions: Sessions, turns: int, in_flight: int) -> tuple[float, float, float]:
    """Seconds, our CPU seconds, the server's CPU seconds."""
    answered: dict[str, asyncio.Event] = {}
    workers = [asyncio.create_task(worker(sessions, answered)) for _ in range(in_flight)]
    ours, theirs, began = cpu_s(), await store_cpu_s(sessions), time.perf_counter()
    await asyncio.gather(*(customer(sessions, n, turns // in_flight, answered) for n in range(in_flight)))
    seconds = time.perf_counter() - began
    ours, theirs = cpu_s() - ours, await store_cpu_s(sessions) - theirs
    for task in workers:
        task.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    return seconds, ours, theirs


async def run(turns: int, in_flight: int, url: str) -> None:
    """Warm up, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        sessions = await Sessions.open(Settings(data=Path(folder), redis_url=url))
        info = await read_info(sessions._routes.work)
        await measure(sessions, in_flight * 10, in_flight)
        seconds, ours, theirs = await measure(sessions, turns, in_flight)
        await sessions.close()
    name = "Valkey " + info["valkey_version"] if "valkey_version" in info else "Redis " + info["redis_version"]
    print(f"{name}, {turns} turns, {in_flight} in flight, one process")
    print(f"  {turns / seconds:8.0f} turns/s")
    print(f"  {ours / turns * 1000:8.3f} ms CPU a turn here")
    print(f"  {theirs / turns * 1000:8.3f} ms CPU a turn in the server")


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=20_000)
    parser.add_argument("--in-flight", type=int, default=50)
    parser.add_argument("--redis", default="")
    options = parser.parse_args()
    asyncio.run(run(options.turns, options.in_flight, options.redis))


if __name__ == "__main__":
    main()
