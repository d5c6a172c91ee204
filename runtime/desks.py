"""Tenants' snapshots in memory: read from the records, refreshed within five seconds, flows kept by content hash."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Mapping
from typing import Any

from runtime.core.business import Desk, Status
from runtime.core.flow_check import ActionFacts
from runtime.core.flow_loader import load_flow
from runtime.core.flows import Flow
from runtime.errors import ConfigurationError, StorageUnavailable
from runtime.flow_files import FlowFile
from runtime.ports import Connection
from runtime.records.tenants import Tenants
from runtime.tenants import business_of, connections_of, options_of
from runtime.understanding.desks import index_of

_log = logging.getLogger(__name__)
WARM = 100
"""So many businesses are read before the first message comes."""
DEFAULTS = "*"
"""The tenant under which the default flows are kept."""


def desk_of(
    raw: Mapping[str, Any], flows: Mapping[str, Flow], pinned: Mapping[str, Flow], status: Status, version: int
) -> Desk:
    """The snapshot that a version of a tenant's document makes, with the flows published beside it."""
    business = business_of(raw)
    status = "suspended" if raw.get("suspended") else status
    return Desk(business, options_of(business), flows, pinned, status, version)


class DeskBook:
    """One process's snapshots. A tenant that SQL cannot tell about just now keeps its last one."""

    def __init__(
        self,
        tenants: Tenants,
        flows: Mapping[str, FlowFile],
        actions: Mapping[str, ActionFacts],
        addresses: Mapping[str, str],
    ) -> None:
        self.tenants = tenants
        self.addresses = addresses
        self.actions = actions
        self.files = flows
        self.flows: dict[str, Flow] = {name: f.flow for name, f in flows.items() if f.flow is not None}
        self.pinned: dict[str, Flow] = {flow.hash: flow for flow in self.flows.values()}
        self._desks: dict[str, Desk] = {}
        self._connections: dict[str, tuple[Connection, ...]] = {}
        self._loading: dict[str, asyncio.Future[Desk | None]] = {}
        self._stamp = ""

    async def publish_defaults(self) -> None:
        """Keep the flows that came with this version by their hash, so that a running one finds its own later."""
        published = {name: (f.flow.hash, f.content) for name, f in self.files.items() if f.flow is not None}
        await self.tenants.put_flows(DEFAULTS, published)

    async def warm(self) -> None:
        """Have in memory what first messages need: reading it takes a second, in which nobody would be answered."""
        try:
            for tenant in (await self.tenants.all())[:WARM]:
                if (desk := await self.desk(tenant)) is not None:
                    index_of(desk)
        except (StorageUnavailable, ConfigurationError) as error:
            _log.warning("The first messages wait until their business is read: %s", error)

    async def desk(self, tenant: str) -> Desk | None:
        """The tenant's snapshot, None when there is no such tenant."""
        known = self._desks.get(tenant)
        return known if known is not None else await self._first(tenant)

    async def _first(self, tenant: str) -> Desk | None:
        """Load it once, however many ask at the same moment: after a start all do."""
        loading = self._loading.get(tenant)
        if loading is None:
            loading = self._loading[tenant] = asyncio.ensure_future(self._load(tenant))
            loading.add_done_callback(lambda _: self._loading.pop(tenant, None))
        return await asyncio.shield(loading)

    async def _load(self, tenant: str) -> Desk | None:
        published = await self.tenants.published(tenant, "tenant")
        if published is None:
            return None
        flows = {**self.flows, **self._own(tenant, await self.tenants.own_flows(tenant))}
        status = await self.tenants.status(tenant)
        desk = desk_of(published.content, flows, self.pinned, status, published.version)
        barred = frozenset(row.contact for row in await self.tenants.barred(tenant))
        desk = dataclasses.replace(desk, barred=barred) if barred else desk
        self._desks[tenant] = desk
        self._connections[tenant] = tuple(addressed(c, self.addresses) for c in connections_of(published.content))
        return desk

    def _own(self, tenant: str, contents: Mapping[str, Mapping[str, Any]]) -> dict[str, Flow]:
        """The tenant's own flows; one that this version cannot run leaves the default in place."""
        own = {}
        for name, content in contents.items():
            loaded = load_flow(content, self.actions)
            if loaded.flow is None:
                why = "; ".join(problem.text for problem in loaded.problems)
                _log.error("The flow %s of tenant %s cannot run, the default stays: %s", name, tenant, why)
                continue
            own[name] = self.pinned[loaded.flow.hash] = loaded.flow
        return own

    async def connections(self, tenant: str) -> tuple[Connection, ...]:
        """The tenant's configured connections; none for an unknown tenant."""
        if tenant not in self._connections:
            await self.desk(tenant)
        return self._connections.get(tenant, ())

    async def pin(self, content_hash: str) -> bool:
        """Make an older version of a flow known again, from the records; False when it is nowhere."""
        if content_hash in self.pinned:
            return True
        content = await self.tenants.flow_by_hash(content_hash)
        loaded = load_flow(content, self.actions).flow if content else None
        if loaded is None:
            return False
        self.pinned[content_hash] = dataclasses.replace(loaded, hash=content_hash)
        return True

    async def refresh(self) -> bool:
        """Load snapshots anew when something was published, and say so; called every few seconds."""
        try:
            stamp = await self.tenants.stamp()
        except StorageUnavailable as error:
            _log.warning("The records cannot be asked for changes: %s", error)
            return False
        if stamp == self._stamp:
            return False
        fresh = [await self._refreshed(tenant) for tenant in list(self._desks)]
        if all(fresh):
            self._stamp = stamp
        return True

    async def _refreshed(self, tenant: str) -> bool:
        """One tenant's snapshot anew; a document that cannot be had or is wrong leaves the last one in place."""
        try:
            await self._load(tenant)
        except ConfigurationError as error:
            _log.error("The document of tenant %s is wrong, the last good one stays: %s", tenant, error)
        except StorageUnavailable as error:
            _log.warning("The document of tenant %s cannot be had now: %s", tenant, error)
            return False
        return True


def addressed(connection: Connection, addresses: Mapping[str, str]) -> Connection:
    """The connection with its provider's address: its own, else this installation's."""
    address = connection.config.get("api") or addresses.get(connection.connector, "")
    return dataclasses.replace(connection, secrets={"api_url": address, **connection.secrets})
