"""What the booking tests share: a store on SQLite, calls at a fixed time, and wishes in a few letters."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time

from runtime.core.business import Business
from runtime.core.events import Outcome
from runtime.core.values import Value, When
from runtime.ports import ActionCall, ActionKey
from runtime.records.appointments import Appointments
from runtime.records.prompts import Prompts
from runtime.records.waiting import WaitingList
from skills.booking.actions import booking_actions
from tests.support.tenants import desk_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""A Friday, 13:00 in Berlin."""
TUESDAY = date(2026, 11, 24)


class Booking:
    """The booking actions of one business, called by short names."""

    def __init__(self, store: Appointments, own: Business, now: datetime = NOW) -> None:
        self.store = store
        self.actions = booking_actions(store, Prompts(store.database), WaitingList(store.database))
        self.desk = desk_of(own)
        self.now = now
        self._keys = itertools.count(1)

    async def call(self, action: str, arguments: dict[str, Value], *, key: str = "", contact: str = "c1") -> Outcome:
        """Run an action with these arguments."""
        tenant = self.desk.business.tenant
        key = key or f"{tenant}/conversation/session/1/{next(self._keys)}"
        call = ActionCall(key, tenant, "conversation", contact, arguments, self.desk, self.now, "de")
        return await self.actions[f"booking.{action}"].run(call)

    async def find(self, **arguments: Value) -> Outcome:
        """Find free times."""
        return await self.call("find_free_times", arguments)

    async def book(self, start: str, service: str, staff: str = "*", *, key: str = "", contact: str = "c1") -> Outcome:
        """Book under a name."""
        arguments: dict[str, Value] = {"service": service, "start": start, "staff": staff, "name": "Erika Muster"}
        return await self.call("book", arguments, key=key, contact=contact)

    async def lookup(self, action: str, key: str, arguments: dict[str, Value]) -> Outcome | None:
        """Ask what became of a write."""
        return await self.actions[f"booking.{action}"].lookup(ActionKey(key, self.desk.business.tenant, arguments))


def starts(outcome: Outcome) -> list[str]:
    """The offered starts as "24 15:00"."""
    return [f"{datetime.fromisoformat(str(offer.values['start'])):%d %H:%M}" for offer in outcome.offers]


def on(day: date, *clocks: int) -> When:
    """A wish for a day, at whole hours."""
    return When(days=(day,), clock=tuple(time(clock) for clock in clocks))
