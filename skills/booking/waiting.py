"""The waiting list: joining it, finding a place for those who wait, and offering it to one after the other.

A place that becomes free is not held. Who waits is asked, and for a while nobody else on the list is; they book it
by the normal way with its confirm. Whoever else books it meanwhile was faster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from runtime.core.business import Business, Desk
from runtime.core.events import Outcome
from runtime.core.quiet import told_at
from runtime.core.values import Value, When
from runtime.ports import ActionCall, ActionKey, PromptDue
from runtime.records.appointments import Appointments
from runtime.records.prompts import Mark, Prompts
from runtime.records.waiting import KIND, Waiter, Waiting, WaitingList
from skills.booking.free_times import DESK, Calendar, FreeTime, staff_of
from skills.booking.prompts import AHEAD, prompt_for, zone_of
from skills.booking.reads import Days
from skills.booking.subject import appointment_id_of, start_of, text_of
from skills.booking.wish import Wish

LONGEST = timedelta(days=60)
"""So long somebody waits who named no last day."""
SEARCHED_DAYS = 60
_WHEN = TypeAdapter(When)


class Join:
    """`booking.wait`: onto the waiting list."""

    access = "write"

    def __init__(self, waiting: WaitingList) -> None:
        self._waiting = waiting

    async def run(self, call: ActionCall) -> Outcome:
        """done, or refused: past."""
        business = call.desk.business
        if business.service(text_of(call.arguments, "service")) is None:
            return Outcome("refused", "failed")
        wanted = _wanted(call, business)
        if wanted.until <= call.now:
            return Outcome("refused", "past")
        await self._waiting.add(wanted)
        return _joined(wanted)

    async def lookup(self, key: ActionKey) -> Outcome | None:
        """What became of it."""
        found = await self._waiting.get(key.tenant, appointment_id_of(key.tenant, key.key))
        return None if found is None else _joined(found)


@dataclass(frozen=True, slots=True)
class _Held:
    """A place that is on offer: nobody else is offered it, or one that overlaps with it."""

    tenant: str
    staff: str
    start: datetime
    end: datetime

    def clashes(self, other: _Held | None) -> bool:
        """Whether only one of both can be booked."""
        if other is None or (self.tenant, self.staff) != (other.tenant, other.staff):
            return False
        return self.start < other.end and other.start < self.end


def _held(one: Waiting, business: Business) -> _Held | None:
    """The place that is on offer to somebody; None when the business no longer has the service."""
    stamp, _, staff = one.offered.partition("-")
    service = business.service(one.service)
    if service is None or not stamp:
        return None
    start = datetime.strptime(stamp, "%Y%m%dT%H%M").replace(tzinfo=UTC)
    return _Held(one.tenant, staff, start, start + timedelta(minutes=service.duration_min))


class Places:
    """Finds a free place for those who wait."""

    def __init__(self, waiting: WaitingList, appointments: Appointments, prompts: Prompts) -> None:
        self._waiting = waiting
        self._appointments = appointments
        self._prompts = prompts

    async def due(self, desks: Mapping[str, Desk], now: datetime, epoch: str) -> Sequence[PromptDue]:
        """One place for each who waits and is not being asked; what is on offer is not offered to another."""
        tenants = [name for name, desk in desks.items() if desk.business.policies.waiting_list]
        waiters = await self._waiting.waiting(tenants, now, epoch) if tenants else ()
        asked = {one.waiting.id for one in waiters if one.has_offer(now)}
        held = [_held(one.waiting, desks[one.waiting.tenant].business) for one in waiters if one.waiting.id in asked]
        found: list[PromptDue] = []
        for one in waiters:
            business = desks[one.waiting.tenant].business
            free = None if one.waiting.id in asked else await self._place(one.waiting, business, now, held)
            if free is None:
                continue
            held.append(_Held(one.waiting.tenant, free.staff, free.start, free.end))
            if not one.coming:  # One that is on its way keeps its place until then.
                found.append(_offer(one, free, business, now))
        return found

    async def noted(self, due: Sequence[PromptDue], epoch: str) -> None:
        """Remember their timers."""
        await self._prompts.noted({_mark_of(one.tenant, one.facts): one.at for one in due}, epoch)

    async def _place(
        self, one: Waiting, business: Business, now: datetime, held: Sequence[_Held | None]
    ) -> FreeTime | None:
        service = business.service(one.service)
        if service is None:
            return None
        calendar = Calendar(business, service, staff_of(business, service, one.person or "*"), now)
        days, wish = Days(self._appointments, one.tenant, calendar, ""), Wish(_WHEN.validate_python(one.wish))
        last = min(calendar.last_day, one.until.astimezone(calendar.zone).date())
        for number in range(SEARCHED_DAYS):
            day = calendar.today + timedelta(days=number)
            if day > last:
                return None
            for free in await days.free_on(day) if wish.fits_day(day) else ():
                mine = _Held(one.tenant, free.staff, free.start, free.end)
                fits = wish.allows_start(free.start) and free.id not in one.passed
                if fits and not any(mine.clashes(other) for other in held):
                    return free
        return None


class OfferPlace:
    """`booking.offer_place`: the one telling of a place, as long as it is free."""

    access = "write"

    def __init__(self, waiting: WaitingList, appointments: Appointments) -> None:
        self._waiting = waiting
        self._appointments = appointments

    async def run(self, call: ActionCall) -> Outcome:
        """done with until when it holds; refused: gone."""
        business, arguments = call.desk.business, call.arguments
        service, start = business.service(text_of(arguments, "service")), start_of(arguments, _zone(business))
        if service is None or start is None:
            return Outcome("refused", "gone")
        if not await self._is_free(
            call, Calendar(business, service, (text_of(arguments, "staff") or DESK,), call.now), start
        ):
            return Outcome("refused", "gone")
        until = min(call.now + timedelta(minutes=business.policies.waiting_offer_min), start.astimezone(UTC))
        mark = _mark_of(call.tenant, arguments)
        end = start + timedelta(minutes=service.duration_min)
        mine = _Held(call.tenant, text_of(arguments, "staff") or DESK, start, end)
        holds = await self._waiting.offer(
            call.key, mark, text_of(arguments, "place"), until, call.now, lambda one: mine.clashes(_held(one, business))
        )
        return _told(holds, _zone(business))

    async def _is_free(self, call: ActionCall, calendar: Calendar, start: datetime) -> bool:
        day = datetime.combine(start.date(), time(), calendar.zone)
        busy = await self._appointments.busy(call.tenant, calendar.resources, day, day + timedelta(days=2))
        return start > call.now and calendar.at(start, calendar.staff[0], busy) is not None

    async def lookup(self, key: ActionKey) -> Outcome | None:
        """What became of it."""
        mark = _mark_of(key.tenant, key.arguments)
        found = await self._waiting.get(key.tenant, mark.subject)
        if found is None or found.version < mark.version:
            return None
        return _told(found.offered_until, UTC) if found.version == mark.version else Outcome("refused", "gone")


def _wanted(call: ActionCall, business: Business) -> Waiting:
    wish = call.arguments.get("start")
    when = wish if isinstance(wish, When) else When()
    zone = _zone(business)
    return Waiting(
        tenant=call.tenant,
        id=appointment_id_of(call.tenant, call.key),
        contact=call.contact,
        conversation=call.conversation,
        service=text_of(call.arguments, "service"),
        person=text_of(call.arguments, "staff"),
        name=text_of(call.arguments, "name"),
        phone=text_of(call.arguments, "phone"),
        wish=_WHEN.dump_python(when, mode="json"),
        created_at=call.now,
        until=_until(when, call.now, zone),
    )


def _until(when: When, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of the last day that the wish allows."""
    last: date | None = max(when.days, default=None) or when.until_day
    if last is None:
        return now + LONGEST
    return datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)


def _joined(wanted: Waiting) -> Outcome:
    return Outcome("done", "done", {"waiting": wanted.id, "service": wanted.service})


def _told(until: datetime | None, zone: Any) -> Outcome:
    if until is None:
        return Outcome("refused", "gone")
    return Outcome("done", "done", {"until": until.astimezone(zone).isoformat()})


def _offer(one: Waiter, free: FreeTime, business: Business, now: datetime) -> PromptDue:
    facts: dict[str, Value] = {
        "subject": one.waiting.id,
        "mark": KIND,
        "version": one.waiting.version + 1,
        "place": free.id,
        "service": one.waiting.service,
        "staff": "" if free.staff == DESK else free.staff,
        "start": free.start.isoformat(),
        "zone": zone_of(one.waiting.phone, business),
    }
    at = told_at(now, now + AHEAD, str(facts["zone"]), business.policies.quiet)
    name = f"place:{one.waiting.id}:{one.waiting.version + 1}"
    return prompt_for(one.address, kind=KIND, name=name, facts=facts, claim="booking.offer_place", at=at)


def _mark_of(tenant: str, facts: Mapping[str, Value]) -> Mark:
    version = facts.get("version")
    return Mark(tenant, KIND, str(facts["subject"]), version if isinstance(version, int) else 0)


def _zone(business: Business) -> ZoneInfo:
    return ZoneInfo(business.timezone)
