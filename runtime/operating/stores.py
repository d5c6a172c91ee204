"""What the doctor looks at in Redis and SQL. It changes nothing there, and starts no server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from runtime.errors import ConfigurationError, FrontdeskError
from runtime.operating.findings import Finding, failure, ok, warning
from runtime.operating.machine import network_type
from runtime.records.migrations import HEAD
from runtime.records.state import State, state_of
from runtime.sessions.clients import Route, open_routes
from runtime.sessions.keys import COUNT_KEY, PARTITIONS
from runtime.sessions.server import answers, find_binary, socket_of
from runtime.settings import Settings

NEEDED_REDIS, NEEDED_POSTGRESQL = (6, 2), 13
ODD_S, TOO_ODD_S = 1.0, 30.0


async def look_at_redis(settings: Settings) -> list[Finding]:
    """Reachable, new enough, keeps everything, keeps it through a restart, fits this version, has the same clock."""
    try:
        if not settings.redis_url and not answers(settings.data):
            return [ok("redis", "redis_embedded", binary=find_binary().name)]
        url = settings.redis_url or f"unix://{socket_of(settings.data)}"
        routes = await open_routes(url, "doctor", 5.0, 0.0, cluster=settings.redis_cluster, strict=False)
        try:
            return await _redis(routes.work, embedded=not settings.redis_url)
        finally:
            await routes.close()
    except ConfigurationError as error:
        return [failure("redis", "redis_wrong", why=str(error))]
    except (FrontdeskError, OSError, TimeoutError) as error:
        return [failure("redis", "redis_away", why=str(error) or type(error).__name__)]


async def _redis(route: Route, *, embedded: bool) -> list[Finding]:
    sections = [await route.call(0, "INFO", section) for section in ("server", "memory", "persistence", "replication")]
    lines = b"\r\n".join(sections).decode().splitlines()
    info = dict(line.split(":", 1) for line in lines if ":" in line)
    count = await route.call(0, "GET", COUNT_KEY)
    before = time.time()
    seconds, micros = await route.call(0, "TIME")
    # Half-way between asking and hearing, as far as anybody can tell.
    apart = abs(int(seconds) + int(micros) / 1e6 - (before + time.time()) / 2)
    return [
        ok("redis", "redis_here", kind="Valkey" if "valkey_version" in info else "Redis", embedded=embedded),
        *_version(info),
        *_keeping(info),
        *_partitions(count),
        _clock("redis", apart),
    ]


def _version(info: dict[str, str]) -> Iterator[Finding]:
    said = info.get("valkey_version") or info.get("redis_version", "0")
    number = tuple(int(part) for part in info.get("redis_version", "0").split(".")[:2])
    yield (failure if number < NEEDED_REDIS else ok)("redis", "redis_version", version=said)


def _keeping(info: dict[str, str]) -> Iterator[Finding]:
    policy = info.get("maxmemory_policy", "noeviction")
    yield (ok if policy == "noeviction" else failure)("redis", "redis_policy", policy=policy)
    if info.get("role") == "slave":
        yield failure("redis", "redis_replica")
    if info.get("aof_enabled") == "1":
        good = info.get("aof_last_write_status", "ok") == "ok"
        yield ok("redis", "redis_kept") if good else failure("redis", "redis_disk")
    else:
        yield warning("redis", "redis_not_kept")


def _partitions(count: bytes | None) -> Iterator[Finding]:
    if count is not None and int(count) != PARTITIONS:
        yield failure("redis", "redis_partitions", found=int(count), ours=PARTITIONS)


def _clock(part: str, apart: float) -> Finding:
    kind = ok if apart < ODD_S else warning if apart < TOO_ODD_S else failure
    return kind(part, f"{part}_clock", apart=f"{apart:.1f}")


async def look_at_sql(url: str) -> list[Finding]:
    """Reachable, migrated, on a disk that can lock, with the same clock."""
    try:
        state = await state_of(url)
    except ConfigurationError as error:
        return [failure("sql", "sql_wrong", why=str(error))]
    except (FrontdeskError, OSError, TimeoutError) as error:
        return [failure("sql", "sql_away", why=str(error) or type(error).__name__)]
    return [*_engine(state), *_schema(state)]


def _engine(state: State) -> Iterator[Finding]:
    if state.engine == "sqlite":
        kind = network_type(Path(state.file))
        yield (
            failure("sql", "sql_network", file=state.file, kind=kind)
            if kind
            else ok("sql", "sql_file", file=state.file)
        )
        return
    old = int(state.server.split(".")[0]) < NEEDED_POSTGRESQL
    yield (failure if old else ok)("sql", "sql_server", version=state.server)
    if state.now is not None:
        yield _clock("sql", abs((datetime.now(UTC) - state.now).total_seconds()))


def _schema(state: State) -> Iterator[Finding]:
    values = {"schema": state.schema, "head": HEAD}
    if not state.schema:
        yield ok("sql", "sql_empty", **values)
    elif state.schema < HEAD:
        yield warning("sql", "sql_behind", **values)
    else:
        yield ok("sql", "sql_ahead" if state.schema > HEAD else "sql_schema", **values)
