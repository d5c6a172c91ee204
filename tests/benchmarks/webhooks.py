"""How fast a webhook is answered while a model sleeps: `python -m tests.benchmarks.webhooks`.

A real `frontdesk serve` with its embedded stores gets signed webhooks at a fixed rate, once with a model that sleeps
and once without one. Generator and provider are processes of their own on another core where there are two; what the
generator itself costs is printed, and how late it was: where it was late, the figures are the generator's, and where
the desk was starved of its core, they are those of whoever else uses the machine. Afterwards every accepted message
must be in the records. Prints, never fails; it loads both cores for a minute or more a run.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from runtime.settings import CONFIGS

SECRET = "secret-of-the-load"
TEXT = "Quarkblau tanzt der Zaun im siebten Ton"
"""Nothing that the rules can read: each turn wants the model."""
ACCOUNT = "106540000000001"
PROCESS = [sys.executable, "-m"]
SETTLED_S = 5.0
"""A desk is ready before the model's client is loaded beside it; that second of import is no webhook's cost."""
Wishes = argparse.Namespace


@dataclass(frozen=True, slots=True)
class Run:
    """What one run found."""

    load: Mapping[str, Any]
    accepted: int
    recorded: int
    turns: int
    drained_s: float
    starved: float
    """Share of the load's time in which the desk wanted its core and others had it."""
    serve_cpu_s: float
    store_cpu_s: float
    model_calls: int

    @property
    def lost(self) -> int:
        """Accepted, and in no turn."""
        return self.accepted - self.recorded


@contextlib.contextmanager
def process(*command: str, core: int, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A program on one core, until the block ends."""
    pinned = ["taskset", "-c", str(core), *command] if core >= 0 else list(command)
    with subprocess.Popen(
        pinned, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **(env or {})}
    ) as running:
        try:
            yield running
        finally:
            running.terminate()
            running.wait(60)


def said_first(running: subprocess.Popen[str]) -> str:
    """The line that a helper prints when it is ready: its port or address."""
    assert running.stdout is not None
    return running.stdout.readline().strip()


def one_run(wish: Wishes, *, model: bool) -> Run:
    """Start everything, load it, wait until all is in the records."""
    apart = 1 if (os.cpu_count() or 1) > 1 else -1
    with contextlib.ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="frontdesk-load-")))
        sink = stack.enter_context(process(*PROCESS, "tests.benchmarks.webhook_sink", core=apart))
        env = _environment(data, f"http://127.0.0.1:{said_first(sink)}")
        if model:
            stub = process(*PROCESS, "tests.support.model_stub", "--delay", str(wish.sleep), core=apart)
            env |= {
                "FRONTDESK_MODEL_NAME": "sleeper",
                "FRONTDESK_MODEL_BASE_URL": said_first(stack.enter_context(stub)),
            }
        _import_tenant(data, wish.channel, env)
        core = 0 if apart >= 0 else -1
        if wish.door:
            worker = stack.enter_context(_served(_free_port(), apart, env))
            env |= {"FRONTDESK_WORKERS": "0"}
        port = _free_port()
        serve = stack.enter_context(_served(port, core, env))
        store = _child_of(worker.pid if wish.door else serve.pid)
        time.sleep(SETTLED_S)
        before = _cpu_s(serve.pid), _cpu_s(store)
        waited, began = _waited_s(serve.pid), time.monotonic()
        load = _load(wish, port, apart)
        starved = (_waited_s(serve.pid) - waited) / (time.monotonic() - began)
        accepted = int(load["statuses"].get("200", 0))
        recorded, drained_s = _drained(data / "frontdesk.db", accepted, wish.patience)
        used = _cpu_s(serve.pid) - before[0], _cpu_s(store) - before[1]
        return Run(load, accepted, recorded, _turns(data / "frontdesk.db"), drained_s, starved, *used, _calls(port))


@contextlib.contextmanager
def _served(port: int, core: int, env: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A desk that is ready, on one core."""
    with process(*PROCESS, "runtime.cli", "serve", "--port", str(port), core=core, env=env) as serve:
        _wait_until_ready(port)
        yield serve


def _environment(data: Path, provider: str) -> dict[str, str]:
    return {
        "FRONTDESK_DATA": str(data), "FRONTDESK_TELEGRAM_API": provider, "LOAD_API": provider, "LOAD_SECRET": SECRET,
        "LOAD_TOKEN": "1:load", "FRONTDESK_LOG_LEVEL": "ERROR", "REDIS_URL": "", "DATABASE_URL": "",
        "FRONTDESK_MODEL_TOKENS_PER_DAY": "0", "FRONTDESK_METRICS": "local",
    }  # fmt: skip


def _import_tenant(data: Path, channel: str, env: Mapping[str, str]) -> None:
    """The demo studio under the name of `load`, with the channel's connection."""
    document = yaml.safe_load((CONFIGS / "demo" / "studio.yaml").read_text(encoding="utf-8"))
    telegram = {"connector": "telegram", "secrets": _by_env(bot_token="LOAD_TOKEN", webhook_secret="LOAD_SECRET")}
    whatsapp = {
        "connector": "whatsapp_cloud", "config": {"phone_number_id": ACCOUNT, "messages_per_second": "1000"},
        "secrets": _by_env(
            access_token="LOAD_TOKEN", app_secret="LOAD_SECRET", verify_token="LOAD_SECRET", api_url="LOAD_API"
        ),
    }  # fmt: skip
    document |= {"tenant": "load", "connections": [whatsapp if channel == "whatsapp" else telegram]}
    file = data / "load.yaml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    subprocess.run(
        [*PROCESS, "runtime.cli", "tenant", "import", str(file)], check=True, env={**os.environ, **env},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _by_env(**names: str) -> dict[str, dict[str, str]]:
    return {secret: {"env": name} for secret, name in names.items()}


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_until_ready(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError, urllib.error.URLError):
            if urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("frontdesk serve did not become ready within 30 s.")


def _load(wish: Wishes, port: int, core: int) -> Mapping[str, Any]:
    told = {
        "port": port, "path": f"/webhook/{wish.channel}/load", "channel": wish.channel, "secret": SECRET,
        "rate": wish.rate, "seconds": wish.seconds, "people": wish.people, "text": TEXT, "core": core,
        "account": ACCOUNT,
    }  # fmt: skip
    command = [*PROCESS, "tests.benchmarks.webhook_load", json.dumps(told)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def _child_of(parent: int) -> int:
    """The embedded store."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                return int(folder.name)
    return 0


def _cpu_s(process_id: int) -> float:
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _waited_s(process_id: int) -> float:
    """How long its first thread was ready and had no core."""
    try:
        return int(Path(f"/proc/{process_id}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def _ask(database: Path, query: str) -> int:
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        return int(connection.execute(query).fetchone()[0])


def _drained(database: Path, accepted: int, patience_s: float) -> tuple[int, float]:
    """How many messages are in the records once all are, or once nothing has come for a while; and how long it took."""
    began = moved = time.monotonic()
    seen = -1
    while True:
        count = _ask(database, "SELECT count(DISTINCT conversation || message_id) FROM messages WHERE direction = 'in'")
        if count != seen:
            seen, moved = count, time.monotonic()
        if count >= accepted or time.monotonic() - moved > 20 or time.monotonic() - began > patience_s:
            return count, time.monotonic() - began
        time.sleep(0.5)


def _turns(database: Path) -> int:
    return _ask(database, "SELECT count(*) FROM turns")


def _calls(port: int) -> int:
    """Model calls by the desk's own figures."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
    lines = [line for line in text.splitlines() if line.startswith("frontdesk_model_calls_total")]
    return int(sum(float(line.rpartition(" ")[2]) for line in lines))


def _row(name: str, run: Run, wish: Wishes) -> str:
    due, late = run.load["due"], run.load["late"]
    share = run.load["cpu_s"] / run.load["wall_s"] * 100
    return (
        f"{name:14} {due['p50']:8.1f} {due['p99']:8.1f} {due['max']:8.1f} {run.accepted:9} {run.lost:6} {run.turns:7}"
        f" {run.drained_s:8.0f} {run.model_calls:7} {run.serve_cpu_s / max(1, run.accepted) * 1000:8.2f}"
        f" {run.store_cpu_s / max(1, run.accepted) * 1000:8.2f} {share:6.0f} % {late['p99']:8.1f}"
        f" {run.starved * 100:6.0f} %"
    )


def main() -> None:
    """Both runs, side by side."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rate", type=float, default=1000.0, help="webhooks a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--people", type=int, default=2000, help="customers who write in turn")
    parser.add_argument("--channel", choices=("whatsapp", "telegram"), default="whatsapp")
    parser.add_argument("--sleep", type=float, default=30.0, help="seconds that the model sleeps")
    parser.add_argument("--door", action="store_true", help="turns in a process of their own, on the generator's core")
    parser.add_argument("--patience", type=float, default=300.0, help="seconds until everything must be in the records")
    wish = parser.parse_args()
    print(f"{wish.rate:g} {wish.channel} webhooks a second for {wish.seconds:g} s, {wish.people} customers", flush=True)
    print(
        f"{'':14} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8} {'accepted':>9} {'lost':>6} {'turns':>7} {'drain s':>8}"
        f" {'calls':>7} {'ms/msg':>8} {'store':>8} {'gen.':>8} {'late p99':>8} {'starved':>8}"
    )
    runs = {}
    for name, model in (("without model", False), ("model sleeps", True)):
        runs[name] = one_run(wish, model=model)
        print(_row(name, runs[name], wish), flush=True)
    plain, asleep = (run.load["due"]["p99"] for run in runs.values())
    print(f"p99 with the sleeping model : without = {asleep / max(0.01, plain):.2f}")
    for name, run in runs.items():
        if run.load["broken"] or set(run.load["statuses"]) != {"200"}:
            print(f"{name}: statuses {run.load['statuses']}, connections broken {run.load['broken']}")


if __name__ == "__main__":
    main()
