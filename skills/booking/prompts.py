"""What booking has to tell on its own: reminders before appointments, a question after a no-show.

A source finds what is due, an action claims it when its time has come. In between everything may have changed: the
claim looks at the appointment itself and goes by its version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as phone_zones

from runtime.core.business import Business, Desk
from runtime.core.events import Outcome
from runtime.core.quiet import told_at
from runtime.core.values import Value
from runtime.ports import ActionCall, ActionKey, PromptDue
from runtime.records.appointments import Appointment, Appointments
from runtime.records.prompts import Address, Mark, Prompts, Upcoming
from skills.booking.outcomes import appointment_values, written_outcome
from skills.booking.subject import fingerprint_of, text_of

AHEAD = timedelta(hours=24)
"""So far ahead timers lie in Redis; all the rest is in the appointments alone."""
LATEST = timedelta(minutes=15)
"""A reminder that comes later before its appointment than this helps nobody."""


class Reminders:
    """Reminders at the lead times of each business."""

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts

    async def due(self, desks: Mapping[str, Desk], now: datetime, epoch: str) -> Sequence[PromptDue]:
        """Those of the next day, businesses with the same lead time in one look."""
        found: list[PromptDue] = []
        for lead_min in sorted({lead for desk in desks.values() for lead in desk.business.policies.reminders_min}):
            tenants = [name for name, desk in desks.items() if lead_min in desk.business.policies.reminders_min]
            found += await self._at_lead(desks, tenants, lead_min, now, epoch)
        return found

    async def _at_lead(
        self, desks: Mapping[str, Desk], tenants: Sequence[str], lead_min: int, now: datetime, epoch: str
    ) -> list[PromptDue]:
        lead, kind = timedelta(minutes=lead_min), f"reminder.{lead_min}"
        # What is due in the morning may be told the evening before.
        rows = await self._prompts.reminders(tenants, kind, lead, now, now + 2 * AHEAD, epoch)
        found, late = [], []
        for row in rows:
            business = desks[row.appointment.tenant].business
            at = _reminded_at(row.appointment, lead, business)
            agreed_at = row.appointment.agreed_at
            if agreed_at is not None and agreed_at >= at:
                late.append(_mark(row.appointment, kind))
            elif at <= now + AHEAD and row.appointment.start > now + LATEST:
                found.append(_due(row, kind, "reminder", "booking.remind", at, business))
        await self._prompts.passed_over(late, now)
        return found

    async def noted(self, due: Sequence[PromptDue], epoch: str) -> None:
        """Remember their timers."""
        await self._prompts.noted({_mark_of(one.tenant, one.facts): one.at for one in due}, epoch)


class NoShows:
    """One friendly question after an appointment that staff marked as missed."""

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts

    async def due(self, desks: Mapping[str, Desk], now: datetime, epoch: str) -> Sequence[PromptDue]:
        """All that are marked and not asked about."""
        found = []
        for row in await self._prompts.no_shows(list(desks), "no_show", now, epoch):
            business = desks[row.appointment.tenant].business
            quiet, zone = business.policies.quiet, zone_of(row.appointment.phone, business)
            at = told_at(now, now + AHEAD, zone, quiet)
            found.append(_due(row, "no_show", "no_show", "booking.follow_up", at, business))
        return found

    async def noted(self, due: Sequence[PromptDue], epoch: str) -> None:
        """Remember their timers."""
        await self._prompts.noted({_mark_of(one.tenant, one.facts): one.at for one in due}, epoch)


class _Claim:
    """What both claims share."""

    access = "write"
    action = ""

    def __init__(self, store: Appointments, prompts: Prompts) -> None:
        self._store = store
        self._prompts = prompts

    def stands(self, now: datetime) -> Callable[[Appointment], bool]:
        """Whether an appointment, in the version that the prompt is about, still wants it told."""
        raise NotImplementedError

    async def run(self, call: ActionCall) -> Outcome:
        """done, for the first to tell it; refused: gone."""
        mark = _mark_of(call.tenant, call.arguments)
        fingerprint = fingerprint_of(call.arguments)
        written = await self._prompts.told(call.key, fingerprint, mark, call.now, self.stands(call.now))
        return written_outcome(written, ZoneInfo(call.desk.business.timezone))

    async def lookup(self, key: ActionKey) -> Outcome | None:
        """What became of it; the offset of the start is the one that it was set with."""
        written = await self._store.lookup(key.tenant, key.key)
        start = text_of(key.arguments, "start")
        zone = datetime.fromisoformat(start).tzinfo if start else None
        return None if written is None or zone is None else written_outcome(written, zone)


class Remind(_Claim):
    """`booking.remind`: the one telling of a reminder."""

    def stands(self, now: datetime) -> Callable[[Appointment], bool]:
        return lambda appointment: appointment.status == "booked" and appointment.start > now


class FollowUp(_Claim):
    """`booking.follow_up`: the one question after a no-show, as long as it is marked."""

    def stands(self, now: datetime) -> Callable[[Appointment], bool]:
        return lambda appointment: appointment.no_show_at is not None


def zone_of(phone: str, business: Business) -> str:
    """The customer's time zone where their phone number tells it, else the business's."""
    try:
        zones = phone_zones.time_zones_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return business.timezone
    return zones[0] if len(zones) == 1 and zones[0] != phone_zones.UNKNOWN_TIMEZONE else business.timezone


def _reminded_at(appointment: Appointment, lead: timedelta, business: Business) -> datetime:
    latest = appointment.start - LATEST
    return told_at(appointment.start - lead, latest, zone_of(appointment.phone, business), business.policies.quiet)


def _due(row: Upcoming, mark_kind: str, kind: str, claim: str, at: datetime, business: Business) -> PromptDue:
    appointment, to = row.appointment, row.address
    facts: dict[str, Value] = {
        **appointment_values(appointment, ZoneInfo(business.timezone)),
        "mark": mark_kind,
        "version": appointment.version,
        "zone": zone_of(appointment.phone, business),
    }
    name = f"{mark_kind}:{appointment.id}:{appointment.version}"
    return prompt_for(to, kind=kind, name=name, facts=facts, claim=claim, at=at)


def prompt_for(to: Address, *, kind: str, name: str, facts: Mapping[str, Value], claim: str, at: datetime) -> PromptDue:
    """A prompt for the customer of this address."""
    where = {part: getattr(to, part) for part in Address.__dataclass_fields__}
    return PromptDue(**where, kind=kind, name=name, facts=facts, claim=claim, at=at)


def _mark(appointment: Appointment, kind: str) -> Mark:
    return Mark(appointment.tenant, kind, appointment.id, appointment.version)


def _mark_of(tenant: str, facts: Mapping[str, Value]) -> Mark:
    version = facts.get("version")
    return Mark(
        tenant, str(facts.get("mark", "")), str(facts["appointment"]), version if isinstance(version, int) else 0
    )
