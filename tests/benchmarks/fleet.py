"""Two processes on one Valkey and one SQLite file: what two cores carry together, the projector and the store counted.

`python -m tests.benchmarks.fleet FOLDER NAME TURNS IN_FLIGHT` is one of the processes; `turns.py` starts them.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from runtime.app import start
from runtime.clocks import MovedClock
from runtime.sessions.store import Sessions
from runtime.settings import Settings
from tests.benchmarks.crowds import NOW, PLAIN, TO_THE_CONFIRM, Figures, crowd, say_all


async def fleet(folder: Path, url: str, turns: int, in_flight: int, processes: int = 2) -> Figures:
    """The same plain turns as in one process, shared by several; the store's CPU is counted beside theirs."""
    async with start(Settings(data=folder, redis_url=url, workers=1), clock=MovedClock(NOW)) as desk:
        await say_all(desk, "first", TO_THE_CONFIRM)  # The tables are there, and the demo is loaded.
    sessions = await Sessions.open(Settings(data=folder, redis_url=url))
    try:
        shares = (str(turns // processes), str(in_flight // processes))
        own = [await _process(folder, url, f"f{number}", *shares) for number in range(processes)]
        for process in own:
            await _line(process)  # It has brought its customers to the middle of a booking.
        used = await store_cpu_s(sessions)
        for process in own:
            assert process.stdin is not None  # opened as a pipe
            process.stdin.write(b"go\n")
        told = await asyncio.gather(*(_line(process) for process in own))
        used = await store_cpu_s(sessions) - used
        for process in own:
            assert process.stdin is not None  # opened as a pipe
            process.stdin.write(b"end\n")
            await process.wait()
    finally:
        await sessions.close()
    figures = [json.loads(line) for line in told]
    return Figures(
        turns=sum(f["turns"] for f in figures),
        seconds=max(f["seconds"] for f in figures),
        cpu_s=sum(f["cpu_s"] for f in figures),
        server_s=used,
    )


async def store_cpu_s(sessions: Sessions) -> float:
    """Seconds of CPU that the Redis server has used."""
    text: bytes = await sessions._routes.work.call(0, "INFO", "cpu")
    values = dict(line.split(b":") for line in text.split(b"\r\n") if b":" in line)
    return float(values[b"used_cpu_sys"]) + float(values[b"used_cpu_user"])


async def _process(folder: Path, url: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.fleet", str(folder), url, *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def _line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None  # opened as a pipe
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("A process of the fleet has ended before its time.")
    return line


async def one(folder: Path, url: str, name: str, turns: int, in_flight: int) -> None:
    """One process: ready, go, figures, end."""
    async with start(Settings(data=folder, redis_url=url), clock=MovedClock(NOW)) as desk:
        await crowd(desk, in_flight * 4, in_flight, f"{name}-warm", PLAIN, TO_THE_CONFIRM)
        figures = await crowd(desk, turns, in_flight, name, PLAIN, TO_THE_CONFIRM, at_the_start=_ready)
        shown = {"turns": figures.turns, "seconds": figures.seconds, "cpu_s": figures.cpu_s}
        print(json.dumps(shown), flush=True)
        await asyncio.to_thread(sys.stdin.readline)


async def _ready() -> None:
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


def main() -> None:
    """Read what `_process` wrote."""
    folder, url, name, turns, in_flight = sys.argv[1:]
    asyncio.run(one(Path(folder), url, name, int(turns), int(in_flight)))


if __name__ == "__main__":
    main()
