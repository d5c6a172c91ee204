"""The commands for people behind the desk: who waits for a person, and which tickets do. They only read the records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from runtime.inbox import handoff_facts
from runtime.listing import opened_records, say, zone_of
from runtime.records.conversations import Conversations
from runtime.records.database import Database
from runtime.records.tenants import Tenants
from runtime.records.tickets import Tickets


async def show_tickets(url: str, tenant: str, *, everything: bool, as_json: bool) -> int:
    """Tickets that wait, in the business's own time; what is due first comes first."""
    async with opened_records(url) as database:
        rows = [row._asdict() for row in await Tickets(database).waiting(tenant, everything=everything)]
        shown = await _in_own_time(database, rows)
    if as_json:
        say(json.dumps(shown, ensure_ascii=False, indent=1))
        return 0
    for row in shown:
        due = f"due {_short(row['due_at'])}" if row["due_at"] else f"since {_short(row['opened_at'])}"
        whose = f"  {row['operator']}" if row["operator"] else ""
        say(f"{row['id']}  {row['kind']:12}  {row['status']:8}  {due}  {_who(row)}  {row['summary']}{whose}")
    if not shown:
        say("No tickets wait.")
    return 0


async def show_handoffs(url: str, tenant: str, *, as_json: bool) -> int:
    """Handoffs that wait for a person or are with one, newest first."""
    async with opened_records(url) as database:
        rows = [handoff_facts(row) for row in await Conversations(database).open_handoffs(tenant)]
        shown = await _in_own_time(database, rows)
    if as_json:
        say(json.dumps(shown, ensure_ascii=False, indent=1))
        return 0
    for row in shown:
        state = row["operator"] or row["state"]
        since = f"since {_short(row['opened_at'])}"
        say(f"{row['conversation']}  {state:10}  {since}  {row['reason']}  {row['summary']}  ({row['tenant']})")
    if not shown:
        say("Nobody waits for a person. What is owed to customers: frontdesk tickets")
    return 0


async def _in_own_time(database: Database, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    tenants = Tenants(database)
    zones: dict[str, ZoneInfo] = {}
    shown = []
    for row in rows:
        name = str(row["tenant"])
        if name not in zones:
            zones[name] = await zone_of(tenants, name)
        shown.append(
            {n: v.astimezone(zones[name]).isoformat() if isinstance(v, datetime) else v for n, v in row.items()}
        )
    return shown


def _short(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _who(row: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (row["name"], row["phone"]))) or "–"
