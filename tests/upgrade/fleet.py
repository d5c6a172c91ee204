"""Worker processes of different versions, started and ended one by one as whoever upgrades does it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from runtime.faults.fleet import READY_S, Worker
from tests.faults.fleet import Fleet
from tests.upgrade.releases import Release

END_S = 30.0


class MixedFleet(Fleet):
    """Places for workers; each is empty at first."""

    def __init__(self, home: Path, environment: Mapping[str, str], size: int) -> None:
        super().__init__(home, environment, size)
        self.releases: dict[int, Release] = {}
        self.ends_s: list[float] = []
        """How long each worker took to end when it was told to."""
        self.logs: dict[Path, str] = {}
        """Every log that was written, with its version's name."""
        self._leaving: set[int] = set()

    async def __aenter__(self) -> Self:
        return self

    @property
    def running(self) -> str:
        """Which versions run, by place: "A-B"."""
        return "".join(self.releases[n].name if n in self.releases else "-" for n in range(len(self.workers)))

    async def begin(self, number: int, release: Release) -> None:
        """Start a worker of this version here, and wait until it says that it is ready."""
        worker = self.workers[number]
        self.releases[number] = release
        worker.log = self.home / f"worker-{number}-{release.name}.log"
        self.logs[worker.log] = release.name
        worker.watcher = asyncio.create_task(self._keep(worker))
        await asyncio.wait_for(worker.ready.wait(), READY_S)

    async def end(self, number: int) -> None:
        """SIGTERM, as a supervisor ends it; its turns come to their end first."""
        worker = self.workers[number]
        self._leaving.add(number)
        began = time.monotonic()
        if worker.process is not None and worker.watcher is not None:
            worker.process.terminate()
            await asyncio.wait_for(worker.watcher, END_S)
        self.ends_s.append(time.monotonic() - began)
        self._leaving.discard(number)
        del self.releases[number]

    async def _keep(self, worker: Worker) -> None:
        """One process; nobody starts another one when it ends by itself, and that is a fault."""
        process = await self._start(worker)
        asking = asyncio.create_task(self._ask(worker))
        code = await process.wait()
        worker.ready.clear()
        asking.cancel()
        if code or not (self._ending or worker.number in self._leaving):
            self.crashes.append(f"worker {worker.log.stem} ended with {code}")

    async def _start(self, worker: Worker) -> asyncio.subprocess.Process:
        release = self.releases[worker.number]
        with worker.log.open("ab") as log:
            worker.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "runtime.cli", "serve", "--port", str(worker.port), "--data", str(self.home),
                cwd=release.tree, env=release.environment(self.environment), stdout=log, stderr=log,
            )  # fmt: skip
        return worker.process
