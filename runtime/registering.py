"""Tells providers where to send to: at a server's start, and again when a connection is new or has changed.

Every serving process does this for itself; to be told the same address twice harms no provider.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from runtime.errors import FrontdeskError, StorageUnavailable
from runtime.ports import Channel, Connection, Outbound, Secrets

_log = logging.getLogger(__name__)
AGAIN_S = 60.0
"""How soon a provider that refused or was away is told again."""


@runtime_checkable
class Registering(Protocol):
    """A channel whose provider can be told our address."""

    async def register_webhook(self, public_url: str, tenant: str, secrets: Secrets, http: Outbound) -> str:
        """Tell the provider where to send to; returns the address."""


class Book(Protocol):
    """Who knows the tenants' connections."""

    async def connections(self, tenant: str) -> tuple[Connection, ...]:
        """A tenant's connections as published now."""


class Webhooks:
    """The webhooks of one process. Does nothing without a public address, and nothing before `begin`."""

    def __init__(
        self,
        address: str,
        channels: Mapping[str, Channel],
        tenants: Callable[[], Awaitable[Sequence[str]]],
        book: Book,
        http: Outbound,
    ) -> None:
        self._address = address
        self._channels = channels
        self._tenants = tenants
        self._book = book
        self._http = http
        self._told: dict[tuple[str, str], str] = {}
        self._begun = False
        self._again_at = 0.0

    async def begin(self) -> None:
        """From now on this process tells providers; it serves."""
        self._begun = bool(self._address)
        await self.look()

    async def refresh(self, changed: bool) -> None:
        """Called every few seconds: tell whoever is new after a publication, and those that failed a while later."""
        if self._begun and (changed or time.monotonic() >= self._again_at > 0):
            await self.look()

    async def look(self) -> None:
        """Tell the provider of every connection that was not told this already."""
        if not self._begun:
            return
        self._again_at = 0.0
        try:
            for tenant in await self._tenants():
                for connection in await self._book.connections(tenant):
                    await self._look_at(connection)
        except StorageUnavailable as error:
            self._again_at = time.monotonic() + AGAIN_S
            _log.warning("Webhooks wait: the records cannot be asked for connections: %s", error)

    async def _look_at(self, connection: Connection) -> None:
        channel = self._channels.get(connection.connector)
        key, content = (connection.tenant, connection.id), _fingerprint(connection)
        if not isinstance(channel, Registering) or self._told.get(key) == content:
            return
        try:
            await channel.register_webhook(self._address, connection.tenant, connection.secrets, self._http)
        except FrontdeskError as error:
            self._again_at = time.monotonic() + AGAIN_S
            _log.error("The webhook of %s, tenant %s, was not set: %s", connection.id, connection.tenant, error)
        else:
            self._told[key] = content


def _fingerprint(connection: Connection) -> str:
    """Says whether a connection has changed, without keeping its secrets a second time."""
    told = (connection.connector, sorted(connection.config.items()), sorted(connection.secrets.items()))
    return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()
