"""The commands that only read or write the records: appointments and businesses, without starting a desk."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from runtime.clocks import SystemClock
from runtime.diary import marked_as
from runtime.errors import ConfigurationError, NotFound
from runtime.ics import calendar_of
from runtime.records.appointments import Appointment, Appointments
from runtime.records.database import Database
from runtime.records.tenants import STATUSES, Tenants
from runtime.settings import CONFIGS
from runtime.tenants import TenantFile, business_of, read_tenant


@contextlib.asynccontextmanager
async def opened_records(url: str) -> AsyncIterator[Database]:
    """The records for one command."""
    database = await Database.open(url)
    try:
        yield database
    finally:
        await database.close()


async def show_appointments(url: str, tenant: str, *, as_json: bool) -> int:
    """Every appointment, or those of one business, in the business's own time."""
    async with opened_records(url) as database:
        tenants = Tenants(database)
        if tenant and await tenants.document(tenant, "tenant") is None:
            raise NotFound(f"There is no tenant {tenant}; `frontdesk tenant list` shows those there are.")
        rows = await Appointments(database).all(tenant)
        zones = {name: await zone_of(tenants, name) for name in {row.tenant for row in rows}}
    shown = [_appointment(row, zones[row.tenant]) for row in rows]
    if as_json:
        say(json.dumps(shown, ensure_ascii=False, indent=1))
        return 0
    for row in shown:
        times = f"{row['start'][:16].replace('T', ' ')}–{row['end'][11:16]}"
        say(f"{times}  {row['status']:9}  {row['service']}  {row['person'] or '–'}  {row['name']}  ({row['tenant']})")
    if not shown:
        say("No appointments yet.")
    return 0


async def show_calendar(url: str, tenant: str) -> int:
    """One business's appointments as a calendar file."""
    async with opened_records(url) as database:
        tenants = Tenants(database)
        names = [tenant] if tenant else await tenants.all()
        raw = await tenants.document(names[0], "tenant") if len(names) == 1 else None
        if len(names) > 1:
            raise ConfigurationError(f"A calendar is one business's: name it with --tenant ({', '.join(names)}).")
        if raw is None:
            raise NotFound(f"There is no tenant {tenant}; `frontdesk tenant list` shows those there are.")
        rows = await Appointments(database).all(names[0])
    sys.stdout.write(calendar_of(business_of(raw), rows, datetime.now(UTC)).decode())
    return 0


async def mark_appointment(url: str, tenant: str, appointment: str, mark: str) -> int:
    """Put staff's mark on an appointment."""
    async with opened_records(url) as database:
        marked = await marked_as(Appointments(database), tenant, appointment, mark, SystemClock())
    say(f"{marked.id} ({marked.tenant}) is marked {mark}.")
    return 0


async def zone_of(tenants: Tenants, tenant: str) -> ZoneInfo:
    """The business's own time."""
    raw = await tenants.document(tenant, "tenant")
    return ZoneInfo(business_of(raw).timezone if raw else "UTC")


def _appointment(row: Appointment, zone: ZoneInfo) -> dict[str, str]:
    return {
        "id": row.id,
        "tenant": row.tenant,
        "service": row.service,
        "person": row.person,
        "name": row.name,
        "phone": row.phone,
        "start": row.start.astimezone(zone).isoformat(),
        "end": row.end.astimezone(zone).isoformat(),
        "status": row.status,
    }


async def publish_tenant(url: str, path: Path) -> int:
    """Check a business file and publish it as the next version."""
    file = business_file(path)
    for warning in file.warnings:
        sys.stderr.write(f"{warning}\n")
    async with opened_records(url) as database:
        version = await Tenants(database).put_document(file.business.tenant, "tenant", file.raw)
    say(f"{file.business.tenant} ({file.business.name}) is published as version {version}.")
    return 0


def business_file(path: Path) -> TenantFile:
    """A business file, read and checked."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{path} is not UTF-8: byte {error.start} cannot be read. Save it as UTF-8."
        ) from error
    return read_tenant(text, str(path))


def write_tenant(slug: str, name: str) -> Path:
    """A copy of the demo business under another name, to be changed by its owner."""
    path = Path(f"{slug}.yaml")
    if path.exists():
        raise ConfigurationError(f"{path} is there already; change it and run `frontdesk tenant import {path}`.")
    demo = (CONFIGS / "demo" / "studio.yaml").read_text(encoding="utf-8")
    lines = demo.replace("tenant: demo", f"tenant: {slug}", 1).splitlines()
    lines = [f"name: {json.dumps(name, ensure_ascii=False)}" if line.startswith("name:") else line for line in lines]
    text = "\n".join(lines) + "\n"
    read_tenant(text, str(path))  # a name that cannot be one must not leave a file behind
    path.write_text(text, encoding="utf-8")
    return path


async def tenant_status(url: str, tenant: str, wanted: str) -> int:
    """Show a business's status, or set it; running desks follow within five seconds."""
    async with opened_records(url) as database:
        tenants = Tenants(database)
        raw = await tenants.document(tenant, "tenant")
        if raw is None:
            raise NotFound(f"There is no tenant {tenant}; `frontdesk tenant list` shows those there are.")
        if wanted:
            await tenants.set_status(tenant, next(status for status in STATUSES if status == wanted), by="cli")
        status = await tenants.status(tenant)
    in_file = " Its file says `suspended: true`, which goes first." if raw.get("suspended") else ""
    say(f"{tenant} is {status}.{in_file}")
    return 0


async def show_tenants(url: str) -> int:
    """The businesses, one a line: short name and name."""
    async with opened_records(url) as database:
        tenants = Tenants(database)
        names = await tenants.all()
        for name in names:
            raw = await tenants.document(name, "tenant")
            say(f"{name}  {business_of(raw).name if raw else ''}")
    if not names:
        say("No business yet: `frontdesk tenant import FILE` adds one, and the first start brings a demo.")
    return 0


def say(text: str) -> None:
    """One line on standard output."""
    sys.stdout.write(f"{text}\n")
