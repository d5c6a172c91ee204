"""What booking only looks up: free times and a contact's own appointments. A broken store raises."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from runtime.core.events import Outcome
from runtime.core.values import ANY, When
from runtime.ports import ActionCall, ActionKey
from runtime.records.appointments import Appointment, Appointments
from skills.booking.free_times import Busy, Calendar, FreeTime, staff_of
from skills.booking.in_order import people_in_order, with_branch
from skills.booking.outcomes import own_outcome, search_outcome
from skills.booking.search import Found, search
from skills.booking.subject import service_of, text_of
from skills.booking.wish import Wish, read_wish

CHUNK_DAYS = 14
"""So many days' occupied times are read at once."""


class FindFreeTimes:
    """`booking.find_free_times`: the wished time if it is free, else up to three offers and why."""

    access = "read"

    def __init__(self, store: Appointments) -> None:
        self._store = store

    async def run(self, call: ActionCall) -> Outcome:
        """Search from the arguments, see the README of this folder; people who are wished for in their order."""
        order = people_in_order(text_of(call.arguments, "staff"))
        for wished in order[:-1]:
            outcome = await self._found(call, wished)
            if not outcome.values.get("notice"):
                return with_branch(outcome, order, wished)
        return with_branch(await self._found(call, order[-1]), order, order[-1])

    async def _found(self, call: ActionCall, wished: str) -> Outcome:
        business = call.desk.business
        moving = await self._moving(call)
        service = service_of(business, call.arguments, moving)
        if service is None:
            return Outcome("refused", "failed")
        staff = staff_of(business, service, wished)
        able = staff or staff_of(business, service)
        calendar = Calendar(business, service, able, call.now, prefer=moving.person if moving else "")
        wish = dataclasses.replace(read_wish(call.arguments, calendar.zone), staff=wished)
        wish = _for_move(wish, moving, calendar) if moving else wish
        days = Days(self._store, call.tenant, calendar, moving.id if moving else "")
        found = await _searched(calendar, wish, moving, days)
        if not staff:
            # Wished for somebody who does not do this: what the others have is an offer, never what was asked for.
            found = Found(found.offers, "staff_off")
        return search_outcome(found, business, service, call.language)

    async def lookup(self, key: ActionKey) -> Outcome | None:
        """Reads are never asked."""
        return None

    async def _moving(self, call: ActionCall) -> Appointment | None:
        appointment_id = text_of(call.arguments, "appointment")
        return await self._store.get(call.tenant, appointment_id) if appointment_id else None


async def _searched(calendar: Calendar, wish: Wish, moving: Appointment | None, days: Days) -> Found:
    """What is free; who moves to another day and names no hour wants the hour that they have, if that is free."""
    if moving is not None and len(wish.when.days) == 1 and not wish.when.names_clock and not wish.shown:
        clock = moving.start.astimezone(calendar.zone).time()
        found = await search(
            calendar, dataclasses.replace(wish, when=wish.when.merged(When(clock=(clock,)))), days.free_on
        )
        if found.exact:
            return found
    return await search(calendar, wish, days.free_on)


def _for_move(wish: Wish, moving: Appointment, calendar: Calendar) -> Wish:
    """Not the present time, rather close to it; a bare clock ("auf 16 Uhr") means the same day."""
    present = moving.start.astimezone(calendar.zone)
    when = wish.when
    if when.names_clock and not when.names_day and present.date() not in wish.not_days:
        when = dataclasses.replace(when, days=(present.date(),))
    near = None if when.names_clock else present.time()
    return dataclasses.replace(wish, when=when, not_start=present, near=near)


class Days:
    """Free times of a day, with occupied slices read a fortnight at a time and only where a search looks."""

    def __init__(self, store: Appointments, tenant: str, calendar: Calendar, without: str) -> None:
        self._store = store
        self._tenant = tenant
        self._calendar = calendar
        self._without = without
        self._busy: dict[int, Busy] = {}
        self._free: dict[date, tuple[FreeTime, ...]] = {}

    async def free_on(self, day: date) -> tuple[FreeTime, ...]:
        calendar = self._calendar
        if not calendar.today <= day <= calendar.last_day:
            return ()
        if day not in self._free:
            chunk = (day - calendar.today).days // CHUNK_DAYS
            if chunk not in self._busy:
                self._busy[chunk] = await self._read(chunk)
            self._free[day] = calendar.free_on(day, self._busy[chunk])
        return self._free[day]

    async def _read(self, chunk: int) -> Busy:
        calendar = self._calendar
        first = calendar.today + timedelta(days=chunk * CHUNK_DAYS)
        start = datetime.combine(first, time(), calendar.zone)
        # A day more: what starts late in the evening may end after midnight.
        end = datetime.combine(first + timedelta(days=CHUNK_DAYS + 1), time(), calendar.zone)
        return await self._store.busy(self._tenant, calendar.resources, start, end, without=self._without)


MOST_LISTED = 12
"""Appointments that are named at once, the next ones; the session keeps them."""


class MyAppointments:
    """`booking.my_appointments`: the contact's booked appointments from now on, narrowed where words fit just one."""

    access = "read"

    def __init__(self, store: Appointments) -> None:
        self._store = store

    async def run(self, call: ActionCall) -> Outcome:
        """Look them up. Names: one, several, none."""
        phone = text_of(call.arguments, "phone")
        found = await self._store.of_contact(call.tenant, call.contact, after=call.now, phone=phone)
        return own_outcome(_narrowed(found, call)[:MOST_LISTED], call.desk.business, call.language)

    async def lookup(self, key: ActionKey) -> Outcome | None:
        """Reads are never asked."""
        return None


def _narrowed(found: tuple[Appointment, ...], call: ActionCall) -> tuple[Appointment, ...]:
    """The one that the words mean; all of them when the words fit none or several."""
    when = call.arguments.get("when", ANY)
    wish = Wish(when=when) if isinstance(when, When) else Wish()
    service = text_of(call.arguments, "service")
    zone = ZoneInfo(call.desk.business.timezone)
    fitting = tuple(
        appointment
        for appointment in found
        if service in ("", appointment.service) and wish.allows(appointment.start.astimezone(zone))
    )
    return fitting if len(fitting) == 1 else found
