"""What came out, in the values and offers that flows and sayings read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from runtime.core.business import Business, Service
from runtime.core.events import Outcome
from runtime.core.values import Offer, Value
from runtime.records.appointments import Appointment, Written
from skills.booking.free_times import FreeTime
from skills.booking.search import Found

Undone = Literal["booked", "moved", "cancelled"]


def search_outcome(found: Found, business: Business, service: Service, language: str) -> Outcome:
    """found, offers or none, with a notice."""
    values: dict[str, Value] = {"notice": found.notice}
    if found.closed_day is not None:
        values["closed_day"] = found.closed_day.isoformat()
    name = "found" if found.exact else "offers" if found.offers else "none"
    return Outcome("done", name, values, tuple(_offer(free, business, service, language) for free in found.offers))


def own_outcome(found: Sequence[Appointment], business: Business, language: str) -> Outcome:
    """one, several or none."""
    zone = ZoneInfo(business.timezone)
    offers = tuple(_own_offer(appointment, business, language, zone) for appointment in found)
    values: dict[str, Value] = {"count": len(found)}
    if len(found) == 1:
        values |= appointment_values(found[0], zone)
    return Outcome("done", {0: "none", 1: "one"}.get(len(found), "several"), values, offers)


def written_outcome(written: Written, zone: tzinfo) -> Outcome:
    """done, taken or gone, with what holds now and what held before."""
    if written.name != "done" or written.appointment is None:
        return Outcome("refused", written.name)
    values = appointment_values(written.appointment, zone)
    before = written.before
    if before is not None and before.status == written.appointment.status:
        values |= {"before_start": before.start.astimezone(zone).isoformat(), "before_staff": before.person}
    return Outcome("done", "done", values)


def undone_outcome(written: Written, undone: Undone, zone: tzinfo) -> Outcome:
    """As a written outcome, and what it was that is taken back."""
    outcome = written_outcome(written, zone)
    return Outcome(outcome.kind, outcome.name, {**outcome.values, "undone": undone})


def undone_by_taking_back(written: Written) -> Undone:
    """What a write had done."""
    after, before = written.appointment, written.before
    if after is not None and after.status == "cancelled":
        return "cancelled"
    return "booked" if before is None or before.status == "cancelled" else "moved"


def appointment_values(appointment: Appointment, zone: tzinfo) -> dict[str, Value]:
    """An appointment as values."""
    return {
        "appointment": appointment.id,
        "start": appointment.start.astimezone(zone).isoformat(),
        "end": appointment.end.astimezone(zone).isoformat(),
        "staff": appointment.person,
        "service": appointment.service,
        "price": appointment.price,
    }


def _offer(free: FreeTime, business: Business, service: Service, language: str) -> Offer:
    values: dict[str, Value] = {
        "start": free.start.isoformat(),
        "staff": free.staff,
        "end": free.end.isoformat(),
    }
    facts = {"staff_name": _staff_name(business, free.staff), "service_name": _name(service, language)}
    return Offer(free.id, values, facts)


def _own_offer(appointment: Appointment, business: Business, language: str, zone: tzinfo) -> Offer:
    service = business.service(appointment.service)
    facts = {
        "service_name": _name(service, language) if service else appointment.service,
        "service": appointment.service,
        "start": appointment.start.astimezone(zone).isoformat(),
        "staff": appointment.person,
        "staff_name": _staff_name(business, appointment.person),
    }
    return Offer(appointment.id, {"appointment": appointment.id}, facts)


def _staff_name(business: Business, staff: str) -> str:
    person = business.person(staff)
    return person.name if person else ""


def _name(service: Service, language: str) -> str:
    return service.names.get(language) or next(iter(service.names.values()), service.id)
