"""What a booking is about: reads an action's arguments. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from runtime.core.business import Business, Service
from runtime.core.values import ANY, Value
from runtime.records.appointments import Appointment


def text_of(arguments: Mapping[str, Value], name: str) -> str:
    """A text argument; "" where it is absent or anything."""
    value = arguments.get(name)
    return value if isinstance(value, str) and value != ANY else ""


def service_of(business: Business, arguments: Mapping[str, Value], moving: Appointment | None = None) -> Service | None:
    """The service meant: the one named, that of the appointment, or the only one there is."""
    named = text_of(arguments, "service")
    if named:
        return business.service(named)
    if moving is not None:
        return service_of_appointment(business, moving)
    return business.services[0] if len(business.services) == 1 else None


def service_of_appointment(business: Business, appointment: Appointment) -> Service:
    """The appointment's service; one that is no longer offered keeps the length it had."""
    known = business.service(appointment.service)
    if known is not None:
        return known
    duration = round((appointment.end - appointment.start).total_seconds() / 60)
    buffer = round((appointment.busy_end - appointment.end).total_seconds() / 60)
    name = dict.fromkeys(business.languages, appointment.service)
    return Service(appointment.service, name, (), duration, appointment.price, (), buffer_min=buffer)


def start_of(arguments: Mapping[str, Value], zone: ZoneInfo) -> datetime | None:
    """The start as a local time with offset."""
    try:
        start = datetime.fromisoformat(text_of(arguments, "start"))
    except ValueError:
        return None
    return start.replace(tzinfo=zone) if start.tzinfo is None else start.astimezone(zone)


def fingerprint_of(arguments: Mapping[str, Value]) -> str:
    """The same for the same arguments, in any process."""
    plain = {name: value if isinstance(value, str | int) else repr(value) for name, value in arguments.items()}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2s(text.encode(), digest_size=16).hexdigest()


def appointment_id_of(tenant: str, key: str) -> str:
    """An appointment's id comes from its write's key: the same booking run twice is the same appointment."""
    return hashlib.blake2s(f"{tenant}/{key}".encode(), digest_size=10).hexdigest()
