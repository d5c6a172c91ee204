"""All tenants' connections, and what no connection could take: what `receiving.py` needs of a whole desk."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from runtime.desks import DeskBook
from runtime.errors import StorageUnavailable
from runtime.ports import Connection
from runtime.records.alerts import Alerts
from runtime.records.tenants import Tenants
from runtime.sessions.store import Sessions

_log = logging.getLogger(__name__)
KNOWN_S = 5.0
"""For so long the list of tenants stands; a new tenant is then found."""


class TenantAccounts:
    """One process's view."""

    def __init__(self, desks: DeskBook, tenants: Tenants, sessions: Sessions, alerts: Alerts) -> None:
        self._desks = desks
        self._tenants = tenants
        self._sessions = sessions
        self._alerts = alerts
        self._names: tuple[str, ...] = ()
        self._until = 0.0

    async def connections(self, tenant: str, connector: str) -> tuple[Connection, ...]:
        """A tenant's connections of a connector."""
        return tuple(one for one in await self._desks.connections(tenant) if one.connector == connector)

    async def everywhere(self, connector: str) -> tuple[Connection, ...]:
        """All tenants' connections of a connector. Raises StorageUnavailable."""
        if time.monotonic() >= self._until:
            self._names = tuple(await self._tenants.all())
            self._until = time.monotonic() + KNOWN_S
        return tuple([one for name in self._names for one in await self.connections(name, connector)])

    async def set_aside(self, tenant: str, connector: str, body: bytes, reason: str) -> None:
        """Into the parked list of the tenant."""
        await self._sessions.keep_request(tenant, connector, body, reason)

    async def alert(self, connection: Connection, kind: str, facts: Mapping[str, str]) -> None:
        """Once an hour for the same thing; without SQL the log has to do."""
        now = datetime.now(UTC)
        what = f"{connection.id}|{kind}|{sorted(facts.items())}|{now:%Y%m%d%H}"
        alert_id = hashlib.blake2s(what.encode(), digest_size=10).hexdigest()
        told = {"connection": connection.id, **facts}
        try:
            await self._alerts.add(connection.tenant, alert_id, kind, told, now)
        except StorageUnavailable as error:
            _log.warning("An alert of tenant %s waits for nobody, SQL is away: %s", connection.tenant, error)
