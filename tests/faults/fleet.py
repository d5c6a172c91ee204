"""Worker processes on loopback: started, killed, stopped for a while, and started again as a supervisor would."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.faults.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
TENANTS = ("probe-nord", "probe-sued")
SMALL = "probe-klein"
"""A third tenant with one member of staff, for races."""
WEBHOOK_SECRET = "probe-secret"
OPERATOR_TOKEN = "probe-operator"
READY_S = 40.0


@dataclass(slots=True)
class Death:
    """A fault that a process suffered: killed, or stopped for a while."""

    at: float
    what: str
    worker: int


@dataclass(slots=True)
class Worker:
    """One place for a process, with its port; whoever dies there is followed by another."""

    number: int
    port: int
    log: Path
    process: asyncio.subprocess.Process | None = None
    watcher: asyncio.Task[None] | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    point: str = ""
    """The kill point that its process is armed with."""

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"


class Fleet:
    """Some workers, and what happened to them."""

    def __init__(self, home: Path, environment: Mapping[str, str], size: int = 2) -> None:
        self.home = home
        # A process that starts again and again must not compile everything each time.
        self.environment = {**_clean(), "PYTHONPYCACHEPREFIX": str(home / "compiled"), **environment}
        self.workers = [Worker(n, free_port(), home / f"worker-{n}.log") for n in range(size)]
        self.deaths: list[Death] = []
        self.crashes: list[str] = []
        self._ending = False

    async def __aenter__(self) -> Fleet:
        for worker in self.workers:
            worker.watcher = asyncio.create_task(self._keep(worker))
        await self.all_ready()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def all_ready(self) -> None:
        """Wait until every worker serves."""
        async with asyncio.timeout(READY_S):
            await asyncio.gather(*(worker.ready.wait() for worker in self.workers))

    async def _keep(self, worker: Worker) -> None:
        """Start a process, wait for its end, and start the next one."""
        while not self._ending:
            await self._start(worker)
            assert worker.process is not None
            asking = asyncio.create_task(self._ask(worker))
            code = await worker.process.wait()
            worker.ready.clear()
            asking.cancel()
            if code == -signal.SIGKILL:
                self.deaths.append(Death(time.time(), worker.point or "killed", worker.number))
            elif not self._ending:
                self.crashes.append(f"worker {worker.number} ended with {code}; see {worker.log}")
                return
            worker.point = ""

    async def _start(self, worker: Worker) -> None:
        environment = {**self.environment, "FAULTS_ORDER": str(self._order(worker))}
        with worker.log.open("ab") as log:
            worker.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.faults.worker", "--port", str(worker.port), "--data", str(self.home),
                cwd=ROOT, env=environment, stdout=log, stderr=log,
            )  # fmt: skip

    async def _ask(self, worker: Worker) -> None:
        """Ready once it says so."""
        async with aiohttp.ClientSession() as http:
            while True:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    timeout = aiohttp.ClientTimeout(total=2)
                    async with http.get(f"{worker.url}/readyz", timeout=timeout) as answer:
                        if answer.status == 200:
                            worker.ready.set()
                            return
                await asyncio.sleep(0.05)

    def kill(self, number: int) -> None:
        """kill -9, from outside."""
        self.workers[number].ready.clear()
        self._signal(number, signal.SIGKILL)

    def arm(self, number: int, point: str) -> None:
        """From now on this worker kills itself when it passes this point."""
        worker = self.workers[number]
        worker.point = point
        self._order(worker).write_text(point, encoding="ascii")
        self._signal(number, signal.SIGUSR1)

    def _order(self, worker: Worker) -> Path:
        return self.home / f"order-{worker.number}"

    async def pause(self, number: int, seconds: float) -> None:
        """Stop a worker in its tracks for longer than its leases live, then let it go on."""
        self.deaths.append(Death(time.time(), "paused", number))
        self._signal(number, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self._signal(number, signal.SIGCONT)

    def _signal(self, number: int, sign: signal.Signals) -> None:
        process = self.workers[number].process
        if process is not None and process.returncode is None:
            process.send_signal(sign)

    async def stop(self, seconds: float = 25.0) -> list[int]:
        """SIGTERM to all; returns how they ended. Whoever does not end in time is killed."""
        self._ending = True
        processes = [w.process for w in self.workers if w.process is not None and w.process.returncode is None]
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                await asyncio.wait_for(process.wait(), seconds)
            except TimeoutError:
                process.kill()
        watchers = [w.watcher for w in self.workers if w.watcher is not None]
        await asyncio.wait_for(asyncio.gather(*watchers, return_exceptions=True), 10)
        return [process.returncode or 0 for process in processes]


def _clean() -> dict[str, str]:
    """Our environment without any desk's settings."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("FRONTDESK_", "FAULTS_"))}
    return {n: v for n, v in kept.items() if n not in ("REDIS_URL", "DATABASE_URL", "PYTHONDONTWRITEBYTECODE")}


def environment_of(redis_url: str, database_url: str, telegram: str, *, gather_ms: int = 200) -> dict[str, str]:
    """A worker's settings."""
    return {
        "REDIS_URL": redis_url,
        "DATABASE_URL": database_url,
        "FRONTDESK_TELEGRAM_API": telegram,
        "FRONTDESK_GATHER_MS": str(gather_ms),
        "FRONTDESK_OPERATOR_TOKEN": OPERATOR_TOKEN,
        "FRONTDESK_DEMO": "false",
        "FRONTDESK_DRAIN_S": "10",
        **secrets(),
    }


def bot(tenant: str) -> str:
    """The token of a tenant's bot."""
    return f"5500110022:{tenant}"


def variable(tenant: str) -> str:
    """A tenant's name in the environment."""
    return tenant.upper().replace("-", "_")


def secrets() -> dict[str, str]:
    """What the tenants' files take from the environment."""
    tokens = {f"FAULTS_BOT_{variable(tenant)}": bot(tenant) for tenant in (*TENANTS, SMALL)}
    return {**tokens, "FAULTS_WEBHOOK_SECRET": WEBHOOK_SECRET}
