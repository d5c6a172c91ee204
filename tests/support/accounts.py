"""Accounts for tests of the edge: connections as given, and everything that was laid aside or alerted."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from runtime.ports import Connection
from tests.web.fake_gate import FakeGate


@dataclasses.dataclass
class KeptAccounts:
    """`known` are all tenants' connections; storage fails where the gate's does."""

    gate: FakeGate
    known: list[Connection] = dataclasses.field(default_factory=list)
    aside: list[tuple[str, str, bytes, str]] = dataclasses.field(default_factory=list)
    alerts: list[tuple[str, str, Mapping[str, str]]] = dataclasses.field(default_factory=list)

    async def connections(self, tenant: str, connector: str) -> tuple[Connection, ...]:
        return tuple(one for one in self.known if (one.tenant, one.connector) == (tenant, connector))

    async def everywhere(self, connector: str) -> tuple[Connection, ...]:
        self.gate.check_storage()
        return tuple(one for one in self.known if one.connector == connector)

    async def set_aside(self, tenant: str, connector: str, body: bytes, reason: str) -> None:
        self.gate.check_storage()
        if (tenant, connector, body, reason) not in self.aside:
            self.aside.append((tenant, connector, body, reason))

    async def alert(self, connection: Connection, kind: str, facts: Mapping[str, str]) -> None:
        self.alerts.append((connection.tenant, kind, facts))
