"""Worker processes on loopback: started, killed, stopped for a while, and started again as a supervisor would."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import aiohttp

import runtime

ROOT = Path(runtime.__file__).resolve().parent.parent
READY_S = 40.0


def free_port() -> int:
    """A loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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

    module = "runtime.faults.worker"
    """What each process runs."""

    def __init__(self, home: Path, environment: Mapping[str, str], size: int = 2) -> None:
        self.home = home
        # A process that starts again and again must not compile everything each time.
        self.environment = {**_clean(), "PYTHONPYCACHEPREFIX": str(home / "compiled"), **environment}
        self.workers = [Worker(n, free_port(), home / f"worker-{n}.log") for n in range(size)]
        self.deaths: list[Death] = []
        self.crashes: list[str] = []
        self._ending = False

    async def __aenter__(self) -> Self:
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
            process = await self._start(worker)
            asking = asyncio.create_task(self._ask(worker))
            code = await process.wait()
            worker.ready.clear()
            asking.cancel()
            if code == -signal.SIGKILL:
                self.deaths.append(Death(time.time(), worker.point or "killed", worker.number))
            elif not self._ending:
                self.crashes.append(f"worker {worker.number} ended with {code}; see {worker.log}")
                return
            worker.point = ""

    async def _start(self, worker: Worker) -> asyncio.subprocess.Process:
        environment = {**self.environment, "FAULTS_ORDER": str(self._order(worker))}
        with worker.log.open("ab") as log:
            worker.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self.module, "--port", str(worker.port), "--data", str(self.home),
                cwd=ROOT, env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        return worker.process

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
