"""Appointments and the times they occupy. Two of them on one time is a broken key, not a question of care.

Each write is one transaction: ledger, row and slices. Its key makes it safe to run again, see `ledger.py`.
An occupied time is a row (tenant, resource, slice), a slice being five minutes of UTC.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.errors import BugError
from runtime.records.database import Database
from runtime.records.ledger import Recorded, claim, find, settle
from runtime.records.tables import appointment_slices as slices
from runtime.records.tables import appointments

SLICE_S = 300
Status = Literal["booked", "cancelled"]
WrittenName = Literal["done", "taken", "gone"]


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment. `busy_end` is its end with the buffer; `resources` are what it occupies until then."""

    id: str
    tenant: str
    contact: str
    service: str
    person: str
    """The staff's id."""
    name: str
    """The customer's or the guest's name."""
    phone: str
    start: datetime
    end: datetime
    busy_end: datetime
    status: Status = "booked"
    resources: tuple[str, ...] = ()
    price: str = ""
    note: str = ""
    version: int = 1
    conversation: str = ""
    """Where it was made, and where its customer is told about it."""
    agreed_at: datetime | None = None
    """When this time was agreed on: what should have been told before then is not told any more."""
    no_show_at: datetime | None = None
    """When staff marked that nobody came."""


@dataclass(frozen=True, slots=True)
class Written:
    """How a write ended: done, taken (somebody has that time) or gone (no such one, or not in the state for it)."""

    name: WrittenName
    appointment: Appointment | None = None
    before: Appointment | None = None


Work = Callable[[AsyncConnection], Awaitable[Written]]
Others = Sequence[tuple[str, ...]]

_FIELDS = tuple(field.name for field in dataclasses.fields(Appointment))
columns = [appointments.c[name] for name in _FIELDS]
_TIMES = ("start", "end", "busy_end", "agreed_at", "no_show_at")
_NAMES: Mapping[str, WrittenName] = {"done": "done", "taken": "taken", "gone": "gone"}

_GET = sa.select(*columns).where(
    appointments.c.tenant == sa.bindparam("tenant"), appointments.c.id == sa.bindparam("id")
)
_GET_LOCKED = _GET.with_for_update()
_ALL = sa.select(*columns).order_by(appointments.c.start, appointments.c.tenant, appointments.c.id)

# Read in every turn that offers times. One row a resource: a week has hundreds of slices, and rows are what costs.
_BUSY = (
    sa.select(slices.c.resource, sa.func.aggregate_strings(sa.cast(slices.c.slice, sa.Text), ","))
    .where(
        slices.c.tenant == sa.bindparam("tenant"),
        slices.c.resource.in_(sa.bindparam("resources", expanding=True)),
        slices.c.slice.between(sa.bindparam("first"), sa.bindparam("last")),
        slices.c.appointment != sa.bindparam("without"),
    )
    .group_by(slices.c.resource)
)


class _Taken(Exception):
    """Rolls back to before the first slice."""


class Appointments:
    """All that is done with appointments."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def busy(
        self, tenant: str, resources: Sequence[str], start: datetime, end: datetime, *, without: str = ""
    ) -> dict[str, frozenset[int]]:
        """Occupied slices (epoch seconds // 300) by resource; `without` leaves one appointment out, for a move."""
        span = slice_numbers(start, end)
        wanted = {"tenant": tenant, "resources": list(resources), "without": without}
        found: dict[str, frozenset[int]] = dict.fromkeys(resources, frozenset())
        rows = await self.database.look(_BUSY, {**wanted, "first": span.start, "last": span.stop - 1})
        return found | {resource: frozenset(map(int, numbers.split(","))) for resource, numbers in rows}

    async def book(self, key: str, fingerprint: str, wanted: Appointment, *, others: Others = ()) -> Written:
        """Put a new appointment down, unless its time is taken. `others` are resources that will do as well."""
        _check(wanted)
        booked = dataclasses.replace(wanted, status="booked", version=1)

        async def work(connection: AsyncConnection) -> Written:
            placed = await _placed(connection, booked, others)
            if placed is None:
                return Written("taken")
            await _insert_row(connection, placed)
            return Written("done", placed)

        return await once(self.database, wanted.tenant, key, fingerprint, "book", work)

    async def move(
        self,
        key: str,
        fingerprint: str,
        tenant: str,
        appointment_id: str,
        contact: str,
        *,
        start: datetime,
        end: datetime,
        busy_end: datetime,
        person: str,
        resources: Sequence[str],
        price: str,
        agreed_at: datetime | None = None,
        others: Others = (),
    ) -> Written:
        """Give a booked appointment another time or person; the old time stays when the new one is taken."""

        def moved(before: Appointment) -> Appointment:
            return dataclasses.replace(
                before,
                start=start,
                end=end,
                busy_end=busy_end,
                person=person,
                resources=tuple(resources),
                price=price,
                agreed_at=agreed_at,
                version=before.version + 1,
            )

        work = _change(tenant, appointment_id, contact, "booked", moved, others)
        return await once(self.database, tenant, key, fingerprint, "move", work)

    async def cancel(self, key: str, fingerprint: str, tenant: str, appointment_id: str, contact: str) -> Written:
        """Cancel a booked appointment and free its time."""

        def cancelled(before: Appointment) -> Appointment:
            return dataclasses.replace(before, status="cancelled", version=before.version + 1)

        work = _change(tenant, appointment_id, contact, "booked", cancelled)
        return await once(self.database, tenant, key, fingerprint, "cancel", work)

    async def restore(
        self,
        key: str,
        fingerprint: str,
        tenant: str,
        appointment_id: str,
        contact: str,
        agreed_at: datetime | None = None,
    ) -> Written:
        """Bring a cancelled appointment back, unless its time has gone to somebody else."""

        def booked(before: Appointment) -> Appointment:
            return dataclasses.replace(before, status="booked", agreed_at=agreed_at, version=before.version + 1)

        work = _change(tenant, appointment_id, contact, "cancelled", booked)
        return await once(self.database, tenant, key, fingerprint, "restore", work)

    async def mark_no_show(self, tenant: str, appointment_id: str, at: datetime) -> Appointment | None:
        """Note that nobody came to a booked appointment; the first mark stands. None when there is no such one."""
        a = appointments.c
        mine = (a.tenant == tenant) & (a.id == appointment_id)

        async def work(connection: AsyncConnection) -> None:
            marked = sa.update(appointments).where(mine, a.status == "booked", a.start <= at, a.no_show_at.is_(None))
            await connection.execute(marked.values(no_show_at=at))

        await self.database.attempt(work)
        found = await self.get(tenant, appointment_id)
        return found if found is not None and found.no_show_at is not None else None

    async def lookup(self, tenant: str, key: str) -> Written | None:
        """What became of a write; None when it surely never happened."""
        async with self.database.reading() as connection:
            row = await find(connection, tenant, key)
        return None if row is None else _written(row)

    async def get(self, tenant: str, appointment_id: str) -> Appointment | None:
        """One appointment of this tenant."""
        rows = await self.database.look(_GET, {"tenant": tenant, "id": appointment_id})
        return appointment_of(rows[0]._asdict()) if rows else None

    async def find(self, appointment_id: str, tenant: str = "") -> Appointment | None:
        """One appointment by its id, among all tenants unless one is named."""
        a = appointments.c
        query = _ALL.where(a.id == appointment_id, *([a.tenant == tenant] if tenant else []))
        rows = await self.database.look(query.limit(1), {})
        return appointment_of(rows[0]._asdict()) if rows else None

    async def of_contact(
        self, tenant: str, contact: str, *, after: datetime, phone: str = ""
    ) -> tuple[Appointment, ...]:
        """The contact's booked appointments from `after` on, earliest first; also those under `phone`."""
        whose = [appointments.c.contact == contact] if contact else []
        if phone:
            whose.append(appointments.c.phone == phone)
        if not whose:
            return ()
        a = appointments.c
        query = _ALL.where(a.tenant == tenant, a.status == "booked", a.start >= after, sa.or_(*whose))
        return tuple(appointment_of(row._asdict()) for row in await self.database.look(query, {}))

    async def all(self, tenant: str = "") -> tuple[Appointment, ...]:
        """All appointments of a tenant, or of all tenants, in the order of their start."""
        query = _ALL.where(appointments.c.tenant == tenant) if tenant else _ALL
        async with self.database.reading() as connection:
            return tuple(appointment_of(row._asdict()) for row in await connection.execute(query))


async def once(database: Database, tenant: str, key: str, fingerprint: str, action: str, work: Work) -> Written:
    """Run `work` in one transaction with its ledger row; the same key again gives the first outcome again."""
    wanted = Recorded(tenant, key, fingerprint, f"appointments.{action}", "")

    async def guarded(connection: AsyncConnection) -> Written:
        if (known := await claim(connection, wanted)) is not None:
            return _written(known)
        written = await work(connection)
        await settle(connection, tenant, key, written.name, _facts(written))
        return written

    return await database.attempt(guarded)


def slice_numbers(start: datetime, end: datetime) -> range:
    """The slices that a time touches; both ends are rounded outwards."""
    return range(int(start.timestamp() // SLICE_S), int(-(-end.timestamp() // SLICE_S)))


def _check(wanted: Appointment) -> None:
    times = (wanted.start, wanted.end, wanted.busy_end)
    if any(time.tzinfo is None for time in times) or not wanted.start < wanted.end <= wanted.busy_end:
        raise BugError(f"appointment {wanted.id} of tenant {wanted.tenant}: its times are naive or out of order")
    if not wanted.resources:
        raise BugError(f"appointment {wanted.id} of tenant {wanted.tenant} occupies nothing: it could be double booked")


def _change(
    tenant: str,
    appointment_id: str,
    contact: str,
    needed: Status,
    changed: Callable[[Appointment], Appointment],
    others: Others = (),
) -> Work:
    async def work(connection: AsyncConnection) -> Written:
        before = await locked(connection, tenant, appointment_id)
        if before is None or before.status != needed or (contact and before.contact != contact):
            return Written("gone")
        wanted = changed(before)
        _check(wanted)
        after = await _placed(connection, wanted, others)
        if after is None:
            return Written("taken", before=before)
        where = (appointments.c.tenant == tenant) & (appointments.c.id == appointment_id)
        values = {**_row(after), "changed_at": datetime.now(UTC)}
        await connection.execute(sa.update(appointments).where(where).values(**values))
        return Written("done", after, before)

    return work


async def _placed(connection: AsyncConnection, wanted: Appointment, others: Others) -> Appointment | None:
    """The appointment with the first of these resources that are free, their slices written."""
    for resources in (wanted.resources, *others):
        placed = dataclasses.replace(wanted, resources=resources)
        if await _occupy(connection, placed):
            return placed
    return None


async def _occupy(connection: AsyncConnection, wanted: Appointment) -> bool:
    """Make the slices what this appointment needs, or leave them as they were (False: somebody has one of them).

    The old ones go first: a move by one slice would meet its own rows. Sorted, so that two bookings wait and never
    deadlock.
    """
    numbers = slice_numbers(wanted.start, wanted.busy_end) if wanted.status == "booked" else ()
    rows = [
        {"tenant": wanted.tenant, "resource": resource, "slice": number, "appointment": wanted.id}
        for resource in sorted(set(wanted.resources))
        for number in numbers
    ]
    own = (slices.c.tenant == wanted.tenant) & (slices.c.appointment == wanted.id)
    try:
        async with connection.begin_nested():
            await connection.execute(sa.delete(slices).where(own))
            if rows:
                await _insert_slices(connection, rows)
    except _Taken:
        return False
    return True


async def _insert_slices(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    try:
        await connection.execute(sa.insert(slices), rows)
    except IntegrityError as error:
        raise _Taken from error


async def _insert_row(connection: AsyncConnection, booked: Appointment) -> None:
    now = datetime.now(UTC)
    try:
        await connection.execute(sa.insert(appointments), {**_row(booked), "created_at": now, "changed_at": now})
    except IntegrityError as error:
        raise BugError(f"tenant {booked.tenant} has an appointment {booked.id} already, under another key") from error


async def locked(connection: AsyncConnection, tenant: str, appointment_id: str) -> Appointment | None:
    """One appointment, which nobody else changes before this transaction ends."""
    row = (await connection.execute(_GET_LOCKED, {"tenant": tenant, "id": appointment_id})).one_or_none()
    return None if row is None else appointment_of(row._asdict())


def _row(appointment: Appointment) -> dict[str, Any]:
    row = {name: getattr(appointment, name) for name in _FIELDS}
    # PostgreSQL takes no NUL in a text, and nobody's name has one.
    row |= {name: value.replace("\0", "") for name, value in row.items() if isinstance(value, str)}
    return row | {"resources": list(appointment.resources)}


def appointment_of(row: Mapping[str, Any]) -> Appointment:
    return Appointment(**{**row, "resources": tuple(row["resources"])})


def _facts(written: Written) -> dict[str, Any]:
    """A Written as JSON. Version 1: `appointment` and `before`, times in ISO."""
    facts: dict[str, Any] = {"v": 1}
    for part in ("appointment", "before"):
        appointment: Appointment | None = getattr(written, part)
        facts[part] = None if appointment is None else _row(appointment)
    return facts


def _written(row: Recorded) -> Written:
    outcome = row.outcome
    return Written(_NAMES[row.name], _from_facts(outcome.get("appointment")), _from_facts(outcome.get("before")))


def _from_facts(facts: Mapping[str, Any] | None) -> Appointment | None:
    if facts is None:
        return None
    times = {name: datetime.fromisoformat(facts[name]).astimezone(UTC) for name in _TIMES if facts.get(name)}
    return appointment_of({**{name: facts[name] for name in _FIELDS if name in facts}, **times})
