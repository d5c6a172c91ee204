"""Whether a Redis is one that sessions can trust: asked at every start, and by whoever looks after it."""

from __future__ import annotations

import asyncio
import logging

from runtime.errors import ConfigurationError, StorageUnavailable
from runtime.sessions.clients import Route
from runtime.sessions.gauges import nodes
from runtime.sessions.keys import COUNT_KEY, PARTITIONS
from runtime.sessions.wire import Refused

_log = logging.getLogger(__name__)
AWAY = ("CLUSTERDOWN", "LOADING", "MASTERDOWN", "TRYAGAIN")
"""What a node of a cluster answers that will serve again by itself."""


async def check_redis(route: Route) -> None:
    """Refuse a Redis that is too old, that evicts, or that another partition count has written to.

    Nodes of a cluster that are away are passed over as long as one is there.
    """
    for info in await _infos(route):
        _check_version(info)
        _check_policy(info)
    try:
        await _check_count(route)
    except StorageUnavailable as error:
        if route.cluster is None or (isinstance(error, Refused) and error.code not in AWAY):
            raise
        _log.warning("The partition count could not be read: %s", error)


async def _infos(route: Route) -> list[dict[str, str]]:
    """What each node that is there says of itself."""
    answers = await asyncio.gather(*(read_info(route, number) for number in nodes(route)), return_exceptions=True)
    infos = [answer for answer in answers if not isinstance(answer, BaseException)]
    troubles = [answer for answer in answers if isinstance(answer, BaseException)]
    if troubles and not infos:
        raise troubles[0]
    return infos


async def read_info(route: Route, partition: int = 0) -> dict[str, str]:
    """INFO's server and memory sections of a partition's node (CONFIG GET is closed on many hosted servers)."""
    texts = [await route.call(partition, "INFO", section) for section in ("server", "memory")]
    lines = b"\r\n".join(texts).decode().splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


def _check_version(info: dict[str, str]) -> None:
    version = tuple(int(part) for part in info.get("redis_version", "0").split(".")[:2])
    if version < (6, 2):
        raise ConfigurationError(f"Redis {info.get('redis_version')} is too old: use Redis 6.2 or newer, or Valkey.")


def _check_policy(info: dict[str, str]) -> None:
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        raise ConfigurationError(
            f"Redis would throw conversations away when it is full: its maxmemory-policy is {policy}. "
            "Run `CONFIG SET maxmemory-policy noeviction` there and put the same into its configuration."
        )


async def _check_count(route: Route) -> None:
    count = await route.call(0, "GET", COUNT_KEY)
    if count is None:
        await route.call(0, "SET", COUNT_KEY, PARTITIONS, "NX")
    elif int(count) != PARTITIONS:
        raise ConfigurationError(
            f"This Redis holds sessions in {int(count)} partitions, this version uses {PARTITIONS}. Start the version "
            f"that wrote them and let it finish, or use another database; then delete the key {COUNT_KEY}."
        )
