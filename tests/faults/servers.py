"""A Redis and a PostgreSQL of a test's own, on free loopback ports, made to be treated badly. Gone when it ends."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import redis

from runtime.faults.fleet import free_port
from runtime.sessions.server import find_binary
from tests.support.redis_cluster import command_on

START_S = 20.0


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A short-lived folder that another user's server may enter (pytest's own folders are closed to others)."""
    path = Path(tempfile.mkdtemp(prefix="fd-faults-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class PrivateRedis:
    """A Redis that only we use: it may be filled, stopped and started again. Keeps its data in an append-only file."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        binary = shutil.which("redis-server") or str(find_binary())
        command = [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.home), "--save", ""]
        command += ["--appendonly", "yes", "--appendfsync", "no", "--maxmemory-policy", "noeviction"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait_for_redis(self.port)

    def stop(self) -> None:
        """Kill it; what it had acknowledged is there after the next start."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def ask(self, *command: str | int) -> object:
        """One command on a connection of its own."""
        return redis_command(self.url, *command)


def redis_command(url: str, *command: str | int) -> object:
    """One command on a fresh connection; on a cluster where its key is, or on every master."""
    return command_on(url, *command)


def _wait_for_redis(port: int) -> None:
    end = time.monotonic() + START_S
    with redis.Redis(port=port, protocol=2) as client:
        while time.monotonic() < end:
            with contextlib.suppress(redis.ConnectionError):
                client.ping()
                return
            time.sleep(0.02)
    raise AssertionError("the private Redis does not answer")


@contextlib.contextmanager
def private_redis() -> Iterator[PrivateRedis]:
    """A running private Redis."""
    with folder() as home:
        server = PrivateRedis(home)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def postgresql_binaries() -> Path | None:
    """Where initdb and pg_ctl are, None where PostgreSQL is not installed."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if homes:
        return homes[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextlib.contextmanager
def private_postgresql() -> Iterator[str]:
    """A running cluster of our own; yields its URL. As root it runs as the user postgres, as the server demands."""
    binaries = postgresql_binaries()
    if binaries is None:
        raise AssertionError("PostgreSQL is not installed; give --database URL")
    with folder() as home:
        data, port = home / "data", free_port()
        if os.geteuid() == 0:
            os.chown(home, pwd.getpwnam("postgres").pw_uid, -1)
        _run(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off"
        _run(binaries / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _run(*command: Path | str) -> None:
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*user, *map(str, command)], check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60)
