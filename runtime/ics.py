"""Appointments as an iCalendar file (RFC 5545): one that a customer puts into their calendar, or all for the business.

An appointment keeps its UID for ever and counts SEQUENCE with each change, so that a calendar that has it already moves
or removes its entry. Times are in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from runtime.core.business import Business
from runtime.records.appointments import Appointment

CONTENT_TYPE = "text/calendar"


def calendar_of(business: Business, appointments: Iterable[Appointment], now: datetime, language: str = "") -> bytes:
    """The file. METHOD is CANCEL where all that it holds is cancelled, else PUBLISH."""
    import icalendar  # a third of a second, and only few processes ever write such a file

    appointments = tuple(appointments)
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Frontdesk//Appointments//EN")
    off = bool(appointments) and all(one.status == "cancelled" for one in appointments)
    calendar.add("method", "CANCEL" if off else "PUBLISH")
    for appointment in appointments:
        event = icalendar.Event()
        for name, value in _fields(business, appointment, now, language or business.languages[0]).items():
            if value not in ("", None):
                event.add(name, value)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _fields(business: Business, appointment: Appointment, now: datetime, language: str) -> dict[str, object]:
    service, person = business.service(appointment.service), business.person(appointment.person)
    names = service.names if service else {}
    called = names.get(language) or next(iter(names.values()), appointment.service)
    return {
        "uid": f"{appointment.id}@{appointment.tenant}.frontdesk",
        "dtstamp": now.astimezone(UTC),
        "dtstart": appointment.start.astimezone(UTC),
        "dtend": appointment.end.astimezone(UTC),
        "sequence": appointment.version,
        "status": "CANCELLED" if appointment.status == "cancelled" else "CONFIRMED",
        "summary": f"{called} ({business.name})",
        "description": person.name if person else "",
        "location": business.address.get(language) or next(iter(business.address.values()), ""),
        "contact": business.phone or business.email,
    }
