"""Servers that a test can treat badly: with little memory, on a port, as a replica, as a cluster of one."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import redis

from runtime.sessions.server import find_binary


@dataclass(frozen=True, slots=True)
class PortServer:
    """A server on a loopback port."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}"


def free_port() -> int:
    """A port nobody uses, and with it the cluster bus' port 10000 above."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port < 55000:
            return port


@contextlib.contextmanager
def port_server(folder: Path, *options: str) -> Iterator[PortServer]:
    """A server of its own on a free port, without persistence."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(find_binary()), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(port)
        yield PortServer(port, process)
    finally:
        process.terminate()
        process.wait(10)


def _await(port: int) -> None:
    with redis.Redis(port=port) as client:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with contextlib.suppress(redis.ConnectionError, redis.exceptions.BusyLoadingError):
                client.ping()
                return
            time.sleep(0.01)
    raise AssertionError("the test's server does not answer")
