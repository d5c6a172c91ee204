"""What booking changes: book, move, cancel, take back. Each runs once under its key, however often it is called.

The store decides who gets a time. Here the business's own rules are checked again, because a confirm may be old.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from runtime.core.business import Service
from runtime.core.events import Outcome
from runtime.ports import ActionCall, ActionKey
from runtime.records.appointments import Appointment, Appointments, Written
from skills.booking.free_times import Calendar, FreeTime, staff_of
from skills.booking.outcomes import undone_by_taking_back, undone_outcome, written_outcome
from skills.booking.subject import (
    appointment_id_of,
    fingerprint_of,
    service_of,
    service_of_appointment,
    start_of,
    text_of,
)


class _Write:
    """What the writes share: the store, and looking an outcome up by its key."""

    access = "write"

    def __init__(self, store: Appointments) -> None:
        self._store = store

    async def lookup(self, key: ActionKey) -> Outcome | None:
        """What became of it; None when it surely never happened."""
        return await self._recall(key, _offset(key))

    async def _recall(self, key: ActionKey, zone: tzinfo) -> Outcome | None:
        written = await self._store.lookup(key.tenant, key.key)
        return None if written is None else written_outcome(written, zone)

    async def _refused(self, call: ActionCall, name: str) -> Outcome:
        """A rule says no now; but when the write had been done before, that stands."""
        known = await self._recall(ActionKey(call.key, call.tenant, call.arguments), _zone(call))
        return known or Outcome("refused", name)

    async def _place(
        self, call: ActionCall, service: Service, start: datetime, staff: Sequence[str], without: str = ""
    ) -> FreeTime | str:
        """Where to put it, or why not. Of several people the first free one; none free leaves "taken" to the store."""
        business = call.desk.business
        calendar = Calendar(business, service, tuple(staff), call.now, prefer=staff[0] if staff else "")
        if start <= call.now:
            return "past"
        allowed = [person for person in calendar.staff if calendar.allowed(start, person)]
        if not allowed:
            return "closed"
        day = datetime.combine(start.date(), time(), calendar.zone)
        busy = await self._store.busy(call.tenant, calendar.resources, day, day + timedelta(days=2), without=without)
        free = (calendar.at(start, person, busy) for person in allowed)
        return next((found for found in free if found), None) or calendar.at(start, allowed[0], {}) or "closed"


Link = Callable[[str, str], str]
"""Where the calendar file of a tenant's appointment lies; "" for nowhere."""


def no_link(tenant: str, appointment: str) -> str:
    """Where nobody outside can reach us."""
    return ""


class Book(_Write):
    """`booking.book`: a new appointment."""

    def __init__(self, store: Appointments, link: Link = no_link) -> None:
        super().__init__(store)
        self._link = link

    async def run(self, call: ActionCall) -> Outcome:
        """done, or refused: taken, closed, past."""
        business = call.desk.business
        service = service_of(business, call.arguments)
        start = start_of(call.arguments, _zone(call))
        if service is None or start is None:
            return Outcome("refused", "failed")
        staff = staff_of(business, service, text_of(call.arguments, "staff"))
        place = await self._place(call, service, start, staff)
        if isinstance(place, str):
            return await self._refused(call, place)
        wanted = _appointment(call, service, place)
        written = await self._store.book(call.key, fingerprint_of(call.arguments), wanted, others=place.others)
        return self._linked(written_outcome(written, _zone(call)), call.tenant)

    def _linked(self, outcome: Outcome, tenant: str) -> Outcome:
        """The outcome with the address of its calendar file, where there is one."""
        link = self._link(tenant, str(outcome.values["appointment"])) if outcome.name == "done" else ""
        return dataclasses.replace(outcome, values={**outcome.values, "calendar": link}) if link else outcome


class Move(_Write):
    """`booking.move`: another time or person for an appointment."""

    async def run(self, call: ActionCall) -> Outcome:
        """done, or refused: taken, gone, closed, past."""
        business = call.desk.business
        present = await self._store.get(call.tenant, text_of(call.arguments, "appointment"))
        start = start_of(call.arguments, _zone(call))
        if present is None:
            return Outcome("refused", "gone")
        if start is None:
            return Outcome("refused", "failed")
        service = service_of_appointment(business, present)
        staff = sorted(
            staff_of(business, service, text_of(call.arguments, "staff")), key=lambda person: person != present.person
        )
        place = await self._place(call, service, start, staff, without=present.id)
        if isinstance(place, str):
            return await self._refused(call, place)
        written = await self._store.move(
            call.key,
            fingerprint_of(call.arguments),
            call.tenant,
            present.id,
            _owner(call, present),
            start=place.start.astimezone(UTC),
            end=place.end.astimezone(UTC),
            busy_end=place.busy_end.astimezone(UTC),
            person=place.staff,
            resources=place.resources,
            others=place.others,
            price=present.price,
            agreed_at=call.now,
        )
        return written_outcome(written, _zone(call))


class Cancel(_Write):
    """`booking.cancel`: an appointment is off, its time free again."""

    async def run(self, call: ActionCall) -> Outcome:
        """done, or refused: gone."""
        present = await self._store.get(call.tenant, text_of(call.arguments, "appointment"))
        if present is None:
            return Outcome("refused", "gone")
        fingerprint = fingerprint_of(call.arguments)
        written = await self._store.cancel(call.key, fingerprint, call.tenant, present.id, _owner(call, present))
        return written_outcome(written, _zone(call))


class Undo(_Write):
    """`booking.undo`: takes back the write whose ledger key is the argument `of`."""

    async def run(self, call: ActionCall) -> Outcome:
        """done with what was undone, or refused: taken, gone, past."""
        done = await self._store.lookup(call.tenant, text_of(call.arguments, "of"))
        if done is None or done.name != "done" or done.appointment is None:
            return Outcome("refused", "gone")
        undone = undone_by_taking_back(done)
        written = await self._take_back(call, done.appointment, done.before)
        if isinstance(written, str):
            return await self._refused(call, written)
        return undone_outcome(written, undone, _zone(call))

    async def _recall(self, key: ActionKey, zone: tzinfo) -> Outcome | None:
        written = await self._store.lookup(key.tenant, key.key)
        done = await self._store.lookup(key.tenant, text_of(key.arguments, "of"))
        if written is None or done is None:
            return None
        return undone_outcome(written, undone_by_taking_back(done), zone)

    async def _take_back(self, call: ActionCall, after: Appointment, before: Appointment | None) -> Written | str:
        store, fingerprint = self._store, fingerprint_of(call.arguments)
        mine = (call.key, fingerprint, call.tenant, after.id, after.contact)
        if after.status == "booked" and (before is None or before.status == "cancelled"):
            return await store.cancel(*mine)
        back_to = before or after
        if back_to.start <= call.now:
            return "past"
        if after.status == "cancelled":
            return await store.restore(*mine, agreed_at=call.now)
        present = await store.get(call.tenant, after.id)
        if present is None or present.version != after.version:
            # Changed again since then: taking the older change back would undo the newer one with it.
            return "gone"
        return await store.move(
            *mine,
            start=back_to.start,
            end=back_to.end,
            busy_end=back_to.busy_end,
            person=back_to.person,
            resources=back_to.resources,
            price=back_to.price,
            agreed_at=call.now,
        )


def _appointment(call: ActionCall, service: Service, place: FreeTime) -> Appointment:
    return Appointment(
        id=appointment_id_of(call.tenant, call.key),
        tenant=call.tenant,
        contact=call.contact,
        service=service.id,
        person=place.staff,
        name=text_of(call.arguments, "name"),
        phone=text_of(call.arguments, "phone"),
        start=place.start.astimezone(UTC),
        end=place.end.astimezone(UTC),
        busy_end=place.busy_end.astimezone(UTC),
        resources=place.resources,
        price=text_of(call.arguments, "price") or service.price,
        note=text_of(call.arguments, "guest"),
        conversation=call.conversation,
        agreed_at=call.now,
    )


def _owner(call: ActionCall, present: Appointment) -> str:
    """Whose appointment it must be: this contact's, unless the phone number it was booked under is theirs."""
    phone = text_of(call.arguments, "phone")
    return present.contact if phone and phone == present.phone else call.contact


def _zone(call: ActionCall) -> ZoneInfo:
    return ZoneInfo(call.desk.business.timezone)


def _offset(key: ActionKey) -> tzinfo:
    """A lookup has no business at hand: the offset of the wished start, else UTC. The moment is the same."""
    try:
        return datetime.fromisoformat(text_of(key.arguments, "start")).tzinfo or UTC
    except ValueError:
        return UTC
