"""Alerts for the people behind the desk: a line in the log, a figure, and a signed request to an address of theirs.

The request comes from the records, so that nothing is lost with a process: at least once, in no strict order.
Whoever gets it checks `X-Frontdesk-Signature`: `sha256=` and the HMAC of `<X-Frontdesk-Timestamp>.<body>`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from runtime.errors import ProviderUnavailable, StorageUnavailable
from runtime.ports import Outbound
from runtime.records.alerts import AlertRow, Alerts
from runtime.telemetry import count

_log = logging.getLogger(__name__)
LOOK_S = 2.0
FIRST_S, LONGEST_S = 10, 3600
"""The wait after a first failure doubles up to an hour."""


def sound(tenant: str, conversation: str, records: Iterable[Mapping[str, Any]]) -> None:
    """Log and count the alerts of a turn, at once and with every store down."""
    for record in records:
        if record.get("kind") == "alert":
            kind = str(record.get("facts", {}).get("kind", ""))
            count("alerts", kind=kind)
            _log.warning("Alert %s in conversation %s of tenant %s", kind, conversation, tenant)


def signed(secret: str, body: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """The headers that prove whose request it is, and when it was made."""
    stamp = str(int(now.timestamp()))
    told = f"{stamp}.{json.dumps(dict(body))}".encode()
    digest = hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()
    return {"X-Frontdesk-Timestamp": stamp, "X-Frontdesk-Signature": f"sha256={digest}"}


class AlertSender:
    """Tells one address what waits; each process has one, and they share the work."""

    def __init__(self, alerts: Alerts, http: Outbound, url: str, secret: str) -> None:
        self._alerts = alerts
        self._http = http
        self._url = url
        self._secret = secret

    async def run(self) -> None:
        """Until stopped; without an address there is nothing to do but to stay: a task that ends is taken for dead."""
        if not self._url:
            await asyncio.Event().wait()
        while True:
            try:
                await self.send_due(datetime.now(UTC))
            except StorageUnavailable as error:
                _log.warning("Alerts wait for SQL: %s", error)
            await asyncio.sleep(LOOK_S)

    async def send_due(self, now: datetime) -> int:
        """Send what is due; returns how many arrived."""
        arrived = 0
        for row in await self._alerts.take(now):
            if await self._arrives(row, now):
                await self._alerts.told(row, now)
                arrived += 1
            else:
                wait_s = min(LONGEST_S, FIRST_S * 2**row.tries)
                await self._alerts.later(row, now + timedelta(seconds=wait_s))
        return arrived

    async def _arrives(self, row: AlertRow, now: datetime) -> bool:
        body: dict[str, Any] = {"id": row.id, "tenant": row.tenant, "conversation": row.conversation, "kind": row.kind}
        body |= {"at": row.at.isoformat(), "facts": dict(row.facts)}
        try:
            status, _, _ = await self._http.post_json(self._url, body, headers=signed(self._secret, body, now))
        except ProviderUnavailable:
            count("alerts_sent", outcome="unreachable")
            return False
        count("alerts_sent", outcome="told" if 200 <= status < 300 else "refused")
        return 200 <= status < 300
