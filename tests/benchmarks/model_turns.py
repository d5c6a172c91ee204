"""What a turn with a model call costs, through both adapters, beside LangGraph's agent with a stored checkpointer.

    python -m tests.benchmarks.model_turns [--turns 300] [--in-flight 1,16,50] [--delay 0.02] [--rounds 2]

The same stub, in a process of its own with a fixed delay, answers all of them; each contact has `TURNS_EACH` turns.
Ours is `desk.say`: append, take, rules, prompt, model, grounding, step, commit, delivery, journal, all stored in Redis;
the projector writes SQL meanwhile. Theirs is `create_agent` with two tools that are never called, and `ainvoke` with a
thread each, its state in SQLite by `AsyncSqliteSaver` as it comes: write-ahead log, synchronous, as ours. Theirs
decides, books and delivers nothing: what is compared is the machinery around one model call with stored state, no more.
The row without a model is what our turn costs without a call (its customers are soon handed to a person: less to do).
CPU is this process by rusage; Redis runs in its own process and is not in it, SQLite is in both.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.app import start
from runtime.clocks import MovedClock
from runtime.models.guarded import GuardedModel
from runtime.settings import Settings
from tests.benchmarks.crowds import NOW

TURNS_EACH = 10
SAYS = "Mein Tag war ein einziges Schlamassel"
TABLE = [{"when": ".", "commands": [{"command": "smalltalk", "target": "wellbeing", "words": ""}]}]
ALONE = "-"
Turn = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Measured:
    """One row: turns a second, and milliseconds of this process's CPU a turn."""

    per_s: float
    cpu_ms: float


@asynccontextmanager
async def model_stub(delay_s: float, folder: Path) -> AsyncIterator[str]:
    """A stub in a process of its own; its address."""
    table = folder / "table.json"
    table.write_text(json.dumps(TABLE), encoding="utf-8")
    command = "-m", "tests.support.model_stub", "--unchecked", "--table", str(table), "--delay", str(delay_s)
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None  # opened as a pipe
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def ours(place: str, folder: Path, provider: str) -> AsyncIterator[Turn]:
    """A desk with the stub behind its rules."""
    alone = provider == ALONE
    settings = Settings(
        data=folder, model_name="" if alone else "stub-1", model_provider="" if alone else provider, model_key="k",
        model_base_url=place,
        model_in_flight=200, workers=128, prompt_scan_s=0, model_tokens_per_day=0,
    )  # fmt: skip
    async with start(settings, clock=MovedClock(NOW)) as desk:
        if isinstance(desk.model, GuardedModel):
            await desk.model.loaded()

        async def turn(contact: str) -> None:
            replies = await desk.say(tenant="demo", contact=contact, text=SAYS)
            assert alone or "Danke der Nachfrage" in replies[-1].text, replies  # else no model was asked

        yield turn


@asynccontextmanager
async def theirs(place: str, folder: Path, _: str) -> AsyncIterator[Turn]:
    """LangGraph's ready agent over a checkpointer."""
    from langchain.agents import create_agent
    from langchain_core.tools import tool
    from langchain_openai import ChatOpenAI
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
    from pydantic import SecretStr

    @tool
    def find_free_times(service: str, day: str) -> str:
        """Free times of a service on a day."""
        return f"{service} {day}"

    @tool
    def book(service: str, start: str, name: str, phone: str) -> str:
        """Book an appointment."""
        return f"{service} {start} {name} {phone}"

    model = ChatOpenAI(model="stub-1", base_url=place, api_key=SecretStr("k"), max_retries=0, timeout=10)
    async with AsyncSqliteSaver.from_conn_string(str(folder / "threads.db")) as saver:
        await saver.setup()
        agent: Any = create_agent(
            model, [find_free_times, book], system_prompt="You are the front desk of a salon.", checkpointer=saver
        )

        async def turn(contact: str) -> None:
            given = {"messages": [{"role": "user", "content": SAYS}]}
            found = await agent.ainvoke(given, {"configurable": {"thread_id": contact}})
            assert found["messages"][-1].content

        yield turn


async def crowd(turn: Turn, turns: int, in_flight: int, name: str) -> Measured:
    """So many contacts at a time, each with a few turns one after the other."""
    waiting = iter(range(max(1, turns // TURNS_EACH)))
    done = 0

    async def one() -> None:
        nonlocal done
        for number in waiting:
            for _ in range(TURNS_EACH):
                await turn(f"{name}-{number}")
                done += 1

    used, began = _cpu_s(), time.perf_counter()
    await asyncio.gather(*(one() for _ in range(in_flight)))
    return Measured(done / (time.perf_counter() - began), (_cpu_s() - used) / done * 1000)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


SIDES: Mapping[str, tuple[Callable[[str, Path, str], Any], str]] = {
    "ours, openai client's post": (ours, ""),
    "ours, LangChain adapter": (ours, "openai"),
    "ours, no model: no call": (ours, ALONE),
    "LangGraph create_agent, SQLite": (theirs, ""),
}


async def side(name: str, place: str, turns: int, rounds: int, in_flight: list[int]) -> dict[int, Measured]:
    """One side at each number in flight: the run that cost least, after a warm-up."""
    opened, provider = SIDES[name]
    found: dict[int, Measured] = {}
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        async with opened(place, Path(folder), provider) as turn:
            await crowd(turn, 3 * TURNS_EACH, 3, "warm")
            for many in in_flight:
                wanted = max(turns, many * TURNS_EACH) if many > 1 else turns // 3
                runs = [await crowd(turn, wanted, many, f"c{many}-{number}") for number in range(rounds)]
                found[many] = min(runs, key=lambda run: run.cpu_ms)
    return found


async def measure(turns: int, rounds: int, in_flight: list[int], delay_s: float) -> None:
    """Every side beside the others, and the ratios."""
    rows: dict[str, dict[int, Measured]] = {}
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        async with model_stub(delay_s, Path(folder)) as place:
            for name in SIDES:
                rows[name] = await side(name, place, turns, rounds, in_flight)
    last = rows[list(SIDES)[-1]]
    print(f"a turn with one model call of {delay_s * 1000:.0f} ms")
    print(f"{'':34}{'in flight':>10}{'turns/s':>10}{'CPU ms':>9}{'turns/s x':>11}{'CPU 1/x':>9}")
    for name, found in rows.items():
        for many, one in found.items():
            more, less = one.per_s / last[many].per_s, last[many].cpu_ms / one.cpu_ms
            print(f"{name:34}{many:>10}{one.per_s:>10.0f}{one.cpu_ms:>9.2f}{more:>11.1f}{less:>9.1f}")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--in-flight", default="1,16,50")
    parser.add_argument("--delay", type=float, default=0.02)
    options = parser.parse_args()
    asyncio.run(
        measure(options.turns, options.rounds, [int(one) for one in options.in_flight.split(",")], options.delay)
    )


if __name__ == "__main__":
    main()
