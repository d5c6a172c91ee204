"""What the edge does with single appointments: the calendar file behind a signed link, and staff's marks."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.desks import DeskBook
from runtime.errors import BadRequest, NotFound
from runtime.ics import calendar_of
from runtime.links import AppointmentLinks
from runtime.ports import Clock
from runtime.records.appointments import Appointment, Appointments


class Diary:
    """One installation's appointments, by link or by id."""

    def __init__(self, appointments: Appointments, desks: DeskBook, links: AppointmentLinks, clock: Clock) -> None:
        self._appointments = appointments
        self._desks = desks
        self._links = links
        self._clock = clock

    async def calendar_file(self, token: str, language: str = "") -> bytes:
        """The appointment as it stands now; raises NotFound."""
        tenant, appointment_id = self._links.read(token)
        found = await self._appointments.get(tenant, appointment_id)
        desk = await self._desks.desk(tenant)
        if found is None or desk is None:
            raise NotFound("There is no such appointment any more.")
        return calendar_of(desk.business, (found,), self._clock.now(), language)

    async def mark(self, tenant: str, appointment_id: str, mark: str) -> Mapping[str, str]:
        """Put staff's mark on an appointment."""
        marked = await marked_as(self._appointments, tenant, appointment_id, mark, self._clock)
        return {"id": marked.id, "tenant": marked.tenant, "mark": mark}


async def marked_as(
    appointments: Appointments, tenant: str, appointment_id: str, mark: str, clock: Clock
) -> Appointment:
    """Mark an appointment `no-show`; without a tenant it is looked for among all. Raises NotFound or BadRequest."""
    if mark != "no-show":
        raise BadRequest(f"An appointment can be marked no-show, not {mark}.")
    found = await appointments.find(appointment_id, tenant)
    if found is None:
        raise NotFound(f"There is no appointment {appointment_id}; `frontdesk appointments --json` shows the ids.")
    marked = await appointments.mark_no_show(found.tenant, found.id, clock.now())
    if marked is None:
        raise BadRequest("Only a booked appointment whose time has come can be missed.")
    return marked
