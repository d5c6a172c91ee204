"""A Redis Cluster of a test's own, on loopback: masters with replicas, which may be killed, frozen and started."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from redis.cluster import ClusterNode

from runtime.sessions.server import find_binary

SLOTS = 16384
READY_S = 30.0


def free_port() -> int:
    """A port nobody uses, with room for the cluster bus 10000 above it."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port < 55000:
            return port


@dataclass(slots=True)
class Node:
    """One server of the cluster; keeps its data and its place over a restart."""

    home: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        binary = shutil.which("redis-server") or str(find_binary())
        command = [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.home), "--save", ""]
        command += ["--appendonly", "yes", "--appendfsync", "no", "--maxmemory-policy", "noeviction"]
        command += ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"]
        command += ["--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no"]
        command += ["--repl-diskless-sync-delay", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _until(self._answers, "a node does not answer")

    def _answers(self) -> bool:
        with contextlib.suppress(redis.ConnectionError, redis.exceptions.BusyLoadingError):
            return bool(self.ask("PING"))
        return False

    def ask(self, *command: str | int) -> object:
        """One command on a connection of its own."""
        with redis.Redis(port=self.port, protocol=2, socket_timeout=5) as client:
            return client.execute_command(*command)

    @property
    def replication(self) -> Mapping[str, Any]:
        """Its own word on whether it is a master, and how its replication goes."""
        answer = self.ask("INFO", "replication")
        assert isinstance(answer, dict)
        return answer

    def kill(self) -> None:
        """As the kernel does it; what it had acknowledged is there after the next start."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGCONT)
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def freeze(self) -> None:
        """It takes connections and never answers."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)


@dataclass(slots=True)
class RedisCluster:
    """Masters that share the slots evenly, each with the same number of replicas."""

    masters: list[Node]
    replicas: list[Node]

    @property
    def url(self) -> str:
        """As REDIS_URL takes it."""
        return f"redis+cluster://{','.join(f'127.0.0.1:{master.port}' for master in self.masters)}"

    @property
    def nodes(self) -> list[Node]:
        """All of them."""
        return [*self.masters, *self.replicas]

    def start(self) -> None:
        """Start all nodes and make them one cluster."""
        for node in self.nodes:
            node.start()
        self._join()

    def _join(self) -> None:
        share = SLOTS // len(self.masters)
        for number, master in enumerate(self.masters):
            last = SLOTS if number == len(self.masters) - 1 else (number + 1) * share
            with contextlib.suppress(redis.ResponseError):  # it may have found one by itself
                master.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            master.ask("CLUSTER", "ADDSLOTS", *range(number * share, last))
        for node in self.nodes[1:]:
            self.masters[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port)
        _until(lambda: all(self._knows_all(node) for node in self.nodes), "the nodes do not know each other")
        for number, replica in enumerate(self.replicas):
            master = self.masters[number % len(self.masters)]
            replica.ask("CLUSTER", "REPLICATE", _text(master.ask("CLUSTER", "MYID")))
        _until(lambda: all(map(self._agrees, self.nodes)), "the cluster does not come together")

    def _knows_all(self, node: Node) -> bool:
        return f"cluster_known_nodes:{len(self.nodes)}" in _text(node.ask("CLUSTER", "INFO"))

    def _agrees(self, node: Node) -> bool:
        with contextlib.suppress(redis.RedisError):
            told = _text(node.ask("CLUSTER", "INFO"))
            linked = node in self.masters or node.replication.get("master_link_status") == "up"
            return "cluster_state:ok" in told and f"cluster_slots_ok:{SLOTS}" in told and linked
        return False

    def whole(self) -> None:
        """Wait until every node sees every slot served."""
        _until(lambda: all(map(self._sees_all, self.nodes)), "the cluster is not whole again")

    def _sees_all(self, node: Node) -> bool:
        with contextlib.suppress(redis.RedisError):
            return f"cluster_slots_ok:{SLOTS}" in _text(node.ask("CLUSTER", "INFO"))
        return False

    def clear(self) -> None:
        """No key on any master."""
        for node in self.nodes:
            if node.process is not None and node.replication.get("role") == "master":
                node.ask("FLUSHALL")

    def stop(self) -> None:
        """End all nodes."""
        for node in self.nodes:
            node.kill()


@contextlib.contextmanager
def redis_cluster(masters: int = 3, replicas: int = 0) -> Iterator[RedisCluster]:
    """A running cluster; `replicas` in all, spread over the masters."""
    home = Path(tempfile.mkdtemp(prefix="fd-cluster-"))
    nodes = [Node(home / str(number)) for number in range(masters + replicas)]
    cluster = RedisCluster(nodes[:masters], nodes[masters:])
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


def command_on(url: str, *command: str | int) -> object:
    """One command on a fresh connection; on a cluster where its key is, or on every master if it has none."""
    _, cluster, places = url.partition("+cluster://")
    if not cluster:
        with redis.Redis.from_url(url, protocol=2) as client:
            return client.execute_command(*command)
    with _whole(places) as client:
        keyed = len(command) > 1 and str(command[1]).startswith("fd:")
        nodes = None if keyed else redis.RedisCluster.PRIMARIES
        return client.execute_command(*command, **({} if keyed else {"target_nodes": nodes}))


@contextlib.contextmanager
def every_node(url: str) -> Iterator[list[redis.Redis]]:
    """A connection to each master, or to the one server that there is."""
    _, cluster, places = url.partition("+cluster://")
    with contextlib.ExitStack() as stack:
        if not cluster:
            yield [stack.enter_context(redis.Redis.from_url(url, protocol=2))]
            return
        nodes = [(node.host, node.port) for node in stack.enter_context(_whole(places)).get_primaries()]
        yield [stack.enter_context(redis.Redis(host, port, protocol=2)) for host, port in nodes]


def _whole(places: str) -> redis.RedisCluster:
    """A client of the whole cluster."""
    nodes = [ClusterNode(*_place(one)) for one in places.split(",")]  # type: ignore[no-untyped-call]  # redis' own
    return redis.RedisCluster(startup_nodes=nodes, protocol=2)


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _text(answer: object) -> str:
    return answer.decode() if isinstance(answer, bytes) else str(answer)


def _until(holds: Callable[[], bool], complaint: str) -> None:
    end = time.monotonic() + READY_S
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(complaint)
        time.sleep(0.05)
