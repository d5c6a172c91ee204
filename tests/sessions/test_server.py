"""The embedded server: private, durable, shared between processes, tied to the life of the one that started it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from runtime.errors import ConfigurationError, StorageUnavailable
from runtime.sessions import server as server_module
from runtime.sessions.server import LONGEST_SOCKET_PATH, EmbeddedServer, ask, find_binary, start_server
from tests.sessions.desk import own_server

STARTER = """
import sys, time
from pathlib import Path
from runtime.sessions.server import start_server
print(start_server(Path(sys.argv[1])).pid, flush=True)
time.sleep(60)
"""


def test_it_keeps_what_it_was_given_and_is_ours_alone(tmp_path: Path) -> None:
    with own_server(tmp_path) as server:
        ask(server.socket, "SET fd:x kept")
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "valkey").stat().st_mode) == 0o700
        assert "noeviction" in ask(server.socket, "CONFIG GET maxmemory-policy")
        assert "everysec" in ask(server.socket, "CONFIG GET appendfsync")
    assert not server.socket.exists()
    with own_server(tmp_path) as server:
        assert "kept" in ask(server.socket, "GET fd:x")


def test_permissions_of_an_existing_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "valkey").mkdir(mode=0o750)
    with own_server(tmp_path):
        assert stat.S_IMODE((tmp_path / "valkey").stat().st_mode) == 0o750


def test_a_new_data_folder_is_ours_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with own_server(tmp_path / "new"):
            assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    finally:
        os.umask(before)


def test_a_second_process_adopts_the_server_and_does_not_stop_it(tmp_path: Path) -> None:
    with own_server(tmp_path) as first:
        second = start_server(tmp_path, durability="strict", maxmemory="50mb")
        assert first.ours
        assert not second.ours
        assert second.url == first.url
        assert "always" in ask(first.socket, "CONFIG GET appendfsync")
        assert str(50 * 1024 * 1024) in ask(first.socket, "CONFIG GET maxmemory")
        second.stop()
        assert ask(first.socket, "PING") == "+PONG\r\n"


def test_strict_durability_syncs_always(tmp_path: Path) -> None:
    server = start_server(tmp_path, durability="strict")
    assert "always" in ask(server.socket, "CONFIG GET appendfsync")
    server.stop()


def test_a_killed_server_is_revived_by_whoever_misses_it(tmp_path: Path) -> None:
    with own_server(tmp_path) as first:
        ask(first.socket, "SET fd:x kept")
        second = start_server(tmp_path)
        os.kill(first.pid, signal.SIGKILL)
        _gone(first)
        second.start()
        assert second.ours
        assert "kept" in ask(second.socket, "GET fd:x")
        first.revive()  # somebody else has it by now
        assert not first.ours
        second.stop()


def _gone(server: EmbeddedServer) -> None:
    assert server._process is not None
    server._process.wait(5)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PR_SET_PDEATHSIG is Linux' own")
def test_it_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER, str(tmp_path)], stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        starter.kill()
    end = time.monotonic() + 5
    while _runs(pid):
        assert time.monotonic() < end, "the server outlives its process"
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def test_two_processes_that_start_at_once_share_one_server(tmp_path: Path) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-c", STARTER, str(tmp_path)], stdout=subprocess.PIPE) for _ in range(3)
    ]
    pids = {int(starter.stdout.readline()) for starter in starters if starter.stdout is not None}
    for starter in starters:
        with starter:
            starter.kill()
    assert len(pids) == 1


def test_a_long_path_gets_a_short_private_socket(tmp_path: Path) -> None:
    data = tmp_path / ("long" * 30)
    with own_server(data) as server:
        assert len(os.fsencode(server.socket)) <= LONGEST_SOCKET_PATH
        assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700
        assert not start_server(data).ours
        with redis.Redis.from_url(server.url) as client:
            assert client.ping()
    server.socket.parent.rmdir()


def test_a_short_folder_that_is_open_to_others_is_refused(tmp_path: Path) -> None:
    data = tmp_path / ("long" * 30)
    with own_server(data) as server:
        folder = server.socket.parent
    folder.chmod(0o755)
    with pytest.raises(ConfigurationError, match="open to others"):
        start_server(data)
    folder.rmdir()


def test_without_the_wheel_a_server_on_path_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    other = tmp_path / "redis-server"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_binary() == other
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigurationError, match="Set REDIS_URL"):
        find_binary()


def test_a_server_that_does_not_start_says_where_to_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "find_binary", lambda: Path("/bin/false"))
    with pytest.raises(StorageUnavailable, match=r"server\.log"):
        start_server(tmp_path)
